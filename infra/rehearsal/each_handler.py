"""The other half of the rehearsal: every handler of the unzipped package, as Lambda runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from chalicelib.foundation.aws import AwsAccess
from chalicelib.queues import WORKERS
from infra.cloudformation.functions import function_names
from infra.cloudformation.names import API_FUNCTION
from infra.local.outside.provisioning import (
    ACCESS_KEY,
    DOCUMENTS_BUCKET,
    EXCHANGE_BUCKET,
    KEY_ALIAS,
    MAIL_FROM,
    SECRET_KEY,
    SIGNING_ALIAS,
    STAGE,
    provision,
)
from infra.local.programs.processes import Ministack, free_port
from infra.project import ROOT
from infra.rehearsal.checks import require
from infra.rehearsal.emulated import Emulated, page_event, queue_event
from simulators.stripe import StripeSimulator

_PAGE = "/sign-in"
_GOOD = 200
_REGION = "eu-west-3"


def rehearse_handlers(package: Path, interpreter: str, folder: Path) -> None:
    """Call each handler; print a table of its times and memory."""
    print("\nUnder AWS's runtime emulator, with the zip alone:")
    services = ("dynamodb", "ec2", "kms", "s3", "scheduler", "ses", "sqs", "ssm", "sts")
    with Ministack(free_port(), services=services) as ministack, StripeSimulator() as stripe:
        access = AwsAccess(endpoint_url=ministack.url, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
        provision(access)
        environment = _environment(ministack.url, stripe.url)
        _publish(environment)
        emulated = Emulated(package / "deployment.zip", interpreter, folder, environment)
        print(f"  {emulated.import_every_module()} modules import")
        for name in function_names():
            measured, answer = emulated.measure(name, f"app.{_attribute(name)}", _event(name))
            _judge(name, answer)
            print(measured, flush=True)


def _environment(ministack: str, stripe: str) -> dict[str, str]:
    """Give what the template gives, and where AWS and Stripe are."""
    return {
        "STAGE": STAGE,
        "CONSOLE_URL": "https://console.example/api",
        "DOCUMENTS_BUCKET": DOCUMENTS_BUCKET,
        "EXCHANGE_BUCKET": EXCHANGE_BUCKET,
        "KMS_KEY_ID": KEY_ALIAS,
        "SIGNING_KEY_ID": SIGNING_ALIAS,
        "MAIL_FROM": MAIL_FROM,
        "POWERTOOLS_SERVICE_NAME": "omny-console",
        "AWS_ENDPOINT_URL": ministack,
        "STRIPE_API_BASE": stripe,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": _REGION,
    }


def _publish(environment: dict[str, str]) -> None:
    """Publish what pages need."""
    for command in (
        ("publish-samples",),
        ("load-catalogue", "chalicelib/catalogue/demo_catalogue.json"),
    ):
        subprocess.run(
            [sys.executable, "-m", "infra.operate", *command],
            cwd=ROOT,
            env={**os.environ, **environment},
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _attribute(name: str) -> str:
    return "app" if name == API_FUNCTION else name.replace("-", "_")


def _queue_of(name: str) -> str | None:
    return next(
        (queue.value for queue, worker in WORKERS.items() if worker.name == _attribute(name)), None
    )


def _event(name: str) -> dict[str, Any]:
    """Write an event as AWS sends it: a visit, a message about nothing known, a machine."""
    if name == API_FUNCTION:
        return page_event(_PAGE)
    queue = _queue_of(name)
    if queue is not None:
        unknown = {"key": "k", "order_id": "ord_x", "invoice_id": "inv_x", "desktop_id": "dsk_x"}
        return queue_event(queue, json.dumps(unknown))
    # What EventBridge hands over of a machine; the schedules' jobs read nothing of their event.
    return {
        "source": "aws.ec2",
        "detail-type": "EC2 Instance State-change Notification",
        "detail": {"instance-id": "i-00000000000000000", "state": "stopped"},
    }


def _judge(name: str, answer: Any) -> None:
    if name == API_FUNCTION:
        require(answer["statusCode"] == _GOOD, f"{_PAGE}: {answer}")
        require("<form" in answer["body"], f"{_PAGE} has no form: {answer['body'][:300]}")
    elif _queue_of(name) is not None:
        require("batchItemFailures" in answer, f"{name}: {answer}")
