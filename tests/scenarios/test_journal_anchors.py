"""Anchors: what a chain alone cannot show (EVD-1)."""

import pytest

from chalicelib.legal.journal import ENTRIES, sort_key
from tests.fakes.world import World

ACCOUNT = "acc_lumen"


def tell(world: World, *kinds: str) -> None:
    for kind in kinds:
        entry = world.services.base.journal.entry(ACCOUNT, kind, {}, by="test")
        world.services.base.work.commit(entry)


def cut_off(world: World, sequence: int) -> None:
    assert world.services.base.journal.entry_at(ACCOUNT, sequence) is not None
    world.adapters.tables.commit(ENTRIES.delete(ACCOUNT, sort_key(sequence)))


@pytest.mark.contract("EVD-1")
def test_an_entry_cut_off_the_end_is_seen_by_the_anchor_alone() -> None:
    # Given a chain of three entries, anchored
    world = World("2026-11-05 10:00")
    tell(world, "registered", "ordered", "paid")
    services = world.services
    services.legal.anchors.anchor()
    assert list(services.legal.anchors.verify(days=31)) == []

    # When the last one is removed
    cut_off(world, 3)

    # Then the chain still holds, and the anchor says what is missing
    assert services.base.journal.verify(ACCOUNT) is None
    (fault,) = services.legal.anchors.verify(days=31)
    assert (fault.account_id, fault.sequence) == (ACCOUNT, 3)
    assert "missing" in fault.reason


@pytest.mark.contract("EVD-1")
def test_a_chain_written_anew_is_not_the_one_that_was_anchored() -> None:
    world = World("2026-11-05 10:00")
    tell(world, "registered", "ordered")
    world.services.legal.anchors.anchor()
    cut_off(world, 2)
    tell(world, "refunded")
    # A later anchor records the forged chain; the earlier one still tells.
    world.clock.set("2026-11-06 10:00")
    world.services.legal.anchors.anchor()

    assert world.services.base.journal.verify(ACCOUNT) is None
    (fault,) = world.services.legal.anchors.verify(days=31)
    assert (fault.sequence, "not the one" in fault.reason) == (2, True)


def test_an_anchor_is_stored_once_a_day_and_never_replaced() -> None:
    world = World("2026-11-05 03:30")
    tell(world, "registered")
    key = world.services.legal.anchors.anchor()
    first = world.services.base.adapters.documents.read(key)
    tell(world, "ordered")
    assert world.services.legal.anchors.anchor() == key == "anchors/2026-11-05.json"
    assert world.services.base.adapters.documents.read(key) == first
