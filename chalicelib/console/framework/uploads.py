"""Files sent with a form (multipart/form-data, RFC 7578), small enough to pass through a request.

API Gateway hands every body over whole, in base64; a Lambda takes 6 MB of it: 4 MB once decoded.
The form's token is among its fields, so anybody has a body read: it is cut at its boundary, and
only the heads of its parts, which are short, go through the standard library's parser of MIME.
"""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

MULTIPART = "multipart/form-data"
MAX_UPLOAD_BYTES = 4 * 1024 * 1024
_LONGEST_HEAD = 1024  # bytes: the names of a field and of its file; the parser takes their square
_LINE_END = b"\r\n"


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
    for part in _parts(content_type, body, most_fields):
        head, content = _read(part)
        name, file_name = _name(head), head.get_filename()
        if file_name is None:
            fields.append((name, content.decode()))
        elif content:
            files[name] = Upload(str(file_name), content)
    return fields, files


def _parts(content_type: str, body: bytes, most: int) -> list[bytes]:
    """Cut a body at its boundary; each part begins with the end of the boundary's line."""
    if len(content_type) > _LONGEST_HEAD:
        raise ValueError("not a form")
    form = BytesHeaderParser().parsebytes(f"Content-Type: {content_type}".encode())
    boundary = form.get_boundary()
    if form.get_content_type() != MULTIPART or not boundary:
        raise ValueError("not a form")
    # Once more than it may have parts: what is behind is left uncut, and is no end.
    _, *parts, end = (_LINE_END + body).split(_LINE_END + b"--" + boundary.encode(), most + 1)
    if not parts or not end.startswith(b"--"):
        raise ValueError("not a form")
    return parts


def _read(part: bytes) -> tuple[Message, bytes]:
    head, blank, content = part.partition(_LINE_END * 2)
    if not (head.startswith(_LINE_END) and blank) or len(head) > _LONGEST_HEAD:
        raise ValueError("a part without a head")
    return BytesHeaderParser().parsebytes(head.removeprefix(_LINE_END)), content


def _name(head: Message) -> str:
    name = head.get_param("name", header="content-disposition")
    if not isinstance(name, str):
        raise ValueError("a part without a name")  # noqa: TRY004 - it is the form that is wrong
    return name
