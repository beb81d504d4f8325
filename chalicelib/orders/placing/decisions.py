"""What is decided of an order once placed: yes, no, given up, started (ORD-3, law §5)."""

import logging
from dataclasses import replace

from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.orders.model.commitments import desktops_due_on
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.orders.placing.book import OrderBook

log = logging.getLogger(__name__)
_REASON_LENGTH = 1000


class OrderDecisions(OrderBook):
    """The company's answer, the client's change of mind, and the start of what waited."""

    def validate(self, order_id: str, by: str) -> Order:
        """The company confirms; the desktops are launched.  Again changes nothing (ORD-3).

        A consumer who did not ask for an early start waits for the end of the withdrawal period.
        Raises NotFoundError, or DomainError when the order was refused or still lacks a card.
        """

        def attempt() -> Order:
            order = self.any(order_id)
            if order.is_confirmed:
                return order
            account = self.accounts.account(AccountId(order.account_id))
            if order.state is OrderState.AWAITING_CARD:
                order.moved(OrderState.REFUSED)  # raises: it still waits for the client
            # Counted whatever the limit: who orders more at the same time must see it.
            grown = self._grown(self.limit_use(account), order.monthly_excl_vat_cents)
            validated = self._agreed(order, account, by)
            self._commit(validated, account, grown, by=by)
            return validated

        return self.recording.again(attempt)

    def refuse(self, order_id: str, reason: str, by: str) -> Order:
        """The company refuses, with a reason the client is sent; nothing is billed (ORD-3, P2).

        Raises FieldErrors without a reason, NotFoundError, or DomainError when already decided.
        """
        reason = reason.strip()
        if not reason:
            raise FieldErrors({"reason": "Donnez la raison\u00a0: elle est envoyée au client."})
        if len(reason) > _REASON_LENGTH:
            raise FieldErrors(
                {"reason": "Cette raison est trop longue (1 000 caractères au plus)."}
            )

        def attempt() -> Order:
            order = self.any(order_id)
            if order.state is OrderState.REFUSED and order.refused_reason == reason:
                return order
            refused = order.moved(
                OrderState.REFUSED, refused_reason=reason, refused_at=self.recording.now()
            )
            self._commit(refused, self.accounts.account(AccountId(order.account_id)), by=by)
            return refused

        return self.recording.again(attempt)

    def cancel(self, account_id: str, order_id: str, by: str) -> Order:
        """The client gives up an order for which no desktop was launched.  Again changes nothing.

        Nothing is billed.  Raises NotFoundError, or DomainError once the desktops are launched.
        """

        def attempt() -> Order:
            order = self.get(account_id, order_id)
            if order.state is OrderState.CANCELLED:
                return order
            cancelled = order.moved(OrderState.CANCELLED, cancelled_at=self.recording.now())
            self._commit(cancelled, self.accounts.account(AccountId(account_id)), by=by)
            return cancelled

        return self.recording.again(attempt)

    def start_now(
        self, account_id: str, order_id: str, *, requested: bool, acknowledged: bool, by: str
    ) -> Order:
        """The consumer asks, after all, for the service to start at once (law §5).

        Both declarations are needed and journaled.  Raises FieldErrors when one is missing,
        NotFoundError, or DomainError when the order does not wait.
        """
        errors: dict[str, str] = {}
        if not requested:
            errors["express_request"] = "Cochez cette demande pour commencer sans attendre."
        if not acknowledged:
            errors["express_acknowledged"] = "Confirmez que vous en connaissez la conséquence."
        if errors:
            raise FieldErrors(errors)

        def attempt() -> Order:
            order = self.get(account_id, order_id)
            if order.state is OrderState.VALIDATED:
                return order
            if order.state is not OrderState.AWAITING_START:
                raise DomainError("Seule une commande confirmée qui attend peut commencer.")
            return self._start(replace(order, express_request=True), by)

        return self.recording.again(attempt)

    def start_due(self) -> int:
        """Start the orders whose withdrawal period is over; tell how many (law §5; P10).

        What is due follows from the dates: a missed day is made up for, and never billed.
        """
        started = 0
        for found in self.awaiting_start():
            try:
                started += self.recording.again(lambda found=found: self._start_if_due(found))  # type: ignore[misc]
            except DomainError:
                log.exception("order %s could not be started", found.id)
        return started

    def _start_if_due(self, found: Order) -> bool:
        order = self.get(found.account_id, found.id)
        if order.state is not OrderState.AWAITING_START:
            return False
        starts_on = self._starts_on(order)
        if starts_on and starts_on <= self.recording.today():
            self._start(replace(order, starts_on=starts_on), "system")
            return True
        if starts_on != order.starts_on:
            due_on = desktops_due_on(starts_on) if starts_on else None
            known = replace(order, starts_on=starts_on, desktop_due_on=due_on)
            self.recording.commit(self.storage.save(known))
        return False

    def _start(self, order: Order, by: str) -> Order:
        """Launch the desktops of an order that waited; billed from this instant (P2)."""
        day = self.recording.today()
        started = order.moved(
            OrderState.VALIDATED,
            billable_at=self.recording.now(),
            starts_on=day,
            desktop_due_on=desktops_due_on(day),
        )
        self._commit(started, self.accounts.account(AccountId(order.account_id)), by=by)
        return started
