"""Desktops and their access codes in the ``desktops`` table.

Keys: ``ACC#account / DSK#id`` (listing ``DESKTOPS`` by account then id), ``ACC#account /
MARK#mark#id`` (listing ``MARK#mark``: the desktops that a job or a page is about), ``MACHINE#id /
DESKTOP`` (whose machine that is), ``DSK#id / CODE`` (the current access code), ``LINK#digest /
LINK`` (a mailed link, pointing at its desktop).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.desktops.model.access_code import AccessCode, AccessLink
from chalicelib.desktops.model.desktop import Desktop, Mark
from chalicelib.desktops.model.desktop_json import desktop_of, details_of
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import (
    JSONAttribute,
    NumberAttribute,
    OldRecord,
    UnicodeAttribute,
    old_delete,
    old_put,
)
from chalicelib.foundation.tables import Put, Tables, Write

_TABLE = "desktops"
_LISTING = "DESKTOPS"


class DesktopRecord(OldRecord):
    """A desktop; ``details`` holds what no key or condition needs."""

    class Meta:
        table_name = _TABLE

    account_id = UnicodeAttribute()
    desktop_id = UnicodeAttribute()
    state = UnicodeAttribute()
    details = JSONAttribute()


class MarkRecord(OldRecord):
    """Puts a desktop in a list as long as the list concerns it."""

    class Meta:
        table_name = _TABLE

    account_id = UnicodeAttribute()
    desktop_id = UnicodeAttribute()


class MachineRecord(OldRecord):
    """Says whose machine a machine is: the cloud's events know it alone."""

    class Meta:
        table_name = _TABLE

    account_id = UnicodeAttribute()
    desktop_id = UnicodeAttribute()


class AccessCodeRecord(OldRecord):
    """The access code of a desktop; ``ciphertext`` goes once it was revealed."""

    class Meta:
        table_name = _TABLE

    account_id = UnicodeAttribute()
    generation = NumberAttribute()
    made_at = UnicodeAttribute()
    ciphertext = UnicodeAttribute(null=True)
    link_digest = UnicodeAttribute(null=True)
    link_expires_at = UnicodeAttribute(null=True)
    revealed_at = UnicodeAttribute(null=True)


class AccessLinkRecord(OldRecord):
    """A mailed link; only the digest of its token is known."""

    class Meta:
        table_name = _TABLE

    account_id = UnicodeAttribute()
    desktop_id = UnicodeAttribute()


