"""Texts, amounts and dates as the XML of an electronic invoice writes them (BIL-11)."""

import re
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from chalicelib.billing.vat.rules import VatTreatment

# What XML 1.0 cannot carry, however escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOT_SUBJECT = "O"  # the category of what is outside the scope of VAT: it has no rate


def text(value: str) -> str:
    """Write a text on one line; an empty one as a dash, since no element may be empty."""
    if not value.isprintable():
        value = _FORBIDDEN.sub(" ", value)
    return escape(" ".join(value.split())) or "–"


def optional(tag: str, value: str) -> str:
    """Write an element unless its text is empty."""
    return f"<{tag}>{text(value)}</{tag}>" if value.strip() else ""


def amount(cents: int) -> str:
    """Write cents as euros, two decimals."""
    sign = "-" if cents < 0 else ""
    euros, rest = divmod(abs(cents), 100)
    return f"{sign}{euros}.{rest:02d}"


def rate(percent: Decimal) -> str:
    """Write a rate in percent: ``20``, ``8.5``."""
    return f"{percent.normalize():f}"


def day(tag: str, on: date, prefix: str = "udt") -> str:
    """Write a Paris day inside an element."""
    return (
        f'<{tag}><{prefix}:DateTimeString format="102">{on:%Y%m%d}'
        f"</{prefix}:DateTimeString></{tag}>"
    )


def tax(vat: VatTreatment, tag: str) -> str:
    """Write the VAT of a line or allowance: its category, and its rate unless it has none."""
    percent = (
        ""
        if vat.category == NOT_SUBJECT
        else f"<ram:RateApplicablePercent>{rate(vat.rate_percent)}</ram:RateApplicablePercent>"
    )
    return (
        f"<{tag}><ram:TypeCode>VAT</ram:TypeCode>"
        f"<ram:CategoryCode>{vat.category}</ram:CategoryCode>{percent}</{tag}>"
    )
