"""What a client asks for, and whether it can be ordered at all (ORD-1).

Field names in the refusals are those of the order form: the fields of the second line begin with
``l2-``, those of the third with ``l3-``, and so on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.accounts.clients.account import Account, PostalAddress
from chalicelib.catalogue.catalogue import EXTRA_POD, Catalogue, Configuration
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.paper.legible import is_legible

MOST_DESKTOPS = 20
MOST_LINES = 5
NOT_ON_DOCUMENTS = "Ce nom contient un caractère que nos factures ne savent pas écrire."
NAME_LENGTH = 40
MONTHLY, ANNUAL = "monthly", "annual"
_POSTAL_CODE = re.compile(r"^\d{5}$")
_ADDRESS_LENGTH = 100


@dataclass(frozen=True)
class LineRequest:
    """Some desktops of one configuration, the same options on each.

    ``options`` are (code, quantity on each desktop); a missing user leaves the desktop to nobody
    yet.
    """

    configuration_code: str
    quantity: int = 1
    options: tuple[tuple[str, int], ...] = ()
    desktop_names: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()

    @property
    def given_names(self) -> tuple[str, ...]:
        """One name per desktop, an empty text where none was given."""
        names = (*self.desktop_names, *[""] * self.quantity)[: max(self.quantity, 0)]
        return tuple(" ".join(name.split()) for name in names)

    @property
    def users(self) -> tuple[str, ...]:
        """One user id per desktop, or an empty text."""
        return (*self.user_ids, *[""] * self.quantity)[: max(self.quantity, 0)]

    @property
    def wanted_options(self) -> tuple[tuple[str, int], ...]:
        """The options asked for, without those at zero."""
        return tuple((code, count) for code, count in self.options if count)

    def pods_of_each(self, configuration: Configuration) -> int:
        """Count the OmnyPods each of its desktops comes with (CGV art. 7; CAT-1, CAT-2)."""
        return int(configuration.pod_included) + dict(self.wanted_options).get(EXTRA_POD, 0)


@dataclass(frozen=True)
class OrderRequest:
    """One or several lines, and what holds for the order as a whole.

    Without a delivery address, the account's own is meant; without a payment mode, the one in use.
    The two boxes are a consumer's: asking for the service to start within the withdrawal period,
    and knowing what that costs who withdraws (law §5).
    """

    lines: tuple[LineRequest, ...]
    delivery_address: PostalAddress | None = None
    billing_plan: str = MONTHLY
    payment_mode: str = ""
    express_request: bool = False
    express_acknowledged: bool = False

    @property
    def desktop_count(self) -> int:
        """How many desktops are asked for."""
        return sum(line.quantity for line in self.lines)

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """One name per desktop, by line; "Bureau 3" where none was given."""
        number = 0
        named = []
        for line in self.lines:
            names = []
            for name in line.given_names:
                number += 1
                names.append(name or f"Bureau {number}")
            named.append(tuple(names))
        return tuple(named)


def line_prefix(number: int) -> str:
    """Give what the fields of a line begin with, lines being counted from 1."""
    return "" if number == 1 else f"l{number}-"


def needs_delivery(request: OrderRequest, catalogue: Catalogue) -> bool:
    """Tell whether an OmnyPod has to be delivered (CGV art. 7)."""
    known = {each.code: each for each in catalogue.configurations}
    return any(
        line.pods_of_each(known[line.configuration_code])
        for line in request.lines
        if line.configuration_code in known
    )


def check(
    request: OrderRequest,
    catalogue: Catalogue,
    day: date,
    account: Account,
    known_users: frozenset[str],
) -> None:
    """Refuse what cannot be ordered on a Paris day, every reason at once (ORD-1, CAT-4).

    Raises FieldErrors.
    """
    errors: dict[str, str] = {}
    offered = {each.code for each in catalogue.on_sale(day)}
    for number, line in enumerate(request.lines, start=1):
        errors |= _line_errors(line, line_prefix(number), offered, catalogue, day)
    if not errors.keys() & {f"{line_prefix(n + 1)}quantity" for n in range(len(request.lines))}:
        if request.desktop_count > MOST_DESKTOPS:
            errors["quantity"] = "Commandez de 1 à 20 bureaux à la fois."
        else:
            errors |= _desktop_errors(request, known_users)
    if needs_delivery(request, catalogue):
        errors |= _address_errors(request.delivery_address or account.address)
    errors |= _billing_errors(request, account)
    if not account.is_professional:
        errors |= _consumer_errors(request)
    if errors:
        raise FieldErrors(errors)


def _line_errors(
    line: LineRequest, prefix: str, offered: set[str], catalogue: Catalogue, day: date
) -> dict[str, str]:
    errors: dict[str, str] = {}
    if line.configuration_code not in offered:
        errors[f"{prefix}configuration"] = "Choisissez une configuration proposée à la vente."
    if not 1 <= line.quantity <= MOST_DESKTOPS:
        errors[f"{prefix}quantity"] = "Commandez de 1 à 20 bureaux à la fois."
    possible = {each.code for each in catalogue.options_with(line.configuration_code)}
    for code, count in line.wanted_options:
        if code in catalogue.names and code not in possible:
            errors[f"{prefix}option-{code}"] = (
                "Cette option n’existe pas pour la configuration choisie."
            )
            continue
        try:
            most = catalogue.option(code).most
            catalogue.price_on(code, day)
        except DomainError:
            errors[f"{prefix}option-{code}"] = "Cette option n’est pas proposée."
            continue
        if not 0 <= count <= most:
            errors[f"{prefix}option-{code}"] = "Cette quantité n’est pas proposée."
    return errors


def _desktops(request: OrderRequest) -> Iterator[tuple[str, int, str, str]]:
    """Give each desktop asked for: its line's prefix, rank in it, name and user."""
    for number, (line, names) in enumerate(zip(request.lines, request.names, strict=True), start=1):
        for rank, (name, user) in enumerate(zip(names, line.users, strict=True), start=1):
            yield line_prefix(number), rank, name, user


