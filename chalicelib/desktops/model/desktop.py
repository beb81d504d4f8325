"""A desktop and its history (CGV art. 5, 9, 14; DSK-1, DSK-3, DSK-8, CAT-2, P2, P4)."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from chalicelib.catalogue.catalogue import BACKUP
from chalicelib.desktops.model.backups import Backup
from chalicelib.desktops.model.lifecycle import HELD, MOVING, Event, State, allows, move
from chalicelib.desktops.model.measures import Measure, held_state
from chalicelib.foundation.ids import AccountId

_SETTLED = frozenset({State.RUNNING, State.STOPPED, *HELD})
_WITHOUT_MACHINE = frozenset({Event.REINSTALL, Event.DELETE})
ASKED, AS_ASKED = "asked", "as asked"
SYSTEM = "system"
HISTORY_LENGTH = 30  # shown on the desktop's page; the journal keeps everything


class Operation(StrEnum):
    """What is under way on a desktop without changing its state yet."""

    STARTING = "starting"
    STOPPING = "stopping"
    RESTARTING = "restarting"
    REBOOTING = "rebooting"  # restarted in the cloud, not yet seen back
    RENEWING_CODE = "renewing_code"
    GROWING = "growing"  # its disk, for more extra storage
    HOLDING = "holding"  # a measure is being carried out: stopped, or cut from the Internet
    RELEASING = "releasing"  # back to what it was before the measures


class Mark(StrEnum):
    """A list that a desktop is in as long as it concerns it: jobs and pages read those alone."""

    MOVING = "moving"
    SCHEDULED = "scheduled"
    MEASURED = "measured"
    BACKED_UP = "backed_up"


class Tariff(Struct, frozen=True, array_like=True):
    """The configuration charged from an instant on (P4)."""

    configuration_code: str
    from_at: datetime


Options = tuple[tuple[str, int], ...]  # (code, quantity)


class OptionsFrom(Struct, frozen=True, array_like=True):
    """The options charged from an instant on (CAT-2)."""

    option_codes: Options
    from_at: datetime


@dataclass(frozen=True)
class ScheduledChange:
    """A change of configuration asked for a later time (DSK-4)."""

    configuration_code: str
    at: datetime
    by: str
    asked_at: datetime


class Transition(Struct, frozen=True, array_like=True):
    """One step of a desktop's life: who, when, why (DSK-1).

    ``event`` is an ``Event``, an ``Operation`` asked, or a plain word ("renamed"…); ``by`` is a
    user id, "operator:…", or "system" where no person asked for it.  ``why`` is never empty:
    ``ASKED`` where a person's wish is all the reason there is, ``AS_ASKED`` where their wish was
    carried out.
    """

    at: datetime
    event: str
    from_state: State
    to_state: State
    by: str
    why: str = ASKED


@dataclass(frozen=True)
class Desktop:
    """A rented desktop.

    ``created_at`` is the instant from which it is charged (P2), ``ordered_at`` the one at which
    the client placed the order; ``recorded_at`` the instant the company's validation created it;
    ``deleted_at`` the instant its deletion was asked, which ends the charge (DSK-6).
    ``wanted_code`` is the configuration being changed to, ``was_running`` what to return to
    afterwards. ``generation`` counts the machines asked for, ``code_generation`` the access codes
    given, ``late_looks`` the looks that found something under way for too long.
    ``replaced_machine_id`` is the machine that a reinstallation takes the place of, ``restoring``
    the backup being returned to. ``vanished_at`` is the instant its machine was found gone, which
    nobody asked for, until there is one again. ``asked_by`` is who asked for what is, or was last,
    under way. ``listed`` tells the lists that the stored desktop is in.
    """

    id: str
    account_id: AccountId
    order_id: str
    name: str
    configuration_code: str
    option_codes: Options
    state: State
    provider: str
    created_at: datetime
    recorded_at: datetime
    tariffs: tuple[Tariff, ...]
    due_on: date | None = None
    machine_id: str | None = None
    address: str | None = None
    assigned_user_id: str | None = None
    ready_at: datetime | None = None
    deleted_at: datetime | None = None
    failed_at: datetime | None = None
    operation: Operation | None = None
    moving_since: datetime | None = None
    late_looks: int = 0
    wanted_code: str | None = None
    was_running: bool = False
    generation: int = 1
    code_generation: int = 0
    history: tuple[Transition, ...] = ()
    options_history: tuple[OptionsFrom, ...] = ()
    wanted_options: Options | None = None
    disk_grown_at: datetime | None = None
    scheduled: ScheduledChange | None = None
    measures: tuple[Measure, ...] = ()
    backups: tuple[Backup, ...] = ()
    replaced_machine_id: str | None = None
    restoring: str | None = None
    vanished_at: datetime | None = None
    ordered_at: datetime | None = None
    asked_by: str = ""
    listed: frozenset[Mark] = frozenset()
    version: int = 0

    @property
    def is_moving(self) -> bool:
        """Whether something is under way that ends by itself."""
        return self.state in MOVING or self.operation is not None

    @property
    def is_to_settle(self) -> bool:
        """Whether the state is not the one its measures ask for, and may become it now (DSK-8)."""
        if self.operation is not None or self.state not in _SETTLED:
            return False
        wanted = held_state(self.measures)
        return self.state in HELD if wanted is None else self.state is not wanted

    @property
    def is_active(self) -> bool:
        """Whether it exists for the client: neither deleted, nor failed."""
        return self.deleted_at is None and self.failed_at is None

    @property
    def marks(self) -> frozenset[Mark]:
        """The lists it belongs in."""
        belongs = {
            Mark.MOVING: self.is_moving or self.is_to_settle,
            Mark.SCHEDULED: self.scheduled is not None,
            Mark.MEASURED: bool(self.measures),
            Mark.BACKED_UP: bool(self.backups) or (self.is_active and self.is_backed_up),
        }
        return frozenset(mark for mark, does in belongs.items() if does)

    @property
    def is_backed_up(self) -> bool:
        """Whether it has the backup option."""
        return dict(self.option_codes).get(BACKUP, 0) > 0

    @property
    def dated_options(self) -> tuple[OptionsFrom, ...]:
        """Every set of options it has had, oldest first."""
        return self.options_history or (OptionsFrom(self.option_codes, self.created_at),)

    @property
    def carried_out_for(self) -> str:
        """Who asked for what is under way; "system" where nobody did."""
        return self.asked_by if self.asked_by and self.is_moving else SYSTEM

    def with_options(self, options: Options, at: datetime) -> dict[str, Any]:
        """Give the changes that make ``options`` charged from an instant on."""
        history = (*self.dated_options, OptionsFrom(options, at))
        return {"option_codes": options, "options_history": history}

    def can(self, event: Event) -> bool:
        """Tell whether the client can ask for that now (nothing else being under way)."""
        has_what_it_takes = self.vanished_at is None or event in _WITHOUT_MACHINE
        return allows(self.state, event) and self.operation is None and has_what_it_takes

    def after(
        self, event: Event, *, at: datetime, by: str, why: str = "", **changes: Any
    ) -> "Desktop":
        """Give the desktop once an event happened.  Raises DomainError when refused (DSK-1)."""
        target = move(self.state, event)
        since = at if target in MOVING else None
        changes = {"moving_since": since, "late_looks": 0, "operation": None, **changes}
        return self.noted(event.value, at=at, by=by, why=why, state=target, **changes)

    def noted(
        self, event: str, *, at: datetime, by: str, why: str = "", **changes: Any
    ) -> "Desktop":
        """Give the desktop with one more line of history and whatever changes."""
        target = changes.get("state", self.state)
        if target in MOVING or changes.get("operation"):
            changes = {"asked_by": by, **changes}
        step = Transition(at, event, self.state, target, by, why or ASKED)
        return replace(self, history=(*self.history, step)[-HISTORY_LENGTH:], **changes)


def desktop_id(order_id: str, line: int, number: int) -> str:
    """Derive the id of an order's desktop: creating it twice makes one (ORD-1)."""
    digest = hashlib.sha256(f"{order_id}/{line}/{number}".encode()).hexdigest()
    return f"dsk_{digest[:20]}"
