"""Contract policies in the ``legal`` table: ``POLICIES / {code}#{day}``."""

from collections.abc import Iterator
from datetime import date

from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import JSONAttribute, OldRecord, UnicodeAttribute, old_put
from chalicelib.foundation.tables import Put, Tables
from chalicelib.legal.policies import ContractPolicy


class PolicyRecord(OldRecord):
    """A policy as it applies from a day on."""

    class Meta:
        table_name = "legal"

    code = UnicodeAttribute()
    from_on = UnicodeAttribute()
    state = JSONAttribute()


class PolicyStorage:
    """Keeps the policies published."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def policies(self) -> Iterator[ContractPolicy]:
        """Read every state ever published."""
        for record in self._tables.query_records(PolicyRecord, "POLICIES"):
            state = record.state
            yield ContractPolicy(
                code=record.code,
                from_on=date.fromisoformat(record.from_on),
                professionals=state["professionals"],
                consumers=state["consumers"],
                reason=state["reason"],
                published_at=instant(state["published_at"]) if state["published_at"] else None,
                published_by=state["published_by"],
                version=int(record.version),
            )

    def save_policy(self, policy: ContractPolicy) -> Put:
        """Give the write of a state, refused when somebody wrote it since."""
        return old_put(
            PolicyRecord(
                pk="POLICIES",
                sk=f"{policy.code}#{policy.from_on.isoformat()}",
                version=policy.version,
                code=policy.code,
                from_on=policy.from_on.isoformat(),
                state={
                    "professionals": policy.professionals,
                    "consumers": policy.consumers,
                    "reason": policy.reason,
                    "published_at": iso(policy.published_at) if policy.published_at else "",
                    "published_by": policy.published_by,
                },
            )
        )
