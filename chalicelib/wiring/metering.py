"""Usage days and their corrections."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.base import Base
from chalicelib.wiring.desktops import Desktops

if TYPE_CHECKING:
    from chalicelib.catalogue.service import CatalogueService
    from chalicelib.metering.correction_service import UsageCorrectionService
    from chalicelib.metering.service import MeteringService
    from chalicelib.metering.storage import UsageStorage


@dataclass(kw_only=True, eq=False)
class Metering:
    """Usage days and their corrections."""

    base: Base
    catalogue: "CatalogueService"
    desktops: Desktops

    @cached_property
    def service(self) -> "MeteringService":
        """Usage days."""
        from chalicelib.metering.service import MeteringService

        return MeteringService(
            storage=self._storage,
            desktops=self.desktops.service,
            catalogues=self.catalogue,
            recording=self.base.recording,
        )

    @cached_property
    def corrections(self) -> "UsageCorrectionService":
        """Corrects recorded usage."""
        from chalicelib.metering.computation import UsageComputation
        from chalicelib.metering.correction_service import UsageCorrectionService

        return UsageCorrectionService(
            storage=self._storage,
            computation=UsageComputation(storage=self._storage, catalogues=self.catalogue),
            desktops=self.desktops.service,
            recording=self.base.recording,
        )

    @cached_property
    def _storage(self) -> "UsageStorage":
        """Usage days."""
        from chalicelib.metering.storage import UsageStorage

        return UsageStorage(self.base.adapters.tables)
