"""EC2's state changes on the local stack, where moto sends none: seen by looking, told as EC2 does.

In production EventBridge calls the same function of app.py with the same event.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from chalicelib.desktops.clouds.machines import ListedMachine, MachineStatus
from chalicelib.foundation.errors import GatewayError

log = logging.getLogger(__name__)

_EVERY_SECONDS = 3.0
_GONE = "terminated"


class MachineEvents:
    """Looks at the inventory every few seconds and tells what changed since."""

    def __init__(
        self,
        inventory: Callable[[], Iterable[ListedMachine]],
        tell: Callable[[dict[str, Any]], object],
    ) -> None:
        self._inventory = inventory
        self._tell = tell
        self._known: dict[str, MachineStatus] | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="machine-events", daemon=True)

    def start(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; waits for the look under way."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> int:
        """Look once: tell each machine that is not as it was, count them."""
        seen = {machine.id: machine.status for machine in self._inventory()}
        known, self._known = self._known, seen
        if known is None:
            return 0
        changed = [each for each, status in seen.items() if known.get(each) is not status]
        for machine_id in changed:
            self._tell(state_change(machine_id, seen[machine_id].value))
        gone = known.keys() - seen.keys()
        for machine_id in gone:
            self._tell(state_change(machine_id, _GONE))
        return len(changed) + len(gone)

    def _run(self) -> None:
        while not self._ending.wait(_EVERY_SECONDS):
            try:
                self.look()
            except GatewayError as fault:
                log.warning("the emulated cloud does not answer: %s", fault)


def state_change(machine_id: str, state: str) -> dict[str, Any]:
    """Make the event EventBridge brings when an EC2 instance changes state."""
    return {
        "source": "aws.ec2",
        "detail-type": "EC2 Instance State-change Notification",
        "detail": {"instance-id": machine_id, "state": state},
    }
