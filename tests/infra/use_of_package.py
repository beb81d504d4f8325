"""Run by test_package.py inside the unzipped package, with nothing else to import.

python -S use_of_package.py CONTENTS modules|clients|texts|documents|payments
"""

import importlib
import pkgutil
import sys
from typing import Any


def modules() -> None:
    """Import every module of ours."""
    import app
    import chalicelib

    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        importlib.import_module(module.name)
    assert app.app.services.base.work


def clients() -> None:
    """Make every client of AWS that the code makes, and send a request: nobody answers."""
    from botocore.config import Config
    from botocore.exceptions import EndpointConnectionError

    from chalicelib.foundation.aws import AwsAccess

    access = AwsAccess(endpoint_url="http://127.0.0.1:9")
    for service, (call, given) in REQUESTS.items():
        client = access.client(service, config=Config(retries={"max_attempts": 0}))
        try:
            getattr(client, call)(**given)
        except EndpointConnectionError:
            continue
        raise AssertionError(f"{service} answered")
    link = access.client("s3").generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})
    assert "X-Amz" in link or "Signature" in link
    real = AwsAccess().client("dynamodb").meta.endpoint_url
    assert real == "https://dynamodb.eu-west-3.amazonaws.com", real
    assert AwsAccess().client("ec2").get_paginator("describe_instances")


REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "dynamodb": ("get_item", {"TableName": "t", "Key": {"pk": {"S": "x"}}}),
    "ec2": ("describe_instances", {"Filters": [{"Name": "instance-id", "Values": ["i-1"]}]}),
    "kms": ("encrypt", {"KeyId": "k", "Plaintext": b"x", "EncryptionContext": {"account": "a"}}),
    "s3": ("put_object", {"Bucket": "bucket", "Key": "k", "Body": b"x", "IfNoneMatch": "*"}),
    "ses": ("send_raw_email", {"RawMessage": {"Data": b"x"}}),
    "sqs": ("get_queue_url", {"QueueName": "q"}),
    "ssm": ("get_parameters_by_path", {"Path": "/omny", "WithDecryption": True}),
    "workspaces": ("describe_workspaces", {"WorkspaceIds": ["ws-123456789"]}),
}


def texts() -> None:
    """Write amounts and dates, find holidays, phones and numbers, in both languages."""
    from datetime import date

    import holidays
    import phonenumbers
    from jinja2 import ModuleLoader
    from stdnum.eu import vat
    from stdnum.fr import siren

    from chalicelib.texts.formats import formats
    from chalicelib.texts.languages import translations
    from chalicelib.texts.templates import COMPILED, environment_of

    french, english = formats("fr"), formats("en")
    assert french["cents"](123456) == "1\u202f234,56\xa0€"
    assert english["cents"](123456) == "€1,234.56"
    assert french["day"](date(2026, 11, 1)) == "1er novembre 2026"
    assert english["month"]("2026-11") == "November 2026"
    assert french["moment"]("2026-07-14T10:00:00Z") == "14 juillet 2026, 12:00"
    assert translations("en").gettext("Se connecter") != "Se connecter"
    assert date(2026, 4, 6) in holidays.country_holidays("FR", years=2026)
    number = phonenumbers.parse("01 99 00 12 34", "FR")
    assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert siren.is_valid("732829320")
    assert vat.is_valid("FR83404833048")
    loader = ModuleLoader(COMPILED)
    page = environment_of("en", loader).get_template("framework/plain_error.html")
    assert page.root_render_func


def documents() -> None:
    """Draw a document with our fonts."""
    from chalicelib.paper import pdf

    assert pdf
    import fpdf

    from chalicelib.paper.sheet import _FONTS

    paper = fpdf.FPDF()
    paper.add_page()
    paper.add_font("Inter", fname=str(_FONTS / "Inter-Regular.ttf"))
    paper.set_font("Inter", size=12)
    paper.cell(text="Facture n° F-2026-000001 : 29,00 €")
    assert bytes(paper.output()).startswith(b"%PDF")


def payments() -> None:
    """Ask Stripe something: the request is built, and nobody answers."""
    import stripe

    client = stripe.StripeClient("sk_test_0", base_addresses={"api": "http://127.0.0.1:9"})
    try:
        client.v1.payment_intents.create(params={"amount": 100, "currency": "eur"})
    except stripe.APIConnectionError:
        return
    raise AssertionError("somebody answered")


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    globals()[sys.argv[2]]()
    sys.stdout.write("used\n")
