"""Two hundred desktops ordered at once by twenty accounts, by many workers at the same time."""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chalicelib.accounts.clients.account import Account, User
from chalicelib.desktops.clouds.machines import LaunchRequest
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.messages import Message, Queue
from chalicelib.foundation.unit_of_work import retry_on_conflict
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.orders.model.request import LineRequest, OrderRequest
from chalicelib.queues import handle
from tests.fakes.accounts import an_account
from tests.fakes.machines import FakeMachines
from tests.fakes.ordering import DEMO
from tests.fakes.world import World

ACCOUNTS, EACH, WORKERS = 20, 10, 8
Client = tuple[Account, User]


@pytest.fixture(autouse=True)
def _many_switches() -> Iterator[None]:
    """Have threads take turns a thousand times more often: between any two steps of ours."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(usual)


def clients_of(world: World) -> list[Client]:
    """Twenty accounts that pay on invoice, whose orders validate themselves."""
    services = world.services
    services.catalogue.load_file(DEMO)
    found = []
    for number in range(ACCOUNTS):
        account, owner = an_account(world, email=f"client{number}@lumen.example")
        services.accounts.service.approve_invoice_mode(account.id, by="operator:x", approved=True)
        services.accounts.service.set_order_limit(account.id, 1_000_000, by="operator:x")
        found.append((services.accounts.service.account(account.id), owner))
    return found


def order(world: World, client: Client) -> Order:
    """Place an account's order of ten desktops, as a click does."""
    request = OrderRequest((LineRequest("standard", EACH),), payment_mode="invoice")
    place = world.services.orders.service.place
    return retry_on_conflict(lambda: place(*client, request, f"{client[0].id:0>32}"[-32:]))


def work(world: World) -> None:
    """Handle messages until none is left, each by two at the same time, as SQS may deliver it.

    One that fails comes back.
    """
    queues = world.adapters.queues

    def handled(message: Message) -> None:
        try:
            handle(message.queue, message.text, world.services)
        except (ConflictError, TemporaryGatewayError):
            queues.send(message)

    with ThreadPoolExecutor(2) as both:
        while (message := queues.take()) is not None:
            if message.queue is Queue.DESKTOPS:
                list(both.map(handled, [message] * 2))


def at_once(world: World) -> list[Client]:
    """Twenty clients click twice while eight workers carry out what they ordered."""
    clients = clients_of(world)
    with ThreadPoolExecutor(WORKERS) as people:
        orders = list(people.map(lambda client: order(world, client), clients * 2))
    assert len({each.id for each in orders}) == ACCOUNTS
    assert {each.state for each in orders} == {OrderState.VALIDATED}
    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(work, [world] * WORKERS))
    work(world)
    return clients


@pytest.mark.contract("DSK-2", "ORD-1", "DSK-9")
def test_two_hundred_desktops_at_once_none_lost_none_doubled() -> None:
    # given, when
    world = World()
    clients = at_once(world)
    # then each desktop runs on a machine of its own
    desktops = list(world.services.desktops.service.all_desktops())
    assert Counter(each.account_id for each in desktops) == {
        account.id: EACH for account, _ in clients
    }
    assert {desktop.state for desktop in desktops} == {State.RUNNING}
    machines = world.adapters.machines.machines
    assert len(machines) == ACCOUNTS * EACH
    assert {desktop.machine_id for desktop in desktops} == machines.keys()
    # and each client's evidence holds, with one entry for each thing that happened
    for account, _ in clients:
        assert world.services.base.journal.verify(account.id) is None
        told = Counter(
            entry.facts["to"]
            for entry in world.services.base.journal.entries(account.id)
            if entry.kind == "desktop.transition"
        )
        assert told == {"provisioning": EACH, "running": EACH}
    assert world.services.desktops.reconciliation.run().is_clean


class Careless(FakeMachines):
    """A planted bug: neither the token nor the tag is looked at."""

    def launch(self, request: LaunchRequest) -> str:
        nobody = f"{request.desktop_id}-{len(self.machines)}"
        return super().launch(replace(request, desktop_id=nobody, token=nobody))


def test_a_provider_without_its_guards_doubles_machines_here() -> None:
    # The workers do meet: without the guards, some desktop is launched twice.
    world = World()
    world.adapters.machines = Careless()
    at_once(world)
    assert len(world.adapters.machines.machines) > ACCOUNTS * EACH
