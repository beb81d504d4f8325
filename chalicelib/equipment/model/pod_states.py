"""The states of an OmnyPod and what moves it from one to the next (CGV art. 7; POD-1).

Property of the provider all along; in the client's custody from receipt to return (POD-2).
"""

from enum import StrEnum

from chalicelib.foundation.errors import DomainError


class PodState(StrEnum):
    """Where an OmnyPod is."""

    IN_STOCK = "in_stock"
    RESERVED = "reserved"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    IN_USE = "in_use"
    RETURN_ASKED = "return_asked"
    RETURNED = "returned"
    FAULTY = "faulty"
    LOST = "lost"
    STOLEN = "stolen"


class PodEvent(StrEnum):
    """What happens to an OmnyPod."""

    STOCK = "stock"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    BRING_BACK = "bring_back"  # the carrier could not deliver it
    DELIVER = "deliver"
    START_USE = "start_use"
    ASK_RETURN = "ask_return"
    KEEP = "keep"  # the return is no longer asked
    REPORT_FAULT = "report_fault"
    REPORT_LOSS = "report_loss"
    REPORT_THEFT = "report_theft"
    RECEIVE = "receive"
    RESTOCK = "restock"
    RETIRE = "retire"
    REPAIR = "repair"


S, E = PodState, PodEvent
# What the client holds, or holds according to us.
HELD = frozenset({S.DELIVERED, S.IN_USE, S.RETURN_ASKED, S.FAULTY, S.LOST, S.STOLEN})
_WITH_CLIENT = (S.DELIVERED, S.IN_USE, S.RETURN_ASKED)

TRANSITIONS: dict[tuple[PodState, PodEvent], PodState] = {
    (S.IN_STOCK, E.RESERVE): S.RESERVED,
    (S.RESERVED, E.RELEASE): S.IN_STOCK,
    (S.RESERVED, E.SHIP): S.SHIPPED,
    (S.SHIPPED, E.BRING_BACK): S.RESERVED,
    (S.SHIPPED, E.DELIVER): S.DELIVERED,
    (S.SHIPPED, E.REPORT_LOSS): S.LOST,
    (S.SHIPPED, E.ASK_RETURN): S.RETURN_ASKED,
    (S.DELIVERED, E.START_USE): S.IN_USE,
    (S.DELIVERED, E.ASK_RETURN): S.RETURN_ASKED,
    (S.IN_USE, E.ASK_RETURN): S.RETURN_ASKED,
    (S.FAULTY, E.ASK_RETURN): S.RETURN_ASKED,
    (S.RETURN_ASKED, E.KEEP): S.IN_USE,
    **{(state, E.REPORT_FAULT): S.FAULTY for state in _WITH_CLIENT},
    **{(state, E.REPORT_LOSS): S.LOST for state in (*_WITH_CLIENT, S.FAULTY)},
    **{(state, E.REPORT_THEFT): S.STOLEN for state in (*_WITH_CLIENT, S.FAULTY)},
    **{
        (state, E.RECEIVE): S.RETURNED
        for state in (S.SHIPPED, *_WITH_CLIENT, S.FAULTY, S.LOST, S.STOLEN)
    },
    (S.RETURNED, E.RESTOCK): S.IN_STOCK,
    (S.RETURNED, E.RETIRE): S.FAULTY,
    (S.IN_STOCK, E.RETIRE): S.FAULTY,
    (S.FAULTY, E.REPAIR): S.IN_STOCK,
}

_REFUSALS: dict[PodState, str] = {
    S.IN_STOCK: "L’OmnyPod %(serial)s est en stock\u00a0: réservez-le d’abord pour un envoi.",
    S.RESERVED: "L’OmnyPod %(serial)s est réservé\u00a0: expédiez-le, ou libérez-le.",
    S.SHIPPED: "L’OmnyPod %(serial)s est en route\u00a0: notez d’abord sa livraison ou son retour.",
    S.DELIVERED: "L’OmnyPod %(serial)s est déjà livré.",
    S.IN_USE: "L’OmnyPod %(serial)s est en service chez le client.",
    S.RETURN_ASKED: "Le retour de l’OmnyPod %(serial)s est demandé\u00a0: notez sa réception.",
    S.RETURNED: "L’OmnyPod %(serial)s est revenu\u00a0: remettez-le en stock, ou retirez-le.",
    S.FAULTY: "L’OmnyPod %(serial)s est en panne\u00a0: demandez son retour, ou réparez-le.",
    S.LOST: "L’OmnyPod %(serial)s est déclaré perdu\u00a0: décidez du dossier ouvert.",
    S.STOLEN: "L’OmnyPod %(serial)s est déclaré volé\u00a0: décidez du dossier ouvert.",
}


def allows(state: PodState, event: PodEvent) -> bool:
    """Tell whether an event may happen in a state."""
    return (state, event) in TRANSITIONS


def next_state(serial: str, state: PodState, event: PodEvent) -> PodState:
    """Give the state an event leads to.  Raises DomainError when it may not happen (POD-1)."""
    target = TRANSITIONS.get((state, event))
    if target is None:
        raise DomainError(_REFUSALS[state], article="7", serial=serial)
    return target
