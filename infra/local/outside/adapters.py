"""The outside as the local stack has it: production's adapters, watched where the desk looks."""

from collections.abc import Callable
from functools import cached_property

from chalicelib.billing.vat.vies import Vies
from chalicelib.foundation.measures import Metrics, Totals
from chalicelib.foundation.messages import Message, Queue, Queues
from chalicelib.foundation.settings import Settings
from chalicelib.notifications.service import MailSender
from chalicelib.wiring import Adapters
from infra.local.clock.shifted_clock import ShiftedClock
from infra.local.outside.mailbox import KeepingMailSender, Mailbox
from infra.local.outside.vies import LocalVies


class AnnouncedQueues:
    """Sends through the real queues, then tells the pump where: it need not poll all the time."""

    def __init__(self, queues: Queues, announce: Callable[[Queue], object]) -> None:
        self._queues = queues
        self._announce = announce

    def send(self, *messages: Message) -> None:
        """Hand messages of one queue over.  Raises TemporaryGatewayError as the queues do."""
        self._queues.send(*messages)
        self._announce(messages[0].queue)


class NoMetrics:
    """Publishes nothing."""

    def publish(self, function: str, totals: Totals) -> None:
        """Forget the measures of an invocation."""


class LocalAdapters(Adapters):
    """Production's adapters on the emulators, with the clock that can be moved."""

    check_delay_seconds = 0  # emulated machines are ready at once

    def __init__(
        self,
        settings: Settings,
        clock: ShiftedClock,
        mailbox: Mailbox,
        announce: Callable[[Queue], object] = lambda queue: None,
    ) -> None:
        super().__init__(settings, clock)
        self.mailbox = mailbox
        self.announce = announce

    @cached_property
    def queues(self) -> Queues:
        """Where messages go."""
        return AnnouncedQueues(super().queues, self.announce)

    @cached_property
    def metrics(self) -> Metrics:
        """Nobody reads measures here."""
        return NoMetrics()

    @cached_property
    def mail_sender(self) -> MailSender:
        """What sends mails, and keeps them for the desk."""
        return KeepingMailSender(super().mail_sender, self.mailbox, self.clock)

    @cached_property
    def vies(self) -> Vies:
        """The register of VAT numbers, without leaving the machine."""
        return LocalVies()
