"""One-off charges: added by a decision, cancelled before they are billed (CGV art. 6, 7; BIL-9)."""

from dataclasses import dataclass, replace
from datetime import date

from chalicelib.accounts.service import AccountService
from chalicelib.billing.charges.charge import ONE_OFF_KINDS, ChargeState, OneOffCharge, charge_id_of
from chalicelib.billing.charges.ledger_storage import LedgerStorage
from chalicelib.billing.invoices.invoice import ChargeKind
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.errors import FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId, ChargeId
from chalicelib.legal.recording import Recording

MOST_CENTS = 10_000_000
MOST_QUANTITY = 1000
_LONGEST_LABEL = 120
_LONGEST_TEXT = 2000
_RECENT = 100
_SENTENCES = {
    "kind": "Choisissez une des possibilités proposées.",
    "label": "Indiquez une désignation, en 120 caractères au plus.",
    "amount": "Indiquez un prix supérieur à 0 et d’au plus 100 000 €.",
    "quantity": "Indiquez une quantité de 1 à 1000.",
    "to_come": "Cette date est à venir\u00a0: des frais se facturent après le fait.",
    "before": "Ce client n’existait pas encore à cette date.",
    "reason": "Indiquez un motif, en 2000 caractères au plus.",
    "evidence": "Ce texte est trop long.",
}


@dataclass(kw_only=True)
class Charges:
    """What equipment, support and the operator's pages call to have something billed once."""

    storage: LedgerStorage
    accounts: AccountService
    recording: Recording

    def add(  # noqa: PLR0913 - what a charge is made of
        self,
        account_id: AccountId,
        kind: ChargeKind,
        label: Label,
        *,
        unit_excl_vat_cents: int,
        quantity: int,
        on: date,
        reason: str,
        by: str,
        key: str,
        evidence: str = "",
    ) -> OneOffCharge:
        """Have something billed once, by the next invoice (BIL-9).

        ``unit_excl_vat_cents`` is the price of one in cents; ``on`` the Paris day of the fact,
        today or before; ``key`` names the fact, so that asking twice adds one.  Raises FieldErrors,
        or NotFoundError for an unknown account.
        """
        account = self.accounts.account(account_id)
        charge = OneOffCharge(
            id=charge_id_of(account.id, key),
            account_id=account.id,
            kind=kind,
            label=Label(label.fr.strip(), label.en.strip() or label.fr.strip()),
            unit_excl_vat_cents=unit_excl_vat_cents,
            quantity=quantity,
            on=on,
            reason=reason.strip(),
            evidence=evidence.strip(),
            added_at=self.recording.now(),
            added_by=by,
        )
        self._check(charge)

        def attempt() -> OneOffCharge:
            known = self.storage.charge(account.id, charge.id)
            if known is not None:
                return known
            self.recording.commit(
                self.storage.save_charge(charge),
                self.recording.entry(account.id, "charge.added", _facts(charge), by=by),
            )
            return replace(charge, version=1)

        return self.recording.again(attempt)

    def cancel(
        self, account_id: AccountId, charge_id: ChargeId, *, reason: str, by: str
    ) -> OneOffCharge:
        """Cancel a charge before it is billed (BIL-9).

        Raises FieldErrors without a reason, DomainError once it is billed, NotFoundError.
        """
        reason = reason.strip()
        if not reason or len(reason) > _LONGEST_TEXT:
            raise FieldErrors({"reason": _SENTENCES["reason"]})

        def attempt() -> OneOffCharge:
            charge = self.charge(account_id, charge_id)
            cancelled = charge.cancelled(reason)
            facts = {**_facts(charge), "reason": reason}
            self.recording.commit(
                self.storage.save_charge(cancelled),
                self.recording.entry(account_id, "charge.cancelled", facts, by=by),
            )
            return cancelled

        return self.recording.again(attempt)

    def charge(self, account_id: str, charge_id: str) -> OneOffCharge:
        """Give a charge of that account.  Raises NotFoundError for any other."""
        charge = self.storage.charge(account_id, charge_id)
        if charge is None:
            raise NotFoundError
        return charge

    def of_account(self, account_id: AccountId) -> list[OneOffCharge]:
        """Give the charges of an account, the latest first."""
        charges = self.storage.charges_of(account_id)
        return sorted(charges, key=lambda charge: charge.added_at, reverse=True)

    def pending(self, account_id: AccountId) -> list[OneOffCharge]:
        """Give the charges of an account that the next invoices will bill."""
        charges = self.storage.charges_of(account_id)
        return [charge for charge in charges if charge.state is ChargeState.PENDING]

    def recent(self, state: ChargeState) -> list[OneOffCharge]:
        """Give the newest charges in a state, of all accounts."""
        return list(self.storage.recent_charges(state, _RECENT))

    def waive_complement(self, account_id: AccountId, *, reason: str, by: str) -> None:
        """Spare an account the first month complement for good, as after a withdrawal (WDR-2)."""

        def attempt() -> None:
            if self.storage.complement_waived(account_id):
                return
            self.recording.commit(
                self.storage.waive_complement(account_id, reason, by),
                self.recording.entry(account_id, "complement.waived", {"reason": reason}, by=by),
            )

        self.recording.again(attempt)

    def _check(self, charge: OneOffCharge) -> None:
        wrong = {
            "kind": charge.kind not in ONE_OFF_KINDS and _SENTENCES["kind"],
            "label": not 0 < len(charge.label.fr) <= _LONGEST_LABEL and _SENTENCES["label"],
            "amount": not 0 < charge.unit_excl_vat_cents <= MOST_CENTS and _SENTENCES["amount"],
            "quantity": not 0 < charge.quantity <= MOST_QUANTITY and _SENTENCES["quantity"],
            "on": self._wrong_day(charge),
            "reason": not 0 < len(charge.reason) <= _LONGEST_TEXT and _SENTENCES["reason"],
            "evidence": len(charge.evidence) > _LONGEST_TEXT and _SENTENCES["evidence"],
        }
        errors = {name: sentence for name, sentence in wrong.items() if sentence}
        if errors:
            raise FieldErrors(errors)

    def _wrong_day(self, charge: OneOffCharge) -> str:
        if charge.on > self.recording.today():
            return _SENTENCES["to_come"]
        created_on = paris_day(self.accounts.account(charge.account_id).created_at)
        return _SENTENCES["before"] if charge.on < created_on else ""


def _facts(charge: OneOffCharge) -> dict[str, object]:
    return {
        "charge_id": charge.id,
        "kind": charge.kind,
        "label": charge.label.fr,
        "amount_excl_vat_cents": charge.amount_excl_vat_cents,
        "on": charge.on.isoformat(),
        "reason": charge.reason,
        "evidence": charge.evidence,
    }
