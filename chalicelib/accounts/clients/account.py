"""What an account and a user are (CGV art. 3, 4; ACC-1, ACC-4).

The *account* is the client, who pays; a *user* is a natural person inside it.  An operator is a
user without an account.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.foundation.ids import AccountId, UserId, new_id

LANGUAGES = ("fr", "en")


class AccountKind(StrEnum):
    """Who the client is in law: it decides VAT, withdrawal and late interest."""

    CONSUMER = "consumer"
    SOLE_TRADER = "sole_trader"
    COMPANY = "company"


class AccountStatus(StrEnum):
    """Whether the account may use the service (ACC-7)."""

    ACTIVE = "active"
    CLOSED = "closed"


class PaymentMode(StrEnum):
    """How the account pays; ``invoice`` needs the operator's approval (ORD-2, CAT-4)."""

    CARD = "card"
    INVOICE = "invoice"


class Role(StrEnum):
    """What a user may do (ACC-4); ``operator`` is the provider's staff."""

    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    BILLING = "billing"
    USER = "user"
    OPERATOR = "operator"


CLIENT_ROLES = (Role.OWNER, Role.ADMINISTRATOR, Role.BILLING, Role.USER)


def manages(role: Role) -> bool:
    """Tell whether a user of this role acts for the account: orders, assigns, accepts (ACC-4)."""
    return role in {Role.OWNER, Role.ADMINISTRATOR}


@dataclass(frozen=True)
class PostalAddress:
    """Where the client is; ``country`` is an ISO 3166 code, ``line2`` may be empty."""

    line1: str
    line2: str
    postal_code: str
    city: str
    country: str


@dataclass(frozen=True)
class Account:
    """The client.

    ``name`` is the legal name of a company and the full name of a person; ``first_name`` and
    ``last_name`` are those of the person or of the company's signatory.  ``order_limit_cents`` is
    the monthly amount, excl. VAT, up to which an order validates itself (ORD-3).  The operator
    opens paying on invoice and the annual commitment to an account; ``payment_mode`` is the one in
    use (CAT-4).
    """

    id: AccountId
    kind: AccountKind
    name: str
    email: str
    phone: str
    address: PostalAddress
    first_name: str
    last_name: str
    created_at: datetime
    legal_form: str = ""
    siren: str = ""
    vat_number: str = ""
    language: str = "fr"
    status: AccountStatus = AccountStatus.ACTIVE
    payment_mode: PaymentMode = PaymentMode.CARD
    order_limit_cents: int = 0
    invoice_approved: bool = False
    annual_enabled: bool = False
    marketing: bool = False
    version: int = 0

    @property
    def is_professional(self) -> bool:
        """Whether the client acts for a trade: everybody but the consumer."""
        return self.kind is not AccountKind.CONSUMER

    @property
    def payment_modes(self) -> tuple[PaymentMode, ...]:
        """The means of payment open to the client (CAT-4)."""
        if self.invoice_approved or self.payment_mode is PaymentMode.INVOICE:
            return (PaymentMode.CARD, PaymentMode.INVOICE)
        return (PaymentMode.CARD,)


@dataclass(frozen=True)
class User:
    """A person who signs in.  ``session_epoch`` moves on when every session must end at once."""

    id: UserId
    account_id: AccountId | None
    email: str
    full_name: str
    role: Role
    password_hash: str
    created_at: datetime
    email_verified_at: datetime | None = None
    language: str = "fr"
    session_epoch: int = 0
    version: int = 0

    @property
    def is_operator(self) -> bool:
        """Whether the user is of the provider's staff."""
        return self.role is Role.OPERATOR

    @property
    def is_verified(self) -> bool:
        """Whether the e-mail address was proved to be the user's (ACC-3)."""
        return self.email_verified_at is not None


def searchable(name: str) -> str:
    """Fold a name to lower-case ASCII words, so that "Édith" is found under "edi"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def new_user(  # noqa: PLR0913 - what a user is made of
    account_id: AccountId | None,
    email: str,
    full_name: str,
    role: Role,
    password_hash: str,
    *,
    at: datetime,
) -> User:
    """Make a user who is not stored yet."""
    return User(
        id=UserId(new_id("usr")),
        account_id=account_id,
        email=email,
        full_name=" ".join(full_name.split()),
        role=role,
        password_hash=password_hash,
        created_at=at,
    )
