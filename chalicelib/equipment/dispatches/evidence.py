"""The document that proves a failed delivery: what is taken, and where it is kept (ORD-6, BIL-9).

It goes with a line of an invoice, and is kept as long: in the bucket whose documents are locked for
ten years.  Its name is made of its content, so that the same file sent twice is one.
"""

from hashlib import sha256

from chalicelib.foundation.errors import FieldErrors

MOST_BYTES = 3 * 1024 * 1024
# How a file of each kind begins: what its name or the browser says is not believed.
_KINDS = {
    b"%PDF-": ("pdf", "application/pdf"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"\x89PNG\r\n\x1a\n": ("png", "image/png"),
}


def evidence_of(content: bytes) -> tuple[str, str]:
    """Give the name under which a document is kept, and its content type.

    Raises FieldErrors when it is too long, or neither a PDF nor a photograph.
    """
    if len(content) > MOST_BYTES:
        raise FieldErrors({"document": "Ce fichier dépasse 3 Mo."})
    for start, (extension, content_type) in _KINDS.items():
        if content.startswith(start):
            return f"{sha256(content).hexdigest()[:32]}.{extension}", content_type
    raise FieldErrors({"document": "Joignez un PDF, ou une photo JPEG ou PNG."})


def evidence_key(account_id: str, dispatch_id: str, name: str) -> str:
    """Give the key of a document in the bucket."""
    return f"evidence/{account_id}/{dispatch_id}/{name}"
