"""The operator's decisions on cases, and the daily look at what is not returned (POD-2, POD-3)."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.accounts.account import Account, PostalAddress
from chalicelib.catalogue.catalogue import EXTRA_POD
from chalicelib.equipment.announcements import (
    LABELS,
    billing_message,
    decision_mail,
    fill_message,
    pods_mail,
)
from chalicelib.equipment.cases import PRICED, Cause, Decision, PodCase, amount_owed
from chalicelib.equipment.custody_service import CustodyService
from chalicelib.equipment.option_pods import OPTION_REMOVED
from chalicelib.equipment.pod import Pod
from chalicelib.equipment.pod_states import PodEvent, PodState
from chalicelib.equipment.ports import (
    Accounts,
    Catalogues,
    Desktops,
    EquipmentStore,
    PriceList,
)
from chalicelib.equipment.reservation import Reservations
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.texts.mails import MailName

RETURN_DAYS = 14
_REMINDER = timedelta(days=3)


class CaseService:
    """Cases, and the clock that opens those of missed returns."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: EquipmentStore,
        accounts: Accounts,
        desktops: Desktops,
        catalogues: Catalogues,
        prices: PriceList,
        custody: CustodyService,
        reservations: Reservations,
        work: UnitOfWork,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._accounts = accounts
        self._desktops = desktops
        self._catalogues = catalogues
        self._prices = prices
        self._custody = custody
        self._reservations = reservations
        self._work = work
        self._journal = journal
        self._clock = clock

    def get(self, account_id: str, case_id: str) -> PodCase:
        """Give a case of an account.  Raises NotFoundError."""
        case = self._storage.case(account_id, case_id)
        if case is None:
            raise NotFoundError
        return case

    def open(self) -> list[PodCase]:
        """Give the cases to decide, oldest first."""
        return list(self._storage.cases(is_open=True))

    def decided(self, limit: int = 30) -> list[PodCase]:
        """Give the last cases decided, newest first."""
        return list(self._storage.cases(is_open=False, limit=limit))

    def listed_price(self, case: PodCase) -> int | None:
        """Give what the price list asks for a case, in cents excl. VAT, None when it does not."""
        return self._prices.price_on(case.cause, case.happened_on) if case.cause in PRICED else None

    def decide(self, account_id: str, case_id: str, decision: Decision, by: str) -> PodCase:
        """Decide who bears a case; what is billed goes on the next invoice (POD-2, POD-3, BIL-9).

        The decision, its mail and the message that bills are one commit.  The same decision again
        changes nothing.  Raises FieldErrors, NotFoundError, or DomainError for what is never
        billed or is decided already.
        """

        def attempt() -> PodCase:
            case = self.get(account_id, case_id)
            if not case.is_open:
                if (
                    case.outcome == decision.outcome.value
                    and case.reason == decision.reason.strip()
                ):
                    return case
                raise DomainError("Ce dossier est déjà décidé.")
            account = self._accounts.account(AccountId(account_id))
            decided = self._decided(case, decision, account, by)
            writes, messages = self._consequences(decided, decision, account, by)
            facts = {
                "case": case.id,
                "serial": case.serial,
                "cause": decided.cause.value,
                "outcome": decided.outcome,
                "reason": decided.reason,
                "amount_excl_vat_cents": decided.amount_excl_vat_cents,
            }
            self._work.commit(
                self._storage.save_case(decided),
                *writes,
                self._journal.entry(account_id, "pod_case.decided", facts, by=by),
                *messages,
            )
            return decided

        return retry_on_conflict(attempt)

    def _decided(self, case: PodCase, decision: Decision, account: Account, by: str) -> PodCase:
        cause = decision.cause
        if (cause is Cause.NOT_RETURNED) is not (case.cause is Cause.NOT_RETURNED):
            raise DomainError("Un retour manqué et un dommage se décident chacun à part.")
        listed = self._prices.price_on(cause, case.happened_on) if cause in PRICED else None
        amount = amount_owed(case, decision, listed, is_professional=account.is_professional)
        return replace(
            case,
            cause=cause,
            outcome=decision.outcome.value,
            decided_at=self._clock.now(),
            decided_by=by,
            reason=decision.reason.strip(),
            amount_excl_vat_cents=amount,
        )

    def _consequences(
        self, case: PodCase, decision: Decision, account: Account, by: str
    ) -> tuple[list[Write], list[Message]]:
        writes: list[Write] = []
        messages = [decision_mail(account, case, decision)]
        if case.amount_excl_vat_cents:
            missed = case.cause is Cause.NOT_RETURNED
            messages.append(
                billing_message(
                    case.account_id,
                    "withdrawal_indemnity" if missed else "pod_loss",
                    LABELS[case.cause],
                    case.amount_excl_vat_cents,
                    on=today(self._clock),
                    reason=case.reason,
                    evidence=f"{case.serial}\u00a0: {case.description}",
                    by=by,
                    key=f"pod-case:{case.id}",
                )
            )
        pod = self._storage.pod(case.serial)
        if decision.replace_it and pod:
            lent = replace(pod, account_id=case.account_id)
            address = self._address_of(case.account_id, pod, account)
            dispatch = self._reservations.replacement_of(lent, case.id, address)
            writes.append(self._storage.save_dispatch(dispatch))
            messages.append(fill_message(case.id))
            if pod.can(PodEvent.ASK_RETURN) and pod.account_id == case.account_id:
                due_on = today(self._clock) + timedelta(days=RETURN_DAYS)
                back = pod.after(
                    PodEvent.ASK_RETURN,
                    at=self._clock.now(),
                    by=by,
                    why="replacement",
                    return_due_on=due_on,
                    return_because="replacement",
                )
                writes += self._storage.save_pod(back, was_of=pod.account_id)
        return writes, messages

    def _address_of(self, account_id: str, pod: Pod, account: Account) -> PostalAddress:
        former = self._storage.dispatch(account_id, pod.dispatch_id) if pod.dispatch_id else None
        return former.address if former else account.address

    # the daily look
    def follow_up(self) -> dict[str, int]:
        """Ask back what goes with deleted desktops, remind, and list what is overdue (POD-3, P11).

        What is due follows from the dates: run twice, or days late, it does the same once.
        """
        return {
            "asked": self._ask_of_deleted_desktops(),
            "reminded": self._remind(),
            "overdue": self._list_overdue(),
        }

    def _ask_of_deleted_desktops(self) -> int:
        held: dict[str, list[Pod]] = defaultdict(list)
        for state in (PodState.DELIVERED, PodState.IN_USE, PodState.SHIPPED):
            for pod in self._storage.in_state(state):
                held[pod.account_id].append(pod)
        asked = 0
        for account_id, pods in held.items():
            ended = {
                each.id: paris_day(each.deleted_at)
                for each in self._desktops.of_account(account_id)
                if each.deleted_at
            }
            by_day: dict[date, list[str]] = defaultdict(list)
            for pod in pods:
                if pod.desktop_id in ended:
                    by_day[ended[pod.desktop_id]].append(pod.serial)
            for day, serials in by_day.items():
                due_on = day + timedelta(days=RETURN_DAYS)
                asked += len(
                    self._custody.ask_return(
                        account_id, serials, because="end_of_service", due_on=due_on, by="system"
                    )
                )
        return asked

    def _remind(self) -> int:
        day = today(self._clock)
        soon: dict[tuple[str, date], list[str]] = defaultdict(list)
        for pod in self._storage.in_state(PodState.RETURN_ASKED):
            due_on = pod.return_due_on
            if due_on and due_on - _REMINDER <= day <= due_on and pod.reminded_for != due_on:
                soon[(pod.account_id, due_on)].append(pod.serial)
        for (account_id, due_on), serials in soon.items():
            retry_on_conflict(
                lambda a=account_id, d=due_on, s=serials: self._remind_of(a, d, s)  # type: ignore[misc]
            )
        return sum(map(len, soon.values()))

    def _remind_of(self, account_id: str, due_on: date, serials: list[str]) -> None:
        pods = [
            replace(pod, reminded_for=due_on)
            for pod in map(self._storage.pod, serials)
            if pod and pod.state is PodState.RETURN_ASKED and pod.reminded_for != due_on
        ]
        if not pods:
            return
        account = self._accounts.account(AccountId(account_id))
        message = pods_mail(
            MailName.POD_RETURN_REMINDER,
            account,
            pods,
            key=f"pod_return_reminder:{pods[0].serial}:{due_on}",
            due_on=due_on.isoformat(),
        )
        writes = [w for pod in pods for w in self._storage.save_pod(pod, was_of=account_id)]
        self._work.commit(*writes, message)

    def _list_overdue(self) -> int:
        day = today(self._clock)
        opened = 0
        for listed in list(self._storage.in_state(PodState.RETURN_ASKED)):
            if listed.return_due_on and listed.return_due_on < day:
                opened += retry_on_conflict(lambda listed=listed: self._overdue(listed.serial))  # type: ignore[misc]
        return opened

    def _overdue(self, serial: str) -> bool:
        pod = self._storage.pod(serial)
        if pod is None or pod.state is not PodState.RETURN_ASKED or not pod.return_due_on:
            return False
        # A replaced device that is late is asked for, not billed as an end of service.
        case_id = f"{serial}-late-{pod.return_due_on}"
        if self._storage.case(pod.account_id, case_id):
            return False
        case = PodCase(
            id=case_id,
            account_id=pod.account_id,
            serial=serial,
            cause=Cause.NOT_RETURNED,
            happened_on=pod.return_due_on,
            description=pod.return_because,
            opened_at=self._clock.now(),
            opened_by="system",
            fee_cents=self._month_fee(pod),
        )
        facts = {"serial": serial, "case": case.id, "due_on": pod.return_due_on.isoformat()}
        self._work.commit(
            self._storage.save_case(case),
            *self._storage.save_pod(replace(pod, case_id=case.id), was_of=pod.account_id),
            self._journal.entry(pod.account_id, "pod.not_returned", facts, by="system"),
        )
        return True

    def _month_fee(self, pod: Pod) -> int:
        """Give a month of the desktop or of the option that the pod goes with (P11)."""
        catalogue = self._catalogues.current()
        codes = {d.id: d.configuration_code for d in self._desktops.of_account(pod.account_id)}
        of_option = pod.return_because == OPTION_REMOVED
        code = EXTRA_POD if of_option else codes.get(pod.desktop_id, EXTRA_POD)
        return catalogue.known_price_on(code, pod.return_due_on or today(self._clock)) or 0
