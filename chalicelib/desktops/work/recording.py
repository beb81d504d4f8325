"""How the worker records: the desktop, its evidence and what follows, in one commit (DSK-1)."""

from dataclasses import replace

from chalicelib.desktops.connection.access_code_service import AccessCodeService
from chalicelib.desktops.model.announcements import last_step, work_message
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.holding import is_to_settle
from chalicelib.desktops.model.notices import Notices
from chalicelib.desktops.model.ports import Accounts, Catalogues, DesktopStore
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.journal import Journal

SYSTEM = "system"


class OvertakenError(Exception):
    """The desktop changed since it was looked at: look again."""


class Recording:
    """The ports of the outcomes, and the shape of their commits."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: DesktopStore,
        work: UnitOfWork,
        journal: Journal,
        accounts: Accounts,
        catalogues: Catalogues,
        codes: AccessCodeService,
        clock: Clock,
        check_delay_seconds: int,
    ) -> None:
        self._storage = storage
        self._work = work
        self._journal = journal
        self._catalogues = catalogues
        self._codes = codes
        self._clock = clock
        self._delay = check_delay_seconds
        self._notices = Notices(accounts, catalogues)

    def check_later(self, desktop: Desktop) -> Message:
        """Make the message that looks at the desktop again in a moment."""
        return work_message(desktop, "check", self._delay)

    def look_again(self, desktop: Desktop) -> None:
        """Have the desktop looked at again in a moment, changing nothing."""
        self._work.commit(self.check_later(desktop))

    def _commit(self, changed: Desktop, kind: str | None, *others: Write | Message) -> Desktop:
        """Commit an outcome; ``kind`` names its journal entry, None for a detail without one.

        Where a measure waited for this outcome, it is carried out next.
        """
        if is_to_settle(changed):
            others = (*others, work_message(changed, "settle"))

        def attempt() -> Desktop:
            changes: list[Write | Message] = [*self._storage.save(changed), *others]
            if kind:
                facts = last_step(changed)
                changes.append(self._journal.entry(changed.account_id, kind, facts, by=SYSTEM))
            try:
                self._work.commit(*changes)
            except ConflictError:
                present = self._storage.desktop(changed.account_id, changed.id)
                if present is None or present.version != changed.version:
                    raise OvertakenError(changed.id) from None
                raise  # another desktop of the account wrote the journal first: once more
            return replace(changed, version=changed.version + 1, listed=changed.marks)

        return retry_on_conflict(attempt)
