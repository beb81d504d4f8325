"""The whole stack on one machine: its parts started in order, and stopped in the other order."""

import importlib
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from chalicelib.queues import WORKERS
from chalicelib.schedule import ScheduledJob
from infra.local.clock.clock_keeper import ClockKeeper
from infra.local.clock.shifted_clock import ShiftedClock
from infra.local.desk.server import Desk
from infra.local.kept_data import KeptData
from infra.local.memory.adapters import MemoryAdapters
from infra.local.outside.adapters import LocalAdapters
from infra.local.outside.mailbox import Mailbox
from infra.local.outside.provisioning import PREFIX, local_access, local_settings, provision
from infra.local.programs.emulators import Emulators
from infra.local.programs.processes import HOST
from infra.local.stack.console_server import ConsoleServer
from infra.local.stack.machine_events import MachineEvents
from infra.local.stack.queue_pump import Arrivals, LambdaContext, QueuePump
from infra.local.stack.recorder import note_calls_of_memory
from infra.local.stack.start_page import StartPage
from infra.local.state_folder import Addresses, StateFolder
from simulators.stripe import StripeSimulator

log = logging.getLogger(__name__)
# Webhooks and messages cause each other: an order's card, an invoice's charge.
_MOST_ROUNDS = 50


class LocalStack:
    """Everything `make run` starts on the emulators; `start`, use, `stop`.

    The emulators are programs of their own (`emulators.py`); the console, its workers, the
    schedule, the simulator and the desk are threads of this process, which share one clock.
    """

    def __init__(
        self,
        folder: StateFolder,
        port: int,
        emulators: Emulators,
        *,
        through_emulator: bool = False,
    ) -> None:
        self.folder = folder
        self._emulators = emulators
        self.clock = ShiftedClock()
        self.mailbox = Mailbox(folder.mails)
        self.start_page = StartPage()
        self._port = port
        self._ending = ExitStack()
        self._arrivals = Arrivals()
        self._stays = through_emulator  # or: is in memory already

    def start(self) -> None:
        """Start every part but the schedule and the desk: see ``follow_schedule``.

        The emulators are being started.  Raises PortTaken, NotReady; whoever calls must then
        ``stop``.
        """
        ministack, moto = self._emulators.ministack.url, self._emulators.moto.url
        self.app = _app()
        self._console = self._run(ConsoleServer(self.app, self._port, self.start_page))
        self._emulators.wait_for_ministack()
        access = local_access(ministack, moto)
        provision(access)
        console = f"http://{HOST}:{self._port}"
        # The simulator's secret is in the settings, and its address, once it has one, too.
        secrets = local_settings(access, console, "").secrets
        simulator = StripeSimulator(
            state_file=self.folder.stripe,
            webhook_url=f"{console}/stripe/webhook",
            webhook_secret=secrets.stripe_webhook_secret,
            now=self.clock.now,
        )
        settings = local_settings(access, console, simulator.url)
        self._adapters = LocalAdapters(settings, self.clock, self.mailbox, self._arrivals.announce)
        self._serve(_services(self._adapters))
        self._simulator = self._run(simulator)
        workers = {queue: getattr(_module(), each.name) for queue, each in WORKERS.items()}
        self._sqs = access.client("sqs")
        self.pump = self._run(QueuePump(self._sqs, PREFIX, workers, self._arrivals))
        self.keeper = ClockKeeper(
            self.clock,
            fire,
            self.settle,
            self.folder.clock,
            around_long=None if self._stays else self.in_memory,
        )
        self._ending.callback(self.keeper.stop)
        self._parts = {"console": console, "ministack": ministack, "moto": moto}
        self._emulators.wait_for_moto()

    def _serve(self, services: Any) -> None:
        self.app.services = self.services = services

    @contextmanager
    def in_memory(self) -> Iterator[None]:
        """Have tables and queues in memory until the end of a `with` block, then written in bulk.

        Moving through a month reads thousands of records, each of which costs the emulator
        milliseconds.  Whoever ends the program meanwhile loses what happened in the block.
        """
        if self._stays:
            yield
            return
        self.settle()
        kept, before = KeptData(self.folder), self.services
        with self._console.paused(), self.pump.paused():
            kept.note_ahead()
            adapters = MemoryAdapters(self._adapters)
            adapters.take()
            self._serve(_services(adapters))
            self.pump.carry_from(adapters.sqs)
            self._stays = True
        note_calls_of_memory(self.services)
        yield
        self.settle()
        with self._console.paused(), self.pump.paused():
            adapters.give_back()
            self._serve(before)
            self.pump.carry_from(self._sqs)
            self._stays = False
            kept.note_level()

    def follow_schedule(self) -> None:
        """Start firing the schedule: first, once, what fell due while nothing ran.

        Then the desk, which can move the clock.
        """
        self.keeper.start()
        desk = Desk(
            self.mailbox,
            self.keeper,
            lambda own: Addresses(desk=own, stripe=self._simulator.url, **self._parts),
        )
        self._run(desk)
        cloud = self.services.base.adapters.machine_providers["ec2"]
        self._run(MachineEvents(cloud.inventory, tell_machine_event))
        self.addresses = desk.addresses
        self.folder.publish(self.addresses)
        self._ending.callback(self.folder.withdraw)
        self.start_page.end()

    def settle(self) -> None:
        """Wait until no message and no webhook is left to carry, nor one they cause."""
        for _ in range(_MOST_ROUNDS):
            carried = self.pump.drain()
            delivered = self._simulator.drain()
            if delivered and not carried and not self.pump.drain():
                return
        log.warning("messages and webhooks do not come to rest")

    def stop(self) -> None:
        """Stop every part that was started here; the emulators are stopped after it."""
        self._ending.close()

    def _run(self, part: Any) -> Any:
        """Start a part, to be stopped before those it stands on."""
        self._ending.callback(part.stop)
        part.start()
        return part


def fire(job: ScheduledJob) -> None:
    """Call the function of app.py that a schedule wakes up."""
    function: Callable[[dict[str, Any], Any], None] = getattr(_module(), job.name)
    function({"source": "local schedule"}, LambdaContext(job.name))


def tell_machine_event(event: dict[str, Any]) -> None:
    """Call the function of app.py that EventBridge calls in production."""
    _module().desktop_events(event, LambdaContext("desktop_events"))


def _module() -> Any:
    return importlib.import_module("app")


def _app() -> Any:
    app = _module().app
    # Chalice's own handler writes to the terminal; the log file has it all.
    for handler in list(app.log.handlers):
        app.log.removeHandler(handler)
    app.log.propagate = True
    return app


def _services(adapters: LocalAdapters) -> Any:
    from chalicelib.wiring import Services

    return Services(adapters)
