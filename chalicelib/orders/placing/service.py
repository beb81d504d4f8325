"""Placing an order: summary, button, card (CGV art. 3, 6; ORD-1, ORD-2, LEG-3)."""

from datetime import timedelta

from chalicelib.accounts.clients.account import Account, AccountStatus, PaymentMode, User, manages
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Write
from chalicelib.orders.model.order import Order, OrderState, order_id_of, order_number
from chalicelib.orders.model.request import OrderRequest, check
from chalicelib.orders.placing.decisions import OrderDecisions
from chalicelib.orders.placing.summary import OrderSummary, SummaryChangedError, summarise

# An order left at the card step binds neither side for longer: prices and terms move on.
CARD_AWAITED_FOR = timedelta(hours=24)
_CLOSED = "Votre compte est fermé\u00a0: il ne peut pas commander."


class OrderService(OrderDecisions):
    """Orders, from the summary to the company's answer."""

    def summarise(self, account: Account, request: OrderRequest) -> OrderSummary:
        """Price a request and say what it binds to (LEG-3).

        Raises FieldErrors named after the order form, or DomainError when the account may not
        order.
        """
        if account.status is not AccountStatus.ACTIVE:
            raise DomainError(_CLOSED, article="4")
        users = frozenset(str(user.id) for user in self.accounts.users_of(account.id))
        check(request, self.catalogue.current(), self.recording.today(), account, users)
        return self.estimate(account, request)

    def estimate(self, account: Account, request: OrderRequest) -> OrderSummary:
        """Price a request that may still be incomplete: names, address, boxes do not matter.

        Raises DomainError for a configuration or an option that has no price today.
        """
        catalogue, day = self.catalogue.current(), self.recording.today()
        configurations = [
            catalogue.configuration(each.configuration_code) for each in request.lines
        ]
        return summarise(
            request,
            account,
            catalogue,
            on=day,
            vat_rate_percent=self.vat_rate(account, day),
            terms=self.terms.of_order(configurations, day),
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
        if not manages(user.role):
            raise DomainError("Seuls le propriétaire et les administrateurs peuvent commander.")
        order_id = order_id_of(account.id, order_key)

        def attempt() -> Order:
            known = self.storage.order(account.id, order_id)
            if known:
                return known
            summary = self.summarise(account, request)
            if shown is not None and shown != summary.shown:
                raise SummaryChangedError
            payer = self._paying_by(account, summary.payment_mode, user)
            order = self._new_order(order_id, account, user, summary)
            others: list[Write] = []
            if self._may_go_on(payer):
                order, others = self._placed(order, payer)
            self._commit(order, payer, *others, by=user.id, new=True)
            return order

        order = self.recording.again(attempt)
        # A card saved while we committed has not seen this order.
        return self.resume(self.accounts.account(account.id), order.id)

    def card_saved(self, account_id: str) -> None:
        """Move on the orders that only waited for a card; the stale ones end (ORD-2)."""
        account = self.accounts.account(AccountId(account_id))
        for found in list(self.storage.of_account(account_id)):
            if found.state is OrderState.AWAITING_CARD:
                self.recording.again(lambda found=found: self._card_saved(found, account))  # type: ignore[misc]

    def resume(self, account: Account, order_id: str) -> Order:
        """Move on an order that waits for a card already there, or for too long (ORD-2).

        Raises NotFoundError.
        """
        order = self.get(account.id, order_id)
        if order.state is OrderState.AWAITING_CARD and (
            self._is_stale(order) or self._may_go_on(account)
        ):
            self.recording.again(lambda: self._card_saved(order, account))
            return self.get(account.id, order_id)
        return order

    def _is_stale(self, order: Order) -> bool:
        return self.recording.now() - order.accepted_at > CARD_AWAITED_FOR

    def _card_saved(self, found: Order, account: Account) -> None:
        order = self.get(account.id, found.id)
        if order.state is not OrderState.AWAITING_CARD:
            return
        others: list[Write] = []
        if self._is_stale(order):
            moved = order.moved(OrderState.CANCELLED, cancelled_at=self.recording.now())
        else:
            moved, others = self._placed(order, account)
        self._commit(moved, account, *others, by="system")

    def _paying_by(self, account: Account, mode: str, user: User) -> Account:
        """Note the means of payment chosen with the order: one for all invoices (ORD-1, CAT-4)."""
        if mode == account.payment_mode:
            return account
        return self.accounts.choose_payment_mode(account.id, PaymentMode(mode), by=user.id)

    def _may_go_on(self, account: Account) -> bool:
        """Card clients need a card first; invoice mode was approved by the operator (ORD-2)."""
        return account.payment_mode is PaymentMode.INVOICE or self.has_card(account.id)

    def _new_order(
        self, order_id: str, account: Account, user: User, summary: OrderSummary
    ) -> Order:
        now = self.recording.now()
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
            billing_plan=summary.billing_plan,
            starts_on=summary.starts_on,
        )
