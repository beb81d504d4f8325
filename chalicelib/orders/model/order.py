"""An order as it was placed, and the states it goes through (CGV art. 3, 6; ORD-1, ORD-3)."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.accounts.clients.account import PostalAddress
from chalicelib.foundation.errors import DomainError

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class OrderState(StrEnum):
    """Where an order stands; the last three are final.

    ``AWAITING_START``: the company confirmed it, and the consumer did not ask for the service to
    start within the withdrawal period: desktops wait for its end (law §5).
    """

    AWAITING_CARD = "awaiting_card"
    AWAITING_VALIDATION = "awaiting_validation"
    AWAITING_START = "awaiting_start"
    VALIDATED = "validated"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class OrderLine:
    """Some desktops of one configuration, each with the same options.

    ``desktop_names`` and ``user_ids`` (empty text: nobody yet) have one entry per desktop.
    ``option_codes`` are (code, quantity on each desktop); ``unit_prices`` are (code, monthly cents
    excl. VAT), the configuration's own first; ``monthly_excl_vat_cents`` is one desktop's month,
    options included.
    """

    configuration_code: str
    name: str
    quantity: int
    desktop_names: tuple[str, ...]
    user_ids: tuple[str, ...]
    option_codes: tuple[tuple[str, int], ...]
    unit_prices: tuple[tuple[str, int], ...]
    monthly_excl_vat_cents: int


@dataclass(frozen=True)
class AcceptedTerms:
    """A legal document as it stood when the client accepted it (ACC-2, LEG-4)."""

    kind: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Order:
    """What a client ordered, at the prices and under the documents shown to them.

    ``accepted_at`` is the instant of the button; ``placed_at`` the one at which the order is
    complete (card saved where one is needed); ``validated_at`` that of the company's confirmation.
    ``billable_at`` is the one from which desktops are billed (P2): see ``billing_start.py``, or,
    when the order waited for the end of the withdrawal period, that of its start.  ``starts_on``
    is the first day after that period, unknown while OmnyPods are on their way (P10).
    ``desktop_due_on`` counts from the company's confirmation, from the order until then (ORD-5).
    ``confirmed_at`` is when the confirmation on paper went out (LEG-4).  ``limit_cents`` and
    ``rented_cents`` are what the validation was judged by (ORD-3).
    """

    id: str
    account_id: str
    number: str
    lines: tuple[OrderLine, ...]
    payment_mode: str
    delivery_address: PostalAddress | None
    vat_rate_percent: str
    monthly_excl_vat_cents: int
    monthly_incl_vat_cents: int
    express_request: bool
    terms: tuple[AcceptedTerms, ...]
    ordered_by: str
    state: OrderState
    accepted_at: datetime
    placed_at: datetime | None = None
    validated_at: datetime | None = None
    validated_by: str = ""
    refused_at: datetime | None = None
    refused_reason: str = ""
    desktop_due_on: date | None = None
    pod_due_on: date | None = None
    confirmed_at: datetime | None = None
    catalogue_version: int = 0
    billing_plan: str = "monthly"
    starts_on: date | None = None
    cancelled_at: datetime | None = None
    limit_cents: int = 0
    rented_cents: int = 0
    billable_at: datetime | None = None
    version: int = 0

    @property
    def desktop_count(self) -> int:
        """How many desktops are ordered."""
        return sum(line.quantity for line in self.lines)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something before desktops are launched."""
        return self.state in {OrderState.AWAITING_CARD, OrderState.AWAITING_VALIDATION}

    @property
    def is_confirmed(self) -> bool:
        """Whether the company said yes."""
        return self.state in {OrderState.AWAITING_START, OrderState.VALIDATED}

    @property
    def can_be_cancelled(self) -> bool:
        """Whether the client may still give it up: no desktop was launched for it."""
        return self.is_open or self.state is OrderState.AWAITING_START

    @property
    def document_key(self) -> str:
        """Where the order's PDF is stored."""
        return f"orders/{self.account_id}/{self.id}.pdf"

    def moved(self, state: OrderState, **changes: object) -> "Order":
        """Give the order in its next state.  Raises DomainError when it cannot go there."""
        if state not in _NEXT[self.state]:
            raise DomainError(_REFUSALS[self.state], number=self.number)
        return replace(self, state=state, **changes)  # type: ignore[arg-type]


_YES = {OrderState.VALIDATED, OrderState.AWAITING_START}
_NEXT: dict[OrderState, frozenset[OrderState]] = {
    OrderState.AWAITING_CARD: frozenset(
        {OrderState.AWAITING_VALIDATION, OrderState.CANCELLED, *_YES}
    ),
    OrderState.AWAITING_VALIDATION: frozenset({OrderState.REFUSED, OrderState.CANCELLED, *_YES}),
    OrderState.AWAITING_START: frozenset({OrderState.VALIDATED, OrderState.CANCELLED}),
    OrderState.VALIDATED: frozenset(),
    OrderState.REFUSED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}
_REFUSALS: dict[OrderState, str] = {
    OrderState.AWAITING_CARD: "La commande %(number)s attend encore l’enregistrement d’une carte.",
    OrderState.AWAITING_VALIDATION: "La commande %(number)s est en cours de validation.",
    OrderState.AWAITING_START: "La commande %(number)s est confirmée et attend son démarrage.",
    OrderState.VALIDATED: "La commande %(number)s est déjà validée\u00a0: pour y mettre fin, "
    "supprimez ses bureaux ou usez de votre droit de rétractation.",
    OrderState.REFUSED: "La commande %(number)s a déjà été refusée.",
    OrderState.CANCELLED: "La commande %(number)s est annulée.",
}


def order_id_of(account_id: str, order_key: str) -> str:
    """Derive the order's id from the key of the form that places it (ORD-1).

    The same form, sent twice by a double click, a retry or a replay, names the same order.
    """
    number = int(hashlib.sha256(f"{account_id}\n{order_key}".encode()).hexdigest(), 16)
    letters = []
    for _ in range(20):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "ord_" + "".join(letters)


def order_number(order_id: str, accepted_on: date) -> str:
    """Give the number people read: the day, then the start of the id."""
    return f"C-{accepted_on:%Y%m%d}-{order_id[4:9].upper()}"
