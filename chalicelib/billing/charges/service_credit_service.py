"""The ledger of service credits: granted, then used by one invoice (CGV art. 16; BIL-8, P14)."""

from dataclasses import dataclass, replace

from chalicelib.billing.charges.ledger_storage import LedgerStorage
from chalicelib.billing.charges.service_credits import ServiceCredit, credit_id_of
from chalicelib.foundation.errors import FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.legal.recording import Recording

MOST_CENTS = 10_000_000
_LONGEST_REASON = 500


@dataclass(kw_only=True)
class ServiceCredits:
    """What grants credits and tells what became of them; the issue of an invoice uses them."""

    storage: LedgerStorage
    recording: Recording

    def grant(  # noqa: PLR0913 - what a credit is made of
        self,
        account_id: AccountId,
        desktop_id: str,
        desktop_name: str,
        amount_excl_vat_cents: int,
        *,
        reason: str,
        by: str,
        key: str,
    ) -> ServiceCredit:
        """Grant a credit in cents excl. VAT, usable against next month's usage (P14; BIL-8).

        ``key`` names the decision: asking twice grants one.  Raises FieldErrors.
        """
        reason = reason.strip()
        _check(amount_excl_vat_cents, reason)
        credit = ServiceCredit(
            id=credit_id_of(account_id, key),
            account_id=account_id,
            desktop_id=desktop_id,
            desktop_name=desktop_name,
            amount_excl_vat_cents=amount_excl_vat_cents,
            granted_at=self.recording.now(),
            reason=reason,
            granted_by=by,
        )

        def attempt() -> ServiceCredit:
            known = self.storage.credit(account_id, credit.id)
            if known is not None:
                return known
            facts = {
                "credit_id": credit.id,
                "desktop_id": desktop_id,
                "amount_excl_vat_cents": amount_excl_vat_cents,
                "usable_month": str(credit.usable_month),
                "reason": reason,
            }
            self.recording.commit(
                self.storage.save_credit(credit),
                self.recording.entry(account_id, "credit.granted", facts, by=by),
            )
            return replace(credit, version=1)

        return self.recording.again(attempt)

    def of_account(self, account_id: AccountId) -> list[ServiceCredit]:
        """Give the credits of an account, the latest first."""
        credits = self.storage.credits_of(account_id)
        return sorted(credits, key=lambda credit: credit.granted_at, reverse=True)


def _check(cents: int, reason: str) -> None:
    errors = {}
    if not 0 < cents <= MOST_CENTS:
        errors["amount"] = "Indiquez un montant supérieur à 0 et d’au plus 100 000 €."
    if not 0 < len(reason) <= _LONGEST_REASON:
        errors["reason"] = "Indiquez un motif, en 500 caractères au plus."
    if errors:
        raise FieldErrors(errors)
