"""Makes the emulated machines again: moto forgets them when it stops, our desktops do not."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.wiring import Services


def make_machines_again(services: "Services") -> int:
    """Launch anew the machine of every desktop that has one, stopped ones stopped; count them.

    The provider's own launch, with the desktop's tag: the desktops keep their ids and their state.
    """
    count = 0
    for desktop in services.desktops.service.all_desktops():
        if desktop.is_active and desktop.machine_id is not None:
            services.desktops.worker.make_again(desktop.account_id, desktop.id)
            count += 1
    return count
