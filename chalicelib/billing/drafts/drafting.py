"""From usage days to an invoice (CGV art. 8.1, 9; BIL-1, BIL-2, BIL-6, BIL-7, BIL-8, BIL-9).

The month-end run, its dry run and "my current invoice" all come through ``draft_of``, so they
cannot differ.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.accounts.clients.account import Account, PostalAddress
from chalicelib.billing.charges.charge import OneOffCharge, billable, charge_line
from chalicelib.billing.charges.service_credits import (
    ServiceCredit,
    allowances_of,
    billed_for_desktops,
)
from chalicelib.billing.contracts.billing import (
    commitment_lines,
    committed_desktops_cents,
    covered,
    late_rate_of,
    terms_days_of,
)
from chalicelib.billing.contracts.contract import Contract
from chalicelib.billing.drafts.complement import complement_lines
from chalicelib.billing.drafts.usage_lines import EarlierMonth, days_of, late_lines, lines_of
from chalicelib.billing.invoices.document_totals import document_totals
from chalicelib.billing.invoices.invoice import Buyer, ChargeLine, Draft, InvoiceLine
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.metering.usage import UsageDay, spans_of


@dataclass(frozen=True)
class DraftBasis:
    """All that an account's invoice of a month follows from.

    ``vat`` gives the treatment due on a Paris day.  ``earlier`` are the months just before whose
    invoicing is over.  ``complement`` tells that the subscription ended with its first month and
    that the client's category owes that month in full (P1).  ``contracts`` are those the account
    agreed to: days they cover cost nothing more than their commitments (BIL-6); of ``earlier``
    months they are left out already.  ``delivered_to`` gives where goods went, asked only when
    there are some.
    """

    usage: Iterable[UsageDay]
    catalogue: Catalogue
    vat: Callable[[date], VatTreatment]
    earlier: Sequence[EarlierMonth] = ()
    charges: Sequence[OneOffCharge] = ()
    credits: Sequence[ServiceCredit] = ()
    contracts: Sequence[Contract] = ()
    complement: bool = False
    delivered_to: Callable[[], PostalAddress | None] = lambda: None


def draft_of(account: Account, month: BillingMonth, basis: DraftBasis) -> Draft:
    """Draw up what an account owes for a month (BIL-1, BIL-7).

    Days of other months are left out; of a day given twice, the last counts.  What became known of
    earlier months after their invoices is billed with it, as lines of their own: an order placed
    in October and validated in November is owed from October on (P2).  Raises DomainError when a
    code is no longer in the catalogue or VAT is unknown.
    """
    vat = basis.vat(month.last_day)
    used = days_of(month, basis.usage)
    owed = covered(used, basis.contracts)
    lines, late = _lines(month, basis, owed, vat)
    charges = _charges(month, basis, owed, vat)
    most = billed_for_desktops(lines, committed_desktops_cents(basis.contracts, month), month)
    allowances = allowances_of(basis.credits, month, most, vat)
    return Draft(
        account_id=account.id,
        month=month,
        lines=lines,
        charges=charges,
        allowances=allowances,
        totals=document_totals((*lines, *charges), allowances),
        buyer=Buyer.of(account),
        payment_mode=account.payment_mode,
        usage_digest=digest_of((*late, *used)),
        terms_days=terms_days_of(basis.contracts, month),
        late_rate_percent=late_rate_of(basis.contracts, month),
        delivery=_delivery(account, charges, basis),
    )


def _delivery(
    account: Account, charges: Sequence[ChargeLine], basis: DraftBasis
) -> PostalAddress | None:
    """Give where goods billed went, when that is not the client's own address (law, invoices)."""
    if not any(charge.nature == "goods" for charge in charges):
        return None
    address = basis.delivered_to()
    return None if address == account.address else address


def _lines(
    month: BillingMonth, basis: DraftBasis, owed: list[UsageDay], vat: VatTreatment
) -> tuple[tuple[InvoiceLine, ...], list[UsageDay]]:
    """Make the lines of the month's days and of late ones; give also the latter's days."""
    lines = lines_of(owed, month, vat, basis.catalogue)
    billed: list[UsageDay] = []
    for past in sorted(basis.earlier, key=lambda each: each.month, reverse=True):
        known = days_of(past.month, past.usage)
        late = late_lines(past, known, basis.vat(past.month.last_day), basis.catalogue)
        if late:
            billed = [*known, *billed]
            # Desktop by desktop still, the oldest month first.
            lines = tuple(
                sorted((*late, *lines), key=lambda line: (line.desktop_name, line.desktop_id))
            )
    return lines, billed


def _charges(
    month: BillingMonth, basis: DraftBasis, owed: list[UsageDay], vat: VatTreatment
) -> tuple[ChargeLine, ...]:
    """Make the lines that are no days: commitments, what the month completes, one-off charges."""
    committed = commitment_lines(basis.contracts, month, vat)
    complement = complement_lines(owed, month, vat) if basis.complement else ()
    one_off = (charge_line(charge, vat) for charge in billable(basis.charges, month))
    return (*committed, *complement, *one_off)


def digest_of(usage: Iterable[UsageDay]) -> str:
    """Digest the usage that an invoice bills, for the journal (EVD-1).

    Days in a row on which the same was used are told once, by the first and the last of them.
    """
    facts = [
        (span.first.day.isoformat(), span.last.day.isoformat(), span.last.keys)
        for span in spans_of(usage)
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
