"""What the comparison with the clouds found, for operators to see to and close (DSK-9)."""

from chalice.app import Response

from chalicelib.console.framework.visit import Visit
from chalicelib.desktops.reconciliation.findings import Finding
from chalicelib.foundation.errors import FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId

_PAGE = "/operator/machines"


def findings(visit: Visit) -> Response:
    """List what was found and waits, then what was closed lately."""
    return _findings(visit)


def compare(visit: Visit) -> Response:
    """Ask for a comparison now, without waiting for the schedule; the page tells its result."""
    visit.services.desktops.comparisons.ask()
    return visit.see_other(f"{_PAGE}?asked=1")


def close(visit: Visit, finding_id: str) -> Response:
    """Close a finding, with what was done about it."""
    try:
        visit.services.desktops.reconciliation.close(
            finding_id, visit.fields.get("note", ""), by=f"operator:{visit.user.id}"
        )
    except FieldErrors as refused:
        return _findings(visit, refused, finding_id)
    return visit.see_other(_PAGE)


def _findings(visit: Visit, refused: FieldErrors | None = None, about: str = "") -> Response:
    waiting = visit.services.desktops.reconciliation.open_findings()
    closed = visit.services.desktops.reconciliation.closed_findings()
    return visit.page(
        "desktops/operator_machines.html",
        422 if refused else 200,
        waiting=waiting,
        closed=closed,
        about=about,
        names=_names(visit, [*waiting, *closed]),
        fields=visit.fields if refused else {},
        errors=refused.errors if refused else {},
        refusal=refused,
        last=visit.services.desktops.comparisons.last(),
        asked="asked" in visit.query,
    )


def _names(visit: Visit, found: list[Finding]) -> dict[str, tuple[str, str]]:
    """Give the desktop's and the client's name of each finding whose desktop is known."""
    names = {}
    for finding in found:
        try:
            desktop = visit.services.desktops.service.get(finding.account_id, finding.desktop_id)
            account = visit.services.accounts.service.account(AccountId(finding.account_id))
        except NotFoundError:
            continue
        names[finding.id] = (desktop.name, account.name)
    return names
