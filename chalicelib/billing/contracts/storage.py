"""Negotiated contracts in the ``billing`` table.

Keys: ``ACC#account / CONTRACT#id``; listing ``CONTRACTS`` by first day, for the operator's list and
the daily reminders.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from chalicelib.billing.contracts.contract import (
    Commitment,
    Contract,
    ContractBilling,
    ContractState,
)
from chalicelib.billing.invoices.storage import BillingRecord
from chalicelib.catalogue.catalogue import Label
from chalicelib.foundation.ids import AccountId, ContractId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import old_put
from chalicelib.foundation.tables import Put, Tables

_LISTING = "CONTRACTS"
_INSTANTS = ("proposed_at", "agreed_at", "reminded_at")
_DAYS = ("starts_on", "ended_on")


class ContractStorage:
    """Reads contracts, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def contract(self, account_id: str, contract_id: str) -> Contract | None:
        """Read a contract of an account."""
        record = self._tables.get_record(
            BillingRecord, f"ACC#{account_id}", f"CONTRACT#{contract_id}"
        )
        return _read(record) if record else None

    def contracts_of(self, account_id: str) -> Iterator[Contract]:
        """Read the contracts of an account, whatever their state."""
        for record in self._tables.query_records(
            BillingRecord, f"ACC#{account_id}", starts_with="CONTRACT#"
        ):
            yield _read(record)

    def all_contracts(self) -> Iterator[Contract]:
        """Read every contract, the one that began last first (an index: it may lag a moment)."""
        for record in self._tables.listing_records(BillingRecord, _LISTING, newest_first=True):
            yield _read(record)

    def save_contract(self, contract: Contract) -> Put:
        """Give the write that keeps a contract; refused when somebody wrote it since."""
        content = asdict(contract)
        version = content.pop("version")
        content["discount_percent"] = str(contract.discount_percent)
        late_rate = contract.late_rate_percent
        content["late_rate_percent"] = None if late_rate is None else str(late_rate)
        for name in _INSTANTS:
            content[name] = iso(content[name]) if content[name] else None
        for name in _DAYS:
            content[name] = content[name].isoformat() if content[name] else None
        record = BillingRecord(
            pk=f"ACC#{contract.account_id}",
            sk=f"CONTRACT#{contract.id}",
            content=content,
            version=version,
            list_key=_LISTING,
            list_sort=f"{contract.starts_on.isoformat()}#{contract.id}",
        )
        return old_put(record)


def _read(record: BillingRecord) -> Contract:
    content = dict(record.content)
    for name in _INSTANTS:
        content[name] = instant(content[name]) if content[name] else None
    for name in _DAYS:
        content[name] = date.fromisoformat(content[name]) if content[name] else None
    late_rate = content.get("late_rate_percent")
    read = {
        "id": ContractId(content["id"]),
        "account_id": AccountId(content["account_id"]),
        "billing": ContractBilling(content["billing"]),
        "commitments": tuple(
            Commitment(**{**each, "label": Label(**each["label"])})
            for each in content["commitments"]
        ),
        "discount_percent": Decimal(content["discount_percent"]),
        "late_rate_percent": None if late_rate is None else Decimal(late_rate),
        "state": ContractState(content["state"]),
        "version": int(record.version),
    }
    return Contract(**{**content, **read})
