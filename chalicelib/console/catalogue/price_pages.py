"""The public price list, to read and as JSON (CAT-1, CAT-2, CAT-3, CON-4)."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from chalice.app import Response

from chalicelib.accounts.clients.account import AccountKind, manages
from chalicelib.billing.vat.rules import rate_for
from chalicelib.console.billing_reading import billed_from_confirmation
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.money import from_cents
from chalicelib.orders.placing.summary import price_incl_vat

_JSON = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "public, max-age=60"}


def prices(visit: Visit) -> Response:
    """Show what is for sale today, excl. and incl. VAT, and the prices announced."""
    day = today(visit.services.base.clock)
    catalogue = visit.services.catalogue.current()
    rate = public_rate(day)
    announced = [
        price
        for price in sorted(catalogue.prices, key=lambda each: (each.from_on, each.code))
        if price.from_on > day
    ]
    return visit.page(
        "catalogue/prices.html",
        catalogue=catalogue,
        offers=catalogue.on_sale(day),
        day=day,
        rate=rate,
        incl_vat=lambda cents: price_incl_vat(cents, rate),
        announced=announced,
        from_confirmation=billed_from_confirmation(visit),
        names=catalogue.names,
        may_order=visit.visitor is not None and manages(visit.visitor.user.role),
    )


def prices_json(visit: Visit) -> Response:
    """Give the same as JSON, for programs; each price incl. VAT at the rate of its day."""
    day = today(visit.services.base.clock)
    document = visit.services.catalogue.public_document()
    document["prices"] = [_with_vat(price, day) for price in document["prices"]]
    document["vat"] = "FR mainland, consumer"
    return Response(json.dumps(document, ensure_ascii=False), dict(_JSON), 200)


def public_rate(day: date) -> Decimal:
    """Give the VAT rate that public prices include: a consumer's in mainland France (CAT-3)."""
    return rate_for(AccountKind.CONSUMER, "FR", "75001", day).rate_percent


def _with_vat(price: dict[str, Any], day: date) -> dict[str, Any]:
    rate = public_rate(max(day, date.fromisoformat(price["from_on"])))
    cents = int(Decimal(price["monthly_excl_vat"]) * 100)
    return {
        **price,
        "vat_percent": f"{rate.normalize():f}",
        "monthly_incl_vat": str(from_cents(price_incl_vat(cents, rate))),
    }
