"""VAT by the place and status of clients, the one-stop shop."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.accounts import Accounts
from chalicelib.wiring.base import Base
from chalicelib.wiring.billing import Billing
from chalicelib.wiring.legal import Legal

if TYPE_CHECKING:
    from chalicelib.billing.one_stop_shop.oss_service import OssService
    from chalicelib.billing.one_stop_shop.vat_service import VatService
    from chalicelib.billing.one_stop_shop.vat_storage import VatStorage


@dataclass(kw_only=True, eq=False)
class Taxes:
    """VAT by the place and status of clients, the one-stop shop."""

    base: Base
    legal: Legal
    accounts: Accounts
    billing: Billing

    @cached_property
    def vat(self) -> "VatService":
        """Which VAT is due."""
        from chalicelib.billing.one_stop_shop.vat_service import VatService

        return VatService(
            storage=self.storage,
            oss=self.one_stop_shop,
            accounts=self.accounts.service,
            vies=lambda: self.base.adapters.vies,
            policies=self.legal.policies,
            recording=self.base.recording,
        )

    @cached_property
    def one_stop_shop(self) -> "OssService":
        """The one-stop shop."""
        from chalicelib.billing.drafts.service import BillingService
        from chalicelib.billing.one_stop_shop.oss_service import OssService
        from chalicelib.billing.vat.rules import vat_of

        drafts = BillingService(
            storage=self.billing.storage,
            bases=self.billing.bases.with_vat(vat_of),
            accounts=self.accounts.service,
            documents=self.base.adapters.documents,
            clock=self.base.clock,
        )
        return OssService(
            storage=self.storage,
            statuses=self.storage,
            accounts=self.accounts.service,
            amounts=drafts.excl_vat_cents,
            recording=self.base.recording,
        )

    @cached_property
    def storage(self) -> "VatStorage":
        """What is known of the status of clients."""
        from chalicelib.billing.one_stop_shop.vat_storage import VatStorage

        return VatStorage(self.base.adapters.tables)
