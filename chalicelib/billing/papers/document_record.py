"""What is kept of a stored document: where it is and what it was, for ten years (BIL-11)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice

Document = Invoice | CreditNote


@dataclass(frozen=True)
class StoredDocument:
    """The digests (SHA-256) of a document's PDF and XML as they were stored; written once."""

    document_id: str
    number: str
    pdf_sha256: str
    xml_sha256: str
    stored_at: datetime


def xml_key(document: Document) -> str:
    """Name where a document's XML is kept in the document store."""
    return document.document_key.removesuffix(".pdf") + ".xml"


def xml_file_name(document: Document) -> str:
    """Name the XML when it is downloaded."""
    return document.file_name.removesuffix(".pdf") + ".xml"


def paid_copy_key(invoice: Invoice) -> str:
    """Name where the copy of a paid invoice is kept in the document store."""
    return invoice.document_key.removesuffix(".pdf") + "-acquittee.pdf"


def paid_copy_file_name(invoice: Invoice) -> str:
    """Name the copy of a paid invoice when it is downloaded."""
    return invoice.file_name.removesuffix(".pdf") + "-acquittee.pdf"


def digest(content: bytes) -> str:
    """Digest a document."""
    return hashlib.sha256(content).hexdigest()
