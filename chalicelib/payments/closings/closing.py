"""Closings of receipts: a day, a month, a year, each chained to the one before (EVD-2).

The rule against fraud on VAT: what was received is added up for good, with a total that never goes
back to nought; nothing can be changed, removed or inserted unseen, for the chain would break.  Each
closing is signed: whoever can write to the tables cannot make the chain anew.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.foundation.hash_chain import GENESIS, link_digest
from chalicelib.foundation.instants import iso
from chalicelib.foundation.signing import Signature, Signer
from chalicelib.payments.money.ledger import Settlement

_SIGNATURE = {"signature", "signed_with"}
_ALSO_DIGESTED = {"version": 0}  # a field closings once had: the chain goes on with it


class Period(StrEnum):
    """What a closing closes."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Closing:
    """A period closed: ``name`` is ``2026-11-05``, ``2026-11`` or ``2026``; amounts in cents.

    ``net_cents`` = ``received_cents`` − ``given_back_cents``; ``perpetual_cents`` adds up every net
    since the first day.  ``content`` is the digest of what it closes: the entries of a day, the
    days of a month, the months of a year.  ``signature`` is that of ``digest``, ``signed_with`` the
    name of the key.
    """

    period: Period
    name: str
    entry_count: int
    received_cents: int
    given_back_cents: int
    perpetual_cents: int
    content: str
    closed_at: datetime
    previous: str = GENESIS
    digest: str = ""
    signature: str = ""
    signed_with: str = ""

    @property
    def net_cents(self) -> int:
        """What the period brought."""
        return self.received_cents - self.given_back_cents


@dataclass(frozen=True)
class ClosingFault:
    """The first closing that does not hold, and why."""

    period: Period
    name: str
    reason: str


def close_day(
    day: date, entries: Iterable[Settlement], last: Closing | None, at: datetime
) -> Closing:
    """Close a Paris day over the money entries recorded on it, in the order recorded (EVD-2)."""
    ledger = list(entries)
    content = hashlib.sha256()
    for entry in ledger:
        content.update(_line_of(entry).encode() + b"\n")
    received = sum(entry.amount_cents for entry in ledger if entry.amount_cents > 0)
    given_back = -sum(entry.amount_cents for entry in ledger if entry.amount_cents < 0)
    return _chained(
        Closing(
            period=Period.DAY,
            name=str(day),
            entry_count=len(ledger),
            received_cents=received,
            given_back_cents=given_back,
            perpetual_cents=(last.perpetual_cents if last else 0) + received - given_back,
            content=content.hexdigest(),
            closed_at=at,
        ),
        last,
    )


def _line_of(entry: Settlement) -> str:
    """Write an entry as closings have always digested it: never to be changed."""
    value_on = entry.value_on.isoformat() if entry.value_on else None
    told = {**asdict(entry), "at": iso(entry.at), "value_on": value_on}
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


def close_over(
    period: Period, name: str, parts: Sequence[Closing], last: Closing | None, at: datetime
) -> Closing:
    """Close a month over its days, or a year over its months (EVD-2)."""
    content = hashlib.sha256("\n".join(part.digest for part in parts).encode()).hexdigest()
    return _chained(
        Closing(
            period=period,
            name=name,
            entry_count=sum(part.entry_count for part in parts),
            received_cents=sum(part.received_cents for part in parts),
            given_back_cents=sum(part.given_back_cents for part in parts),
            perpetual_cents=parts[-1].perpetual_cents,
            content=content,
            closed_at=at,
        ),
        last,
    )


def _chained(closing: Closing, last: Closing | None) -> Closing:
    linked = replace(closing, previous=last.digest if last else GENESIS)
    return replace(linked, digest=digest_of(linked))


def digest_of(closing: Closing) -> str:
    """Compute the SHA-256 of a closing, its own digest and signature left out."""
    content = {**asdict(closing), "closed_at": iso(closing.closed_at), **_ALSO_DIGESTED}
    return link_digest({name: content[name] for name in content if name not in _SIGNATURE})


def signed(closing: Closing, signer: Signer) -> Closing:
    """Give a closing with the signature of its digest."""
    signature = signer.sign(bytes.fromhex(closing.digest))
    return replace(closing, signature=signature.value, signed_with=signature.key)


def signature_fault(stored: Closing, signer: Signer) -> ClosingFault | None:
    """Check the signature of a closing (EVD-2)."""
    signature = Signature(stored.signature, stored.signed_with)
    if stored.signature and signer.holds(bytes.fromhex(stored.digest), signature):
        return None
    return ClosingFault(stored.period, stored.name, "the signature is not ours")


def fault_of(stored: Closing, expected: Closing) -> ClosingFault | None:
    """Compare a stored closing with the one its receipts and its predecessor give (EVD-2)."""
    reason = ""
    if digest_of(stored) != stored.digest:
        reason = "the closing was changed"
    elif stored.previous != expected.previous:
        reason = "the closing does not follow the one before"
    elif stored.content != expected.content:
        reason = "what it closes was changed"
    elif stored.perpetual_cents != expected.perpetual_cents:
        reason = "the perpetual total does not add up"
    elif stored.digest != expected.digest:
        reason = "the totals do not add up"
    return ClosingFault(stored.period, stored.name, reason) if reason else None
