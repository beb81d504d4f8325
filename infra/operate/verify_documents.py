"""Compares every stored invoice and credit note with the digests kept of it (BIL-11)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.foundation.errors import NotFoundError

if TYPE_CHECKING:
    from chalicelib.billing.papers.document_record import Document
    from chalicelib.wiring import Services

_ACCOUNTS_AT_ONCE = 100


def verify_documents(services: "Services") -> int:
    """Print each document that is no longer what was stored; 1 when there is one."""
    count = changed = waiting = 0
    for document in _documents(services):
        try:
            parts = services.papers.documents.changed_since(document)
        except NotFoundError:
            waiting += 1
            continue
        count += 1
        if parts:
            changed += 1
            print(f"{document.number}  CHANGED: {', '.join(parts)}")
    print(f"{count} documents, {changed} changed, {waiting} not made yet.")
    return 1 if changed else 0


def _documents(services: "Services") -> "Iterator[Document]":
    after = ""
    while accounts := services.accounts.service.all_accounts(after, _ACCOUNTS_AT_ONCE):
        for account in accounts:
            yield from services.billing.service.invoices_of(account.id)
            yield from services.billing.credit_notes.of_account(account.id)
        after = accounts[-1].id
