"""Which legal documents an order binds to, and which go out with its confirmation (LEG-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chalicelib.catalogue.catalogue import Configuration
from chalicelib.foundation.errors import DomainError, NotFoundError
from chalicelib.legal.documents import CGV, LICENCE, LegalDocument
from chalicelib.legal.library import LegalDocuments
from chalicelib.orders.model.order import AcceptedTerms, Order

_OUR_PAGES = "/legal/"


@dataclass(kw_only=True)
class OrderTerms:
    """Finds the terms of sale and the licences in force."""

    library: LegalDocuments

    def of_order(
        self, configurations: Iterable[Configuration], day: date
    ) -> tuple[AcceptedTerms, ...]:
        """Give the documents an order of that day accepts: terms of sale first, then licences.

        Raises DomainError when one is not published.
        """
        licences = (kind for each in configurations for kind in licence_kinds(each))
        return tuple(
            AcceptedTerms(*self._in_force(kind, day).reference)
            for kind in (CGV, *dict.fromkeys(licences))
        )

    def _in_force(self, kind: str, day: date) -> LegalDocument:
        try:
            return self.library.in_force(kind, day)
        except NotFoundError as missing:
            raise DomainError(
                "Le document « %(kind)s » n’est pas publié\u00a0: la commande n’est pas possible.",
                kind=kind,
            ) from missing


def licence_kinds(configuration: Configuration) -> tuple[str, ...]:
    """Name the licences published here; those on an editor's own site are only linked."""
    addresses = (licence.licence_url for licence in configuration.licences)
    kinds = (address.removeprefix(_OUR_PAGES) for address in addresses if _OUR_PAGES in address)
    return tuple(dict.fromkeys(kind for kind in kinds if kind.startswith(LICENCE)))


def new_licences(order: Order, orders: Iterable[Order]) -> list[AcceptedTerms]:
    """Give the licences of an order that no earlier order of the account had (CGV art. 6; LEG-4).

    Earlier means validated earlier, so that the answer is the same whenever it is asked.
    """
    known = {
        (terms.kind, terms.version)
        for other in orders
        if other.id != order.id and _validated_before(other, order)
        for terms in other.terms
    }
    return [
        terms
        for terms in order.terms
        if terms.kind.startswith(LICENCE) and (terms.kind, terms.version) not in known
    ]


def _validated_before(other: Order, order: Order) -> bool:
    if not other.is_confirmed or not other.validated_at or not order.validated_at:
        return False
    return (other.validated_at, other.id) < (order.validated_at, order.id)
