"""Changing a desktop: its configuration, now or later, and its options (DSK-4, CAT-2, P4)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.catalogue.catalogue import Configuration, disk_can_grow
from chalicelib.desktops.model.announcements import pods_message
from chalicelib.desktops.model.desktop import (
    SYSTEM,
    Desktop,
    Mark,
    Operation,
    Options,
    ScheduledChange,
)
from chalicelib.desktops.model.lifecycle import Event, State, move, refusal
from chalicelib.desktops.model.options import check_changes, check_growth, check_options, grows
from chalicelib.desktops.requests.request import BEYOND_LIMIT, DesktopRequests, require_machine
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.texts.mails import MailName

SOONEST, LATEST = timedelta(minutes=10), timedelta(days=60)
_LATE_BY = timedelta(hours=12)  # a change that could not begin by then is dropped
_TRANSITION = "desktop.transition"
_NOT_PROPOSED = "Choisissez une configuration proposée."


class ChangeRequests(DesktopRequests):
    """Changes of configuration and of options."""

    def request_reconfigure(
        self, account_id: str, desktop_id: str, configuration_code: str, *, by: str
    ) -> Desktop:
        """Ask for another predefined configuration (CGV art. 9; DSK-4).

        The tariff changes when the change is complete (P4).  Raises DomainError when the
        configuration cannot be chosen, FieldErrors when it is unknown.
        """

        def decide(desktop: Desktop) -> Desktop | None:
            if desktop.wanted_code == configuration_code:
                return None
            move(desktop.state, Event.RECONFIGURE)
            require_machine(desktop)
            self._check_choice(desktop, configuration_code)
            return desktop.after(
                Event.RECONFIGURE,
                at=self.recording.now(),
                by=by,
                why=f"{desktop.configuration_code} → {configuration_code}",
                wanted_code=configuration_code,
                was_running=desktop.state is State.RUNNING,
                scheduled=None,
            )

        return self._change(account_id, desktop_id, decide, kind=_TRANSITION, by=by, do="check")

    def schedule_change(
        self, account_id: str, desktop_id: str, configuration_code: str, at: datetime, *, by: str
    ) -> Desktop:
        """Ask for another configuration at a UTC instant to come, instead of any asked (DSK-4).

        Raises FieldErrors when the instant is too near or too far, and as
        ``request_reconfigure`` does.
        """
        now = self.recording.now()
        if not SOONEST <= at - now <= LATEST:
            raise FieldErrors(
                {"at": "Choisissez un moment entre dix minutes et soixante jours d’ici."}
            )

        def decide(desktop: Desktop) -> Desktop | None:
            scheduled = ScheduledChange(configuration_code, at, by, now)
            if desktop.scheduled and replace(desktop.scheduled, asked_at=now) == scheduled:
                return None
            if desktop.state not in {State.RUNNING, State.STOPPED}:
                raise refusal(desktop.state)
            self._check_choice(desktop, configuration_code)
            why = f"{desktop.configuration_code} → {configuration_code} {at.isoformat()}"
            return desktop.noted("change_scheduled", at=now, by=by, why=why, scheduled=scheduled)

        kind = "desktop.change_scheduled"
        return self._change(account_id, desktop_id, decide, kind=kind, by=by)

    def cancel_change(self, account_id: str, desktop_id: str, *, by: str) -> Desktop:
        """Cancel a change as long as it is scheduled (DSK-4).  Nothing when there is none."""

        def decide(desktop: Desktop) -> Desktop | None:
            if desktop.scheduled is None:
                return None
            return desktop.noted("change_cancelled", at=self.recording.now(), by=by, scheduled=None)

        kind = "desktop.change_cancelled"
        return self._change(account_id, desktop_id, decide, kind=kind, by=by)

    def carry_out_due_changes(self) -> int:
        """Begin the scheduled changes whose time has come; count them (DSK-4).

        One that its desktop cannot take yet waits; dropped after half a day, or at once when it is
        not possible any more, and the client is told.
        """
        count = 0
        for desktop in list(self.storage.marked(Mark.SCHEDULED)):
            change = desktop.scheduled
            if change is not None and change.at <= self.recording.now():
                self._carry_out(desktop, change)
                count += 1
        return count

    def changes_for(self, desktop: Desktop) -> list[Configuration]:
        """Give the configurations that a desktop can be changed to, cheapest first (DSK-4).

        Those on sale, on the same cloud and with the same system, for the disk stays; and whose
        disk is not smaller, for storage only grows, nor larger where the cloud cannot enlarge it.
        """
        size, may_grow = self._present(desktop).storage_gib, disk_can_grow(desktop.provider)
        return [
            offer
            for offer in self._others(desktop)
            if offer.storage_gib == size or (may_grow and offer.storage_gib > size)
        ]

    def too_small_for(self, desktop: Desktop) -> list[Configuration]:
        """Give the configurations that only their smaller disk keeps a desktop from (DSK-4)."""
        return [
            offer
            for offer in self._others(desktop)
            if offer.storage_gib < self._present(desktop).storage_gib
        ]

    def change_options(
        self, account_id: str, desktop_id: str, options: Options, *, by: str
    ) -> Desktop:
        """Give a desktop these options instead of those it has (CAT-2).

        What is added is charged from that day on, what is removed up to that day included; extra
        storage from when the disk has grown.  Raises FieldErrors by option code, DomainError when
        the state or the account's limit does not allow it.
        """
        catalogue = self.catalogues.current()

        def decide(desktop: Desktop) -> Desktop | None:
            wanted = check_options(catalogue, desktop, options)
            if wanted == check_options(catalogue, desktop, desktop.option_codes):
                return None
            if desktop.state not in {State.RUNNING, State.STOPPED}:
                raise refusal(desktop.state)
            require_machine(desktop)
            check_changes(desktop)
            now = self.recording.now()
            why = ", ".join(f"{code} × {count}" for code, count in wanted)
            if not grows(desktop.option_codes, wanted):
                return desktop.noted(
                    "options_changed", at=now, by=by, why=why, **desktop.with_options(wanted, now)
                )
            check_growth(desktop, now)
            return _growing(desktop, wanted, now, by, why)

        def told(changed: Desktop) -> list[Any]:
            growing = changed.operation is Operation.GROWING
            if growing:
                return []
            return [self._notices.make(changed, MailName.DESKTOP_OPTIONS), pods_message(changed)]

        return self._change(
            account_id,
            desktop_id,
            decide,
            kind="desktop.options_changed",
            by=by,
            do="check",
            also=told,
            facts={"options": [list(pair) for pair in options]},
        )

    def added_cents(self, desktop: Desktop, configuration_code: str) -> int:
        """Tell what a change of configuration adds to the month, in cents excl. VAT (DSK-4)."""
        catalogue, day = self.catalogues.current(), self.recording.today()
        former = catalogue.price_on(desktop.configuration_code, day)
        return catalogue.price_on(configuration_code, day) - former

    # inside
    def _carry_out(self, desktop: Desktop, change: ScheduledChange) -> None:
        try:
            self.request_reconfigure(
                desktop.account_id, desktop.id, change.configuration_code, by=change.by
            )
        except FieldErrors:
            self._drop(desktop, change, "not possible any more")
        except DomainError as refused:
            if self.recording.now() - change.at > _LATE_BY or refused.message == BEYOND_LIMIT:
                self._drop(desktop, change, "it could not begin")

    def _drop(self, desktop: Desktop, change: ScheduledChange, why: str) -> None:
        def decide(present: Desktop) -> Desktop | None:
            if present.scheduled != change:
                return None
            return present.noted(
                "change_dropped", at=self.recording.now(), by=SYSTEM, why=why, scheduled=None
            )

        self._change(
            desktop.account_id,
            desktop.id,
            decide,
            kind="desktop.change_dropped",
            by=SYSTEM,
            also=lambda changed: [self._notices.make(changed, MailName.DESKTOP_UNCHANGED)],
        )

    def _check_choice(self, desktop: Desktop, code: str) -> None:
        offered = {each.code: each for each in self.changes_for(desktop)}
        if code not in offered:
            raise FieldErrors({"configuration": _NOT_PROPOSED})
        if offered[code].storage_gib > self._present(desktop).storage_gib:
            check_growth(desktop, self.recording.now())

    def _present(self, desktop: Desktop) -> Configuration:
        return self.catalogues.current().configuration(desktop.configuration_code)

    def _others(self, desktop: Desktop) -> list[Configuration]:
        present = self._present(desktop)
        return [
            offer
            for offer in self.catalogues.current().on_sale(self.recording.today())
            if offer.code != present.code
            and (offer.provider, offer.os) == (desktop.provider, present.os)
        ]


def _growing(desktop: Desktop, wanted: Options, now: datetime, by: str, why: str) -> Desktop:
    """Give the desktop whose disk is being enlarged for the options asked for."""
    return desktop.noted(
        Operation.GROWING.value,
        at=now,
        by=by,
        why=why,
        operation=Operation.GROWING,
        moving_since=now,
        late_looks=0,
        wanted_options=wanted,
    )
