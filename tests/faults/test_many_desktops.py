"""Two hundred desktops ordered at once by twenty accounts, by many workers at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.desktops.lifecycle import State
from chalicelib.foundation.errors import ConflictError, TemporaryGatewayError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message, Queue
from chalicelib.orders.order import Order, OrderLine, OrderState
from chalicelib.orders.storage import OrderStorage
from chalicelib.queues import HANDLERS
from tests.fakes.accounts import an_account
from tests.fakes.ordering import DEMO
from tests.fakes.world import World

ACCOUNTS, EACH, WORKERS = 20, 10, 8


def order_of(world: World, account_id: AccountId, number: int) -> Order:
    names = tuple(f"Bureau {n}" for n in range(EACH))
    line = OrderLine("standard", "Standard", EACH, names, ("",) * EACH, (), (), 2900)
    now = world.clock.now()
    return Order(
        id=f"ord_{number:020d}",
        account_id=account_id,
        number=f"C-{number}",
        lines=(line,),
        payment_mode="card",
        delivery_address=None,
        vat_rate_percent="20",
        monthly_excl_vat_cents=2900 * EACH,
        monthly_incl_vat_cents=3480 * EACH,
        express_request=True,
        terms=(),
        ordered_by="usr_owner",
        state=OrderState.VALIDATED,
        accepted_at=now,
        placed_at=now,
    )


def work(world: World) -> None:
    """Handle messages until none is left; one that fails comes back, as SQS gives it back."""
    queues = world.adapters.queues
    while (message := queues.take()) is not None:
        if message.queue is not Queue.DESKTOPS:
            continue
        try:
            HANDLERS[message.queue](world.services, {"key": message.key, **message.body})
        except (ConflictError, TemporaryGatewayError):
            queues.send(message)


@pytest.mark.contract("DSK-2", "ORD-1", "DSK-9")
def test_two_hundred_desktops_at_once_none_lost_none_doubled() -> None:
    # given twenty orders of ten desktops, every message sent twice
    world = World()
    world.services.catalogue.load_file(DEMO)
    account, _ = an_account(world)
    others = [AccountId(f"acc_{n}") for n in range(1, ACCOUNTS)]
    directory = world.services.accounts
    real = directory.account

    def known(account_id: AccountId) -> object:
        return account if account_id in others else real(account_id)

    directory.account = known  # type: ignore[method-assign, assignment]
    for number, account_id in enumerate([account.id, *others]):
        order = order_of(world, account_id, number)
        world.services.work.commit(*OrderStorage(world.adapters.tables).add(order))
        for _ in range(2):
            world.adapters.queues.send(
                Message(Queue.DESKTOPS, order.id, {"do": "create", "order_id": order.id})
            )
    # when eight workers carry them out
    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(work, [world] * WORKERS))
    work(world)
    # then each desktop runs on a machine of its own
    desktops = list(world.services.desktops.all_desktops())
    assert len(desktops) == ACCOUNTS * EACH
    assert {desktop.state for desktop in desktops} == {State.RUNNING}
    machines = world.adapters.machines.machines
    assert len(machines) == ACCOUNTS * EACH
    assert {desktop.machine_id for desktop in desktops} == machines.keys()
    # and each client's evidence holds
    for account_id in (account.id, *others):
        assert world.services.journal.verify(account_id) is None
    assert world.services.machine_reconciliation.run().is_clean
