"""Findings in the ``desktops`` table.

Keys: ``FINDING#id / FINDING`` (listing ``FINDINGS``, or ``CLOSED_FINDINGS``, by time),
``COMPARISON / LAST`` (what the last comparison asked for saw).
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from chalicelib.desktops.reconciliation.comparisons import Comparison
from chalicelib.desktops.reconciliation.findings import Finding, FindingKind
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import JSONAttribute, OldRecord, old_put
from chalicelib.foundation.tables import Put, Tables

_PLAIN = ("id", "provider", "account_id", "desktop_id", "machine_id", "closed_by", "note")


class FindingRecord(OldRecord):
    """A finding, whole."""

    class Meta:
        table_name = "desktops"

    details = JSONAttribute()


class ComparisonRecord(OldRecord):
    """The last comparison asked for."""

    class Meta:
        table_name = "desktops"

    details = JSONAttribute()


class FindingsStorage:
    """Reads findings and the last comparison, and gives the writes that save them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def finding(self, finding_id: str) -> Finding | None:
        """Read a finding."""
        record = self._tables.get_record(FindingRecord, f"FINDING#{finding_id}", "FINDING")
        return _finding(record) if record else None

    def open_findings(self) -> Iterator[Finding]:
        """Read what waits for an operator, oldest first."""
        yield from map(_finding, self._tables.listing_records(FindingRecord, "FINDINGS"))

    def closed_findings(self, limit: int) -> Iterator[Finding]:
        """Read what was closed, newest first."""
        yield from map(
            _finding,
            self._tables.listing_records(
                FindingRecord, "CLOSED_FINDINGS", newest_first=True, limit=limit
            ),
        )

    def save(self, finding: Finding) -> Put:
        """Give the write of a finding, refused when somebody wrote it since."""
        details: dict[str, Any] = {name: getattr(finding, name) for name in _PLAIN}
        details["kind"] = finding.kind.value
        details["found_at"] = iso(finding.found_at)
        details["closed_at"] = iso(finding.closed_at) if finding.closed_at else None
        return old_put(
            FindingRecord(
                pk=f"FINDING#{finding.id}",
                sk="FINDING",
                version=finding.version,
                list_key="CLOSED_FINDINGS" if finding.closed_at else "FINDINGS",
                list_sort=f"{iso(finding.closed_at or finding.found_at)}#{finding.id}",
                details=details,
            )
        )

    def comparison(self) -> Comparison | None:
        """Read the last comparison asked for."""
        record = self._tables.get_record(ComparisonRecord, "COMPARISON", "LAST")
        if record is None:
            return None
        counts = {name: int(record.details[name]) for name in ("machines", "desktops", "new")}
        return Comparison(at=instant(record.details["at"]), **counts)

    def save_comparison(self, comparison: Comparison) -> Put:
        """Give the write of the last comparison, instead of the former."""
        details = {**asdict(comparison), "at": iso(comparison.at)}
        return old_put(ComparisonRecord(pk="COMPARISON", sk="LAST", details=details), always=True)


def _finding(record: FindingRecord) -> Finding:
    details: dict[str, Any] = record.details
    closed_at = details["closed_at"]
    return Finding(
        **{name: details[name] for name in _PLAIN},
        kind=FindingKind(details["kind"]),
        found_at=instant(details["found_at"]),
        closed_at=instant(closed_at) if closed_at else None,
        version=int(record.version),
    )
