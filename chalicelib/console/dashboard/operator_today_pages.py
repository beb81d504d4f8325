"""What waits for the operator: where a working day begins, each count beside its page (OPS-1).

Counts are read from the lists of the pages themselves, so that this one never says otherwise.
"""

from chalice.app import Response

from chalicelib.console.framework.visit import Visit
from chalicelib.equipment.model.dispatch import Reason
from chalicelib.equipment.model.pod_states import PodState
from chalicelib.foundation.clock import today as paris_today


def today(visit: Visit) -> Response:
    """Show what waits for a decision or an action, by domain."""
    services = visit.services
    day = paris_today(services.base.clock)
    counts = _of_deliveries(visit) | _of_desktops(visit) | _of_money(visit)
    counts["orders"] = len(services.orders.service.queue())
    counts["late_orders"] = sum(
        1
        for each in services.orders.service.queue()
        if each.desktop_due_on is not None and day > each.desktop_due_on
    )
    return visit.page(
        "dashboard/operator_today.html", on=day, counts=counts, nothing=not any(counts.values())
    )


def _of_deliveries(visit: Visit) -> dict[str, int]:
    services = visit.services
    open_ = services.equipment.dispatches.open()
    day = paris_today(services.base.clock)
    late = [
        each
        for each in services.equipment.stock.in_state(PodState.RETURN_ASKED)
        if each.return_due_on is not None and day > each.return_due_on
    ]
    others = [each for each in open_ if each.reason is not Reason.ORDER]
    return {
        "late_deliveries": sum(
            each.is_late(day) for each in services.orders.deliveries.outstanding()
        )
        + sum(each.is_late(day) for each in others),
        "to_ship": sum(len(each.to_ship) for each in open_),
        "missing": sum(each.missing for each in open_),
        "cases": len(services.equipment.cases.open()),
        "late_returns": len(late),
    }


def _of_desktops(visit: Visit) -> dict[str, int]:
    services = visit.services
    measured = services.desktops.service.measured()
    return {
        "contested": sum(
            1 for desktop in measured for measure in desktop.measures if measure.awaits_human
        ),
        "findings": len(services.desktops.reconciliation.open_findings()),
    }


def _of_money(visit: Visit) -> dict[str, int]:
    services = visit.services
    unpaid = services.payments.collection.unpaid()
    day = paris_today(services.base.clock)
    disputes = list(services.payments.disputes.waiting())
    return {
        "declined": sum(1 for each in unpaid if each.state in {"declined", "action_required"}),
        "overdue": sum(
            1
            for each in unpaid
            if each.payment_mode == "invoice" and each.due_on is not None and day > each.due_on
        ),
        "objections": sum(1 for each in services.late.suspensions.open() if each.waits_for_a_human),
        "refunds": len(services.payments.refunds.to_make()),
        "disputes": sum(1 for each in disputes if each.is_open),
        "lost_disputes": sum(1 for each in disputes if not each.is_open),
        "late_rate": int(services.terms.late_rates.known_on(day) is None),
        "differences": len(services.closings.reconciliation.open()),
    }
