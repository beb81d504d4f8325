"""What one desktop costs for a month (CGV art. 8.1, 9; BIL-1, BIL-2, BIL-10; P1, P3, P4).

The case becomes a desktop with its history, and an offer with its prices; the daily metering's
function counts the days, the month-end run's makes the lines.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

from chalicelib.accounts.clients.account import Account, AccountKind, PostalAddress
from chalicelib.billing.drafts.drafting import DraftBasis, draft_of
from chalicelib.billing.invoices.explanations import explained_draft
from chalicelib.billing.invoices.invoice import Draft
from chalicelib.billing.vat.rules import VatTreatment
from chalicelib.calculations.case import Case
from chalicelib.calculations.written import euros
from chalicelib.catalogue.catalogue import Catalogue, Configuration, DatedPrice, Label
from chalicelib.desktops.model.desktop import Desktop, Tariff
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.money import to_cents
from chalicelib.metering.usage import usage_on

_ACCOUNT, _DESKTOP = AccountId("acc_case"), "dsk_case"
_KINDS = {"professional": AccountKind.COMPANY, "consumer": AccountKind.CONSUMER}
_ALWAYS = date(2000, 1, 1)


def month(case: Case) -> dict[str, Any]:
    """Answer the topic ``month``.  Raises BadCaseError."""
    case.only(
        *("month", "started_at", "ended_at", "prices", "vat_rate", "customer"),
        "subscription_ends_with_first_month",
    )
    asked = case.month("month")
    started_at = case.instant("started_at")
    ended_at = None if case.is_null("ended_at") else case.instant("ended_at")
    if ended_at is not None and ended_at < started_at:
        case.refuse("ended_at", "is before started_at")
    desktop = _desktop(started_at, ended_at, _prices(case, started_at, ended_at))
    account = _account(case)
    vat = VatTreatment(case.percent("vat_rate"))
    complement = _complement(case, account, asked, started_at, ended_at)
    draft = _draft(account, asked, desktop, vat, complement=complement)
    return _answer(draft)


def _prices(
    case: Case, started_at: datetime, ended_at: datetime | None
) -> list[tuple[datetime, int]]:
    """Read the prices: (from, cents) in time order, the first one known from the start."""
    read = []
    for entry in case.cases("prices"):
        entry.only("from", "monthly_excl_vat")
        read.append((entry.instant("from"), to_cents(entry.amount("monthly_excl_vat"))))
    if not read:
        case.refuse("prices", "gives no price")
    for (earlier, _), (later, _) in pairwise(read):
        if later <= earlier:
            case.refuse("prices", "is in time order, each price after the one before")
    if read[0][0] > started_at:
        case.refuse("prices", "begins after started_at")
    # A change after the deletion never took place.
    return [price for price in read if ended_at is None or price[0] <= max(ended_at, started_at)]


def _desktop(
    started_at: datetime, ended_at: datetime | None, prices: Sequence[tuple[datetime, int]]
) -> Desktop:
    """Make the desktop of a case; a price is a configuration of its own, named after it."""
    return Desktop(
        id=_DESKTOP,
        account_id=_ACCOUNT,
        order_id="",
        name="Bureau",
        configuration_code=str(prices[-1][1]),
        option_codes=(),
        state=State.RUNNING if ended_at is None else State.DELETED,
        provider="",
        created_at=started_at,
        recorded_at=started_at,
        tariffs=tuple(Tariff(str(cents), from_at) for from_at, cents in prices),
        deleted_at=ended_at,
    )


def _account(case: Case) -> Account:
    kind = _KINDS[case.text("customer", _KINDS)] if "customer" in case else AccountKind.COMPANY
    return Account(
        id=_ACCOUNT,
        kind=kind,
        name="",
        email="",
        phone="",
        address=PostalAddress("", "", "", "", "FR"),
        first_name="",
        last_name="",
        created_at=datetime.min.replace(tzinfo=UTC),
    )


def _complement(
    case: Case,
    account: Account,
    asked: BillingMonth,
    started_at: datetime,
    ended_at: datetime | None,
) -> bool:
    """Tell whether the first month complement is owed, as the policy shipped says (P1; BIL-2)."""
    first = BillingMonth.of(paris_day(started_at))
    if not case.flag("subscription_ends_with_first_month", default=False):
        return False
    if ended_at is not None and ended_at > started_at:
        last = BillingMonth.of(paris_day(ended_at - datetime.resolution))
        if last != first:
            case.refuse(
                "subscription_ends_with_first_month", "contradicts ended_at, in a later month"
            )
    from chalicelib.legal.policies import FIRST_MONTH_FULL, seeded  # storage, slow to load

    policies = [
        policy
        for policy in seeded()
        if policy.code == FIRST_MONTH_FULL and policy.from_on <= asked.last_day
    ]
    policy = policies[-1]
    owed = policy.professionals if account.is_professional else policy.consumers
    return owed and first == asked


def _draft(
    account: Account,
    asked: BillingMonth,
    desktop: Desktop,
    vat: VatTreatment,
    *,
    complement: bool,
) -> Draft:
    codes = sorted({tariff.configuration_code for tariff in desktop.tariffs})
    catalogue = Catalogue(
        configurations=tuple(_configuration(code) for code in codes),
        options=(),
        prices=tuple(DatedPrice(code, _ALWAYS, int(code)) for code in codes),
    )
    usage = [
        used
        for day in asked.days
        if (used := usage_on(account.id, [desktop], day, catalogue)) is not None
    ]
    basis = DraftBasis(usage, catalogue, lambda day: vat, complement=complement)
    return draft_of(account, asked, basis)


@lru_cache(maxsize=16)
def _configuration(code: str) -> Configuration:
    return Configuration(
        code=code,
        name=Label("Bureau", "Desktop"),
        vcpu=0,
        memory_gib=0,
        storage_gib=0,
        os="",
        os_licence_url="",
        applications=(),
        pod_included=False,
        provider="",
        instance_type="",
        image="",
        sla_percent="",
        sla_tiers=(),
        on_sale_from=_ALWAYS,
    )


def _answer(draft: Draft) -> dict[str, Any]:
    totals = draft.totals
    complement = sum(charge.amount_excl_vat_cents for charge in draft.charges)
    return {
        "days_in_month": draft.month.day_count,
        "lines": [
            {
                "monthly_excl_vat": euros(line.monthly_excl_vat_cents),
                "days": line.days,
                "amount_excl_vat": euros(line.amount_excl_vat_cents),
            }
            for line in draft.lines
        ],
        "first_month_complement": euros(complement),
        "total_excl_vat": euros(totals.excl_vat_cents),
        "vat": euros(totals.vat_cents),
        "total_incl_vat": euros(totals.incl_vat_cents),
        "sentence": {language: explained_draft(draft, language) for language in ("fr", "en")},
    }
