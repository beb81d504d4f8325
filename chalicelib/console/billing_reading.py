"""From when a new order is billed, as the pages that speak of it must say it (P2)."""

from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.legal.policies import BILLED_FROM_CONFIRMATION


def billed_from_confirmation(visit: Visit) -> bool:
    """Tell whether the visitor's orders of today are billed from a later confirmation (P2).

    Where the visitor is no client, whether anybody's are.
    """
    services = visit.services
    policy = services.legal.policies.in_force(BILLED_FROM_CONFIRMATION, today(services.base.clock))
    account = visit.visitor.account if visit.visitor else None
    if account is None:
        return policy.professionals or policy.consumers
    return policy.professionals if account.is_professional else policy.consumers
