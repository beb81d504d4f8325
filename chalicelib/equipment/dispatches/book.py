"""Dispatches as they are kept: reading them, committing their next step (POD-1)."""

from dataclasses import dataclass
from datetime import date

from chalicelib.accounts.clients.account import Account
from chalicelib.accounts.service import AccountService
from chalicelib.equipment.model.dispatch import Dispatch
from chalicelib.equipment.model.pod import Pod
from chalicelib.equipment.model.storage import EquipmentStorage
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.legal.recording import Recording
from chalicelib.orders.model.deliveries import Undelivered
from chalicelib.orders.model.order import Order


@dataclass(kw_only=True)
class DispatchBook:
    """Reads dispatches and writes their next step, with their pods."""

    storage: EquipmentStorage
    accounts: AccountService
    recording: Recording

    def get(self, account_id: str, dispatch_id: str) -> Dispatch:
        """Give a dispatch of an account.  Raises NotFoundError."""
        dispatch = self.storage.dispatch(account_id, dispatch_id)
        if dispatch is None:
            raise NotFoundError
        return dispatch

    def of_account(self, account_id: str) -> list[Dispatch]:
        """Give an account's dispatches, newest first."""
        found = self.storage.dispatches_of(account_id)
        return sorted(found, key=lambda each: (each.requested_at, each.id), reverse=True)

    def open(self) -> list[Dispatch]:
        """Give the dispatches of which something is awaited, the earliest due first."""
        return list(self.storage.awaited())

    def last_received_on(self, account_id: str, order_id: str) -> date | None:
        """Give the Paris day the last OmnyPod of an order came, None while one is missing (P10).

        A replacement does not start the period again.
        """
        dispatch = self.storage.dispatch(account_id, f"dsp-{order_id}")
        return dispatch.last_received_on if dispatch else None

    def undelivered(self, order: Order) -> list[Undelivered]:
        """Give the OmnyPods of an order that were not received (ORD-5)."""
        awaited = self.awaited(order.account_id, order.id)
        return [Undelivered(str(number), label) for number, label in awaited]

    def awaited(self, account_id: str, order_id: str) -> list[tuple[int, str]]:
        """Give rank and label of the OmnyPods of an order that were not received (ORD-5)."""
        dispatch = self.storage.dispatch(account_id, f"dsp-{order_id}")
        return dispatch.labels if dispatch else []

    def _pod(self, serial: str) -> Pod:
        pod = self.storage.pod(serial)
        if pod is None:
            raise NotFoundError
        return pod

    def _account(self, account_id: str) -> Account:
        return self.accounts.account(AccountId(account_id))

    def _commit(
        self,
        dispatch: Dispatch,
        pods: list[Pod],
        kind: str,
        by: str,
        *messages: Message,
        **facts: object,
    ) -> Dispatch:
        writes: list[Write] = [self.storage.save_dispatch(dispatch)]
        for pod in pods:
            writes += self.storage.save_pod(pod, was_of=pod.account_id)
        told = {"dispatch": dispatch.id, "serials": [pod.serial for pod in pods], **facts}
        entry = self.recording.entry(dispatch.account_id, kind, told, by=by)
        self.recording.commit(*writes, entry, *messages)
        return dispatch
