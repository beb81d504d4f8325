"""Desktops and their access codes in the ``desktops`` table.

Keys: ``ACC#account / DSK#id`` (listing ``DESKTOPS`` by account then id), ``DSK#id / CODE`` (the
current access code), ``LINK#digest / LINK`` (a mailed link, pointing at its desktop).
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from chalicelib.desktops.access_code import AccessCode, AccessLink
from chalicelib.desktops.desktop import Desktop, Operation, Tariff, Transition
from chalicelib.desktops.lifecycle import State
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.records import (
    JSONAttribute,
    NumberAttribute,
    Record,
    UnicodeAttribute,
    instant,
    iso,
)
from chalicelib.foundation.tables import Put, Tables

_TABLE = "desktops"
_LISTING = "DESKTOPS"


class DesktopRecord(Record):
    """A desktop; ``details`` holds what no key or condition needs."""

    class Meta:
        table_name = _TABLE

    account_id = UnicodeAttribute()
    desktop_id = UnicodeAttribute()
    state = UnicodeAttribute()
    details = JSONAttribute()


class AccessCodeRecord(Record):
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


class AccessLinkRecord(Record):
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
        record = self._tables.get(DesktopRecord, f"ACC#{account_id}", f"DSK#{desktop_id}")
        return _desktop(record) if record else None

    def of_account(self, account_id: str) -> Iterator[Desktop]:
        """Read every desktop of an account, deleted ones included."""
        for record in self._tables.query(DesktopRecord, f"ACC#{account_id}", starts_with="DSK#"):
            yield _desktop(record)

    def all(self) -> Iterator[Desktop]:
        """Read every desktop, account after account (an index: it may lag by a moment)."""
        for record in self._tables.listing(DesktopRecord, _LISTING):
            yield _desktop(record)

    def code(self, desktop_id: str) -> AccessCode | None:
        """Read the current access code of a desktop."""
        record = self._tables.get(AccessCodeRecord, f"DSK#{desktop_id}", "CODE")
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
        record = self._tables.get(AccessLinkRecord, f"LINK#{digest}", "LINK")
        return AccessLink(digest, record.account_id, record.desktop_id) if record else None

    def save_desktop(self, desktop: Desktop) -> Put:
        """Give the write of a desktop, refused when somebody wrote it since."""
        return Put(
            DesktopRecord(
                pk=f"ACC#{desktop.account_id}",
                sk=f"DSK#{desktop.id}",
                version=desktop.version,
                list_key=_LISTING,
                list_sort=f"{desktop.account_id}#{desktop.id}",
                account_id=desktop.account_id,
                desktop_id=desktop.id,
                state=desktop.state.value,
                details=_details(desktop),
            )
        )

    def save_code(self, code: AccessCode) -> Put:
        """Give the write of an access code, refused when somebody wrote it since."""
        return Put(
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
        return Put(
            AccessLinkRecord(
                pk=f"LINK#{link.digest}",
                sk="LINK",
                account_id=link.account_id,
                desktop_id=link.desktop_id,
                expires=int(forget_at.timestamp()),
            )
        )


_INSTANTS = ("created_at", "recorded_at", "ready_at", "deleted_at", "failed_at", "moving_since")
_PLAIN = (
    "order_id",
    "name",
    "configuration_code",
    "provider",
    "machine_id",
    "address",
    "assigned_user_id",
    "wanted_code",
    "was_running",
    "generation",
    "late_looks",
    "code_generation",
)


def _details(desktop: Desktop) -> dict[str, object]:
    return {
        **{name: getattr(desktop, name) for name in _PLAIN},
        **{name: _text(getattr(desktop, name)) for name in _INSTANTS},
        "option_codes": [list(pair) for pair in desktop.option_codes],
        "tariffs": [[each.configuration_code, iso(each.from_at)] for each in desktop.tariffs],
        "operation": desktop.operation.value if desktop.operation else None,
        "due_on": desktop.due_on.isoformat() if desktop.due_on else None,
        "history": [
            [iso(step.at), step.event, step.from_state, step.to_state, step.by, step.why]
            for step in desktop.history
        ],
    }


def _desktop(record: DesktopRecord) -> Desktop:
    details: dict[str, Any] = record.details
    instants: dict[str, Any] = {name: _maybe(details[name]) for name in _INSTANTS}
    return Desktop(
        id=record.desktop_id,
        account_id=AccountId(record.account_id),
        state=State(record.state),
        **{name: details[name] for name in _PLAIN},
        **instants,
        option_codes=tuple((code, int(count)) for code, count in details["option_codes"]),
        tariffs=tuple(Tariff(code, instant(at)) for code, at in details["tariffs"]),
        operation=Operation(details["operation"]) if details["operation"] else None,
        due_on=date.fromisoformat(details["due_on"]) if details["due_on"] else None,
        history=tuple(
            Transition(instant(at), event, State(origin), State(target), by, why)
            for at, event, origin, target, by, why in details["history"]
        ),
        version=int(record.version),
    )


def _text(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


def _maybe(text: str | None) -> datetime | None:
    return instant(text) if text else None
