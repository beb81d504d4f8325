"""What every domain stands on: the outside, commits, the journal, mails."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.foundation.clock import Clock
from chalicelib.foundation.settings import Settings

if TYPE_CHECKING:
    from chalicelib.foundation.unit_of_work import UnitOfWork
    from chalicelib.legal.journal import Journal
    from chalicelib.legal.recording import Recording
    from chalicelib.notifications.service import NotificationService
    from chalicelib.texts.mail_texts import MailTexts


class Base:
    """What every domain stands on: the outside, commits, the journal, mails."""

    def __init__(self, adapters: Any) -> None:
        self.adapters = adapters
        self.settings: Settings = adapters.settings
        self.clock: Clock = adapters.clock

    @cached_property
    def work(self) -> "UnitOfWork":
        """Commits facts with their messages."""
        from chalicelib.foundation.unit_of_work import UnitOfWork
        from chalicelib.measured import note_committed

        return UnitOfWork(self.adapters.tables, self.adapters.queues, note_committed)

    @cached_property
    def journal(self) -> "Journal":
        """The evidence journal."""
        from chalicelib.legal.journal import Journal

        return Journal(self.adapters.tables, self.clock)

    @cached_property
    def recording(self) -> "Recording":
        """Facts, their evidence and the hour, as one collaborator."""
        from chalicelib.legal.recording import Recording

        return Recording(work=self.work, journal=self.journal, clock=self.clock)

    @cached_property
    def mail_texts(self) -> "MailTexts":
        """The words of mails."""
        from chalicelib.texts.mail_texts import MailTexts

        return MailTexts(self.settings.company, self.settings.console_url)

    @cached_property
    def notifications(self) -> "NotificationService":
        """Sends mails."""
        from chalicelib.notifications.service import NotificationService, Sender

        return NotificationService(
            tables=self.adapters.tables,
            texts=self.mail_texts,
            documents=self.adapters.documents,
            mail_sender=self.adapters.mail_sender,
            sender=Sender(self.settings.company.name, self.settings.mail_from),
            clock=self.clock,
        )
