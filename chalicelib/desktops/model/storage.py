"""Desktops and their access codes in the ``desktops`` table.

Keys: ``ACC#account / DSK#id`` (listing ``DESKTOPS`` by account then id), ``ACC#account /
MARK#mark#id`` (listing ``MARK#mark``: the desktops that a job or a page is about), ``MACHINE#id /
DESKTOP`` (whose machine that is), ``DSK#id / CODE`` (the current access code), ``LINK#digest /
LINK`` (a mailed link, pointing at its desktop).
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime

import msgspec

from chalicelib.desktops.model.access_code import AccessCode, AccessLink
from chalicelib.desktops.model.desktop import Desktop, Mark
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables, Write

_TABLE = "desktops"
_LISTING = "DESKTOPS"


class _Desktops(Kind[Desktop]):
    """Desktops without what is still as it began: most of their fields say nothing, and the
    comparison with the clouds reads them all every five minutes.
    """

    def write(self, thing: Desktop) -> str:
        """Give the body that keeps a desktop."""
        values = ((field.name, getattr(thing, field.name), field.default) for field in _FIELDS)
        told = {name: value for name, value, default in values if value != default}
        return msgspec.json.encode(told).decode()


@dataclass(frozen=True)
class DesktopKey:
    """Which desktop of which account."""

    account_id: str
    desktop_id: str


_FIELDS = fields(Desktop)
DESKTOPS = _Desktops(_TABLE, "desktop", Desktop)
_MARKS = Kind(_TABLE, "mark", DesktopKey)
_MACHINES = Kind(_TABLE, "machine", DesktopKey)
_CODES = Kind(_TABLE, "access_code", AccessCode)
_LINKS = Kind(_TABLE, "access_link", AccessLink)


class DesktopStorage:
    """Reads desktops and codes, and gives the writes that save them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def desktop(self, account_id: str, desktop_id: str) -> Desktop | None:
        """Read a desktop of an account."""
        return self._tables.get(DESKTOPS, f"ACC#{account_id}", f"DSK#{desktop_id}")

    def of_account(self, account_id: str) -> Iterator[Desktop]:
        """Read every desktop of an account, deleted ones included."""
        return self._tables.query(DESKTOPS, f"ACC#{account_id}", starts_with="DSK#")

    def all(self) -> Iterator[Desktop]:
        """Read every desktop, account after account (an index: it may lag by a moment)."""
        return self._tables.listing(DESKTOPS, _LISTING)

    def marked(self, mark: Mark) -> Iterator[Desktop]:
        """Read the desktops of a list (an index: it may lag by a moment)."""
        for key in self._tables.listing(_MARKS, f"MARK#{mark}"):
            desktop = self.desktop(key.account_id, key.desktop_id)
            if desktop is not None and mark in desktop.marks:
                yield desktop

    def owner_of(self, machine_id: str) -> DesktopKey | None:
        """Tell whose a machine is: the cloud's events know it alone."""
        return self._tables.get(_MACHINES, f"MACHINE#{machine_id}", "DESKTOP")

    def code(self, desktop_id: str) -> AccessCode | None:
        """Read the current access code of a desktop."""
        return self._tables.get(_CODES, f"DSK#{desktop_id}", "CODE")

    def link(self, digest: str) -> AccessLink | None:
        """Find the desktop a mailed link is for."""
        return self._tables.get(_LINKS, f"LINK#{digest}", "LINK")

    def save(self, desktop: Desktop) -> tuple[Write, ...]:
        """Give the writes of a desktop and of the lists it enters or leaves.

        Refused when somebody wrote it since.
        """
        wanted = desktop.marks
        entered = [_put_mark(desktop, mark) for mark in wanted - desktop.listed]
        left = [
            _MARKS.delete(f"ACC#{desktop.account_id}", f"MARK#{mark}#{desktop.id}")
            for mark in desktop.listed - wanted
        ]
        return (self.save_desktop(replace(desktop, listed=wanted)), *entered, *left)

    def save_owner(self, machine_id: str, desktop: Desktop) -> Put:
        """Give the write that says whose machine it is."""
        key = DesktopKey(desktop.account_id, desktop.id)
        return _MACHINES.put(key, f"MACHINE#{machine_id}", "DESKTOP", always=True)

    def save_desktop(self, desktop: Desktop) -> Put:
        """Give the write of a desktop alone, its lists left as they are."""
        listed = (_LISTING, f"{desktop.account_id}#{desktop.id}")
        pk = f"ACC#{desktop.account_id}"
        return DESKTOPS.put(desktop, pk, f"DSK#{desktop.id}", listed=listed)

    def save_code(self, code: AccessCode) -> Put:
        """Give the write of an access code, refused when somebody wrote it since."""
        return _CODES.put(code, f"DSK#{code.desktop_id}", "CODE")

    def save_link(self, link: AccessLink, *, forget_at: datetime) -> Put:
        """Give the write of a mailed link, which may be forgotten after an instant."""
        return _LINKS.put(link, f"LINK#{link.digest}", "LINK", forget_at=forget_at)


def _put_mark(desktop: Desktop, mark: Mark) -> Put:
    return _MARKS.put(
        DesktopKey(desktop.account_id, desktop.id),
        f"ACC#{desktop.account_id}",
        f"MARK#{mark}#{desktop.id}",
        listed=(f"MARK#{mark}", f"{desktop.account_id}#{desktop.id}"),
        always=True,
    )
