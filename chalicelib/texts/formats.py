"""Amounts, dates and numbers as each language writes them."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from chalicelib.foundation.civil_time import PARIS, BillingMonth
from chalicelib.foundation.money import from_cents


def formats(language: str) -> dict[str, Any]:
    """Give the template filters that write amounts, dates and numbers in a language."""
    locale = {"fr": "fr_FR", "en": "en_GB"}[language]

    def first_of_month(text: str) -> str:
        # French says "1er novembre", and CLDR "1 novembre".
        return re.sub(r"^1 (?=[a-z])", "1er ", text) if language == "fr" else text

    def day(value: date | str, style: str = "long") -> str:
        moment = date.fromisoformat(value) if isinstance(value, str) else value
        return first_of_month(format_date(moment, style, locale=locale))

    def moment(value: datetime | str, style: str = "d MMMM y, HH:mm") -> str:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        return first_of_month(format_datetime(instant, style, tzinfo=PARIS, locale=locale))

    def month(value: BillingMonth | str) -> str:
        of = BillingMonth.parse(value) if isinstance(value, str) else value
        return format_date(of.first_day, "LLLL y", locale=locale)

    def euros(value: Decimal | int) -> str:
        return format_currency(value, "EUR", locale=locale).replace("-", "\u2212")

    return {
        "cents": lambda cents: euros(from_cents(int(cents))),
        "euros": euros,
        "number": lambda value: format_decimal(value, locale=locale),
        "day": day,
        "moment": moment,
        "month": month,
    }
