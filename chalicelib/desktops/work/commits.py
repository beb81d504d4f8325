"""How the worker records: the desktop, its evidence and what follows, in one commit (DSK-1)."""

from dataclasses import dataclass, replace
from functools import cached_property

from chalicelib.accounts.service import AccountService
from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.connection.access_code_service import AccessCodeService
from chalicelib.desktops.model.announcements import last_step, work_message
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.notices import Notices
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Write
from chalicelib.legal.recording import Recording


class OvertakenError(Exception):
    """The desktop changed since it was looked at: look again."""


@dataclass(kw_only=True)
class DesktopCommits:
    """What the outcomes stand on, and the shape of their commits."""

    storage: DesktopStorage
    accounts: AccountService
    catalogues: CatalogueService
    codes: AccessCodeService
    check_delay_seconds: int
    recording: Recording

    @cached_property
    def _notices(self) -> Notices:
        return Notices(accounts=self.accounts, catalogues=self.catalogues)

    def check_later(self, desktop: Desktop) -> Message:
        """Make the message that looks at the desktop again in a moment."""
        return work_message(desktop, "check", self.check_delay_seconds)

    def look_again(self, desktop: Desktop) -> None:
        """Have the desktop looked at again in a moment, changing nothing."""
        self.recording.commit(self.check_later(desktop))

    def _commit(self, changed: Desktop, kind: str | None, *others: Write | Message) -> Desktop:
        """Commit an outcome; ``kind`` names its journal entry, None for a detail without one.

        Where a measure waited for this outcome, it is carried out next.
        """
        if changed.is_to_settle:
            others = (*others, work_message(changed, "settle"))

        def attempt() -> Desktop:
            changes: list[Write | Message] = [*self.storage.save(changed), *others]
            if kind:
                facts = last_step(changed)
                changes.append(
                    self.recording.entry(changed.account_id, kind, facts, by=changed.history[-1].by)
                )
            try:
                self.recording.commit(*changes)
            except ConflictError:
                present = self.storage.desktop(changed.account_id, changed.id)
                if present is None or present.version != changed.version:
                    raise OvertakenError(changed.id) from None
                raise  # another desktop of the account wrote the journal first: once more
            return replace(changed, version=changed.version + 1, listed=changed.marks)

        return self.recording.again(attempt)
