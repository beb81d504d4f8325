"""Settings of a stage: plain ones from the environment, secrets from SSM, each read once."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from chalicelib.foundation.aws import AwsAccess


@dataclass(frozen=True)
class Company:
    """The provider's identity, shown on orders, invoices and every page's foot (law: LEG-3).

    ``iban`` and ``bic`` are where transfers go; ``logo`` is the key of a PNG or SVG in the document
    store, "" for none; ``vat_on_debits``: VAT is paid when invoiced, not when paid.
    """

    name: str
    legal_form: str
    capital: str
    address: str
    postal_code: str
    city: str
    siren: str
    rcs_city: str
    vat_number: str
    email: str
    phone: str
    mediator: str
    mediator_url: str
    iban: str = ""
    bic: str = ""
    logo: str = ""
    vat_on_debits: bool = False


@dataclass(frozen=True)
class Secrets:
    """What only the running system knows.  ``session_key`` signs forms, ``pepper`` keys hashes."""

    stripe_key: str
    stripe_webhook_secret: str
    session_key: str
    pepper: str


@dataclass(frozen=True)
class Settings:
    """A stage and how it reaches AWS and Stripe.

    ``console_url`` is the public address without a final slash; ``prefix`` starts the names of
    tables, queues and buckets.  Documents are locked for ten years; files that others fetch or
    leave pass through ``exchange_bucket``.  ``kms_key_id`` encrypts access codes,
    ``signing_key_id`` signs closings.  ``desktop_subnets``, ``desktop_group`` (a security
    group) and ``desktop_profile`` are where machines are made; ``machine_arns`` precedes their id
    in an ARN.
    ``workspaces_directory`` names the directory of WorkSpaces, where some configurations use them.
    """

    stage: str
    console_url: str
    prefix: str
    documents_bucket: str
    exchange_bucket: str
    kms_key_id: str
    signing_key_id: str
    mail_from: str
    access: AwsAccess
    desktop_subnets: tuple[str, ...] = ()
    desktop_group: str = ""
    desktop_profile: str = ""
    machine_arns: str = ""
    workspaces_directory: str = ""
    stripe_api_base: str | None = None
    stripe_pages_origin: str = "https://checkout.stripe.com"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read a stage's settings.  Raises KeyError naming a missing one."""
        prefix = f"omny-{environment['STAGE']}-"
        return cls(
            stage=environment["STAGE"],
            console_url=environment["CONSOLE_URL"].rstrip("/"),
            prefix=prefix,
            documents_bucket=environment["DOCUMENTS_BUCKET"],
            exchange_bucket=environment["EXCHANGE_BUCKET"],
            kms_key_id=environment["KMS_KEY_ID"],
            signing_key_id=environment["SIGNING_KEY_ID"],
            mail_from=environment["MAIL_FROM"],
            access=AwsAccess(),
            desktop_subnets=tuple(filter(None, environment.get("DESKTOP_SUBNETS", "").split(","))),
            desktop_group=environment.get("DESKTOP_SECURITY_GROUP", ""),
            desktop_profile=environment.get("DESKTOP_INSTANCE_PROFILE", ""),
            machine_arns=environment.get("MACHINE_ARNS", ""),
            workspaces_directory=environment.get("WORKSPACES_DIRECTORY", ""),
            # Set by the rehearsal, which has a simulator for Stripe; never in the template.
            stripe_api_base=environment.get("STRIPE_API_BASE"),
            stripe_pages_origin=environment.get("STRIPE_PAGES_ORIGIN", cls.stripe_pages_origin),
        )

    @cached_property
    def _parameters(self) -> dict[str, str]:
        root = f"/omny/{self.stage}/console/"
        pages = self.access.client("ssm").get_paginator("get_parameters_by_path")
        return {
            parameter["Name"].removeprefix(root): parameter["Value"]
            for page in pages.paginate(Path=root, WithDecryption=True)
            for parameter in page["Parameters"]
        }

    @cached_property
    def secrets(self) -> Secrets:
        """The stage's secrets, read from SSM SecureString on first use."""
        return Secrets(
            stripe_key=self._parameters["stripe_key"],
            stripe_webhook_secret=self._parameters["stripe_webhook_secret"],
            session_key=self._parameters["session_key"],
            pepper=self._parameters["pepper"],
        )

    @cached_property
    def company(self) -> Company:
        """The provider's identity, a JSON parameter of the stage."""
        return Company(**json.loads(self._parameters["company"]))
