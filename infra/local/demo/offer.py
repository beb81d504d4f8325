"""What the demo's operator adds to its offer: desktops on WorkSpaces (CAT-1, DSK-2)."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.foundation.clock import today

if TYPE_CHECKING:
    from chalicelib.wiring import Services

WORKSPACES_CODE = "nomade"
_MODEL = "essentiel"  # whose system, applications and service levels it has


def offer_workspaces(services: "Services", operator: str) -> None:
    """Publish a configuration on WorkSpaces, on sale from tomorrow, without OmnyPod."""
    document: dict[str, Any] = services.catalogue.document()
    model = next(each for each in document["configurations"] if each["code"] == _MODEL)
    from_on = str(today(services.base.clock) + timedelta(days=1))
    added = {
        **model,
        "code": WORKSPACES_CODE,
        "name": {"fr": "Nomade", "en": "Roaming"},
        "memory_gib": 4,
        "pod_included": False,
        "provider": "workspaces",
        "instance_type": "STANDARD",
        "image": "wsb-gk1wpk43z",
        "on_sale_from": from_on,
    }
    price = {"code": WORKSPACES_CODE, "from_on": from_on, "monthly_excl_vat": "35.00"}
    published = {
        **document,
        "configurations": [*document["configurations"], added],
        "prices": [*document["prices"], price],
    }
    services.catalogue.publish(published, operator)
