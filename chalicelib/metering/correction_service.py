"""Correcting recorded usage, with a reason (CGV art. 8.1; MET-4).

What a correction changes of an invoice already issued is billing's: a credit note, or days of the
next invoice, follow from the usage corrected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.usage_history import charged_days
from chalicelib.desktops.requests.service import DesktopService
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.legal.recording import Recording
from chalicelib.metering.computation import DayChange, UsageComputation, facts_of
from chalicelib.metering.correction import MOST_COUNTED, UsageCorrection
from chalicelib.metering.storage import UsageStorage
from chalicelib.metering.usage import UsageDay

_LONGEST_REASON = 500
_COUNTED = (
    "Ce bureau compte déjà ces jours-là dans une autre configuration\u00a0: retirez-la d’abord."
)


@dataclass(frozen=True)
class CorrectionRequest:
    """How many of an item are to count for a desktop, on each Paris day of a range."""

    desktop_id: str
    kind: Literal["desktop", "option"]
    code: str
    quantity: int
    first: date
    last: date
    reason: str

    @property
    def month(self) -> BillingMonth:
        """The month corrected."""
        return BillingMonth.of(self.first)

    @property
    def days(self) -> list[date]:
        """The days corrected, in order."""
        return [day for day in self.month.days if self.first <= day <= self.last]


@dataclass(frozen=True)
class CorrectedUsage:
    """What a correction changes: the days, and the whole month before and after."""

    changes: tuple[DayChange, ...]
    before: tuple[UsageDay, ...]
    after: tuple[UsageDay, ...]


@dataclass(kw_only=True)
class UsageCorrectionService:
    """Shows what a correction would change, and makes it."""

    storage: UsageStorage
    computation: UsageComputation
    desktops: DesktopService
    recording: Recording

    def corrections_of(self, account_id: str, month: BillingMonth) -> list[UsageCorrection]:
        """Give what was corrected of a month, day after day."""
        return list(self.storage.corrections(account_id, month.first_day, month.last_day))

    def preview(self, account_id: str, request: CorrectionRequest, *, by: str) -> CorrectedUsage:
        """Tell what a correction would change; nothing is written.  Raises like ``correct``."""
        return self._prepared(account_id, request, by)[1]

    def correct(self, account_id: str, request: CorrectionRequest, *, by: str) -> CorrectedUsage:
        """Correct usage, all the days of the request or none (MET-4); again changes nothing.

        Raises FieldErrors, NotFoundError for a desktop of somebody else, DomainError when a code
        had no price.
        """

        def attempt() -> CorrectedUsage:
            corrections, corrected = self._prepared(account_id, request, by)
            if not corrections:
                return corrected
            now = self.recording.now()
            self.computation.commit_pages(corrected.changes, self.recording)
            writes = [
                write
                for change in corrected.changes
                for write in self.computation.writes(change, now)
            ]
            entry = self.recording.entry(
                account_id, "usage.corrected", _facts(request, corrected), by=by
            )
            kept = [self.storage.save_correction(each) for each in corrections]
            self.recording.commit(*kept, *writes, entry)
            return corrected

        return self.recording.again(attempt)

    def _prepared(
        self, account_id: str, request: CorrectionRequest, by: str
    ) -> tuple[list[UsageCorrection], CorrectedUsage]:
        desktops = self.desktops.of_account(account_id)
        desktop = next((each for each in desktops if each.id == request.desktop_id), None)
        if desktop is None:
            raise NotFoundError
        self._check(request, desktop)
        corrections = self._missing(account_id, request, desktop, by)
        month, days = request.month, request.days
        before = tuple(self.storage.days(account_id, month.first_day, month.last_day))
        changes = self.computation.changes(account_id, desktops, days, corrections)
        if any(_counts_twice(change.after, desktop.id) for change in changes):
            raise FieldErrors({"item": _COUNTED})
        after = {usage.day: usage for usage in before}
        for change in changes:
            if change.after is None:
                after.pop(change.day, None)
            else:
                after[change.day] = change.after
        whole = tuple(after[day] for day in sorted(after))
        return corrections, CorrectedUsage(tuple(changes), before, whole)

    def _missing(
        self, account_id: str, request: CorrectionRequest, desktop: Desktop, by: str
    ) -> list[UsageCorrection]:
        """Give the corrections that are not made yet."""
        kept = {
            (each.day, each.item): each
            for each in self.storage.corrections(account_id, request.first, request.last)
        }
        item = (desktop.id, request.kind, request.code)
        wanted = [
            UsageCorrection(
                account_id=account_id,
                day=day,
                desktop_id=desktop.id,
                desktop_name=desktop.name,
                kind=request.kind,
                code=request.code,
                quantity=request.quantity,
                reason=request.reason.strip(),
                by=by,
                at=self.recording.now(),
                version=kept[day, item].version if (day, item) in kept else 0,
            )
            for day in request.days
        ]
        return [
            each
            for each in wanted
            if (each.day, item) not in kept or kept[each.day, item].quantity != each.quantity
        ]

    def _check(self, request: CorrectionRequest, desktop: Desktop) -> None:
        """Refuse what makes no sense.  Raises FieldErrors, or DomainError."""
        errors = {}
        reason = request.reason.strip()
        if not reason or len(reason) > _LONGEST_REASON:
            errors["reason"] = "Indiquez un motif, en 500 caractères au plus."
        most = 1 if request.kind == "desktop" else MOST_COUNTED
        if not 0 <= request.quantity <= most:
            errors["quantity"] = (
                "Un bureau compte 0 ou 1 fois par jour, une option de 0 à 100 fois."
            )
        errors |= self._day_errors(request, desktop)
        if errors:
            raise FieldErrors(errors)
        if desktop.failed_at is not None:
            raise DomainError(
                "La création de ce bureau a échoué\u00a0: il n’est jamais facturé, il n’y a rien à "
                "corriger."
            )

    def _day_errors(self, request: CorrectionRequest, desktop: Desktop) -> dict[str, str]:
        metered_on = self.storage.progress().metered_on
        if request.last < request.first:
            return {"last": "La fin précède le début."}
        if BillingMonth.of(request.last) != request.month:
            return {"last": "Corrigez un seul mois à la fois."}
        if metered_on is None or request.last > metered_on:
            return {"last": "Ce jour n’est pas encore relevé\u00a0: il se corrigera demain."}
        if request.first < charged_days(desktop)[0]:
            return {"first": "Ce bureau n’existait pas encore."}
        return {}


def _facts(request: CorrectionRequest, corrected: CorrectedUsage) -> dict[str, object]:
    """Give what the journal keeps: who, what, before and after."""
    return {
        "desktop_id": request.desktop_id,
        "item": f"{request.kind}:{request.code}",
        "quantity": request.quantity,
        "days": [request.first.isoformat(), request.last.isoformat()],
        "reason": request.reason.strip(),
        "changed": [
            {
                "day": change.day.isoformat(),
                "before": _of_desktop(change.before, request.desktop_id),
                "after": _of_desktop(change.after, request.desktop_id),
            }
            for change in corrected.changes
        ],
    }


def _counts_twice(usage: UsageDay | None, desktop_id: str) -> bool:
    """Tell whether a desktop counts in two configurations on a day: never more days than it has."""
    items = usage.items if usage else ()
    return sum(each.desktop_id == desktop_id and each.kind == "desktop" for each in items) > 1


def _of_desktop(usage: UsageDay | None, desktop_id: str) -> Sequence[object]:
    return [list(key[1:]) for key in facts_of(usage) if key[0] == desktop_id]
