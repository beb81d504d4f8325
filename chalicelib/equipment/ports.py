"""What the services of OmnyPods need from outside."""

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from chalicelib.accounts.account import Account
from chalicelib.billing.invoices.invoice import ChargeKind
from chalicelib.catalogue.catalogue import Catalogue, Label
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.equipment.cases import Cause, PodCase
from chalicelib.equipment.dispatch import Dispatch
from chalicelib.equipment.pod import Pod
from chalicelib.equipment.pod_prices import PodPrice
from chalicelib.equipment.pod_states import PodState
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.tables import Put, Write
from chalicelib.orders.order import Order


class EquipmentStore(Protocol):
    """Pods, dispatches, cases and prices; saving gives the writes, it writes nothing itself."""

    def pod(self, serial: str) -> Pod | None:
        """Read a pod."""

    def pods_of(self, account_id: str) -> Iterator[Pod]:
        """Read the pods reserved for, or held by an account."""

    def in_state(self, state: PodState, limit: int | None = None) -> Iterator[Pod]:
        """Read the pods in a state, those longest in stock first."""

    def save_pod(self, pod: Pod, *, was_of: str = "") -> list[Write]:
        """Give the writes of a pod; ``was_of`` is the account it was of until now."""

    def dispatch(self, account_id: str, dispatch_id: str) -> Dispatch | None:
        """Read a dispatch of an account."""

    def dispatches_of(self, account_id: str) -> Iterator[Dispatch]:
        """Read the dispatches of an account."""

    def awaited(self) -> Iterator[Dispatch]:
        """Read the dispatches of which something is awaited, the earliest due first."""

    def save_dispatch(self, dispatch: Dispatch) -> Put:
        """Give the write of a dispatch."""

    def case(self, account_id: str, case_id: str) -> PodCase | None:
        """Read a case of an account."""

    def cases_of(self, account_id: str) -> Iterator[PodCase]:
        """Read the cases of an account."""

    def cases(self, *, is_open: bool, limit: int | None = None) -> Iterator[PodCase]:
        """Read the open cases, oldest first, or the decided ones, newest first."""

    def save_case(self, case: PodCase) -> Put:
        """Give the write of a case."""

    def prices(self) -> list[PodPrice]:
        """Read the prices the operator added."""

    def add_price(self, price: PodPrice) -> Put:
        """Give the write of a price; refused when that cause has one from that day."""


class Accounts(Protocol):
    """The clients."""

    def account(self, account_id: AccountId) -> Account:
        """Give an account.  Raises NotFoundError."""


class Orders(Protocol):
    """The orders."""

    def any(self, order_id: str) -> Order:
        """Give an order by its id alone.  Raises NotFoundError."""


class Catalogues(Protocol):
    """The catalogue, as it is and as it was."""

    def current(self) -> Catalogue:
        """Give the published catalogue."""

    def version(self, version: int) -> Catalogue:
        """Give the catalogue as it was published that time.  Raises NotFoundError."""


class Desktops(Protocol):
    """The desktops pods go with."""

    def of_account(self, account_id: str) -> list[Desktop]:
        """Give every desktop of an account, deleted ones included."""


class Charges(Protocol):
    """What has something billed once, by the next invoice (BIL-9)."""

    def add(  # noqa: PLR0913 - what a charge is made of
        self,
        account_id: AccountId,
        kind: ChargeKind,
        label: Label,
        *,
        unit_excl_vat_cents: int,
        quantity: int,
        on: date,
        reason: str,
        by: str,
        key: str,
        evidence: str = "",
    ) -> object:
        """Add a charge; the same ``key`` again adds nothing.  Raises FieldErrors."""


class PriceList(Protocol):
    """The dated price list of OmnyPods."""

    def price_on(self, cause: Cause, day: date) -> int | None:
        """Give the price of a cause on a Paris day, in cents excl. VAT."""
