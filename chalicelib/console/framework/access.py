"""Who may use a route: declared for each one in ``routes.py``, enforced before its view runs."""

from dataclasses import dataclass
from enum import StrEnum


class Access(StrEnum):
    """The audiences of a route.  Nobody outside one learns that the route exists."""

    PUBLIC = "public"
    CLIENT = "client"  # any signed-in user of an account
    MANAGER = "manager"  # owner, administrator
    BILLING = "billing"  # owner, administrator, billing
    OPERATOR = "operator"
    STRIPE = "stripe"  # signed by Stripe: checked by the view on the raw body


# Short names, for the tables of routes.
PUBLIC, CLIENT, MANAGER = Access.PUBLIC, Access.CLIENT, Access.MANAGER
BILLING, OPERATOR, STRIPE = Access.BILLING, Access.OPERATOR, Access.STRIPE

ROLES: dict[Access, frozenset[str]] = {
    Access.CLIENT: frozenset({"owner", "administrator", "billing", "user"}),
    Access.MANAGER: frozenset({"owner", "administrator"}),
    Access.BILLING: frozenset({"owner", "administrator", "billing"}),
    Access.OPERATOR: frozenset({"operator"}),
}


@dataclass(frozen=True)
class Route:
    """One page or action: ``view`` is ``module.function`` inside the console package."""

    method: str
    path: str
    access: Access
    view: str
    content_type: str = "application/x-www-form-urlencoded"
