"""Stored documents (PDF, later XML and archives): the port, and S3 behind it."""

from functools import cached_property
from typing import Any, Protocol

from botocore.exceptions import ClientError

from chalicelib.foundation.aws import AwsAccess


class Documents(Protocol):
    """Keeps documents under a key; one stored is never replaced."""

    def store(self, key: str, content: bytes, content_type: str) -> None:
        """Keep a document; the same key again changes nothing."""

    def read(self, key: str) -> bytes:
        """Give a document's bytes.  Raises KeyError when there is none."""

    def link(self, key: str, file_name: str) -> str:
        """Give an address that serves the document for a minute."""


class S3Documents:
    """Documents in the bucket of one stage."""

    def __init__(self, access: AwsAccess, bucket: str) -> None:
        self._access = access
        self._bucket = bucket

    @cached_property
    def _client(self) -> Any:
        return self._access.client("s3")

    def store(self, key: str, content: bytes, content_type: str) -> None:
        """Keep a document; the same key again changes nothing."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                ContentType=content_type,
                IfNoneMatch="*",
            )
        except ClientError as refused:
            if refused.response["Error"]["Code"] not in {"PreconditionFailed", "412"}:
                raise

    def read(self, key: str) -> bytes:
        """Give a document's bytes.  Raises KeyError when there is none."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as refused:
            if refused.response["Error"]["Code"] == "NoSuchKey":
                raise KeyError(key) from refused
            raise
        content: bytes = answer["Body"].read()
        return content

    def link(self, key: str, file_name: str) -> str:
        """Give an address that serves the document for a minute."""
        address: str = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{file_name}"',
            },
            ExpiresIn=60,
        )
        return address
