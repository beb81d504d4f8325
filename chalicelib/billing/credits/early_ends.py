"""The early end of a contract paid ahead: what is not served is given back (art. 17; BIL-6, P18).

The term was billed at once, on the invoice of the month before its first.  Ended earlier, the
months that are not served are credited on that invoice, by the act that ends the contract; should
we die in between, the next run does it.  What dunning asks for is then what was served.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.billing.contracts.billing import commitment_key
from chalicelib.billing.contracts.contract import Contract, ContractBilling
from chalicelib.billing.contracts.service import ContractService
from chalicelib.billing.credits.credit_note_service import CreditNotes
from chalicelib.billing.credits.credit_rules import (
    CreditRequest,
    credit_lines,
    credit_totals,
)
from chalicelib.billing.invoices.credit_note import CreditNote, credit_note_id_of
from chalicelib.billing.invoices.invoice import Invoice, invoice_id_of
from chalicelib.billing.invoices.storage import BillingStorage
from chalicelib.billing.invoices.totals import Totals, totals_of
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.texts.french_text import day_text


@dataclass(kw_only=True)
class EarlyEnds:
    """What ends a contract before its term, and gives back what was paid ahead and is not served.

    Operators' pages and the month-end run call it.
    """

    storage: BillingStorage
    contracts: ContractService
    credit_notes: CreditNotes

    def unused(self, contract: Contract, last: BillingMonth) -> Totals:
        """Give what would be credited if a contract ended with a month: nothing when not billed."""
        invoice = self._invoice(contract)
        requests = list(self._requests(contract, last, invoice)) if invoice else []
        if invoice is None or not requests:
            return totals_of(())
        left = self.credit_notes.left(invoice)
        return credit_totals(left, credit_lines(left, requests))

    def end(
        self, account_id: str, contract_id: str, last: BillingMonth, reason: str, *, by: str
    ) -> Contract:
        """End a contract with a month, by agreement, and credit what is not served (P18; BIL-5).

        Asked twice, or killed anywhere and asked again, one credit note is issued.  Raises
        FieldErrors without a reason, DomainError when it is not running or the month does not fit.
        """
        unused = self.unused(self.contracts.contract(account_id, contract_id), last)
        ended = self.contracts.terminate(
            account_id, contract_id, last, reason, by=by, unused_cents=unused.incl_vat_cents
        )
        self._credit(ended, by)
        return ended

    def settle(self, contracts: Iterable[Contract]) -> list[CreditNote]:
        """Credit what ended contracts of an account leave unserved and nobody credited yet."""
        ended = [each for each in contracts if each.ended_on]
        notes = (self._credit(contract, "system") for contract in ended)
        return [note for note in notes if note]

    def _credit(self, contract: Contract, by: str) -> CreditNote | None:
        invoice = self._invoice(contract)
        last = BillingMonth.of(contract.last_on)
        requests = list(self._requests(contract, last, invoice)) if invoice else []
        if invoice is None or not requests:
            return None
        reason = (
            f"Fin anticipée du contrat {contract.reference} le {day_text(contract.last_on)} : "
            "part payée d’avance et non servie."
        )
        key = _key(contract, last)
        return self.credit_notes.issue(invoice.id, requests, reason=reason[:500], by=by, key=key)

    def _invoice(self, contract: Contract) -> Invoice | None:
        """Give the invoice that billed a contract's whole term ahead, once it is issued."""
        if contract.billing is not ContractBilling.UPFRONT or not contract.is_agreed:
            return None
        month = contract.first_month.previous
        return self.storage.invoice(invoice_id_of(contract.account_id, month))

    def _requests(
        self, contract: Contract, last: BillingMonth, invoice: Invoice
    ) -> Iterator[CreditRequest]:
        """Give what each commitment's line bills beyond the months served, less what was credited.

        A credit note given for another reason stays the client's: it only bounds what is left.
        """
        before = self._given_back(contract, invoice)
        left = {each.line.key: each.left_cents for each in self.credit_notes.left(invoice).lines}
        served = contract.months_until(last)
        for part in contract.commitments:
            key = commitment_key(contract, part, invoice.month)
            billed = next(
                (each.amount_excl_vat_cents for each in invoice.charges if each.key == key), 0
            )
            unused = billed - contract.unit_cents(part) * part.quantity * served
            cents = min(unused - before.get(key, 0), left.get(key, 0))
            if cents > 0:
                yield CreditRequest(key, cents)

    def _given_back(self, contract: Contract, invoice: Invoice) -> dict[str, int]:
        """Add up, by line, what a former early end of the contract credited."""
        given: dict[str, int] = {}
        ends = {
            credit_note_id_of(invoice.id, _key(contract, month)) for month in _months_of(contract)
        }
        for note in self.credit_notes.of_invoice(invoice.id):
            if note.id in ends:
                for line in note.lines:
                    cents = given.get(line.line_key, 0)
                    given[line.line_key] = cents + line.amount_excl_vat_cents
        return given


def _months_of(contract: Contract) -> Iterator[BillingMonth]:
    """Give every month that a contract may have been ended with."""
    month = contract.first_month.previous
    while month.last_day <= contract.term_ends_on:
        yield month
        month = month.next


def _key(contract: Contract, last: BillingMonth) -> str:
    return f"contract-end:{contract.id}:{last}"
