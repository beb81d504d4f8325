"""Findings in the ``desktops`` table.

Keys: ``FINDING#id / FINDING`` (listing ``FINDINGS``, or ``CLOSED_FINDINGS``, by time),
``COMPARISON / LAST`` (what the last comparison asked for saw).
"""

from collections.abc import Iterator

from chalicelib.desktops.reconciliation.findings import Comparison, Finding
from chalicelib.foundation.instants import iso
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables

_FINDINGS = Kind("desktops", "finding", Finding)
_COMPARISONS = Kind("desktops", "comparison", Comparison)


class FindingsStorage:
    """Reads findings and the last comparison, and gives the writes that save them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def finding(self, finding_id: str) -> Finding | None:
        """Read a finding."""
        return self._tables.get(_FINDINGS, f"FINDING#{finding_id}", "FINDING")

    def open_findings(self) -> Iterator[Finding]:
        """Read what waits for an operator, oldest first."""
        return self._tables.listing(_FINDINGS, "FINDINGS")

    def closed_findings(self, limit: int) -> Iterator[Finding]:
        """Read what was closed, newest first."""
        return self._tables.listing(_FINDINGS, "CLOSED_FINDINGS", newest_first=True, limit=limit)

    def save(self, finding: Finding) -> Put:
        """Give the write of a finding, refused when somebody wrote it since."""
        name = "CLOSED_FINDINGS" if finding.closed_at else "FINDINGS"
        listed = (name, f"{iso(finding.closed_at or finding.found_at)}#{finding.id}")
        return _FINDINGS.put(finding, f"FINDING#{finding.id}", "FINDING", listed=listed)

    def comparison(self) -> Comparison | None:
        """Read the last comparison asked for."""
        return self._tables.get(_COMPARISONS, "COMPARISON", "LAST")

    def save_comparison(self, comparison: Comparison) -> Put:
        """Give the write of the last comparison, instead of the former."""
        return _COMPARISONS.put(comparison, "COMPARISON", "LAST", always=True)
