"""Placing an order, and the company's validation (CGV art. 3, 6; ORD-1, ORD-2, ORD-3)."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.accounts.account import Account, AccountStatus, PaymentMode, Role, User
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal
from chalicelib.orders.announcements import facts_of, messages_of
from chalicelib.orders.commitments import desktops_due_on, pods_due_on
from chalicelib.orders.limits import rented_cents
from chalicelib.orders.order import Order, OrderState, order_id_of, order_number
from chalicelib.orders.ports import Accounts, Cards, Offer, OrderStore, Rented, Terms, VatRates
from chalicelib.orders.request import OrderRequest, check
from chalicelib.orders.summary import OrderSummary, SummaryChangedError, summarise

# An order left at the card step binds neither side for longer: prices and terms move on.
CARD_AWAITED_FOR = timedelta(hours=24)
_MAY_ORDER = {Role.OWNER, Role.ADMINISTRATOR}
_REASON_LENGTH = 1000
_SUSPENDED = "Votre compte est suspendu\u00a0: il ne peut pas commander."


class OrderService:
    """Orders, from the summary to the company's answer."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: OrderStore,
        accounts: Accounts,
        catalogue: Offer,
        terms: Terms,
        cards: Cards,
        rented: Rented,
        vat: VatRates,
        work: UnitOfWork,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._accounts = accounts
        self._catalogue = catalogue
        self._terms = terms
        self._cards = cards
        self._rented = rented
        self._vat = vat
        self._work = work
        self._journal = journal
        self._clock = clock

    def summarise(self, account: Account, request: OrderRequest) -> OrderSummary:
        """Price a request and say what it binds to (LEG-3).

        Raises FieldErrors named after the order form, or DomainError when the account may not
        order.
        """
        if account.status is not AccountStatus.ACTIVE:
            raise DomainError(_SUSPENDED, article="4")
        users = frozenset(str(user.id) for user in self._accounts.users_of(account.id))
        check(request, self._catalogue.current(), today(self._clock), account, users)
        return self.estimate(account, request)

    def estimate(self, account: Account, request: OrderRequest) -> OrderSummary:
        """Price a request that may still be incomplete: names, address, boxes do not matter.

        Raises DomainError for a configuration or an option that has no price today.
        """
        catalogue, day = self._catalogue.current(), today(self._clock)
        configuration = catalogue.configuration(request.configuration_code)
        return summarise(
            request,
            account,
            catalogue,
            on=day,
            vat_rate_percent=self._vat.rate_for(account, day),
            terms=self._terms.of_order(configuration, day),
        )

    def place(
        self,
        account: Account,
        user: User,
        request: OrderRequest,
        order_key: str,
        *,
        shown: str | None = None,
    ) -> Order:
        """Place the order of a form; the same ``order_key`` again gives the same order (ORD-1).

        ``shown`` is the ``OrderSummary.shown`` the client saw.  Raises SummaryChangedError when it
        is no longer true, FieldErrors or DomainError when the order cannot be placed.
        """
        if user.role not in _MAY_ORDER:
            raise DomainError("Seuls le propriétaire et les administrateurs peuvent commander.")
        order_id = order_id_of(account.id, order_key)

        def attempt() -> Order:
            known = self._storage.order(account.id, order_id)
            if known:
                return known
            summary = self.summarise(account, request)
            if shown is not None and shown != summary.shown:
                raise SummaryChangedError
            order = self._new_order(order_id, account, user, summary)
            placed = self._placed(order, account) if self._may_go_on(account) else order
            self._commit(placed, account, by=user.id, new=True)
            return placed

        order = retry_on_conflict(attempt)
        # A card saved while we committed has not seen this order.
        return self.resume(account, order.id)

    def card_saved(self, account_id: str) -> None:
        """Move on the orders that only waited for a card; the stale ones end (ORD-2)."""
        account = self._accounts.account(AccountId(account_id))
        for found in list(self._storage.of_account(account_id)):
            if found.state is OrderState.AWAITING_CARD:
                retry_on_conflict(lambda found=found: self._card_saved(found, account))  # type: ignore[misc]

    def resume(self, account: Account, order_id: str) -> Order:
        """Move on an order that waits for a card already there, or for too long (ORD-2).

        Raises NotFoundError.
        """
        order = self.get(account.id, order_id)
        if order.state is OrderState.AWAITING_CARD and (
            self._is_stale(order) or self._may_go_on(account)
        ):
            retry_on_conflict(lambda: self._card_saved(order, account))
            return self.get(account.id, order_id)
        return order

    def _is_stale(self, order: Order) -> bool:
        return self._clock.now() - order.accepted_at > CARD_AWAITED_FOR

    def _card_saved(self, found: Order, account: Account) -> None:
        order = self.get(account.id, found.id)
        if order.state is not OrderState.AWAITING_CARD:
            return
        if self._is_stale(order):
            moved = order.moved(OrderState.CANCELLED)
        else:
            moved = self._placed(order, account)
        self._commit(moved, account, by="system")

    def validate(self, order_id: str, by: str) -> Order:
        """The company confirms; the desktops are launched.  Again changes nothing (ORD-3).

        Raises NotFoundError, or DomainError when the order was refused or still lacks a card.
        """

        def attempt() -> Order:
            order = self.any(order_id)
            if order.state is OrderState.VALIDATED:
                return order
            validated = self._validated(order, by)
            self._commit(validated, self._accounts.account(AccountId(order.account_id)), by=by)
            return validated

        return retry_on_conflict(attempt)

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
                OrderState.REFUSED, refused_reason=reason, refused_at=self._clock.now()
            )
            self._commit(refused, self._accounts.account(AccountId(order.account_id)), by=by)
            return refused

        return retry_on_conflict(attempt)

    def cancel(self, account_id: str, order_id: str, by: str) -> Order:
        """The client gives up an order that still waits for a card.  Again changes nothing.

        Raises NotFoundError, or DomainError once the order is placed.
        """

        def attempt() -> Order:
            order = self.get(account_id, order_id)
            if order.state is OrderState.CANCELLED:
                return order
            cancelled = order.moved(OrderState.CANCELLED)
            self._commit(cancelled, self._accounts.account(AccountId(account_id)), by=by)
            return cancelled

        return retry_on_conflict(attempt)

    def queue(self) -> list[Order]:
        """Give the orders the company has to look at, oldest first (ORD-3)."""
        return list(self._storage.awaiting_validation())

    def recent(self, limit: int = 50) -> list[Order]:
        """Give the latest orders that wait for nobody of the company, newest first."""
        return list(self._storage.recent(limit))

    def of_account(self, account_id: str) -> list[Order]:
        """Give an account's orders, newest first."""
        orders = self._storage.of_account(account_id)
        return sorted(orders, key=lambda order: (order.accepted_at, order.id), reverse=True)

    def get(self, account_id: str, order_id: str) -> Order:
        """Give an order of an account.  Raises NotFoundError."""
        order = self._storage.order(account_id, order_id)
        if order is None:
            raise NotFoundError
        return order

    def any(self, order_id: str) -> Order:
        """Give an order by its id alone, for workers and operators.  Raises NotFoundError."""
        account_id = self._storage.account_of(order_id)
        if account_id is None:
            raise NotFoundError
        return self.get(account_id, order_id)

    def _may_go_on(self, account: Account) -> bool:
        """Card clients need a card first; invoice mode was approved by the operator (ORD-2)."""
        return account.payment_mode is PaymentMode.INVOICE or self._cards.has_card(account.id)

    def _new_order(
        self, order_id: str, account: Account, user: User, summary: OrderSummary
    ) -> Order:
        now = self._clock.now()
        return Order(
            id=order_id,
            account_id=account.id,
            number=order_number(order_id, paris_day(now)),
            lines=summary.lines,
            payment_mode=summary.payment_mode,
            delivery_address=summary.delivery_address,
            vat_rate_percent=str(summary.vat_rate_percent),
            monthly_excl_vat_cents=summary.monthly_excl_vat_cents,
            monthly_incl_vat_cents=summary.monthly_incl_vat_cents,
            express_request=summary.request.express_request,
            terms=summary.terms,
            ordered_by=user.id,
            state=OrderState.AWAITING_CARD,
            accepted_at=now,
            desktop_due_on=summary.desktop_due_on,
            pod_due_on=summary.pod_due_on,
            catalogue_version=summary.catalogue_version,
        )

    def _placed(self, order: Order, account: Account) -> Order:
        """Complete an order: validated within the account's limit, else queued (ORD-3)."""
        placed = replace(order, placed_at=self._clock.now())
        rented = rented_cents(self._storage.of_account(account.id), self._rented.ended(account.id))
        if rented + order.monthly_excl_vat_cents <= account.order_limit_cents:
            return self._validated(placed, "system")
        return placed.moved(OrderState.AWAITING_VALIDATION)

    def _validated(self, order: Order, by: str) -> Order:
        now = self._clock.now()
        confirmed_on = paris_day(now)
        return order.moved(
            OrderState.VALIDATED,
            validated_at=now,
            validated_by=by,
            desktop_due_on=desktops_due_on(confirmed_on),
            pod_due_on=pods_due_on(confirmed_on) if order.pod_due_on else None,
        )

    def _commit(self, order: Order, account: Account, *, by: str, new: bool = False) -> None:
        """Write the order, its journal entry and what follows from its state, together."""
        self._work.commit(
            *(self._storage.add(order) if new else [self._storage.save(order)]),
            self._journal.entry(order.account_id, f"order.{order.state}", facts_of(order), by=by),
            *messages_of(order, account),
        )
