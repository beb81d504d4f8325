"""The statement of an account: what was invoiced, credited, paid, given back; running (PAY-4)."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.billing.drafts.service import BillingService
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.csv_cells import euros_cell, text_cell
from chalicelib.foundation.ids import AccountId
from chalicelib.payments.money.ledger import BALANCE, Settlement, SettlementKind, favours
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.statements.csv_words import nature_of

FAVOUR = "favour"


@dataclass(frozen=True)
class StatementLine:
    """One line: ``debit_cents`` is owed, ``credit_cents`` lessens it; the balance is after it."""

    on: date
    kind: str
    reference: str
    invoice_id: str
    debit_cents: int
    credit_cents: int
    balance_cents: int = 0


@dataclass(kw_only=True)
class Statements:
    """Draws statements up from invoices and the ledger; a positive balance is owed to us."""

    billing: BillingService
    ledger: LedgerStorage

    def of(self, account_id: str) -> list[StatementLine]:
        """Give an account's lines in order, the oldest first, each with the balance it leaves."""
        told = sorted(self._lines(account_id), key=_in_order)
        balance, drawn = 0, []
        for _, line in told:
            balance += line.debit_cents - line.credit_cents
            drawn.append(StatementLine(**{**line.__dict__, "balance_cents": balance}))
        return drawn

    def _lines(self, account_id: str) -> Iterator[tuple[datetime, StatementLine]]:
        """Give each line with the instant it was recorded."""
        invoices = list(self.billing.invoices_of(AccountId(account_id)))
        for invoice in invoices:
            yield (
                invoice.issued_at,
                StatementLine(
                    invoice.issued_on,
                    "invoice",
                    invoice.number,
                    invoice.id,
                    invoice.totals.incl_vat_cents,
                    0,
                ),
            )
        for claim in self.ledger.claims(account_id):
            yield (
                claim.fixed_at,
                StatementLine(
                    paris_day(claim.fixed_at),
                    f"claim_{claim.kind}",
                    claim.number,
                    claim.invoice_id,
                    claim.amount_cents,
                    0,
                ),
            )
        entries = self.ledger.settlements(account_id)
        for entry in entries:
            # Between the balance and an invoice nothing comes or goes.
            if entry.kind is not SettlementKind.ALLOCATION:
                yield entry.at, _line(entry)
        for invoice in invoices:
            of_invoice = [entry for entry in entries if entry.invoice_id == invoice.id]
            for entry, cents in favours(invoice.totals.incl_vat_cents, of_invoice):
                yield entry.at, _favour(entry, cents)

    def csv(self, account_id: str) -> str:
        """Write a statement as CSV, for French spreadsheets."""
        text = io.StringIO()
        lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
        lines.writerow(("date", "nature", "reference", "debit", "credit", "solde"))
        for line in self.of(account_id):
            lines.writerow(
                (
                    str(line.on),
                    nature_of(line.kind),
                    text_cell(line.reference),
                    euros_cell(line.debit_cents),
                    euros_cell(line.credit_cents),
                    euros_cell(line.balance_cents),
                )
            )
        return text.getvalue()


def _in_order(told: tuple[datetime, StatementLine]) -> tuple[date, datetime, int]:
    """Order the lines of a day as they were recorded.

    Of one instant, what is owed comes first, then what lessens it, then what is given back, and
    what of that is a favour.
    """
    at, line = told
    if line.kind == FAVOUR:
        return line.on, at, 3
    owed = line.kind == "invoice" or line.kind.startswith("claim_")
    return line.on, at, 0 if owed else 1 if line.credit_cents else 2


def _line(entry: Settlement) -> StatementLine:
    return StatementLine(
        entry.value_on or paris_day(entry.at),
        entry.kind.value,
        "" if entry.reference.startswith("pi_") else entry.reference,
        "" if entry.invoice_id == BALANCE else entry.invoice_id,
        max(0, -entry.amount_cents),
        max(0, entry.amount_cents),
    )


def _favour(entry: Settlement, cents: int) -> StatementLine:
    """Tell what was given back without a credit note: the client does not owe it again."""
    return StatementLine(
        paris_day(entry.at), FAVOUR, "", entry.invoice_id, max(0, -cents), max(0, cents)
    )
