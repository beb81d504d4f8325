"""A platform reached by files in a bucket: documents in ``out/``, statuses in ``in/`` (BIL-11).

A status is a JSON file: ``{"number": "F-2026-000412", "status": "213", "reason": "…",
"at": "2026-11-02T08:00:00Z"}``; 212 has ``amount`` and ``rate``.  Once taken it moves to ``taken/``
or, when it cannot be read, to ``aside/``.
"""

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.billing.platform.port import News
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import TemporaryGatewayError

_ROOT = "platform/"
_MOST_BYTES = 64 * 1024  # of a status, which has some hundred; a longer one is unreadable


class FileDropPlatform:
    """Files under ``platform/`` in the bucket of one stage."""

    def __init__(self, access: AwsAccess, bucket: str) -> None:
        self._access = access
        self._bucket = bucket

    @cached_property
    def _client(self) -> Any:
        return self._access.client("s3")

    def deposit(self, number: str, pdf: bytes) -> None:
        """Leave a document to be fetched; the same number again changes nothing."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=f"{_ROOT}out/{number}.pdf",
                Body=pdf,
                ContentType="application/pdf",
                IfNoneMatch="*",
            )
        except ClientError as refused:
            if refused.response["Error"]["Code"] not in {"PreconditionFailed", "412"}:
                raise TemporaryGatewayError(str(refused)) from refused

    def news(self) -> Iterator[News]:
        """Read the statuses left for us, in the order of their names.

        Raises TemporaryGatewayError, after all others, when one could not be fetched.
        """
        refused: ClientError | None = None
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=f"{_ROOT}in/"):
            for item in page.get("Contents", []):
                try:
                    answer = self._client.get_object(Bucket=self._bucket, Key=item["Key"])
                except ClientError as fault:  # encrypted by a key of theirs, say
                    if not _is_gone(fault):
                        refused = fault
                    continue
                yield News(
                    item["Key"].removeprefix(f"{_ROOT}in/"), _read(answer["Body"].read(_MOST_BYTES))
                )
        if refused:
            raise TemporaryGatewayError(f"platform: {refused}") from refused

    def acknowledge(self, news: News, *, taken: bool) -> None:
        """Move a file away: copied first, so that a crash in between loses nothing.

        Raises TemporaryGatewayError when it stays; one moved by somebody else is moved.
        """
        source = f"{_ROOT}in/{news.name}"
        try:
            self._client.copy_object(
                Bucket=self._bucket,
                Key=f"{_ROOT}{'taken' if taken else 'aside'}/{news.name}",
                CopySource={"Bucket": self._bucket, "Key": source},
            )
            self._client.delete_object(Bucket=self._bucket, Key=source)
        except ClientError as fault:
            if not _is_gone(fault):
                raise TemporaryGatewayError(f"platform: {fault}") from fault


def _is_gone(fault: ClientError) -> bool:
    """Tell whether a file is not there any more: two take statuses back at once."""
    return fault.response["Error"]["Code"] in {"NoSuchKey", "404"}


def _read(content: bytes) -> dict[str, Any]:
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):  # the second for one nested without end
        return {}
    return read if isinstance(read, dict) else {}
