"""Which VAT is due from a client, and how that is found out and kept (law, VAT; BIL-10)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import phonenumbers

from chalicelib.accounts.clients.account import Account
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.one_stop_shop.oss_service import OssService
from chalicelib.billing.one_stop_shop.vat_ports import Policies, TaxStatusStore
from chalicelib.billing.ports import Accounts
from chalicelib.billing.vat.rules import (
    NOTHING_KNOWN,
    VatFacts,
    VatTreatment,
    in_another_member_state,
    is_overseas,
    vat_of,
)
from chalicelib.billing.vat.tax_status import (
    LocationProof,
    NumberState,
    ProofKind,
    TaxStatus,
    ViesAnswer,
    country_proved,
    is_due,
    number_state,
)
from chalicelib.billing.vat.vies import Vies, ViesUnavailableError
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Put
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.legal.policies import OVERSEAS_CONSUMERS_BY_PLACE

_ACCOUNTS_AT_ONCE = 100
_SILENCES = 3  # in a row: the service is down, the others are for another day
_LONGEST_DETAIL = 200
_PATIENCE = timedelta(minutes=1)  # between two questions asked by hand
RECORDED = (ProofKind.CARD, ProofKind.BANK, ProofKind.DOCUMENT)


class VatService:
    """What drafting, orders and the pages about VAT call."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: TaxStatusStore,
        oss: OssService,
        accounts: Accounts,
        vies: Callable[[], Vies],
        policies: Policies,
        work: UnitOfWork,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._oss = oss
        self._accounts = accounts
        self._vies = vies
        self._policies = policies
        self._work = work
        self._journal = journal
        self._clock = clock

    # due
    def treatment(self, account: Account, on: date) -> VatTreatment:
        """Give the VAT due from an account on a Paris day (BIL-10).

        Raises DomainError when the table has no rate that day.
        """
        return vat_of(account, on, self._facts(account, on))

    def rate_for(self, account: Account, on: date) -> Decimal:
        """Give the rate in percent due from an account on a Paris day (CAT-3)."""
        return self.treatment(account, on).rate_percent

    def _facts(self, account: Account, on: date) -> VatFacts:
        if in_another_member_state(account):
            status = self._storage.tax_status(account.id)
            if account.is_professional:
                return VatFacts(number_is_confirmed=status.is_confirmed(account.vat_number, on))
            proved = country_proved(self.proofs(account)) == account.address.country
            month = self._oss.month(BillingMonth.of(on)) if proved else None
            return VatFacts(taxed_at_home=month is not None and month.taxes_at_home(account.id))
        if not account.is_professional and is_overseas(account):
            by_place = self._policies.applies(
                OVERSEAS_CONSUMERS_BY_PLACE, professional=False, on=on
            )
            return VatFacts(overseas_as_supplier=not by_place)
        return NOTHING_KNOWN

    # the number
    def status_of(self, account: Account) -> TaxStatus:
        """Give what is known of an account."""
        return self._storage.tax_status(account.id)

    def number_state(self, account: Account) -> NumberState:
        """Tell where the check of the account's number stands today."""
        return number_state(account, self.status_of(account), today(self._clock))

    def check_number(self, account_id: AccountId, *, by: str) -> NumberState:
        """Ask VIES for a client's number, keep its answer or that there was none (BIL-10).

        Raises DomainError for a client whose number decides nothing, or when it was asked just now.
        """
        account = self._accounts.account(account_id)
        state = self.number_state(account)
        if state in {NumberState.NOT_NEEDED, NumberState.NO_NUMBER}:
            raise DomainError(
                "Seul le numéro de TVA d’un professionnel établi dans un autre État de l’Union se "
                "vérifie. Complétez d’abord le compte."
            )
        tried_at = self.status_of(account).tried_at
        if tried_at is not None and self._clock.now() - tried_at < _PATIENCE:
            raise DomainError("VIES vient d’être interrogé. Réessayez dans une minute.")
        self._ask(account, by)
        return self.number_state(account)

    def _ask(self, account: Account, by: str) -> bool:
        """Ask VIES; tell whether it answered."""
        asked_at = self._clock.now()
        number = account.vat_number
        try:
            said = self._vies().check(number)
        except ViesUnavailableError as silent:
            failure = silent.code

            def note_silence() -> None:
                status = self._storage.tax_status(account.id)
                noted = replace(status, tried_at=asked_at, failure=failure)
                self._work.commit(self._storage.save_tax_status(noted))

            retry_on_conflict(note_silence)
            return False
        answer = ViesAnswer(number, said.valid, asked_at, said.number, said.name, said.address)

        def keep() -> None:
            status = self._storage.tax_status(account.id)
            noted = replace(status, answer=answer, tried_at=asked_at, failure="")
            facts = {"number": number, "valid": said.valid, "consultation": said.number}
            self._work.commit(
                self._storage.save_tax_status(noted),
                self._journal.entry(account.id, "vat.number_checked", facts, by=by),
            )

        retry_on_conflict(keep)
        return True

    def check_due(self) -> int:
        """Ask VIES for every number that is due, before the run; tell how many answered (BIL-10).

        Woken daily; what is due follows from the records.  Every client elsewhere in the Union
        gets its record, which is how the one-stop shop finds its consumers.
        """
        answered = silences = 0
        for account in self._elsewhere():
            status = self._storage.tax_status(account.id)
            if not status.version:
                self._open(account.id)
            if silences < _SILENCES and is_due(account, status, today(self._clock)):
                heard = self._ask(account, "system")
                answered += heard
                silences = 0 if heard else silences + 1
        return answered

    def _elsewhere(self) -> Iterator[Account]:
        after = ""
        while accounts := self._accounts.all_accounts(AccountId(after), _ACCOUNTS_AT_ONCE):
            yield from filter(in_another_member_state, accounts)
            after = accounts[-1].id

    def _open(self, account_id: AccountId) -> None:
        def attempt() -> None:
            status = self._storage.tax_status(account_id)
            if not status.version:
                self._work.commit(self._storage.save_tax_status(status))

        retry_on_conflict(attempt)

    # the one-stop shop
    def counted(self, document: Invoice | CreditNote) -> list[Put]:
        """Give the writes that count a document for the one-stop shop: none for most clients."""
        if document.buyer.is_professional:
            return []
        proofs = self.proofs(self._accounts.account(document.account_id))
        texts = tuple(f"{proof.kind}:{proof.country}" for proof in proofs)
        return self._oss.counted(document, texts)

    # where a consumer is
    def proofs(self, account: Account) -> tuple[LocationProof, ...]:
        """Give what shows where a client is: its own statements, then what was recorded."""
        at = account.created_at
        country = account.address.country
        stated = [LocationProof(ProofKind.ADDRESS, country, at, "client")]
        calling = _calling_country(account.phone)
        if calling:
            stated.append(LocationProof(ProofKind.PHONE, calling, at, "client"))
        return (*stated, *self._storage.tax_status(account.id).proofs)

    def record_proof(
        self, account_id: AccountId, kind: str, country: str, detail: str, *, by: str
    ) -> None:
        """Record what shows where a consumer is, such as the country of its bank (BIL-10).

        Raises FieldErrors.
        """
        detail = " ".join(detail.split())
        errors = {}
        if kind not in RECORDED:
            errors["kind"] = "Choisissez une preuve de la liste."
        if country.upper() not in phonenumbers.SUPPORTED_REGIONS:  # every country's ISO code
            errors["country"] = "Indiquez le pays par son code à deux lettres, par exemple DE."
        if not detail or len(detail) > _LONGEST_DETAIL:
            errors["detail"] = "Indiquez ce qui a été vu, en 200 caractères au plus."
        if errors:
            raise FieldErrors(errors)
        account = self._accounts.account(account_id)
        proof = LocationProof(ProofKind(kind), country.upper(), self._clock.now(), by, detail)

        def attempt() -> None:
            status = self._storage.tax_status(account.id)
            others = tuple(each for each in status.proofs if each.kind is not proof.kind)
            facts = {"kind": kind, "country": proof.country, "detail": detail}
            self._work.commit(
                self._storage.save_tax_status(replace(status, proofs=(*others, proof))),
                self._journal.entry(account.id, "vat.location_proved", facts, by=by),
            )

        retry_on_conflict(attempt)

    def statuses(self) -> list[tuple[Account, TaxStatus]]:
        """Give every client elsewhere in the Union, with what is known of it."""
        return [
            (self._accounts.account(status.account_id), status)
            for status in self._storage.tax_statuses()
        ]


def _calling_country(phone: str) -> str:
    """Give the country of a telephone number, "" when it tells none."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(number) or ""
