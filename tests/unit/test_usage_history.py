"""Which Paris days a desktop is charged for, and at which configuration."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.desktops.model.desktop import Desktop, Tariff
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.model.usage_history import ChargedItem, charged_days, charged_items
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.ids import AccountId
from tests.fakes.clock import paris


def a_desktop(
    created: str, deleted: str | None = None, changes: tuple[tuple[str, str], ...] = ()
) -> Desktop:
    """Build a desktop from Paris wall-clock times; ``changes`` are (code, complete at)."""
    created_at = paris(created)
    return Desktop(
        id="dsk_1",
        account_id=AccountId("acc_1"),
        order_id="ord_1",
        name="Accueil",
        configuration_code="standard",
        option_codes=(("backup", 1), ("storage-10gb", 3)),
        state=State.RUNNING,
        provider="ec2",
        created_at=created_at,
        recorded_at=created_at,
        tariffs=(
            Tariff("standard", created_at),
            *(Tariff(code, paris(at)) for code, at in changes),
        ),
        deleted_at=paris(deleted) if deleted else None,
    )


def configurations(desktop: Desktop, first: str, last: str) -> list[str]:
    """The configuration charged each day, "-" for none."""
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    codes = []
    while day <= end:
        items = charged_items(desktop, day)
        codes.append(items[0].code if items else "-")
        day += timedelta(days=1)
    return codes


@pytest.mark.contract("MET-1", "DSK-6")
@pytest.mark.parametrize(
    ("created", "deleted", "first", "last"),
    [
        # both partial days count whole (P3)
        ("2026-11-05 23:59", "2026-11-07 00:01", "2026-11-05", "2026-11-07"),
        # created and deleted within one day: that day
        ("2026-11-05 09:00", "2026-11-05 10:00", "2026-11-05", "2026-11-05"),
        # deleted at midnight sharp: the day has not begun (P3)
        ("2026-11-05 09:00", "2026-11-07 00:00", "2026-11-05", "2026-11-06"),
        # created at midnight sharp: the day has begun
        ("2026-11-05 00:00", "2026-11-05 00:00", "2026-11-05", "2026-11-05"),
        # the nights when the clocks change: 23:30 and 00:30 are still Paris times
        ("2026-03-28 23:30", "2026-03-29 23:30", "2026-03-28", "2026-03-29"),
        ("2026-10-24 23:30", "2026-10-26 00:00", "2026-10-24", "2026-10-25"),
        # 23:30 UTC on 31 October is already 1 November in Paris
        ("2026-11-01 00:30", "2026-11-30 23:59", "2026-11-01", "2026-11-30"),
    ],
)
def test_the_day_of_creation_and_the_day_of_deletion_both_count(
    created: str, deleted: str, first: str, last: str
) -> None:
    desktop = a_desktop(created, deleted)
    expected = (date.fromisoformat(first), date.fromisoformat(last))
    assert charged_days(desktop) == expected


@pytest.mark.contract("MET-1", "DSK-4")
def test_the_day_a_change_completes_and_later_ones_are_at_the_new_tariff() -> None:
    # given a change complete on the 7th, late in the evening
    desktop = a_desktop("2026-11-05 09:00", changes=(("pro", "2026-11-07 23:59"),))
    # then the 7th is at the new tariff (P4)
    charged = configurations(desktop, "2026-11-04", "2026-11-09")
    assert charged == ["-", "standard", "standard", "pro", "pro", "pro"]


@pytest.mark.contract("MET-1")
def test_of_several_changes_in_a_day_the_last_is_charged_once() -> None:
    # given three changes on the 6th, and one at midnight sharp, which belongs to the 8th
    desktop = a_desktop(
        "2026-11-05 09:00",
        changes=(
            ("pro", "2026-11-06 08:00"),
            ("graphique", "2026-11-06 12:00"),
            ("essentiel", "2026-11-06 18:00"),
            ("pro", "2026-11-08 00:00"),
        ),
    )
    # then
    charged = configurations(desktop, "2026-11-05", "2026-11-08")
    assert charged == ["standard", "essentiel", "essentiel", "pro"]


@pytest.mark.contract("MET-1", "CAT-2")
def test_options_are_charged_with_their_desktop() -> None:
    items = charged_items(a_desktop("2026-11-05 09:00"), date(2026, 11, 5))
    assert items == (
        ChargedItem("desktop", "standard", 1),
        ChargedItem("option", "backup", 1),
        ChargedItem("option", "storage-10gb", 3),
    )


@pytest.mark.contract("MET-1")
def test_a_desktop_that_could_not_be_made_is_never_charged() -> None:
    failed = replace(a_desktop("2026-11-05 09:00"), failed_at=paris("2026-11-05 11:00"))
    assert configurations(failed, "2026-11-04", "2026-11-07") == ["-", "-", "-", "-"]


@pytest.mark.contract("MET-1")
@given(
    offset=st.integers(min_value=0, max_value=60 * 24 * 365),
    minutes=st.integers(min_value=1, max_value=60 * 24 * 60),
)
def test_a_day_is_charged_exactly_when_the_service_touched_it(offset: int, minutes: int) -> None:
    # given any period of 2026, across changes of the clocks
    created = paris("2026-01-01 00:00") + timedelta(minutes=offset)
    deleted = created + timedelta(minutes=minutes)
    desktop = replace(a_desktop("2026-01-01 00:00"), created_at=created, deleted_at=deleted)
    desktop = replace(desktop, tariffs=(Tariff("standard", created),))
    # when each hour of service names its Paris day
    step = timedelta(hours=1)
    touched = {paris_day(created), paris_day(deleted - timedelta.resolution)}
    moment = created
    while moment < deleted:
        touched.add(paris_day(moment))
        moment += step
    # then those are the days charged, no more, no less
    first, last = charged_days(desktop)
    assert last is not None
    days = [first + timedelta(days=n) for n in range(-1, (last - first).days + 2)]
    assert {day for day in days if charged_items(desktop, day)} == touched
