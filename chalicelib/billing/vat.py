"""VAT by the client's place and status, from a dated table (BIL-10).

Reverse charge with a number valid in VIES and the one-stop shop belong to a later issue: until
then a client elsewhere in the Union pays French VAT, which is what the law asks for as long as
their number is not confirmed.
"""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from chalicelib.accounts.account import Account, AccountKind
from chalicelib.foundation.errors import DomainError

_TABLE = Path(__file__).parent / "vat_rates.json"


@dataclass(frozen=True)
class VatTreatment:
    """A rate in percent, its category in the European standard (S, E, O…) and the mention due."""

    rate_percent: Decimal
    category: str = "S"
    mention: str = ""


@dataclass(frozen=True)
class _Rate:
    place: str
    customers: str
    from_on: date
    treatment: VatTreatment


@dataclass(frozen=True)
class _Table:
    by_country: dict[str, str]
    by_prefix: dict[str, str]
    elsewhere: str
    rates: tuple[_Rate, ...]


def rate_for(kind: AccountKind, country: str, postal_code: str, on: date) -> VatTreatment:
    """Give the VAT due from a client of that kind and place on a Paris day (BIL-10).

    ``country`` is an ISO 3166 code.  Raises DomainError when the table has no rate that day.
    """
    table = _table()
    place = _place(table, country, postal_code)
    customers = "consumer" if kind is AccountKind.CONSUMER else "professional"
    in_force = [
        rate
        for rate in table.rates
        if rate.place == place and rate.customers in {"any", customers} and rate.from_on <= on
    ]
    if not in_force:
        raise DomainError(
            "Aucun taux de TVA n’est connu pour le pays %(country)s au %(day)s.",
            country=country,
            day=on.isoformat(),
        )
    return max(in_force, key=lambda rate: rate.from_on).treatment


def vat_of(account: Account, on: date) -> VatTreatment:
    """Give the VAT due from an account on a Paris day (BIL-10)."""
    return rate_for(account.kind, account.address.country, account.address.postal_code, on)


class VatTable:
    """The rate alone, for who shows prices including VAT (orders, CAT-3)."""

    def rate_for(self, account: Account, on: date) -> Decimal:
        """Give the rate in percent due from an account on a Paris day."""
        return vat_of(account, on).rate_percent


def _place(table: _Table, country: str, postal_code: str) -> str:
    if country == "FR":
        # The longest prefix decides: 97150 (Saint-Martin) is not Guadeloupe (971).
        for length in range(len(postal_code), 1, -1):
            if postal_code[:length] in table.by_prefix:
                return table.by_prefix[postal_code[:length]]
    return table.by_country.get(country, table.elsewhere)


@lru_cache(maxsize=1)
def _table() -> _Table:
    data = json.loads(_TABLE.read_text(encoding="utf-8"))
    return _Table(
        by_country={code: row["place"] for row in data["places"] for code in row["countries"]},
        by_prefix={
            prefix: row["place"] for row in data["places"] for prefix in row["postal_prefixes"]
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
    )
