"""Files sent with a form (multipart/form-data, RFC 7578), small enough to pass through a request.

API Gateway hands every body over whole, in base64; a Lambda takes 6 MB of it: 4 MB once decoded.
The parser is the standard library's for MIME, of which these bodies are made.
"""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from typing import Any

MULTIPART = "multipart/form-data"
MAX_UPLOAD_BYTES = 4 * 1024 * 1024


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
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = BytesParser().parsebytes(head + body)
    parts: Any = form.get_payload() if form.is_multipart() else None
    if not isinstance(parts, list) or form.defects or len(parts) > most_fields:
        raise ValueError("not a form")
    fields: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    for part in parts:
        name, content = _name(part), _content(part)
        file_name = part.get_filename()
        if file_name is None:
            fields.append((name, content.decode()))
        elif content:
            files[name] = Upload(str(file_name), content)
    return fields, files


def _name(part: Message) -> str:
    name = part.get_param("name", header="content-disposition")
    if not isinstance(name, str):
        raise ValueError("a part without a name")  # noqa: TRY004 - it is the form that is wrong
    return name


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise ValueError("a part made of parts")  # noqa: TRY004 - as above
    return content
