"""What an order would cost, deliver and bind to, before the client says yes (LEG-3)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chalicelib.accounts.clients.account import Account, PostalAddress
from chalicelib.catalogue.catalogue import Catalogue, Configuration
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.money import from_cents, round_half_up, to_cents
from chalicelib.orders.model.commitments import desktops_due_on, pods_due_on
from chalicelib.orders.model.order import AcceptedTerms, OrderLine
from chalicelib.orders.model.request import LineRequest, OrderRequest, needs_delivery
from chalicelib.orders.model.withdrawal_period import first_day_after


class SummaryChangedError(DomainError):
    """A price or a document changed between the summary and the click: show the new one."""

    def __init__(self) -> None:
        super().__init__(
            "Un prix ou un document a changé depuis l’affichage de ce récapitulatif. "
            "Rien n’est commandé\u00a0: vérifiez le nouveau, puis confirmez."
        )


@dataclass(frozen=True)
class OrderSummary:
    """Everything the summary page shows, as of one Paris day.

    ``configurations`` has one per line.  Amounts are monthly, in cents; ``vat_rate_percent`` is 20
    for 20 %.  Without a consumer's express request the service ``waits_for_withdrawal``: it starts
    on ``starts_on``, unknown when it depends on OmnyPods still to be received (law §5; P10).
    """

    request: OrderRequest
    on: date
    configurations: tuple[Configuration, ...]
    lines: tuple[OrderLine, ...]
    vat_rate_percent: Decimal
    monthly_excl_vat_cents: int
    monthly_incl_vat_cents: int
    desktop_due_on: date
    pod_due_on: date | None
    delivery_address: PostalAddress | None
    payment_mode: str
    billing_plan: str
    starts_on: date | None
    waits_for_withdrawal: bool
    terms: tuple[AcceptedTerms, ...]
    catalogue_version: int = 0

    @property
    def monthly_vat_cents(self) -> int:
        """The VAT of a month."""
        return self.monthly_incl_vat_cents - self.monthly_excl_vat_cents

    @property
    def shown(self) -> str:
        """What the click binds to, as one text: compared when the form comes back."""
        prices = [f"{code}={cents}" for line in self.lines for code, cents in line.unit_prices]
        terms = [f"{each.kind}={each.version}" for each in self.terms]
        total = f"{self.monthly_excl_vat_cents}+{self.monthly_vat_cents}"
        return " ".join([total, *prices, *terms, self.billing_plan, self.payment_mode])


def price_incl_vat(cents: int, rate_percent: Decimal) -> int:
    """Add VAT to a monthly price, in cents, half up (CAT-3)."""
    return to_cents(round_half_up(from_cents(cents) * (100 + rate_percent) / 100))


def summarise(  # noqa: PLR0913 - what a price depends on
    request: OrderRequest,
    account: Account,
    catalogue: Catalogue,
    *,
    on: date,
    vat_rate_percent: Decimal,
    terms: tuple[AcceptedTerms, ...],
) -> OrderSummary:
    """Price a request that ``request.check`` accepted (LEG-3, CAT-3).

    VAT is computed once, on the month's total, as on the invoice.
    """
    configurations = tuple(
        catalogue.configuration(each.configuration_code) for each in request.lines
    )
    lines = tuple(
        _line(line, names, configuration, catalogue, on)
        for line, names, configuration in zip(
            request.lines, request.names, configurations, strict=True
        )
    )
    excl_vat = sum(line.monthly_excl_vat_cents * line.quantity for line in lines)
    delivers = needs_delivery(request, catalogue)
    waits = not account.is_professional and not request.express_request
    starts_on = first_day_after(on) if waits and not delivers else None
    return OrderSummary(
        request=request,
        on=on,
        configurations=configurations,
        lines=lines,
        vat_rate_percent=vat_rate_percent,
        monthly_excl_vat_cents=excl_vat,
        monthly_incl_vat_cents=price_incl_vat(excl_vat, vat_rate_percent),
        desktop_due_on=desktops_due_on(starts_on or on),
        pod_due_on=pods_due_on(on) if delivers else None,
        delivery_address=(request.delivery_address or account.address) if delivers else None,
        payment_mode=request.payment_mode or account.payment_mode,
        billing_plan=request.billing_plan,
        starts_on=starts_on,
        waits_for_withdrawal=waits,
        terms=terms,
        catalogue_version=catalogue.version,
    )


def _line(
    request: LineRequest,
    names: tuple[str, ...],
    configuration: Configuration,
    catalogue: Catalogue,
    on: date,
) -> OrderLine:
    own_price = catalogue.price_on(configuration.code, on)
    options = [
        (code, count, catalogue.price_on(code, on)) for code, count in request.wanted_options
    ]
    return OrderLine(
        configuration_code=configuration.code,
        name=configuration.name.fr,
        quantity=request.quantity,
        desktop_names=names,
        user_ids=request.users,
        option_codes=request.wanted_options,
        unit_prices=(
            (configuration.code, own_price),
            *((code, price) for code, _, price in options),
        ),
        monthly_excl_vat_cents=own_price + sum(count * price for _, count, price in options),
    )
