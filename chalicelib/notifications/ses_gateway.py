"""SES behind the ``MailSender`` port."""

from email.message import EmailMessage
from email.policy import SMTP
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import FinalGatewayError, TemporaryGatewayError

# Passes every relay unchanged, whatever it thinks of 8-bit bodies.
_SEVEN_BITS = SMTP.clone(cte_type="7bit")
_FINAL = {"MessageRejected", "InvalidParameterValue", "MailFromDomainNotVerifiedException"}


class SesMailSender:
    """Sends raw mails through SES."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access

    @cached_property
    def _client(self) -> Any:
        return self._access.client("ses")

    def send(self, mail: EmailMessage) -> None:
        """Send.  Raises TemporaryGatewayError or FinalGatewayError."""
        try:
            self._client.send_raw_email(
                Source=str(mail["From"]),
                Destinations=[str(mail["To"])],
                RawMessage={"Data": mail.as_bytes(policy=_SEVEN_BITS)},
            )
        except ClientError as refused:
            code = refused.response["Error"]["Code"]
            kind = FinalGatewayError if code in _FINAL else TemporaryGatewayError
            raise kind(f"SES: {code}") from refused
        except BotoCoreError as fault:
            raise TemporaryGatewayError(f"SES: {fault}") from fault