class DesktopStorage:
    """Reads desktops and codes, and gives the writes that save them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def desktop(self, account_id: str, desktop_id: str) -> Desktop | None:
        """Read a desktop of an account."""
        record = self._tables.get_record(DesktopRecord, f"ACC#{account_id}", f"DSK#{desktop_id}")
        return _desktop(record) if record else None

    def of_account(self, account_id: str) -> Iterator[Desktop]:
        """Read every desktop of an account, deleted ones included."""
        for record in self._tables.query_records(
            DesktopRecord, f"ACC#{account_id}", starts_with="DSK#"
        ):
            yield _desktop(record)

    def all(self) -> Iterator[Desktop]:
        """Read every desktop, account after account (an index: it may lag by a moment)."""
        for record in self._tables.listing_records(DesktopRecord, _LISTING):
            yield _desktop(record)

    def marked(self, mark: Mark) -> Iterator[Desktop]:
        """Read the desktops of a list (an index: it may lag by a moment)."""
        for record in self._tables.listing_records(MarkRecord, f"MARK#{mark}"):
            desktop = self.desktop(record.account_id, record.desktop_id)
            if desktop is not None and mark in desktop.marks:
                yield desktop

    def owner_of(self, machine_id: str) -> tuple[str, str] | None:
        """Tell whose a machine is: account and desktop."""
        record = self._tables.get_record(MachineRecord, f"MACHINE#{machine_id}", "DESKTOP")
        return (record.account_id, record.desktop_id) if record else None

    def code(self, desktop_id: str) -> AccessCode | None:
        """Read the current access code of a desktop."""
        record = self._tables.get_record(AccessCodeRecord, f"DSK#{desktop_id}", "CODE")
        if record is None:
            return None
        return AccessCode(
            desktop_id=desktop_id,
            account_id=record.account_id,
            generation=int(record.generation),
            made_at=instant(record.made_at),
            ciphertext=record.ciphertext,
            link_digest=record.link_digest,
            link_expires_at=_maybe(record.link_expires_at),
            revealed_at=_maybe(record.revealed_at),
            version=int(record.version),
        )

    def link(self, digest: str) -> AccessLink | None:
        """Find the desktop a mailed link is for."""
        record = self._tables.get_record(AccessLinkRecord, f"LINK#{digest}", "LINK")
        return AccessLink(digest, record.account_id, record.desktop_id) if record else None

    def save(self, desktop: Desktop) -> tuple[Write, ...]:
        """Give the writes of a desktop and of the lists it enters or leaves.

        Refused when somebody wrote it since.
        """
        wanted = desktop.marks
        entered = [old_put(_mark(desktop, mark), always=True) for mark in wanted - desktop.listed]
        left = [old_delete(_mark(desktop, mark)) for mark in desktop.listed - wanted]
        return (self.save_desktop(replace(desktop, listed=wanted)), *entered, *left)

    def save_owner(self, machine_id: str, desktop: Desktop) -> Put:
        """Give the write that says whose machine it is."""
        return old_put(
            MachineRecord(
                pk=f"MACHINE#{machine_id}",
                sk="DESKTOP",
                account_id=desktop.account_id,
                desktop_id=desktop.id,
            ),
            always=True,
        )

    def save_desktop(self, desktop: Desktop) -> Put:
        """Give the write of a desktop alone, its lists left as they are."""
        return old_put(
            DesktopRecord(
                pk=f"ACC#{desktop.account_id}",
                sk=f"DSK#{desktop.id}",
                version=desktop.version,
                list_key=_LISTING,
                list_sort=f"{desktop.account_id}#{desktop.id}",
                account_id=desktop.account_id,
                desktop_id=desktop.id,
                state=desktop.state.value,
                details=details_of(desktop),
            )
        )

    def save_code(self, code: AccessCode) -> Put:
        """Give the write of an access code, refused when somebody wrote it since."""
        return old_put(
            AccessCodeRecord(
                pk=f"DSK#{code.desktop_id}",
                sk="CODE",
                version=code.version,
                account_id=code.account_id,
                generation=code.generation,
                made_at=iso(code.made_at),
                ciphertext=code.ciphertext,
                link_digest=code.link_digest,
                link_expires_at=_text(code.link_expires_at),
                revealed_at=_text(code.revealed_at),
            )
        )

    def save_link(self, link: AccessLink, *, forget_at: datetime) -> Put:
        """Give the write of a mailed link, which may be forgotten after an instant."""
        return old_put(
            AccessLinkRecord(
                pk=f"LINK#{link.digest}",
                sk="LINK",
                account_id=link.account_id,
                desktop_id=link.desktop_id,
                expires=int(forget_at.timestamp()),
            )
        )


def _desktop(record: DesktopRecord) -> Desktop:
    return desktop_of(
        record.account_id,
        record.desktop_id,
        record.state,
        record.details,
        int(record.version),
    )


def _mark(desktop: Desktop, mark: Mark) -> MarkRecord:
    return MarkRecord(
        pk=f"ACC#{desktop.account_id}",
        sk=f"MARK#{mark}#{desktop.id}",
        list_key=f"MARK#{mark}",
        list_sort=f"{desktop.account_id}#{desktop.id}",
        account_id=desktop.account_id,
        desktop_id=desktop.id,
    )


def _text(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


def _maybe(text: str | None) -> datetime | None:
    return instant(text) if text else None
