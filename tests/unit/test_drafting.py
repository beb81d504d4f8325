"""From usage days to lines, and the preview that equals the invoice (BIL-1, BIL-7)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing.drafts.drafting import DraftBasis, draft_of
from chalicelib.billing.invoices.invoice import Draft
from chalicelib.billing.invoices.line_text import billed_quantity, explained
from chalicelib.billing.vat.rules import vat_of
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId
from chalicelib.metering.usage import UsageDay, UsageItem
from tests.fakes.billing import BillingWorld, a_catalogue, a_desktop, an_account

NOVEMBER = BillingMonth(2026, 11)
LUMEN = AccountId("acc_lumen")


def drafted(usage: list[UsageDay]) -> Draft:
    """Draft November from usage alone."""
    account = an_account()
    basis = DraftBasis(usage, a_catalogue(), lambda day: vat_of(account, day))
    return draft_of(account, NOVEMBER, basis)


def a_day(number: int, *items: UsageItem) -> UsageDay:
    """Build a usage day of November."""
    return UsageDay(LUMEN, date(2026, 11, number), items)


def an_item(
    code: str = "standard", cents: int = 2900, name: str = "Compta", quantity: int = 1
) -> UsageItem:
    """Build a day of a desktop, or of an option of it."""
    kind = "option" if code in {"backup", "storage-10gb"} else "desktop"
    return UsageItem("dsk_1", name, kind, code, quantity, cents)  # type: ignore[arg-type]


@pytest.mark.contract("BIL-1", "CAT-3")
def test_a_price_that_changes_in_the_month_makes_two_lines() -> None:
    # Given ten days at 29,00 then twenty at 30,00
    days = [a_day(n, an_item(cents=2900 if n <= 10 else 3000)) for n in range(1, 31)]
    # When November is drafted
    lines = drafted(days).lines
    # Then 29,00 × 10 / 30 = 9,67 and 30,00 × 20 / 30 = 20,00, the first used first
    assert [(line.days, line.amount_excl_vat_cents) for line in lines] == [(10, 967), (20, 2000)]


def test_an_option_is_charged_once_per_quantity_and_rounded_once() -> None:
    # Given 3 × 10 GB at 1,49 over 7 days (three times 0,35 would be 1,05)
    days = [a_day(n, an_item("storage-10gb", 149, quantity=3)) for n in range(1, 8)]
    # When drafted, then 4,47 × 7 / 30 = 1,043
    (line,) = drafted(days).lines
    assert (line.quantity, line.amount_excl_vat_cents) == (3, 104)
    # And the sentence says what the price is made of
    assert explained(line, "fr").startswith("4,47\u00a0€ par mois (3\u00a0×\u00a01,49\u00a0€)")
    assert billed_quantity(line, "en") == "3\u00a0× 7 of 30 days"
    assert line.label.fr == "Stockage (10 Go)"


def test_a_desktop_renamed_keeps_one_line_under_its_last_name() -> None:
    # Given a desktop renamed on the 2nd
    days = [a_day(1, an_item(name="Compta")), a_day(2, an_item(name="Gestion"))]
    # When drafted
    (line,) = drafted(days).lines
    # Then
    assert (line.desktop_name, line.days) == ("Gestion", 2)


def test_days_of_another_month_and_days_given_twice_count_once() -> None:
    # Given the same day computed then recorded, and one of December
    days = [a_day(3, an_item()), a_day(3, an_item())]
    december = UsageDay(LUMEN, date(2026, 12, 1), (an_item(),))
    # When drafted
    (line,) = drafted([*days, december]).lines
    # Then
    assert line.days == 1


@pytest.mark.contract("BIL-4")
def test_a_product_unknown_to_the_catalogue_is_named() -> None:
    with pytest.raises(DomainError) as refused:
        drafted([a_day(1, an_item("vanished"))])
    assert "vanished" in str(refused.value.values)


codes = st.sampled_from(["standard", "pro", "graphique"])
options = st.lists(
    st.tuples(st.sampled_from(["storage-10gb", "backup"]), st.integers(1, 4)),
    max_size=2,
    unique_by=lambda option: option[0],
)


@st.composite
def desktops(draw: st.DrawFn) -> list[Desktop]:
    """Any few desktops, begun, changed and deleted around October 2026."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        start = date(2026, 9, 20) + timedelta(days=draw(st.integers(0, 41)))
        changes = draw(st.lists(st.tuples(codes, st.integers(0, 30)), max_size=2))
        end = draw(st.none() | st.integers(0, 40))
        moments = sorted((start + timedelta(days=after), code) for code, after in changes)
        found.append(
            a_desktop(
                name=f"Bureau {number}",
                created=f"{start} 08:00",
                deleted=None if end is None else f"{start + timedelta(days=end)} 18:00",
                tariffs=tuple((code, f"{day} 12:00") for day, code in moments),
                configuration=draw(codes),
                options=tuple(draw(options)),
            )
        )
    return found


@pytest.mark.contract("BIL-7")
@settings(max_examples=60)
@given(desktops(), st.integers(0, 30))
def test_the_preview_of_the_last_evening_is_the_invoice(
    owned: list[Desktop], metered_day: int
) -> None:
    # Given any desktops, metered up to any day of October
    world = BillingWorld(now="2026-10-01 06:00")
    world.metering.desktops = owned
    world.clock.advance(days=metered_day)
    world.metering.meter_due()
    # When the current invoice is looked at on the last evening, then the month is run
    world.clock.set("2026-10-31 23:59")
    preview = world.billing.current(LUMEN)
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    # Then they are the same
    invoices = world.billing.invoices_of(LUMEN)
    assert [(i.lines, i.totals, i.usage_digest) for i in invoices] == (
        [(preview.lines, preview.totals, preview.usage_digest)] if preview.bills_something else []
    )


@settings(max_examples=40)
@given(desktops())
def test_a_draft_is_stored_as_it_is(owned: list[Desktop]) -> None:
    # Given any draft
    world = BillingWorld(now="2026-10-31 12:00")
    world.metering.desktops = owned
    draft = world.billing.current(LUMEN)
    # When written and read back, then it is the same
    world.memory.commit(world.storage.save_draft(draft))
    assert world.storage.draft(LUMEN, draft.month) == draft
