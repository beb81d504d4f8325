"""Negotiating, agreeing and ending contracts (CGV art. 8.1(b), 17; BIL-6, CAT-4, P17)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from chalicelib.accounts.clients.account import Account
from chalicelib.accounts.service import AccountService
from chalicelib.billing.contracts.contract import Contract, ContractState, contract_id_of
from chalicelib.billing.contracts.mails import (
    agreement_mail,
    proposal_mail,
    reminder_mail,
    termination_mail,
)
from chalicelib.billing.contracts.reminders import reminder_due
from chalicelib.billing.contracts.storage import ContractStorage
from chalicelib.billing.contracts.terms import (
    LONGEST_TEXT,
    ContractTerms,
    commitments_of,
    require_open,
    require_priced,
    require_sensible,
    sentence,
)
from chalicelib.catalogue.service import CatalogueService
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.legal.recording import Recording


@dataclass(kw_only=True)
class ContractService:
    """Contracts, from proposal to end."""

    storage: ContractStorage
    accounts: AccountService
    catalogue: CatalogueService
    recording: Recording

    # read
    def contracts_of(self, account_id: str) -> list[Contract]:
        """Give the contracts of an account, the one that began last first."""
        contracts = self.storage.contracts_of(account_id)
        return sorted(contracts, key=lambda each: (each.starts_on, each.id), reverse=True)

    def agreed_of(self, account_id: str) -> list[Contract]:
        """Give the contracts an account is, was or will be bound by: what invoices look at."""
        return [each for each in self.storage.contracts_of(account_id) if each.is_agreed]

    def contract(self, account_id: str, contract_id: str) -> Contract:
        """Give a contract of an account.  Raises NotFoundError for any other."""
        contract = self.storage.contract(account_id, contract_id)
        if contract is None:
            raise NotFoundError
        return contract

    def all_contracts(self) -> list[Contract]:
        """Give every contract, the one that began last first."""
        return list(self.storage.all_contracts())

    # negotiated
    def propose(
        self, account_id: AccountId, terms: ContractTerms, *, by: str, key: str
    ) -> Contract:
        """Propose a contract to a client, who is written to; one of a filled form (BIL-6).

        Raises FieldErrors, or DomainError while annual billing is not open to the account (CAT-4).
        """
        require_open(self.accounts.account(account_id))
        contract_id = contract_id_of(account_id, key)

        def attempt() -> Contract:
            if same := self.storage.contract(account_id, contract_id):
                return same
            day = self.recording.today()
            require_sensible(terms, day)
            contract = Contract(
                id=contract_id,
                account_id=account_id,
                reference=terms.reference.strip(),
                starts_on=terms.starts_on,
                months=terms.months,
                billing=terms.billing,
                commitments=tuple(commitments_of(terms, self.catalogue.current(), day)),
                discount_percent=terms.discount_percent,
                terms_days=terms.terms_days,
                late_rate_percent=terms.late_rate_percent,
                proposed_at=self.recording.now(),
                proposed_by=by,
            )
            require_priced(contract)
            facts = {"contract_id": contract_id, "terms": contract.terms}
            return self._save(contract, "contract.proposed", facts, by, proposal_mail)

        return self.recording.again(attempt)

    def accept(self, account_id: str, contract_id: str, digest: str, *, by: str) -> Contract:
        """Accept a proposal from the console: the terms shown, and no others (EVD-1; BIL-6).

        Raises DomainError when it is no longer open, or is not what the client read.
        """

        def attempt() -> Contract:
            contract = self.contract(account_id, contract_id)
            if contract.state is ContractState.ACCEPTED and contract.agreed_by == by:
                return contract
            if contract.digest != digest:
                raise DomainError(
                    "Les termes du contrat ont changé depuis leur affichage. Relisez-les."
                )
            return self._agree(contract, by=by, acceptance="console")

        return self.recording.again(attempt)

    def record_signature(
        self, account_id: str, contract_id: str, reference: str, *, by: str
    ) -> Contract:
        """Record that the client signed on paper, with the reference of the document (BIL-6).

        Raises FieldErrors without a reference, DomainError when it is no longer open.
        """
        reference = sentence("signature", reference)

        def attempt() -> Contract:
            contract = self.contract(account_id, contract_id)
            if contract.state is ContractState.ACCEPTED and contract.acceptance == reference:
                return contract
            return self._agree(contract, by=by, acceptance=reference)

        return self.recording.again(attempt)

    def refuse(
        self, account_id: str, contract_id: str, reason: str, *, by: str, by_client: bool
    ) -> Contract:
        """Decline a proposal (the client, who need not say why), or withdraw it (the company).

        Raises DomainError when it already has an answer.
        """
        state = ContractState.DECLINED if by_client else ContractState.WITHDRAWN
        reason = reason.strip()[:LONGEST_TEXT] if by_client else sentence("reason", reason)

        def attempt() -> Contract:
            contract = self.contract(account_id, contract_id)
            if contract.state is state:
                return contract
            refused = contract.refused(self.recording.today(), state, reason)
            facts = {"contract_id": contract.id, "reason": reason}
            return self._save(refused, f"contract.{state.value}", facts, by)

        return self.recording.again(attempt)

    def terminate(  # noqa: PLR0913 - which, when, why, by whom, and what is given back
        self,
        account_id: str,
        contract_id: str,
        month: BillingMonth,
        reason: str,
        *,
        by: str,
        unused_cents: int = 0,
    ) -> Contract:
        """End a contract before its term, by agreement, with the end of a month (art. 17; P18).

        What was billed ahead is not given back by this: ``EarlyEnds`` credits it, and says by
        ``unused_cents`` (incl. VAT) what the client is to be told of it.  Raises FieldErrors
        without a reason, DomainError when it is not running or the month does not fit.
        """
        reason = sentence("reason", reason)

        def attempt() -> Contract:
            contract = self.contract(account_id, contract_id)
            if contract.ended_on == month.last_day:
                return contract
            ended = contract.terminated(month.last_day, self.recording.today(), reason)
            facts = {
                "contract_id": contract.id,
                "last_on": month.last_day.isoformat(),
                "reason": reason,
            }
            announce = partial(termination_mail, unused_cents)
            return self._save(ended, "contract.terminated", facts, by, announce)

        return self.recording.again(attempt)

    # reminded
    def remind_due(self) -> int:
        """Write to each client whose contract ends in three to one months, once (art. 17; P17).

        Woken daily; a missed or doubled day changes nothing.  Tells how many were written to.
        """
        day, reminded = self.recording.today(), 0
        for listed in self.storage.all_contracts():
            if reminder_due(listed, day):
                reminded += self.recording.again(partial(self._remind, listed, day))
        return reminded

    def _remind(self, listed: Contract, day: date) -> int:
        contract = self.contract(listed.account_id, listed.id)
        if not reminder_due(contract, day):
            return 0
        reminded = replace(contract, reminded_at=self.recording.now())
        facts = {"contract_id": contract.id, "ends_on": contract.last_on.isoformat()}
        self._save(reminded, "contract.reminded", facts, "system", reminder_mail)
        return 1

    # inside
    def _agree(self, contract: Contract, *, by: str, acceptance: str) -> Contract:
        now, day = self.recording.now(), self.recording.today()
        agreed = contract.agreed(now, day, by=by, acceptance=acceptance)
        facts = {
            "contract_id": contract.id,
            "terms": contract.terms,
            "terms_sha256": contract.digest,
            "acceptance": acceptance,
        }
        return self._save(agreed, "contract.accepted", facts, by, agreement_mail)

    def _save(
        self,
        contract: Contract,
        fact: str,
        facts: dict[str, Any],
        by: str,
        announce: Callable[[Account, Contract], Message] | None = None,
    ) -> Contract:
        entry = self.recording.entry(contract.account_id, fact, facts, by=by)
        account = self.accounts.account(contract.account_id)
        messages = [announce(account, contract)] if announce else []
        self.recording.commit(self.storage.save_contract(contract), entry, *messages)
        return replace(contract, version=contract.version + 1)
