"""Dispatches as they are kept: reading them, committing their next step (POD-1)."""

from datetime import date

from chalicelib.accounts.account import Account
from chalicelib.equipment.dispatch import Dispatch
from chalicelib.equipment.pod import Pod
from chalicelib.equipment.ports import Accounts, EquipmentStore
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.journal import Journal


class DispatchBook:
    """Reads dispatches and writes their next step, with their pods."""

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

    def get(self, account_id: str, dispatch_id: str) -> Dispatch:
        """Give a dispatch of an account.  Raises NotFoundError."""
        dispatch = self._storage.dispatch(account_id, dispatch_id)
        if dispatch is None:
            raise NotFoundError
        return dispatch

    def of_account(self, account_id: str) -> list[Dispatch]:
        """Give an account's dispatches, newest first."""
        found = self._storage.dispatches_of(account_id)
        return sorted(found, key=lambda each: (each.requested_at, each.id), reverse=True)

    def open(self) -> list[Dispatch]:
        """Give the dispatches of which something is awaited, the earliest due first."""
        return list(self._storage.awaited())

    def last_received_on(self, account_id: str, order_id: str) -> date | None:
        """Give the Paris day the last OmnyPod of an order came, None while one is missing (P10).

        A replacement does not start the period again.
        """
        dispatch = self._storage.dispatch(account_id, f"dsp-{order_id}")
        return dispatch.last_received_on if dispatch else None

    def awaited(self, account_id: str, order_id: str) -> list[tuple[int, str]]:
        """Give rank and label of the OmnyPods of an order that were not received (ORD-5)."""
        dispatch = self._storage.dispatch(account_id, f"dsp-{order_id}")
        return dispatch.labels if dispatch else []

    def _pod(self, serial: str) -> Pod:
        pod = self._storage.pod(serial)
        if pod is None:
            raise NotFoundError
        return pod

    def _account(self, account_id: str) -> Account:
        return self._accounts.account(AccountId(account_id))

    def _commit(
        self,
        dispatch: Dispatch,
        pods: list[Pod],
        kind: str,
        by: str,
        *messages: Message,
        **facts: object,
    ) -> Dispatch:
        writes: list[Write] = [self._storage.save_dispatch(dispatch)]
        for pod in pods:
            writes += self._storage.save_pod(pod, was_of=pod.account_id)
        told = {"dispatch": dispatch.id, "serials": [pod.serial for pod in pods], **facts}
        entry = self._journal.entry(dispatch.account_id, kind, told, by=by)
        self._work.commit(*writes, entry, *messages)
        return dispatch
