"""Orders as they are kept: reading them, judging them by the limit, committing their next state.

CGV art. 3, 16, 17; ORD-3, ORD-5, EVD-1, P10.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from chalicelib.accounts.clients.account import Account, PostalAddress
from chalicelib.accounts.service import AccountService
from chalicelib.catalogue.service import CatalogueService
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.errors import NotFoundError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Write
from chalicelib.legal.policies import BILLED_FROM_CONFIRMATION
from chalicelib.legal.published_policies import ContractPolicies
from chalicelib.legal.recording import Recording
from chalicelib.orders.model.commitments import desktops_due_on, pods_due_on
from chalicelib.orders.model.limits import LimitUse, RentedDesktop, rented_cents
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.orders.model.request import MONTHLY
from chalicelib.orders.model.storage import OrderStorage
from chalicelib.orders.model.terms import OrderTerms
from chalicelib.orders.model.withdrawal_period import first_day_after
from chalicelib.orders.placing.announcements import facts_of, messages_of
from chalicelib.orders.placing.billing_start import billing_start


@dataclass(kw_only=True)
class OrderBook:
    """Reads orders and writes their next state, with what follows from it.

    What later domains know of an account is asked through functions: ``has_card``, whether a card
    is saved (ORD-2); ``rented``, its desktops, those deleted or failed too; ``pods_received_on``,
    the Paris day the last OmnyPod of an order came, None while one is missing (P10);
    ``vat_rate``, its VAT rate in percent on a Paris day (BIL-10).
    """

    storage: OrderStorage
    accounts: AccountService
    catalogue: CatalogueService
    terms: OrderTerms
    has_card: Callable[[str], bool]
    rented: Callable[[str], list[RentedDesktop]]
    pods_received_on: Callable[[str, str], date | None]
    vat_rate: Callable[[Account, date], Decimal]
    policies: ContractPolicies
    recording: Recording

    def queue(self) -> list[Order]:
        """Give the orders the company has to look at, oldest first (ORD-3)."""
        return list(self.storage.awaiting_validation())

    def awaiting_start(self) -> list[Order]:
        """Give the orders that wait for the end of a withdrawal period, oldest first."""
        return list(self.storage.awaiting_start())

    def recent(self, limit: int = 50) -> list[Order]:
        """Give the latest orders that wait for nobody of the company, newest first."""
        return list(self.storage.recent(limit))

    def accepted_in(self, month: BillingMonth) -> list[Order]:
        """Give the orders of a Paris month that wait for nobody of the company."""
        return list(self.storage.accepted_in(month))

    def of_account(self, account_id: str) -> list[Order]:
        """Give an account's orders, newest first."""
        orders = self.storage.of_account(account_id)
        return sorted(orders, key=lambda order: (order.accepted_at, order.id), reverse=True)

    def last_delivery_address(self, account_id: str) -> PostalAddress | None:
        """Give where an account's OmnyPods were last to be sent; None when it ordered none."""
        addresses = (order.delivery_address for order in self.of_account(account_id))
        return next((address for address in addresses if address), None)

    def get(self, account_id: str, order_id: str) -> Order:
        """Give an order of an account.  Raises NotFoundError."""
        order = self.storage.order(account_id, order_id)
        if order is None:
            raise NotFoundError
        return order

    def any(self, order_id: str) -> Order:
        """Give an order by its id alone, for workers and operators.  Raises NotFoundError."""
        account_id = self.storage.account_of(order_id)
        if account_id is None:
            raise NotFoundError
        return self.get(account_id, order_id)

    def limit_use(self, account: Account) -> LimitUse:
        """Give what an account rents against its limit; changes of configuration too (ORD-3)."""
        commitment = self.storage.commitment(account.id)  # before what is added up
        rented = rented_cents(self.storage.of_account(account.id), self.rented(account.id))
        return LimitUse(account.order_limit_cents, rented, commitment)

    def room_for(self, account_id: str, added_excl_vat_cents: int) -> list[Write] | None:
        """Give what the commit of so much more per month must hold; None when it needs approval.

        For what grows outside orders: a larger configuration, an option added later (ORD-3).
        """
        if added_excl_vat_cents <= 0:
            return []
        use = self.limit_use(self.accounts.account(AccountId(account_id)))
        if not use.allows(added_excl_vat_cents):
            return None
        return [self._grown(use, added_excl_vat_cents)]

    def _grown(self, use: LimitUse, added_excl_vat_cents: int) -> Write:
        grown = use.grown_by(added_excl_vat_cents, self.recording.now())
        return self.storage.save_commitment(grown)

    def _placed(self, order: Order, account: Account) -> tuple[Order, list[Write]]:
        """Complete an order: validated within the account's limit, else queued (ORD-3).

        Given with what its commit must hold, should nobody else have used the limit meanwhile.
        The annual commitment is negotiated: it always waits for the company (CGV art. 8.1(b)).
        """
        use = self.limit_use(account)
        placed = replace(
            order,
            placed_at=self.recording.now(),
            limit_cents=use.limit_cents,
            rented_cents=use.rented_cents,
        )
        if order.billing_plan == MONTHLY and use.allows(order.monthly_excl_vat_cents):
            grown = self._grown(use, order.monthly_excl_vat_cents)
            return self._agreed(placed, account, "system"), [grown]
        return placed.moved(OrderState.AWAITING_VALIDATION), []

    def _agreed(self, order: Order, account: Account, by: str) -> Order:
        """The company says yes: the service starts, or waits for the withdrawal period (law §5)."""
        now = self.recording.now()
        confirmed_on = paris_day(now)
        waits = not account.is_professional and not order.express_request
        starts_on = self._starts_on(order) if waits else None
        return order.moved(
            OrderState.AWAITING_START if waits else OrderState.VALIDATED,
            validated_at=now,
            validated_by=by,
            billable_at=None if waits else self._billable_at(order, account, now),
            starts_on=starts_on,
            desktop_due_on=None
            if waits and not starts_on
            else desktops_due_on(starts_on or confirmed_on),
            pod_due_on=pods_due_on(confirmed_on) if order.pod_due_on else None,
        )

    def _billable_at(self, order: Order, account: Account, confirmed_at: datetime) -> datetime:
        placed_at = order.placed_at or order.accepted_at
        later = self._from_confirmation(order, account)
        return billing_start(placed_at, confirmed_at, at_confirmation=later)

    def _from_confirmation(self, order: Order, account: Account) -> bool:
        """Tell which reading is in force on the day of the order: what the client was told (P2)."""
        return self.policies.applies(
            BILLED_FROM_CONFIRMATION,
            professional=account.is_professional,
            on=paris_day(order.placed_at or order.accepted_at),
        )

    def _starts_on(self, order: Order) -> date | None:
        """Give the first day after the withdrawal period, None while pods are awaited (P10)."""
        if order.pod_due_on:
            received_on = self.pods_received_on(order.account_id, order.id)
            return first_day_after(received_on) if received_on else None
        return first_day_after(paris_day(order.placed_at or order.accepted_at))

    def _commit(
        self, order: Order, account: Account, *others: Write, by: str, new: bool = False
    ) -> None:
        """Write the order, its journal entry and what follows from its state, together."""
        waits = order.state is OrderState.AWAITING_VALIDATION
        told_later = waits and self._from_confirmation(order, account)
        self.recording.commit(
            *(self.storage.add(order) if new else [self.storage.save(order)]),
            *([self.storage.watch_delivery(order)] if order.is_confirmed else []),
            *others,
            self.recording.entry(order.account_id, f"order.{order.state}", facts_of(order), by=by),
            *messages_of(order, account, from_confirmation=told_later),
        )
