"""How AWS is reached: region, and for the local stack another endpoint and credentials."""

from dataclasses import dataclass
from typing import Any

REGION = "eu-west-3"  # PRI-6: all processing in France


@dataclass(frozen=True)
class AwsAccess:
    """Where AWS calls go.  In Lambda everything is left to the role and to the SDK.

    ``endpoints`` overrides single services (the local stack's EC2 is another program).
    """

    endpoint_url: str | None = None
    endpoints: tuple[tuple[str, str], ...] = ()
    access_key: str | None = None
    secret_key: str | None = None

    def client(self, service: str, **options: Any) -> Any:
        """Make a boto3 client of a service."""
        import boto3

        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=dict(self.endpoints).get(service, self.endpoint_url),
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            **options,
        )
