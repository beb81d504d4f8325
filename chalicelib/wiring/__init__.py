"""Joins services to their adapters: the only place that names every adapter.

Each module wires a domain and inherits those before it, in the order of the domains, so that none
can use a later one.  Services are built on first use and import their own modules then: a page
loads only what it needs (stripe, PDF and Babel take long to import).
"""

from chalicelib.foundation.settings import Settings
from chalicelib.wiring.adapters import Adapters
from chalicelib.wiring.equipment import EquipmentServices


class Services(EquipmentServices):
    """Every use case, each with its ports filled in."""


def build_services() -> Services:
    """Build the services of the stage named by the environment, and have its logs structured."""
    from chalicelib.foundation import logs

    logs.start()
    return Services(Adapters(Settings.from_environment()))


__all__ = ["Adapters", "Services", "build_services"]
