"""Measures taken, contested, upheld and lifted (CGV art. 14; DSK-8, PRI-5, P8)."""

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.desktops.model.desktop import SYSTEM, Desktop, Mark
from chalicelib.desktops.model.holding import settled
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.model.measures import ACCOUNT_MEASURE, Measure, MeasureKind
from chalicelib.desktops.requests.request import DesktopRequests, require_active
from chalicelib.foundation.errors import FieldErrors, NotFoundError
from chalicelib.texts.mails import MailName

TEXT_LENGTH = 1000
_MAIL = MailName.DESKTOP_MEASURE


class MeasureRequests(DesktopRequests):
    """What operators, and payments for a whole account, impose on desktops."""

    # a whole account, for payments and closings
    def suspend_account(self, account_id: str, *, why: str, by: str) -> int:
        """Suspend every desktop of an account; tell how many were not yet (PAY-6, ACC-7, P8).

        Machines stop; what is under way ends first.  Repeating it changes nothing, and carries on
        where an earlier call died.  The caller tells the client why: one mail for the account.
        """
        count = 0
        for desktop in list(self.storage.of_account(account_id)):
            if desktop.is_active and _measure(desktop, ACCOUNT_MEASURE) is None:
                taken = self._new(ACCOUNT_MEASURE, MeasureKind.SUSPENSION, why, by)
                self._take(desktop, taken, mailed=False)
                count += 1
        return count

    def resume_account(self, account_id: str, *, by: str) -> int:
        """Lift the suspension of an account: each desktop returns to what it was; count them.

        Other measures on its desktops stay.  Repeating it changes nothing.
        """
        count = 0
        for desktop in list(self.storage.of_account(account_id)):
            if _measure(desktop, ACCOUNT_MEASURE) is not None:
                self._lift(account_id, desktop.id, ACCOUNT_MEASURE, "", by, mailed=False)
                count += 1
        return count

    # a desktop, for operators
    def take_measure(  # noqa: PLR0913 - what a measure is made of
        self,
        account_id: str,
        desktop_id: str,
        kind: str,
        reason: str,
        *,
        by: str,
        key: str,
        due_on: date | None = None,
    ) -> Desktop:
        """Impose a measure, its reason sent to the client (DSK-8).

        ``key`` names the decision: repeated, it is the same measure.  Raises FieldErrors.
        """
        reason = " ".join(reason.split())
        errors = {}
        if kind not in list(MeasureKind):
            errors["kind"] = "Choisissez une mesure."
        if not reason:
            errors["reason"] = "Donnez la raison : elle est envoyée au client."
        elif len(reason) > TEXT_LENGTH:
            errors["reason"] = "La raison a au plus 1 000 caractères."
        if kind == MeasureKind.UPDATE and (due_on is None or due_on <= self.recording.today()):
            errors["due_on"] = "Donnez une date limite, à partir de demain."
        if errors:
            raise FieldErrors(errors)
        desktop = self.get(account_id, desktop_id)
        require_active(desktop)
        limit = due_on if kind == MeasureKind.UPDATE else None
        taken = replace(self._new(key, MeasureKind(kind), reason, by), due_on=limit)
        return self._take(desktop, taken, mailed=True)

    def lift_measure(
        self, account_id: str, desktop_id: str, measure_id: str, *, why: str, by: str
    ) -> Desktop:
        """Lift a measure; the client is told (DSK-8).  Nothing when it is lifted already."""
        return self._lift(account_id, desktop_id, measure_id, why, by, mailed=True)

    def contest_measure(
        self, account_id: str, desktop_id: str, measure_id: str, text: str, *, by: str
    ) -> Desktop:
        """Record that the client contests a measure: a human decides next (PRI-5).

        ``text`` may be empty: one click suffices.  Raises NotFoundError when there is no such
        measure, FieldErrors when the text is too long.
        """
        text = text.strip()
        if len(text) > TEXT_LENGTH:
            raise FieldErrors({"contest": "Votre message a au plus 1 000 caractères."})

        def decide(desktop: Desktop) -> Desktop | None:
            measure = _known(desktop, measure_id)
            if measure.contested_at is not None:
                return None
            now = self.recording.now()
            contested = replace(measure, contested_at=now, contested_by=by, contest=text)
            return desktop.noted(
                "contested", at=now, by=by, why=text, measures=_with(desktop, contested)
            )

        facts = {"measure_id": measure_id}
        return self._change(
            account_id, desktop_id, decide, kind="desktop.measure_contested", by=by, facts=facts
        )

    def uphold_measure(
        self, account_id: str, desktop_id: str, measure_id: str, *, why: str, by: str
    ) -> Desktop:
        """Uphold a contested measure by a human's decision, with its reason (PRI-5)."""
        why = " ".join(why.split())
        if not why:
            raise FieldErrors({"why": "Donnez la raison : elle est envoyée au client."})

        def decide(desktop: Desktop) -> Desktop | None:
            measure = _known(desktop, measure_id)
            if not measure.awaits_human:
                return None
            now = self.recording.now()
            upheld = replace(measure, upheld_at=now)
            return desktop.noted("upheld", at=now, by=by, why=why, measures=_with(desktop, upheld))

        return self._change(
            account_id,
            desktop_id,
            decide,
            kind="desktop.measure_upheld",
            by=by,
            also=lambda changed: [
                self._told(changed, _known(changed, measure_id), "upheld", why=why)
            ],
            facts={"measure_id": measure_id},
        )

    def apply_due_measures(self) -> int:
        """Isolate the desktops whose required update did not come in time; count them (DSK-8)."""
        count = 0
        for desktop in list(self.storage.marked(Mark.MEASURED)):
            for measure in desktop.measures:
                if measure.is_due(self.recording.today()):
                    self._apply(desktop, measure.id)
                    count += 1
        return count

    def measured(self) -> list[Desktop]:
        """Give the desktops under a measure."""
        return list(self.storage.marked(Mark.MEASURED))

    # inside
    def _new(self, key: str, kind: MeasureKind, why: str, by: str) -> Measure:
        return Measure(id=key, kind=kind, reason=why, by=by, taken_at=self.recording.now())

    def _take(self, desktop: Desktop, taken: Measure, *, mailed: bool) -> Desktop:
        def decide(present: Desktop) -> Desktop | None:
            if _measure(present, taken.id) is not None or not present.is_active:
                return None
            now = self.recording.now()
            noted = present.noted(
                f"measure_{taken.kind}",
                at=now,
                by=taken.by,
                why=taken.reason,
                measures=(*present.measures, taken),
            )
            return settled(noted, at=now, by=taken.by, why=taken.reason)

        return self._change(
            desktop.account_id,
            desktop.id,
            decide,
            kind="desktop.measure_taken",
            by=taken.by,
            do="check",
            also=lambda changed: [self._told(changed, taken, "taken")] if mailed else [],
            facts=_facts(taken),
        )

    def _apply(self, desktop: Desktop, measure_id: str) -> None:
        def decide(present: Desktop) -> Desktop | None:
            measure = _measure(present, measure_id)
            if measure is None or not measure.is_due(self.recording.today()):
                return None
            now = self.recording.now()
            applied = replace(measure, applied_at=now)
            noted = present.noted(
                "update_missed",
                at=now,
                by=SYSTEM,
                why=measure.reason,
                measures=_with(present, applied),
            )
            return settled(noted, at=now, by=SYSTEM, why=measure.reason)

        self._change(
            desktop.account_id,
            desktop.id,
            decide,
            kind="desktop.measure_applied",
            by=SYSTEM,
            do="check",
            also=lambda changed: [self._told(changed, _known(changed, measure_id), "applied")],
            facts={"measure_id": measure_id},
        )

    def _lift(  # noqa: PLR0913 - which, why, by whom, and whether the client is told
        self, account_id: str, desktop_id: str, measure_id: str, why: str, by: str, *, mailed: bool
    ) -> Desktop:
        lifted: list[Measure] = []

        def decide(present: Desktop) -> Desktop | None:
            measure = _measure(present, measure_id)
            if measure is None:
                return None
            lifted[:] = [measure]
            now = self.recording.now()
            others = tuple(each for each in present.measures if each.id != measure_id)
            noted = present.noted("lifted", at=now, by=by, why=why, measures=others)
            return settled(noted, at=now, by=by, why=why)

        return self._change(
            account_id,
            desktop_id,
            decide,
            kind="desktop.measure_lifted",
            by=by,
            do="check",
            also=lambda changed: [self._told(changed, lifted[0], "lifted")] if mailed else [],
            facts={"measure_id": measure_id, "reason": why},
        )

    def _told(self, desktop: Desktop, measure: Measure, what: str, why: str = "") -> Any:
        return self._notices.make(
            desktop,
            _MAIL,
            fact=f"{measure.id}:{what}",
            what=what,
            kind=measure.kind.value,
            reason=measure.reason,
            due_on=measure.due_on.isoformat() if measure.due_on else "",
            why=why,
            automatic=measure.by == SYSTEM or what == "applied",
        )


def _measure(desktop: Desktop, measure_id: str) -> Measure | None:
    return next((each for each in desktop.measures if each.id == measure_id), None)


def _known(desktop: Desktop, measure_id: str) -> Measure:
    measure = _measure(desktop, measure_id)
    if measure is None or desktop.state is State.DELETED:
        raise NotFoundError
    return measure


def _with(desktop: Desktop, changed: Measure) -> tuple[Measure, ...]:
    return tuple(changed if each.id == changed.id else each for each in desktop.measures)


def _facts(measure: Measure) -> dict[str, Any]:
    return {
        "measure_id": measure.id,
        "measure": measure.kind.value,
        "reason": measure.reason,
        "due_on": measure.due_on.isoformat() if measure.due_on else "",
    }
