"""The operator's command that compares recorded usage with the desktops' histories (MET-2)."""

from argparse import Namespace
from datetime import date

import pytest

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.metering.storage import UsageStorage
from infra.operate.commands import recompute_usage
from tests.fakes.two_clients import two_clients
from tests.fakes.world import World

NOVEMBER = Namespace(month=[BillingMonth(2026, 11)])


@pytest.mark.contract("MET-2")
def test_the_command_shows_each_day_that_differs_and_no_other(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given two clients whose November was metered
    clients = two_clients(world)
    assert recompute_usage(world.services, NOVEMBER) == 0
    assert capsys.readouterr().out == "0 differences.\n"
    # When one day of the other client's records is lost
    forget_day(world, clients.other.account.id, "2026-11-09")
    # Then the command fails and names the account, the day and what is missing
    assert recompute_usage(world.services, NOVEMBER) == 1
    told = capsys.readouterr().out
    assert f"{clients.other.account.id}  2026-11-09  recorded nothing" in told
    assert clients.other.desktop.id in told
    assert "1 differences." in told
    # And so does it over every month, which none was named of
    assert recompute_usage(world.services, Namespace(month=[])) == 1
    assert "2026-11-09" in capsys.readouterr().out


def forget_day(world: World, account_id: str, day: str) -> None:
    usage = UsageStorage(world.adapters.tables)
    (lost,) = usage.days(account_id, date.fromisoformat(day), date.fromisoformat(day))
    world.adapters.tables.commit(*usage.remove_day(lost))
