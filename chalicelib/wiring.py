"""Joins services to their adapters: the only module that names every adapter.

Services are built on first use and import their own modules then, so that a page loads only what it
needs (stripe, PDF and Babel take long to import).
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.foundation.clock import Clock, SystemClock
from chalicelib.foundation.settings import Settings

if TYPE_CHECKING:
    from chalicelib.console.rendering import Renderer
    from chalicelib.foundation.documents import Documents
    from chalicelib.foundation.messages import Queues
    from chalicelib.foundation.tables import Tables
    from chalicelib.foundation.unit_of_work import UnitOfWork
    from chalicelib.foundation.vault import Vault
    from chalicelib.legal.journal import Journal
    from chalicelib.notifications.service import MailSender, NotificationService


class Adapters:
    """The outside as production has it; tests subclass it with the shared fakes."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()

    @cached_property
    def tables(self) -> "Tables":
        """Where records are."""
        from chalicelib.foundation.dynamodb import DynamoTables

        return DynamoTables(self.settings.access, self.settings.prefix)

    @cached_property
    def queues(self) -> "Queues":
        """Where messages go."""
        from chalicelib.foundation.sqs import SqsQueues

        return SqsQueues(self.settings.access, self.settings.prefix)

    @cached_property
    def documents(self) -> "Documents":
        """Where PDFs are kept."""
        from chalicelib.foundation.documents import S3Documents

        return S3Documents(self.settings.access, self.settings.documents_bucket)

    @cached_property
    def vault(self) -> "Vault":
        """What encrypts access codes."""
        from chalicelib.foundation.vault import KmsVault

        return KmsVault(self.settings.access, self.settings.kms_key_id)

    @cached_property
    def mail_sender(self) -> "MailSender":
        """What sends mails."""
        from chalicelib.notifications.ses_gateway import SesMailSender

        return SesMailSender(self.settings.access)

    # adapters of desktops

    # adapters of payments


class Services:
    """Every use case, each with its ports filled in."""

    def __init__(self, adapters: Any) -> None:
        self.adapters = adapters
        self.settings: Settings = adapters.settings
        self.clock: Clock = adapters.clock

    @cached_property
    def work(self) -> "UnitOfWork":
        """Commits facts with their messages."""
        from chalicelib.foundation.unit_of_work import UnitOfWork

        return UnitOfWork(self.adapters.tables, self.adapters.queues)

    @cached_property
    def journal(self) -> "Journal":
        """The evidence journal."""
        from chalicelib.legal.journal import Journal

        return Journal(self.adapters.tables, self.clock)

    @cached_property
    def renderer(self) -> "Renderer":
        """Renders pages and mails."""
        from chalicelib.console.rendering import Renderer

        return Renderer(self.settings.company, self.settings.console_url)

    @cached_property
    def notifications(self) -> "NotificationService":
        """Sends mails."""
        from chalicelib.notifications.service import NotificationService, Sender

        return NotificationService(
            tables=self.adapters.tables,
            texts=self.renderer,
            documents=self.adapters.documents,
            mail_sender=self.adapters.mail_sender,
            sender=Sender(self.settings.company.name, self.settings.mail_from),
            clock=self.clock,
        )

    # accounts and legal documents

    # catalogue

    # orders

    # desktops

    # metering

    # billing

    # payments


def build_services() -> Services:
    """Build the services of the stage named by the environment."""
    return Services(Adapters(Settings.from_environment()))
