"""Alerts the company of OmnyPods late that go with no order: options, replacements (ORD-5)."""

from dataclasses import replace

from chalicelib.equipment.dispatch import Dispatch, Reason
from chalicelib.equipment.ports import Accounts, EquipmentStore
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName


class LateDispatches:
    """The daily alert of what was asked for after the order; an order's own is with orders."""

    def __init__(
        self,
        *,
        storage: EquipmentStore,
        accounts: Accounts,
        work: UnitOfWork,
        clock: Clock,
        alert_address: str,
    ) -> None:
        self._storage = storage
        self._accounts = accounts
        self._work = work
        self._clock = clock
        self._alert_address = alert_address

    def check(self) -> int:
        """Alert the company of what became late, each dispatch once; give how many were told.

        That it was told is kept in the commit of the mail.
        """
        return sum(
            retry_on_conflict(lambda found=found: self._check(found))  # type: ignore[misc]
            for found in list(self._storage.awaited())
            if self._is_to_tell(found)
        )

    def _is_to_tell(self, dispatch: Dispatch) -> bool:
        day = today(self._clock)
        of_order = dispatch.reason is Reason.ORDER
        return not of_order and not dispatch.told_late and dispatch.is_late(day)

    def _check(self, found: Dispatch) -> bool:
        dispatch = self._storage.dispatch(found.account_id, found.id)
        if dispatch is None or not self._is_to_tell(dispatch):
            return False
        told = replace(dispatch, told_late=True)
        self._work.commit(self._storage.save_dispatch(told), self._alert(dispatch))
        return True

    def _alert(self, dispatch: Dispatch) -> Message:
        due_on = str(dispatch.due_on)
        context = {
            "client": self._accounts.account(AccountId(dispatch.account_id)).name,
            "number": "",
            "reason": dispatch.reason.value,
            "items": [
                {"kind": "pod", "label": label, "due_on": due_on} for _, label in dispatch.labels
            ],
        }
        key = f"late_dispatch:{dispatch.id}"
        return mail(MailName.LATE_DELIVERY, self._alert_address, "fr", context, key=key)
