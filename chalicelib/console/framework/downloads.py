"""Files that a page gives to download."""

from base64 import b64encode
from typing import Any

from chalice.app import Response

Headers = dict[str, str | list[str]]


class BinaryResponse(Response):
    """A binary answer.

    Chalice would refuse it to browsers, which ask with "Accept: */*"; the API Gateway of the
    template takes every type as binary.
    """

    def __init__(self, content: bytes, headers: Headers) -> None:
        super().__init__(b64encode(content).decode(), headers)

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:
        """Give the answer as API Gateway wants it."""
        answer: dict[str, Any] = super().to_dict([])
        return {**answer, "isBase64Encoded": True}


def file_answer(content: str | bytes, content_type: str, name: str) -> Response:
    """Answer with a file of that name, never kept by a cache."""
    headers: Headers = {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    if isinstance(content, bytes):
        return BinaryResponse(content, headers)
    return Response(content, headers, 200)
