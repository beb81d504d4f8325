"""A desktop as plain JSON, and back (what no key or condition of storage needs)."""

from datetime import date, datetime
from typing import Any

from chalicelib.desktops.model.backups import Backup
from chalicelib.desktops.model.desktop import (
    Desktop,
    Mark,
    Operation,
    Options,
    OptionsFrom,
    ScheduledChange,
    Tariff,
    Transition,
)
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.model.measures import Measure, MeasureKind
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.instants import instant, iso

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
# Written only where there is something to say, which is rarely.
_RARE = ("replaced_machine_id", "restoring")
_MEASURE_INSTANTS = ("taken_at", "applied_at", "contested_at", "upheld_at")
_MEASURE_PLAIN = ("id", "reason", "by", "contested_by", "contest")


def details_of(desktop: Desktop) -> dict[str, Any]:
    """Write a desktop."""
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
        **{name: value for name, value in _rare_details(desktop).items() if value},
    }


def _rare_details(desktop: Desktop) -> dict[str, Any]:
    scheduled = desktop.scheduled
    return {
        **{name: getattr(desktop, name) for name in _RARE},
        "disk_grown_at": _text(desktop.disk_grown_at),
        "vanished_at": _text(desktop.vanished_at),
        "wanted_options": [list(pair) for pair in desktop.wanted_options or ()],
        "options_history": [
            [[list(pair) for pair in each.option_codes], iso(each.from_at)]
            for each in desktop.options_history
        ],
        "scheduled": scheduled
        and [
            scheduled.configuration_code,
            iso(scheduled.at),
            scheduled.by,
            iso(scheduled.asked_at),
        ],
        "measures": [_measure_details(each) for each in desktop.measures],
        "backups": [
            [each.snapshot_id, each.taken_on.isoformat(), iso(each.taken_at), each.is_complete]
            for each in desktop.backups
        ],
        "listed": sorted(desktop.listed),
    }


def _measure_details(measure: Measure) -> dict[str, Any]:
    return {
        **{name: getattr(measure, name) for name in _MEASURE_PLAIN},
        **{name: _text(getattr(measure, name)) for name in _MEASURE_INSTANTS},
        "kind": measure.kind.value,
        "due_on": measure.due_on.isoformat() if measure.due_on else None,
    }


def desktop_of(
    account_id: str, desktop_id: str, state: str, details: dict[str, Any], version: int
) -> Desktop:
    """Read what ``details_of`` wrote."""
    instants: dict[str, Any] = {name: _maybe(details[name]) for name in _INSTANTS}
    return Desktop(
        id=desktop_id,
        account_id=AccountId(account_id),
        state=State(state),
        **{name: details[name] for name in _PLAIN},
        **instants,
        option_codes=_options(details["option_codes"]),
        tariffs=tuple(Tariff(code, instant(at)) for code, at in details["tariffs"]),
        operation=Operation(details["operation"]) if details["operation"] else None,
        due_on=date.fromisoformat(details["due_on"]) if details["due_on"] else None,
        history=tuple(
            Transition(instant(at), event, State(origin), State(target), by, why)
            for at, event, origin, target, by, why in details["history"]
        ),
        version=version,
        **_rare(details),
    )


def _rare(details: dict[str, Any]) -> dict[str, Any]:
    """Read what few desktops have: most of a list's time would go into the absent."""
    rare: dict[str, Any] = {name: details[name] for name in _RARE if name in details}
    for name, read in _READERS.items():
        if name in details:
            rare[name] = read(details[name])
    return rare


def _options(pairs: list[list[Any]]) -> Options:
    return tuple((code, int(count)) for code, count in pairs)


def _scheduled(parts: list[str]) -> ScheduledChange:
    code, at, by, asked_at = parts
    return ScheduledChange(code, instant(at), by, instant(asked_at))


def _measure(details: dict[str, Any]) -> Measure:
    return Measure(
        **{name: details[name] for name in _MEASURE_PLAIN},
        **{name: _maybe(details[name]) for name in _MEASURE_INSTANTS},  # type: ignore[arg-type]
        kind=MeasureKind(details["kind"]),
        due_on=date.fromisoformat(details["due_on"]) if details["due_on"] else None,
    )


_READERS: dict[str, Any] = {
    "disk_grown_at": instant,
    "vanished_at": instant,
    "wanted_options": _options,
    "options_history": lambda rows: tuple(
        OptionsFrom(_options(pairs), instant(at)) for pairs, at in rows
    ),
    "scheduled": _scheduled,
    "measures": lambda rows: tuple(map(_measure, rows)),
    "backups": lambda rows: tuple(
        Backup(snapshot, date.fromisoformat(day), instant(at), complete)
        for snapshot, day, at, complete in rows
    ),
    "listed": lambda marks: frozenset(map(Mark, marks)),
}


def _text(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


def _maybe(text: str | None) -> datetime | None:
    return instant(text) if text else None