def _desktop_errors(request: OrderRequest, known_users: frozenset[str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    seen: set[str] = set()
    for prefix, rank, name, user in _desktops(request):
        if len(name) > NAME_LENGTH:
            errors[f"{prefix}name-{rank}"] = "Ce nom est trop long (40 caractères au plus)."
        elif not name.isprintable():
            errors[f"{prefix}name-{rank}"] = "Ce nom contient un caractère qui ne s’affiche pas."
        elif not is_legible(name):
            errors[f"{prefix}name-{rank}"] = NOT_ON_DOCUMENTS
        elif name.casefold() in seen:
            errors[f"{prefix}name-{rank}"] = "Un autre bureau de la commande porte déjà ce nom."
        seen.add(name.casefold())
        if user and user not in known_users:
            errors[f"{prefix}user-{rank}"] = "Choisissez une personne de votre compte."
    return errors


def _address_errors(address: PostalAddress) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not address.line1.strip():
        errors["line1"] = "Indiquez le numéro et la rue."
    if not address.city.strip():
        errors["city"] = "Indiquez la ville."
    if address.country == "FR" and not _POSTAL_CODE.match(address.postal_code):
        errors["postal_code"] = "Un code postal a cinq chiffres."
    for field in ("line1", "line2", "city", "postal_code"):
        line = getattr(address, field)
        if len(line) > _ADDRESS_LENGTH:
            errors[field] = "Cette ligne est trop longue."
        elif not line.isprintable() or not is_legible(line):
            errors[field] = "Texte trop long ou illisible\u00a0: 100 caractères au plus."
    return errors


def _billing_errors(request: OrderRequest, account: Account) -> dict[str, str]:
    """Only what the operator opened to the account can be chosen (CGV art. 8.1; CAT-4)."""
    errors: dict[str, str] = {}
    plans = {MONTHLY, ANNUAL} if account.annual_enabled else {MONTHLY}
    if request.billing_plan not in plans:
        errors["billing_plan"] = "Cette option de facturation n’est pas ouverte à votre compte."
    if request.payment_mode and request.payment_mode not in account.payment_modes:
        errors["payment_mode"] = "Ce mode de paiement n’est pas ouvert à votre compte."
    return errors


def _consumer_errors(request: OrderRequest) -> dict[str, str]:
    """Asking to start at once and knowing its price go together, or neither (law §5)."""
    if request.express_request and not request.express_acknowledged:
        return {"express_acknowledged": "Confirmez que vous en connaissez la conséquence."}
    if request.express_acknowledged and not request.express_request:
        return {
            "express_request": "Cochez aussi cette demande, ou décochez la case qui suit\u00a0: "
            "sans demande, le service commence après le délai de rétractation."
        }
    return {}
