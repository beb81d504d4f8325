"""AWS and Stripe as the rehearsal has them: ministack with its policies enforced, the simulator.

What ministack enforces (seen in its 1.5.33): every signed call is checked against the identity's
policies, the boundary, and the policies of queues, keys, buckets and tables; a function calls with
a session of its own role.  What it does not: see docs/decisions/0110.
"""

import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.request import urlopen

from infra.local.clock.shifted_clock import ShiftedClock
from infra.local.company import COMPANY
from infra.local.programs.processes import HOST, REGION, LocalProgram, Program, free_port
from simulators.stripe import StripeSimulator

STAGE = "dev"
ACCOUNT = "000000000000"  # an access key of twelve digits is the root of that account
SECRET = "test"  # noqa: S105 - the one ministack knows
_SERVICES = (
    "apigateway,cloudformation,cloudwatch,dynamodb,ec2,events,iam,kms,lambda,logs,s3,scheduler,ses,"
    "sns,sqs,ssm,sts"
)
_AROUND = Path(__file__).parent / "around_functions"


class Cloud:
    """One empty account, and Stripe; a context manager."""

    def __init__(self, folder: Path, interpreter: str) -> None:
        """``interpreter`` runs the functions."""
        self._offset = folder / "clock-offset"
        self.clock = ShiftedClock()
        self.log = folder / "ministack.log"
        self._keep_offset()
        self.stripe = StripeSimulator(
            webhook_secret=f"whsec_{secrets.token_hex(24)}", now=self.clock.now
        )
        port = free_port()
        self.ministack = LocalProgram(
            Program(
                name="ministack",
                module="ministack",
                environment={
                    "AUTH": "true",
                    "BIND_HOST": HOST,
                    "MINISTACK_HOST": HOST,
                    "GATEWAY_PORT": str(port),
                    "MINISTACK_REGION": REGION,
                    "SERVICES": _SERVICES,
                    "IOT_MTLS_ENABLED": "0",
                    "SFTP_ENABLED": "0",
                    "TMPDIR": str(folder),
                    # What follows reaches the functions: ministack gives them its environment.
                    "PYTHONPATH": str(_AROUND),
                    "REHEARSAL_PYTHON": interpreter,
                    "REHEARSAL_CLOCK": str(self._offset),
                    "STRIPE_API_BASE": self.stripe.url,
                    "STRIPE_PAGES_ORIGIN": self.stripe.url,
                },
                ready_path="/_ministack/ready",
            ),
            port,
            log=self.log,
        )

    def __enter__(self) -> Self:
        self.stripe.start()
        self.ministack.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ministack.stop()
        self.stripe.stop()

    @property
    def environment(self) -> dict[str, str]:
        """What points a command of ours, or the AWS CLI, at this account."""
        return {
            "AWS_ENDPOINT_URL": self.ministack.url,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, service: str) -> Any:
        """Make a client of the account's root."""
        import boto3

        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.ministack.url,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key=SECRET,
        )

    def put_secrets(self) -> None:
        """Put what must be there before the first deployment."""
        given = {
            "stripe_key": f"sk_test_{secrets.token_hex(24)}",
            "stripe_webhook_secret": self.stripe.webhook_secret,
            "session_key": secrets.token_urlsafe(32),
            "pepper": secrets.token_urlsafe(32),
            "company": json.dumps(asdict(COMPANY), ensure_ascii=False),
        }
        ssm = self.client("ssm")
        for name, value in given.items():
            ssm.put_parameter(
                Name=f"/omny/{STAGE}/console/{name}", Value=value, Type="SecureString"
            )

    def move_to(self, instant: datetime) -> None:
        """Make it this instant for the console and for Stripe."""
        self.clock.move_to(instant)
        self._keep_offset()

    def move(self, how_long: timedelta) -> None:
        """Make it later."""
        self.move_to(datetime.now(UTC) + self.clock.offset + how_long)

    def _keep_offset(self) -> None:
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(str(self.clock.offset.total_seconds()))
        fresh.replace(self._offset)

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Give the mails sent to an address, the newest first."""
        with urlopen(f"{self.ministack.url}/_ministack/ses/messages", timeout=10) as answer:
            found = json.loads(answer.read())
        every = [mail for mails in found["messages"].values() for mail in mails]
        return [mail for mail in reversed(every) if any(to in one for one in mail["To"])]
