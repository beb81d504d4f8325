"""What a client asks for, and whether it can be ordered at all (ORD-1).

Field names in the refusals are those of the order form.
"""

import re
from dataclasses import dataclass
from datetime import date

from chalicelib.accounts.account import Account, PostalAddress
from chalicelib.catalogue.catalogue import EXTRA_POD, Catalogue, Configuration
from chalicelib.foundation.errors import DomainError, FieldErrors

MOST_DESKTOPS = 20
NAME_LENGTH = 40
_POSTAL_CODE = re.compile(r"^\d{5}$")
_ADDRESS_LENGTH = 100


@dataclass(frozen=True)
class OrderRequest:
    """One configuration, some desktops, the same options on each.

    ``options`` are (code, quantity on each desktop); a missing name becomes "Bureau 3", a missing
    user leaves the desktop to nobody yet; without a delivery address, the account's own is meant.
    """

    configuration_code: str
    quantity: int = 1
    options: tuple[tuple[str, int], ...] = ()
    desktop_names: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    delivery_address: PostalAddress | None = None
    express_request: bool = False
    express_acknowledged: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """One name per desktop."""
        given = (*self.desktop_names, *[""] * self.quantity)[: self.quantity]
        return tuple(
            " ".join(name.split()) or f"Bureau {n}" for n, name in enumerate(given, start=1)
        )

    @property
    def users(self) -> tuple[str, ...]:
        """One user id per desktop, or an empty text."""
        return (*self.user_ids, *[""] * self.quantity)[: self.quantity]

    @property
    def wanted_options(self) -> tuple[tuple[str, int], ...]:
        """The options asked for, without those at zero."""
        return tuple((code, count) for code, count in self.options if count)


def needs_delivery(request: OrderRequest, configuration: Configuration) -> bool:
    """Tell whether an OmnyPod has to be delivered (CGV art. 7)."""
    return configuration.pod_included or any(
        code == EXTRA_POD for code, _ in request.wanted_options
    )


def check(
    request: OrderRequest,
    catalogue: Catalogue,
    day: date,
    account: Account,
    known_users: frozenset[str],
) -> None:
    """Refuse what cannot be ordered on a Paris day, every reason at once (ORD-1).

    Raises FieldErrors.
    """
    errors: dict[str, str] = {}
    offered = {each.code: each for each in catalogue.on_sale(day)}
    configuration = offered.get(request.configuration_code)
    if configuration is None:
        errors["configuration"] = "Choisissez une configuration proposée à la vente."
    if not 1 <= request.quantity <= MOST_DESKTOPS:
        errors["quantity"] = "Commandez de 1 à 20 bureaux à la fois."
    else:
        errors |= _desktop_errors(request, known_users)
    errors |= _option_errors(request, catalogue, day)
    if configuration and needs_delivery(request, configuration):
        errors |= _address_errors(request.delivery_address or account.address)
    if not account.is_professional:
        errors |= _consumer_errors(request)
    if errors:
        raise FieldErrors(errors)


def _desktop_errors(request: OrderRequest, known_users: frozenset[str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    seen: set[str] = set()
    for number, name in enumerate(request.names, start=1):
        if len(name) > NAME_LENGTH:
            errors[f"name-{number}"] = "Ce nom est trop long (40 caractères au plus)."
        elif not name.isprintable():
            errors[f"name-{number}"] = "Ce nom contient un caractère qui ne s’affiche pas."
        elif name.casefold() in seen:
            errors[f"name-{number}"] = "Un autre bureau de la commande porte déjà ce nom."
        seen.add(name.casefold())
    for number, user_id in enumerate(request.users, start=1):
        if user_id and user_id not in known_users:
            errors[f"user-{number}"] = "Choisissez une personne de votre compte."
    return errors


def _option_errors(request: OrderRequest, catalogue: Catalogue, day: date) -> dict[str, str]:
    errors: dict[str, str] = {}
    for code, count in request.wanted_options:
        try:
            most = catalogue.option(code).most
            catalogue.price_on(code, day)
        except DomainError:
            errors[f"option-{code}"] = "Cette option n’est pas proposée."
            continue
        if not 0 <= count <= most:
            errors[f"option-{code}"] = "Cette quantité n’est pas proposée."
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
        elif not line.isprintable():
            errors[field] = "Texte trop long ou illisible\u00a0: 100 caractères au plus."
    return errors


def _consumer_errors(request: OrderRequest) -> dict[str, str]:
    """A consumer's desktops start within the withdrawal period: only if asked for (law §5)."""
    errors: dict[str, str] = {}
    if not request.express_request:
        errors["express_request"] = (
            "Vos bureaux sont mis en service avant la fin du délai de rétractation\u00a0: "
            "demandez-le expressément pour commander."
        )
    if not request.express_acknowledged:
        errors["express_acknowledged"] = "Confirmez que vous en connaissez la conséquence."
    return errors
