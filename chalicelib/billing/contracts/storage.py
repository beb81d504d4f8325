"""Negotiated contracts in the ``billing`` table.

Keys: ``ACC#account / CONTRACT#id``; listing ``CONTRACTS`` by first day, for the operator's list and
the daily reminders.
"""

from collections.abc import Iterator

from chalicelib.billing.contracts.contract import Contract
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables

_CONTRACTS = Kind("billing", "contract", Contract)
_LISTING = "CONTRACTS"


class ContractStorage:
    """Reads contracts, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def contract(self, account_id: str, contract_id: str) -> Contract | None:
        """Read a contract of an account."""
        return self._tables.get(_CONTRACTS, f"ACC#{account_id}", f"CONTRACT#{contract_id}")

    def contracts_of(self, account_id: str) -> Iterator[Contract]:
        """Read the contracts of an account, whatever their state."""
        return self._tables.query(_CONTRACTS, f"ACC#{account_id}", starts_with="CONTRACT#")

    def all_contracts(self) -> Iterator[Contract]:
        """Read every contract, the one that began last first (an index: it may lag a moment)."""
        return self._tables.listing(_CONTRACTS, _LISTING, newest_first=True)

    def save_contract(self, contract: Contract) -> Put:
        """Give the write that keeps a contract; refused when somebody wrote it since."""
        return _CONTRACTS.put(
            contract,
            f"ACC#{contract.account_id}",
            f"CONTRACT#{contract.id}",
            listed=(_LISTING, f"{contract.starts_on.isoformat()}#{contract.id}"),
        )
