"""VAT by the client's place and status, from a dated table (law, VAT; BIL-10).

Pure: what VIES answered, where a consumer is and whether the yearly threshold is crossed come in
as facts; ``one_stop_shop/vat_service.py`` finds them out.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from chalicelib.accounts.clients.account import Account, AccountKind
from chalicelib.foundation.errors import DomainError

_TABLE = Path(__file__).parent / "vat_rates.json"
Customers = Literal["consumer", "professional", "confirmed"]


@dataclass(frozen=True)
class VatTreatment:
    """A rate in percent, its category in the European standard (S, E, O…) and the mention due.

    ``country`` is whose VAT it is: another one than France under the one-stop shop.
    """

    rate_percent: Decimal
    category: str = "S"
    mention: str = ""
    country: str = "FR"


@dataclass(frozen=True)
class VatFacts:
    """What decides beside kind and address.

    ``number_is_confirmed``: VIES knows the client's VAT number.  ``taxed_at_home``: a consumer of
    another member state, above the threshold of the one-stop shop.  ``overseas_as_supplier``:
    consumers of the overseas departments pay the supplier's rate, not that of their place.
    """

    number_is_confirmed: bool = False
    taxed_at_home: bool = False
    overseas_as_supplier: bool = False


@dataclass(frozen=True)
class _Rate:
    place: str
    customers: str
    from_on: date
    treatment: VatTreatment


@dataclass(frozen=True)
class _Table:
    by_country: dict[str, str]
    by_prefix: dict[tuple[str, str], str]
    elsewhere: str
    rates: tuple[_Rate, ...]
    member_states: tuple[_Rate, ...]
    settings: dict[str, list[dict[str, Any]]] = field(hash=False)


NOTHING_KNOWN = VatFacts()


def rate_for(
    kind: AccountKind,
    country: str,
    postal_code: str,
    on: date,
    facts: VatFacts = NOTHING_KNOWN,
) -> VatTreatment:
    """Give the VAT due from a client of that kind and place on a Paris day (BIL-10).

    ``country`` is an ISO 3166 code.  Raises DomainError when the table has no rate that day.
    """
    table = _table()
    place = place_of(country, postal_code)
    consumer = kind is AccountKind.CONSUMER
    if consumer and facts.overseas_as_supplier and place.startswith("overseas"):
        place = "mainland"
    if consumer and place == "union" and facts.taxed_at_home:
        return _latest((rate for rate in table.member_states if rate.place == country), country, on)
    customers = {"any", "consumer" if consumer else "professional"}
    if not consumer and facts.number_is_confirmed:
        customers.add("confirmed")
    rates = [rate for rate in table.rates if rate.place == place and rate.customers in customers]
    confirmed = [rate for rate in rates if rate.customers == "confirmed"]
    return _latest(confirmed or rates, country, on)


def place_of(country: str, postal_code: str) -> str:
    """Give the place of the table where an address is: mainland, union, outside…"""
    table = _table()
    # The longest prefix decides: 97150 (Saint-Martin) is not Guadeloupe (971).
    for length in range(len(postal_code), 1, -1):
        if (country, postal_code[:length]) in table.by_prefix:
            return table.by_prefix[country, postal_code[:length]]
    return table.by_country.get(country, table.elsewhere)


def in_another_member_state(account: Account) -> bool:
    """Tell whether a client is in the Union's VAT territory, elsewhere than in France."""
    return place_of(account.address.country, account.address.postal_code) == "union"


def is_overseas(account: Account) -> bool:
    """Tell whether a client is in a French overseas department."""
    return place_of(account.address.country, account.address.postal_code).startswith("overseas")


def one_stop_shop_threshold_cents(on: date) -> int | None:
    """Give the yearly threshold of the one-stop shop on a Paris day; None before there was one."""
    return _setting("one_stop_shop", "threshold_cents", on)


def vies_answer_days(on: date) -> int:
    """Tell for how many days an answer of VIES is relied upon, on a Paris day."""
    return _setting("vies_answer", "good_for_days", on) or 0


def _setting(name: str, value: str, on: date) -> int | None:
    rows = [row for row in _table().settings[name] if date.fromisoformat(row["from"]) <= on]
    return int(max(rows, key=lambda row: str(row["from"]))[value]) if rows else None


def vat_of(account: Account, on: date, facts: VatFacts = NOTHING_KNOWN) -> VatTreatment:
    """Give the VAT due from an account on a Paris day (BIL-10)."""
    address = account.address
    return rate_for(account.kind, address.country, address.postal_code, on, facts)


class VatByAddress:
    """VAT from kind and address alone, nothing being known of a client besides."""

    def treatment(self, account: Account, on: date) -> VatTreatment:
        """Give the VAT due from an account on a Paris day."""
        return vat_of(account, on)

    def rate_for(self, account: Account, on: date) -> Decimal:
        """Give the rate in percent due from an account on a Paris day."""
        return vat_of(account, on).rate_percent


VatTable = VatByAddress


def _latest(rates: Iterable[_Rate], country: str, on: date) -> VatTreatment:
    in_force = [rate for rate in rates if rate.from_on <= on]
    if not in_force:
        raise DomainError(
            "Aucun taux de TVA n’est connu pour le pays %(country)s au %(day)s.",
            country=country,
            day=on.isoformat(),
        )
    return max(in_force, key=lambda rate: rate.from_on).treatment


@lru_cache(maxsize=1)
def _table() -> _Table:
    data = json.loads(_TABLE.read_text(encoding="utf-8"))
    return _Table(
        by_country={code: row["place"] for row in data["places"] for code in row["countries"]},
        by_prefix={
            (country, prefix): row["place"]
            for row in data["places"]
            for country, prefixes in row["postal_prefixes"].items()
            for prefix in prefixes
        },
        elsewhere=data["elsewhere"],
        rates=tuple(
            _Rate(
                row["place"],
                row["customers"],
                date.fromisoformat(row["from"]),
                VatTreatment(Decimal(row["rate_percent"]), row["category"], row["mention"]),
            )
            for row in data["rates"]
        ),
        member_states=tuple(
            _Rate(
                row["country"],
                "consumer",
                date.fromisoformat(row["from"]),
                VatTreatment(Decimal(row["rate_percent"]), country=row["country"]),
            )
            for row in data["member_states"]
        ),
        settings={name: data[name] for name in ("one_stop_shop", "vies_answer")},
    )
