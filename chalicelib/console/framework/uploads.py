"""Files sent with a form (multipart/form-data, RFC 7578), small enough to pass through a request.

API Gateway hands every body over whole, in base64; a Lambda takes 6 MB of it: 4 MB once decoded.
The form's token is among its fields, so anybody has a body read: the parser is held to few parts
with short heads, and to their strict form.
"""

from dataclasses import dataclass
from typing import Any

MULTIPART = "multipart/form-data"
MAX_UPLOAD_BYTES = 4 * 1024 * 1024
_LONGEST_HEAD = 1024  # bytes: the names of a field and of its file
_MOST_HEADS = 3  # all that RFC 7578 knows


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name is the sender's word, nothing of it is believed."""

    name: str
    content: bytes


def read_multipart(
    content_type: str, body: bytes, most_fields: int
) -> tuple[list[tuple[str, str]], dict[str, Upload]]:
    """Give the fields and the files of a posted form; a file left empty is none.

    Raises ValueError when it is too long, or is no such form.
    """
    if len(body) > MAX_UPLOAD_BYTES:
        raise ValueError(f"a form of {len(body)} bytes")
    fields: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    with _parser(content_type, most_fields) as parser:
        content: list[bytes] = []
        for event in parser.parse(body):
            if isinstance(event, bytes):
                content.append(event)
            elif event is not None:  # the head of the next part
                part, content = event, []
            elif part.filename is None:
                fields.append((part.name, b"".join(content).decode()))
            elif content:
                files[part.name] = Upload(part.filename, b"".join(content))
    return fields, files


def _parser(content_type: str, most_parts: int) -> Any:
    # Few requests carry a file: the others start without it.
    from multipart import PushMultipartParser, parse_options_header  # type: ignore[import-untyped]

    kind, options = parse_options_header(content_type[:_LONGEST_HEAD])
    if kind != MULTIPART:
        raise ValueError("not a form")
    return PushMultipartParser(
        options.get("boundary", ""),
        max_header_size=_LONGEST_HEAD,
        max_header_count=_MOST_HEADS,
        max_segment_count=most_parts,
        strict=True,
    )
