"""The template to merge into Chalice's: every part, parameters, outputs.

python -m infra.cloudformation.template prints it.
"""

import json
import sys
from typing import Any

from infra.cloudformation.api import api
from infra.cloudformation.buckets import buckets
from infra.cloudformation.functions import function_names, functions
from infra.cloudformation.keys import keys
from infra.cloudformation.mail import mail
from infra.cloudformation.messaging import messaging
from infra.cloudformation.names import (
    DOCUMENTS_BUCKET,
    EXCHANGE_BUCKET,
    Resource,
    Resources,
    function_id,
    get,
    ref,
    sub,
)
from infra.cloudformation.network import network
from infra.cloudformation.parameters import CONDITIONS, CONSOLE_URL, PARAMETERS, RULES
from infra.cloudformation.schedules import schedules
from infra.cloudformation.storage import storage


def merge_template(runtime: str | None = None) -> Resource:
    """Give everything Chalice does not create; ``runtime`` is Lambda's name of the Python."""
    from infra.cloudformation import watching

    resources: Resources = {}
    for part in (
        keys(),
        storage(),
        buckets(),
        messaging(),
        functions(runtime),
        schedules(),
        api(),
        mail(),
        network(),
        watching.resources({function_id(name): name for name in function_names()}),
    ):
        twice = resources.keys() & part.keys()
        if twice:
            raise ValueError(f"declared twice: {sorted(twice)}")
        resources |= part
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Omny Console: everything of one stage",
        "Parameters": {**PARAMETERS, **watching.parameters()},
        "Rules": RULES,
        "Conditions": {**CONDITIONS, **watching.conditions()},
        "Resources": resources,
        "Outputs": outputs(),
    }


def outputs() -> dict[str, Any]:
    """Give what somebody who deploys needs next; Chalice's own outputs stay."""
    told: dict[str, tuple[str, Any]] = {
        "ConsoleUrl": ("The console", CONSOLE_URL),
        "WebhookUrl": (
            "Address to register at Stripe",
            {
                "Fn::If": [
                    "HasDomain",
                    sub("https://${DomainName}/stripe/webhook"),
                    sub(
                        "https://${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
                        "/api/stripe/webhook"
                    ),
                ]
            },
        ),
        "DocumentsBucketName": ("Documents and journal anchors", ref(DOCUMENTS_BUCKET)),
        "ExchangeBucketName": (
            "Where an accredited platform fetches invoices and leaves statuses",
            ref(EXCHANGE_BUCKET),
        ),
        "AccessCodesKeyArn": ("Key of access codes", get("AccessCodesKey")),
        "MailRecords": (
            "DNS records (CNAME) that prove the mail domain to SES: name=value",
            sub(
                ",".join(
                    f"${{MailIdentity.DkimDNSTokenName{n}}}=${{MailIdentity.DkimDNSTokenValue{n}}}"
                    for n in (1, 2, 3)
                )
            ),
        ),
    }
    given = {name: {"Description": says, "Value": value} for name, (says, value) in told.items()}
    given["DomainTarget"] = {
        "Description": "DNS target (CNAME) of the console's host name",
        "Condition": "HasDomain",
        "Value": get("ConsoleDomain", "RegionalDomainName"),
    }
    return given


def main() -> int:
    """Print the template."""
    json.dump(merge_template(), sys.stdout, indent=1, ensure_ascii=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
