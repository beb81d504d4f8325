"""Unexpected failures of a run: noted for the operator, then raised for the queue (BIL-4)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.ids import AccountId

Note = Callable[[AccountId, BillingMonth, str, Mapping[str, object]], None]


@contextmanager
def noting_failure(note: Note, account_id: AccountId, month: BillingMonth) -> Iterator[None]:
    """Note what the queue will try again, or put aside; the error goes on.

    Not those that pass by themselves, nor the end of the process.
    """
    try:
        yield
    except (TemporaryGatewayError, ConflictError):
        raise
    except Exception as error:
        note(account_id, month, "Erreur inattendue (%(error)s).", {"error": type(error).__name__})
        raise
