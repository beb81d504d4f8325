"""The outside with its tables and queues in memory, everything else as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from chalicelib.desktops.clouds.machines import MachineProvider
from chalicelib.foundation.aws import AwsAccess
from infra.cloudformation.resources import TABLES
from infra.local.memory.machines import RememberedMachines
from infra.local.memory.queues import MemorySqs
from infra.local.memory.tables import TakenTables
from infra.local.outside.adapters import LocalAdapters
from infra.local.outside.provisioning import PREFIX


@dataclass(frozen=True)
class _AccessWithQueues(AwsAccess):
    """Reaches the emulators, but for SQS."""

    sqs: Any = None

    def client(self, service: str, **options: Any) -> Any:
        """Make a client of a service, or give the queues."""
        return self.sqs if service == "sqs" else super().client(service, **options)


class MemoryAdapters(LocalAdapters):
    """Local adapters that found the tables' items in memory, from ``take`` to ``give_back``."""

    def __init__(self, outside: LocalAdapters) -> None:
        self.sqs = MemorySqs(outside.clock, PREFIX)
        self._real = outside.settings.access
        access = _AccessWithQueues(**vars(self._real), sqs=self.sqs)
        settings = replace(outside.settings, access=access)
        super().__init__(settings, outside.clock, outside.mailbox, outside.announce)

    @cached_property
    def tables(self) -> TakenTables:  # type: ignore[override]
        """Where records are."""
        return TakenTables(self._real.client("dynamodb"), PREFIX)

    @cached_property
    def machine_providers(self) -> Mapping[str, MachineProvider]:
        """The same emulated clouds, which are asked less often."""
        return cast(Mapping[str, MachineProvider], self._clouds)

    @cached_property
    def _clouds(self) -> dict[str, RememberedMachines]:
        clouds = super().machine_providers
        return {name: RememberedMachines(cloud, self.clock) for name, cloud in clouds.items()}

    def take(self) -> None:
        """Read every item there is."""
        self.tables.take(TABLES)

    def give_back(self) -> None:
        """Write what changed to DynamoDB, and what nobody handled to SQS."""
        for cloud in self._clouds.values():
            self.tables.rename("desktops", cloud.keep_promises())
        self.tables.write_back()
        sqs = self._real.client("sqs")
        for queue, entry in self.sqs.left():
            url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            sqs.send_message_batch(QueueUrl=url, Entries=[entry])
