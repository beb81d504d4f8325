"""Contract policies in the ``legal`` table: ``POLICIES / {code}#{day}``."""

from collections.abc import Iterator

from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.tables import Put, Tables
from chalicelib.legal.policies import ContractPolicy

_POLICIES = Kind("legal", "policy", ContractPolicy)


class PolicyStorage:
    """Keeps the policies published."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def policies(self) -> Iterator[ContractPolicy]:
        """Read every state ever published."""
        return self._tables.query(_POLICIES, "POLICIES")

    def save_policy(self, policy: ContractPolicy) -> Put:
        """Give the write of a state, refused when somebody wrote it since."""
        return _POLICIES.put(policy, "POLICIES", f"{policy.code}#{policy.from_on.isoformat()}")
