"""The whole system over fakes: services, a pump for its queues, the console's client."""

from copy import deepcopy
from functools import cached_property

from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.messages import Queue
from chalicelib.foundation.settings import Company, Secrets, Settings
from chalicelib.queues import handle
from chalicelib.schedule import JOBS
from chalicelib.wiring import Adapters, Services
from tests.fakes.accounts import QuickPasswords
from tests.fakes.aws_calls import asks
from tests.fakes.card_processor import FakeCardProcessor
from tests.fakes.clock import StoppedClock
from tests.fakes.machines import FakeMachines, FakeMachineSecrets
from tests.fakes.outside import (
    InMemoryDocuments,
    InMemoryQueues,
    InMemorySigner,
    InMemoryVault,
    KeptMetrics,
    MailBox,
)
from tests.fakes.tables import InMemoryTables
from tests.fakes.tax import FakePlatform, FakeVies

CONSOLE_URL = "https://console.example.com"
COMPANY = Company(
    name="Exemple Bureau",
    legal_form="SAS",
    capital="10 000 €",
    address="1 rue de l’Exemple",
    postal_code="75002",
    city="Paris",
    siren="900000001",
    rcs_city="Paris",
    vat_number="FR68900000001",
    email="contact@exemple-bureau.example",
    phone="+33 1 99 00 00 00",
    mediator="Médiation de l’Exemple",
    mediator_url="https://mediation.example",
)
SECRETS = Secrets("sk_test_fake", "whsec_fake", "session-key-of-tests", "pepper-of-tests")


class TestSettings(Settings):
    """Settings whose secrets are given, not read from SSM."""

    __test__ = False

    @property
    def secrets(self) -> Secrets:  # type: ignore[override]
        asks("Settings.secrets")
        return SECRETS

    @property
    def company(self) -> Company:  # type: ignore[override]
        asks("Settings.company")
        return COMPANY


def test_settings() -> TestSettings:
    """Make the settings of a stage named test."""
    return TestSettings(
        stage="test",
        console_url=CONSOLE_URL,
        prefix="omny-test-",
        documents_bucket="documents",
        exchange_bucket="exchange",
        kms_key_id="key",
        signing_key_id="signing-key",
        mail_from="console@exemple-bureau.example",
        access=AwsAccess(),
    )


test_settings.__test__ = False  # type: ignore[attr-defined]


class FakeAdapters(Adapters):
    """The outside in memory."""

    def __init__(self, clock: StoppedClock | None = None) -> None:
        super().__init__(test_settings(), clock or StoppedClock())

    @cached_property
    def tables(self) -> InMemoryTables:  # type: ignore[override]
        return InMemoryTables()

    @cached_property
    def queues(self) -> InMemoryQueues:  # type: ignore[override]
        return InMemoryQueues()

    @cached_property
    def documents(self) -> InMemoryDocuments:  # type: ignore[override]
        return InMemoryDocuments()

    @cached_property
    def vault(self) -> InMemoryVault:  # type: ignore[override]
        return InMemoryVault()

    @cached_property
    def signer(self) -> InMemorySigner:  # type: ignore[override]
        return InMemorySigner()

    @cached_property
    def mail_sender(self) -> MailBox:  # type: ignore[override]
        return MailBox()

    @cached_property
    def metrics(self) -> KeptMetrics:  # type: ignore[override]
        return KeptMetrics()

    @cached_property
    def passwords(self) -> QuickPasswords:
        return QuickPasswords()

    # adapters of desktops (tests/fakes/machines.py)
    check_delay_seconds = 0

    @cached_property
    def machines(self) -> FakeMachines:
        return FakeMachines()

    @cached_property
    def machine_providers(self) -> dict[str, FakeMachines]:  # type: ignore[override]
        return {"ec2": self.machines}

    @cached_property
    def machine_secrets(self) -> FakeMachineSecrets:  # type: ignore[override]
        return FakeMachineSecrets()

    # adapters of billing (tests/fakes/tax.py)
    @property
    def vies(self) -> FakeVies:  # type: ignore[override]
        asks("Settings.company")  # which names the company's own number to VIES
        return self._vies

    @cached_property
    def _vies(self) -> FakeVies:
        return FakeVies()

    @cached_property
    def platform(self) -> FakePlatform:  # type: ignore[override]
        return FakePlatform()

    # adapters of payments (tests/fakes/card_processor.py)
    @property
    def card_processor(self) -> FakeCardProcessor:  # type: ignore[override]
        asks("Settings.secrets")  # Stripe's keys
        return self._card_processor

    @cached_property
    def _card_processor(self) -> FakeCardProcessor:
        return FakeCardProcessor(self.clock)


class World:
    """Services over fakes, and the loop that stands for SQS and Lambda.

    Without ``draws`` documents are left undrawn, and what follows them undone (mails of invoices,
    charges): drawing takes most of the time of a story that looks at none of it.
    """

    def __init__(self, now: str = "2026-11-05 10:00", *, draws: bool = True) -> None:
        self.draws = draws
        self.clock = StoppedClock(now)
        self.adapters = FakeAdapters(self.clock)
        self.services = Services(self.adapters)

    def pump(self, *, at_most: int = 10_000) -> int:
        """Handle waiting messages, and those they cause, until none is left."""
        handled = 0
        while (message := self.adapters.queues.take()) is not None:
            if message.queue is Queue.DOCUMENTS and not self.draws:
                continue
            # Each time as a Lambda that has just started, which builds what it needs.
            handle(message.queue, message.text, self.fresh())
            handled += 1
            assert handled < at_most, "messages cause messages without end"
        return handled

    def fresh(self) -> Services:
        """Build services anew over the same outside, as a function does when it starts."""
        return Services(self.adapters)

    def copy(self) -> "World":
        """Make another world, as this one is now: what is told to one is not told to the other."""
        other = World(draws=self.draws)
        other.adapters = deepcopy(self.adapters)
        other.clock = other.adapters.clock  # type: ignore[assignment]
        other.services = Services(other.adapters)
        return other

    def run(self, job: str) -> object:
        """Wake a job as its schedule does, in a function that has just started."""
        return JOBS[job].run(self.fresh())

    @property
    def mails(self) -> MailBox:
        """The mails sent."""
        return self.adapters.mail_sender
