"""Builders of contracts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.billing.contracts.contract import (
    Commitment,
    Contract,
    ContractBilling,
    ContractState,
)
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.ids import AccountId, ContractId
from tests.fakes.clock import paris


def a_contract(**changes: Any) -> Contract:
    """Build an agreed one: 2 Standard at 29,00 € less 10 %, from 1 November 2026, by the month."""
    contract = Contract(
        id=ContractId("ctr_1"),
        account_id=AccountId("acc_lumen"),
        reference="Devis 2026-17",
        starts_on=date(2026, 11, 1),
        months=12,
        billing=ContractBilling.MONTHLY,
        commitments=(Commitment("desktop", "standard", Label("Standard", "Standard"), 2, 2900),),
        discount_percent=Decimal(10),
        proposed_at=paris("2026-10-20 10:00"),
        proposed_by="operator:usr_op",
        state=ContractState.ACCEPTED,
        agreed_at=paris("2026-10-22 10:00"),
        agreed_by="usr_owner",
        acceptance="console",
    )
    return replace(contract, **changes)
