"""The evidence journal: what was done to a chain shows (EVD-1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.legal.journal_chain import GENESIS, JournalEntry, digest_of, next_entry, verify

START = datetime(2026, 11, 5, 9, tzinfo=UTC)
pytestmark = pytest.mark.contract("EVD-1")


def a_chain(length: int, account: str = "acc_1") -> list[JournalEntry]:
    chain: list[JournalEntry] = []
    for n in range(length):
        chain.append(
            next_entry(
                chain[-1] if chain else None,
                account,
                "order.validated",
                {"order": f"ord_{n}", "cents": 100 * n, "texte": "été"},
                at=START + timedelta(minutes=n),
                by="usr_1",
            )
        )
    return chain


def test_a_chain_as_written_holds() -> None:
    chain = a_chain(5)
    assert chain[0].previous == GENESIS
    assert verify("acc_1", chain) is None


chains = st.integers(2, 8).map(a_chain)


@given(chains, st.data())
def test_a_changed_entry_is_named(chain: list[JournalEntry], data: st.DataObject) -> None:
    # Given one entry whose facts, time, author or kind somebody changed
    n = data.draw(st.integers(0, len(chain) - 1))
    change = data.draw(
        st.sampled_from(
            [{"facts": {"cents": 1}}, {"by": "usr_2"}, {"at": "x"}, {"kind": "order.refused"}]
        )
    )
    chain[n] = replace(chain[n], **change)
    # When the chain is verified, then that entry is the fault
    fault = verify("acc_1", chain)
    assert fault is not None
    assert (fault.sequence, fault.reason) == (n + 1, "the entry was changed")


@given(chains, st.data())
def test_a_changed_entry_digested_anew_breaks_the_next(
    chain: list[JournalEntry], data: st.DataObject
) -> None:
    n = data.draw(st.integers(0, len(chain) - 2))
    forged = replace(chain[n], facts={"cents": 1})
    chain[n] = replace(forged, digest=digest_of(forged))
    fault = verify("acc_1", chain)
    assert fault is not None
    assert fault.sequence == n + 2


@given(chains, st.data())
def test_a_removed_entry_is_missed(chain: list[JournalEntry], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(chain) - 2))
    del chain[n]
    fault = verify("acc_1", chain)
    assert fault is not None
    assert fault.reason == f"entry {n + 1} is missing"


@given(chains, st.data())
def test_an_inserted_entry_is_named(chain: list[JournalEntry], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(chain) - 1))
    chain.insert(n, next_entry(chain[n - 1], "acc_1", "forged", {}, at=START, by="usr_1"))
    assert verify("acc_1", chain) is not None


def test_an_entry_of_another_account_does_not_pass() -> None:
    assert verify("acc_1", a_chain(2, "acc_2")) is not None
