"""The DESKTOPS queue: which message is whose work."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.desktops.requests.creation import DesktopCreation
from chalicelib.desktops.work.machine_work import MachineWork
from chalicelib.desktops.work.worker import DesktopWorker

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class DesktopMessages:
    """Handles the messages of the DESKTOPS queue, each as often as it comes.

    ``on_failed`` is told of a desktop that could not be made: its usage is forgotten (P2);
    ``compare`` compares the clouds with what we know (DSK-9); ``announce`` tells clients of the
    new prices of a publication (CAT-3).
    """

    creation: DesktopCreation
    worker: DesktopWorker
    machines: MachineWork
    on_failed: Callable[[str, str], None]
    compare: Callable[[], None]
    announce: Callable[[int], None]

    def handle(self, body: dict[str, Any]) -> None:
        """Carry out one message.

        Raises TemporaryGatewayError when it should come back, KeyError when it makes no sense.
        """
        if body["do"] == "create":
            self.creation.create_for_order(body["order_id"])
            return
        if body["do"] == "compare":
            self.compare()
            return
        if body["do"] == "announce-prices":
            self.announce(body["version"])
            return
        account_id, desktop_id = body["account_id"], body["desktop_id"]
        if body["do"] == "forget":
            self.on_failed(account_id, desktop_id)
        elif body["do"] == "erase-secret":
            self.machines.erase_secret(account_id, desktop_id)
        elif body["do"] == "incident":
            log.error("the machine of desktop %s of %s vanished", desktop_id, account_id)
            self.worker.advance(account_id, desktop_id)
        elif body["do"] == "back-up":
            self.machines.back_up(account_id, desktop_id)
        else:  # "launch", "check", "watch", "settle", "seen": what is needed shows when looking
            self.worker.advance(account_id, desktop_id, once=body["do"] == "watch")
