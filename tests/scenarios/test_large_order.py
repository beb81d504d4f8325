"""The largest order there can be goes through every transaction of the money path."""

import pytest

from chalicelib.billing.drafts.drafting import DraftBasis, draft_of
from chalicelib.billing.vat.rules import vat_of
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.messages import Queue
from chalicelib.orders.model.order import OrderState
from chalicelib.orders.model.request import MOST_DESKTOPS
from tests.fakes.desktops import ACCOUNT, Renting
from tests.fakes.ordering import KEY, a_request

OPTIONS = (("storage-10gb", 3), ("backup", 1))


@pytest.mark.contract("ORD-1", "ORD-3")
def test_an_order_of_twenty_desktops_with_options_is_placed_at_once() -> None:
    # Given a client whose orders validate themselves
    renting = Renting()
    renting.open_for_business()
    account, user = renting.client(order_limit_cents=10_000_000)
    names = tuple(f"Poste {number}" for number in range(1, MOST_DESKTOPS + 1))
    request = a_request(quantity=MOST_DESKTOPS, desktop_names=names, options=OPTIONS)
    # When twenty desktops are ordered, by a double click
    order = renting.orders.place(account, user, request, KEY)
    assert renting.orders.place(account, user, request, KEY).id == order.id
    # Then it is one order, announced once
    assert (order.state, order.desktop_count) == (OrderState.VALIDATED, 20)
    assert [message.key for message in renting.queues.of(Queue.DESKTOPS)] == [f"create:{order.id}"]


@pytest.mark.contract("DSK-1", "MET-1", "BIL-1")
def test_twenty_desktops_with_options_are_created_metered_and_billed() -> None:
    # Given twenty desktops with 3 × 10 GB and a backup each, validated on 5 November
    renting = Renting()
    names = tuple(f"Poste {number:02d}" for number in range(1, MOST_DESKTOPS + 1))
    renting.validate(*names, options=OPTIONS)
    # When the message that creates them comes twice
    renting.queues.send(renting.queues.of(Queue.DESKTOPS)[0])
    renting.pump()
    desktops = renting.desktops.of_account(ACCOUNT)
    assert [desktop.name for desktop in desktops] == list(names)
    assert {desktop.state for desktop in desktops} == {State.RUNNING}
    # Then November has 26 days of sixty things, each a line
    renting.clock.set("2026-12-01 00:15")
    renting.metering.meter_due()
    month = BillingMonth(2026, 11)
    usage = renting.metering.usage(ACCOUNT, month)
    assert [len(day.items) for day in usage] == [60] * 26
    basis = DraftBasis(usage, renting.catalogue.current(), lambda day: vat_of(renting.account, day))
    draft = draft_of(renting.account, month, basis)
    # and each line is price × quantity × 26 / 30, half up
    price = renting.catalogue.current().price_on
    each = [price(code, month.last_day) * count for code, count in (("standard", 1), *OPTIONS)]
    once = sum((2 * cents * 26 + 30) // 60 for cents in each)
    assert draft.totals.excl_vat_cents == 20 * once
    assert {line.days for line in draft.lines} == {26}
