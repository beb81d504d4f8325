"""OmnyPods in a client's custody: reported, asked back, returned (CGV art. 7, 17; POD-1 to 3)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from chalicelib.equipment.announcements import pods_mail
from chalicelib.equipment.cases import Cause, Outcome, PodCase
from chalicelib.equipment.in_transit import emptied, recalled
from chalicelib.equipment.pod import FIT_FOR_STOCK, Condition, Pod
from chalicelib.equipment.pod_states import PodEvent, PodState
from chalicelib.equipment.ports import Accounts, EquipmentStore
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Write
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.texts.mails import MailName

_TEXT_LENGTH = 1000
_EVENTS = {
    Cause.FAULT: PodEvent.REPORT_FAULT,
    Cause.DAMAGE: PodEvent.REPORT_FAULT,
    Cause.LOSS: PodEvent.REPORT_LOSS,
    Cause.THEFT: PodEvent.REPORT_THEFT,
}
_GONE = {PodState.LOST, PodState.STOLEN}
_BATCH = 40


class CustodyService:
    """What clients hold, and what they say of it."""

    def __init__(
        self,
        *,
        storage: EquipmentStore,
        accounts: Accounts,
        work: UnitOfWork,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._accounts = accounts
        self._work = work
        self._journal = journal
        self._clock = clock

    def pods_of(self, account_id: str) -> list[Pod]:
        """Give the OmnyPods reserved for an account, or in its custody, by serial number."""
        return list(self._storage.pods_of(account_id))

    def pod_of(self, account_id: str, serial: str) -> Pod:
        """Give an OmnyPod of an account.  Raises NotFoundError."""
        pod = self._storage.pod(serial)
        if pod is None or pod.account_id != account_id:
            raise NotFoundError
        return pod

    def cases_of(self, account_id: str) -> list[PodCase]:
        """Give the cases of an account, newest first."""
        found = self._storage.cases_of(account_id)
        return sorted(found, key=lambda case: (case.opened_at, case.id), reverse=True)

    # what the client says
    def report(  # noqa: PLR0913 - what a report is made of
        self, account_id: str, serial: str, cause: Cause, description: str, *, on: date, by: str
    ) -> PodCase:
        """Report a fault, a damage, a loss or a theft: a case the operator decides (POD-2).

        ``on`` is the Paris day it happened.  Reporting the same twice opens one case.  Raises
        FieldErrors, NotFoundError, or DomainError when the client does not hold it.
        """
        description = description.strip()
        self._check_report(cause, description, on)

        def attempt() -> PodCase:
            pod = self.pod_of(account_id, serial)
            open_case = self._storage.case(account_id, pod.case_id) if pod.case_id else None
            if open_case and open_case.is_open:
                if open_case.cause is cause:
                    return open_case
                raise DomainError(
                    "Un dossier est déjà ouvert pour l’OmnyPod %(serial)s\u00a0: "
                    "nous revenons vers vous.",
                    serial=serial,
                )
            now = self._clock.now()
            moved = pod.after(_EVENTS[cause], at=now, by=by, why=description)
            case = PodCase(
                id=f"{serial}-{moved.movement_count}",
                account_id=account_id,
                serial=serial,
                cause=cause,
                happened_on=on,
                description=description,
                opened_at=now,
                opened_by=by,
            )
            facts = {"serial": serial, "cause": cause.value, "description": description}
            self._commit(
                account_id,
                [replace(moved, case_id=case.id)],
                "pod.reported",
                {**facts, "on": on.isoformat(), "case": case.id},
                by=by,
                case=case,
                also=recalled(self._storage, [pod]),
            )
            return case

        return retry_on_conflict(attempt)

    def _check_report(self, cause: Cause, description: str, on: date) -> None:
        errors: dict[str, str] = {}
        if cause not in _EVENTS:
            errors["cause"] = "Choisissez une des possibilités proposées."
        if not 0 < len(description) <= _TEXT_LENGTH:
            errors["description"] = "Dites ce qui s’est passé (1 000 caractères au plus)."
        if on > today(self._clock):
            errors["on"] = "Cette date est dans l’avenir."
        if errors:
            raise FieldErrors(errors)

    # asking back
    def ask_return(
        self,
        account_id: str,
        serials: Iterable[str] | None,
        *,
        because: str,
        due_on: date,
        by: str,
    ) -> list[str]:
        """Ask an account to send OmnyPods back by a Paris day; give their serial numbers (POD-3).

        ``serials`` None means all it holds or is being sent.  ``because`` is a word such as
        "withdrawal", "end_of_service", "replacement", "order_cancelled".  Asking again keeps the
        earliest day and tells nobody twice.  Reserved ones are left to
        ``Reservations.release_for_order``; lost and stolen ones to their case.
        """
        wanted = None if serials is None else set(serials)
        chosen = [
            pod.serial
            for pod in self._storage.pods_of(account_id)
            if (wanted is None or pod.serial in wanted)
            and (pod.state is PodState.RETURN_ASKED or pod.can(PodEvent.ASK_RETURN))
        ]
        asked: list[str] = []
        for start in range(0, len(chosen), _BATCH):
            batch = chosen[start : start + _BATCH]
            asked += retry_on_conflict(
                lambda batch=batch: self._ask(account_id, batch, because, due_on, by)  # type: ignore[misc]
            )
        return asked

    def _ask(
        self, account_id: str, serials: list[str], because: str, due_on: date, by: str
    ) -> list[str]:
        pods, changed = [], []
        for serial in serials:
            pod = self.pod_of(account_id, serial)
            pods.append(pod)
            if pod.state is PodState.RETURN_ASKED:
                if pod.return_due_on and due_on < pod.return_due_on:
                    changed.append(replace(pod, return_due_on=due_on, return_because=because))
                continue
            changed.append(
                pod.after(
                    PodEvent.ASK_RETURN,
                    at=self._clock.now(),
                    by=by,
                    why=because,
                    return_due_on=due_on,
                    return_because=because,
                    reminded_for=None,
                )
            )
        if changed:
            account = self._accounts.account(AccountId(account_id))
            key = f"pod_return_asked:{changed[0].serial}:{changed[0].movement_count}:{due_on}"
            why = {"because": because, "due_on": due_on.isoformat()}
            message = pods_mail(MailName.POD_RETURN_ASKED, account, changed, key=key, **why)
            facts = {"serials": [pod.serial for pod in changed], **why}
            writes = [w for pod in changed for w in self._storage.save_pod(pod, was_of=account_id)]
            writes += recalled(self._storage, pods)
            entry = self._journal.entry(account_id, "pods.return_asked", facts, by=by)
            self._work.commit(*writes, entry, message)
        return [pod.serial for pod in pods]

    def keep(self, account_id: str, serial: str, by: str) -> Pod:
        """Take a return request back: the client goes on using it.  Raises DomainError."""

        def attempt() -> Pod:
            pod = self.pod_of(account_id, serial)
            if pod.state is PodState.IN_USE:
                return pod
            kept = pod.after(
                PodEvent.KEEP,
                at=self._clock.now(),
                by=by,
                return_due_on=None,
                return_because="",
                reminded_for=None,
            )
            self._commit(account_id, [kept], "pod.kept", {"serial": serial}, by=by)
            return kept

        return retry_on_conflict(attempt)

    def receive(self, serial: str, condition: Condition, *, why: str, by: str) -> Pod:
        """Note that an OmnyPod came back, and in what condition (POD-1, POD-3).

        A damage opens a case; an open case of loss or of a missed return ends without a charge.
        Raises NotFoundError, or DomainError when it was not with a client.
        """

        def attempt() -> Pod:
            pod = self._storage.pod(serial)
            if pod is None:
                raise NotFoundError
            if pod.state is PodState.RETURNED and pod.condition == condition.value:
                return pod
            if not pod.account_id:
                raise DomainError("L’OmnyPod %(serial)s est déjà chez nous.", serial=serial)
            back = pod.after(
                PodEvent.RECEIVE,
                at=self._clock.now(),
                by=by,
                why=why.strip(),
                condition=condition.value,
                **pod.let_go(),
            )
            case = self._case_after_return(pod, back, condition, why.strip(), by)
            facts = {"serial": serial, "condition": condition.value, "why": why.strip()}
            self._commit(
                pod.account_id,
                [back],
                "pod.returned",
                facts,
                by=by,
                case=case,
                was_of=pod.account_id,
                also=emptied(self._storage, pod),
            )
            return back

        return retry_on_conflict(attempt)

    def _case_after_return(
        self, pod: Pod, back: Pod, condition: Condition, why: str, by: str
    ) -> PodCase | None:
        now = self._clock.now()
        known = self._storage.case(pod.account_id, pod.case_id) if pod.case_id else None
        if known and known.is_open:
            if known.cause in {Cause.FAULT, Cause.DAMAGE} and condition not in FIT_FOR_STOCK:
                return None  # still to be decided, with the device at hand
            return replace(
                known, outcome=Outcome.RETURNED.value, decided_at=now, decided_by=by, reason=why
            )
        if condition in {Condition.DAMAGED, Condition.INCOMPLETE} and pod.account_id:
            return PodCase(
                id=f"{pod.serial}-{back.movement_count}",
                account_id=pod.account_id,
                serial=pod.serial,
                cause=Cause.DAMAGE,
                happened_on=today(self._clock),
                description=why,
                opened_at=now,
                opened_by=by,
            )
        return None

    def _commit(  # noqa: PLR0913 - one place for the shape of every step
        self,
        chain: str,
        pods: list[Pod],
        kind: str,
        facts: Mapping[str, object],
        *,
        by: str,
        case: PodCase | None = None,
        was_of: str | None = None,
        also: Iterable[Write] = (),
    ) -> None:
        writes: list[Write] = [*also, *([self._storage.save_case(case)] if case else [])]
        for pod in pods:
            owner = pod.account_id if was_of is None else was_of
            writes += self._storage.save_pod(pod, was_of=owner)
        self._work.commit(*writes, self._journal.entry(chain, kind, dict(facts), by=by))
