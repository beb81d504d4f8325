"""What is sent to clients, and its receipt (CGV art. 7, 16; POD-1, P10)."""

from datetime import date

from chalicelib.equipment.announcements import pods_mail, shipped_mail
from chalicelib.equipment.dispatch import Dispatch
from chalicelib.equipment.dispatch_book import DispatchBook
from chalicelib.equipment.pod_states import PodEvent, PodState
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.unit_of_work import retry_on_conflict
from chalicelib.orders.withdrawal_period import last_day_to_withdraw
from chalicelib.texts.mails import MailName

_TEXT_LENGTH = 80


class DispatchService(DispatchBook):
    """What is sent to clients, and when it came."""

    def ship(  # noqa: PLR0913 - what a parcel is made of
        self, account_id: str, dispatch_id: str, *, carrier: str, tracking: str, on: date, by: str
    ) -> Dispatch:
        """Send everything reserved and not sent yet, in one parcel (POD-1).

        The same again changes nothing.  Raises FieldErrors, or DomainError when nothing is ready.
        """
        carrier, tracking = " ".join(carrier.split()), " ".join(tracking.split())
        errors = {
            name: "Ce champ est obligatoire (80 caractères au plus)."
            for name, text in (("carrier", carrier), ("tracking", tracking))
            if not 0 < len(text) <= _TEXT_LENGTH or not text.isprintable()
        }
        if on > today(self._clock):
            errors["shipped_on"] = "Cette date est dans l’avenir."
        if errors:
            raise FieldErrors(errors)

        def attempt() -> Dispatch:
            dispatch = self.get(account_id, dispatch_id)
            if not dispatch.to_ship and any(s.tracking == tracking for s in dispatch.slots):
                return dispatch
            if not dispatch.to_ship:
                raise DomainError(
                    "Rien n’est réservé pour cet envoi\u00a0: approvisionnez le stock."
                )
            parcel = {"carrier": carrier, "tracking": tracking, "shipped_on": on}
            pods = [
                self._pod(dispatch.slots[rank].serial).after(
                    PodEvent.SHIP, at=self._clock.now(), by=by, why=tracking, **parcel
                )
                for rank in dispatch.to_ship
            ]
            for rank in dispatch.to_ship:
                dispatch = dispatch.with_slot(rank, **parcel)
            account = self._account(account_id)
            message = shipped_mail(account, dispatch, pods)
            return self._commit(dispatch, pods, "pods.shipped", by, message, tracking=tracking)

        return retry_on_conflict(attempt)

    def deliver(self, account_id: str, dispatch_id: str, *, on: date, by: str) -> Dispatch:
        """Note that what was sent was received on a Paris day, which starts P10 (POD-1).

        Raises FieldErrors for an impossible day, DomainError when nothing is on its way.
        """

        def attempt() -> Dispatch:
            dispatch = self.get(account_id, dispatch_id)
            ranks = [
                rank
                for rank, slot in enumerate(dispatch.slots)
                if slot.shipped_on and slot.is_awaited
            ]
            if not ranks and any(slot.received_on == on for slot in dispatch.slots):
                return dispatch
            if not ranks:
                raise DomainError("Rien n’est en route pour cet envoi.")
            return self._received(dispatch, ranks, on, by)

        return retry_on_conflict(attempt)

    def confirm_receipt(self, account_id: str, serial: str, by: str) -> None:
        """The client says an OmnyPod came, today, or that it is in use.  Again changes nothing.

        Raises NotFoundError, or DomainError when it is neither on its way nor there.
        """

        def attempt() -> None:
            pod = self._storage.pod(serial)
            if pod is None or pod.account_id != account_id:
                raise NotFoundError
            if pod.state is PodState.IN_USE:
                return
            if pod.state is PodState.SHIPPED:
                dispatch = self.get(account_id, pod.dispatch_id)
                self._received(dispatch, [pod.slot], today(self._clock), by)
                return
            used = pod.after(PodEvent.START_USE, at=self._clock.now(), by=by)
            facts = {"serials": [serial]}
            self._work.commit(
                *self._storage.save_pod(used, was_of=account_id),
                self._journal.entry(account_id, "pods.in_use", facts, by=by),
            )

        retry_on_conflict(attempt)

    def _received(self, dispatch: Dispatch, ranks: list[int], on: date, by: str) -> Dispatch:
        first = min(dispatch.slots[rank].shipped_on or on for rank in ranks)
        if not first <= on <= today(self._clock):
            raise FieldErrors(
                {"received_on": "Indiquez un jour entre l’expédition et aujourd’hui."}
            )
        pods = []
        for rank in ranks:
            pod = self._pod(dispatch.slots[rank].serial)
            pods.append(pod.after(PodEvent.DELIVER, at=self._clock.now(), by=by, delivered_on=on))
            dispatch = dispatch.with_slot(rank, received_on=on)
        message = pods_mail(
            MailName.POD_DELIVERED,
            self._account(dispatch.account_id),
            pods,
            key=f"pod_delivered:{dispatch.id}:{pods[0].serial}:{pods[0].movement_count}",
            received_on=on.isoformat(),
            last_day=last_day_to_withdraw(on).isoformat(),
            starts_withdrawal=dispatch.reason == "order" and not dispatch.awaited,
        )
        return self._commit(dispatch, pods, "pods.delivered", by, message, on=on.isoformat())
