"""Every object of payments, stored in memory and by DynamoDB (PAY-1 to PAY-5, EVD-2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import ConflictError
from chalicelib.foundation.tables import Tables
from chalicelib.payments.cards.storage import CardsStorage
from chalicelib.payments.closings.closing import Closing, Period
from chalicelib.payments.closings.storage import ClosingStorage
from chalicelib.payments.late.dunning_storage import DunningStorage
from chalicelib.payments.late.suspension import Suspension, SuspensionState
from chalicelib.payments.money.claim import Claim
from chalicelib.payments.money.dispute import Dispute
from chalicelib.payments.money.ledger import Settlement, SettlementKind
from chalicelib.payments.money.ledger_storage import LedgerStorage
from chalicelib.payments.money.payment import (
    Card,
    Collection,
    CollectionState,
    InvoicePlace,
    PayingCustomer,
)
from chalicelib.payments.money.refund_order import RefundOrder, RefundState
from chalicelib.payments.money.storage import PaymentsStorage
from chalicelib.payments.money.transfer import AccountBalance, Transfer
from chalicelib.payments.reconciliation.difference import Difference, ReconciliationRun
from chalicelib.payments.reconciliation.storage import ReconciliationStorage
from chalicelib.payments.stripe.processor import Event
from chalicelib.payments.terms.dunning_steps import Dunning
from tests.fakes.filled import filled, sparse
from tests.storage.kept import Again, Kept

LUMEN = "acc_lumen"
NOW = datetime(2026, 11, 5, 23, 30, tzinfo=UTC)  # 6 November in Paris
Make = Callable[..., object]
BOTH = pytest.mark.parametrize("make", [filled, sparse])
TABLES = ("payments",)


@BOTH
def test_collections(tables: Tables, make: Make) -> None:
    storage = PaymentsStorage(tables)
    for state, listed in (
        (CollectionState.DECLINED, storage.unpaid),
        (CollectionState.SETTLED, lambda: storage.settled(5)),
    ):
        Kept(
            make(Collection, account_id=LUMEN, invoice_id=f"inv_{state}", state=state),
            storage.save_collection,
            (lambda name=f"inv_{state}": storage.collection(LUMEN, name), listed),  # type: ignore[misc]
        ).try_out(tables)
    assert len(storage.collections(LUMEN)) == 2
    assert storage.collections("acc_lume") == []


def test_intents_and_notices(tables: Tables) -> None:
    storage = PaymentsStorage(tables)
    place = InvoicePlace(LUMEN, "inv_1")
    assert storage.place_of("pi_1") is None
    for _ in range(2):
        tables.commit(storage.save_place("pi_1", place))
    assert storage.place_of("pi_1") == place
    event = filled(Event, id="evt_1")
    assert not storage.event_handled("evt_1")
    tables.commit(storage.save_event(event, NOW))
    assert storage.event_handled("evt_1")
    with pytest.raises(ConflictError):
        tables.commit(storage.save_event(event, NOW))


@BOTH
def test_customers_and_cards(tables: Tables, make: Make) -> None:
    storage = CardsStorage(tables)
    customer = make(PayingCustomer, account_id=LUMEN, customer_id="cus_1")
    Kept(customer, storage.save_customer, (lambda: storage.customer(LUMEN),)).try_out(tables)
    tables.commit(storage.save_owner(PayingCustomer(LUMEN, "cus_1")))
    assert storage.owner("cus_1") == LUMEN
    Kept(
        make(Card, id="pm_1", account_id=LUMEN),
        storage.save_card,
        (lambda: storage.card(LUMEN, "pm_1"), lambda: storage.cards(LUMEN)),
    ).try_out(tables)


@pytest.mark.contract("PAY-1")
def test_a_card_removed_is_no_longer_about_to_expire(tables: Tables) -> None:
    storage, december = CardsStorage(tables), BillingMonth(2026, 12)
    kept = sparse(Card, id="pm_1", account_id=LUMEN, exp_year=2026, exp_month=12)
    tables.commit(storage.save_card(kept))
    (card,) = storage.expiring(december)
    assert storage.expiring(BillingMonth(2026, 1)) == []
    tables.commit(storage.save_card(replace(card, removed_at=NOW)))
    assert storage.expiring(december) == []


def test_entries_of_every_kind(tables: Tables) -> None:
    storage = LedgerStorage(tables)
    entries = [
        filled(Settlement, id=kind, invoice_id=f"inv_{kind}", account_id=LUMEN, kind=kind, at=NOW)
        for kind in SettlementKind
    ]
    for entry in entries:
        Kept(
            entry,
            storage.save_settlement,
            (lambda name=entry.invoice_id: storage.settlements(LUMEN, name),),  # type: ignore[misc]
            Again.REFUSED,
        ).try_out(tables)
    assert {entry.id for entry in storage.settlements(LUMEN)} == {*SettlementKind}
    # Then money is among the receipts of its Paris day, once, and what is none is not
    assert [*storage.receipts(date(2026, 11, 5))] == []
    receipts = [*storage.receipts(date(2026, 11, 6))]
    assert sorted(entry.id for entry in receipts) == sorted(e.id for e in entries if e.is_money)
    assert all(entry in entries for entry in receipts)
    assert storage.settlements(LUMEN, "inv") == []


def test_an_entry_without_what_is_empty_and_one_of_nothing(tables: Tables) -> None:
    storage = LedgerStorage(tables)
    entry = sparse(Settlement, account_id=LUMEN, invoice_id="inv_1", reference="", amount_cents=0)
    tables.commit(*storage.save_settlement(entry))
    assert storage.settlements(LUMEN) == [entry]


@BOTH
@pytest.mark.contract("PAY-4")
def test_what_moves_money(tables: Tables, make: Make) -> None:
    storage = LedgerStorage(tables)
    Kept(
        make(Transfer, id="t_1", account_id=LUMEN),
        storage.save_transfer,
        (lambda: storage.transfer("t_1"), lambda: storage.transfers(5)),
    ).try_out(tables)
    Kept(
        make(Dispute, id="dp_1", account_id=LUMEN),
        storage.save_dispute,
        (lambda: storage.dispute(LUMEN, "dp_1"), lambda: storage.past_disputes(5)),
    ).try_out(tables)
    assert storage.waiting_disputes() == []
    Kept(
        make(Dispute, id="dp_2", account_id=LUMEN, outcome="lost", seen_at=None),
        storage.save_dispute,
        (lambda: storage.dispute(LUMEN, "dp_2"), storage.waiting_disputes),
    ).try_out(tables)
    Kept(
        make(Claim, id="clm_1", account_id=LUMEN),
        storage.save_claim,
        (lambda: storage.claim("clm_1"), lambda: storage.claims(LUMEN)),
    ).try_out(tables)


def test_refunds_are_listed_as_long_as_there_is_something_to_do(tables: Tables) -> None:
    storage = LedgerStorage(tables)
    for state in RefundState:
        refund = filled(
            RefundOrder, id=f"{state}-1", account_id=LUMEN, invoice_id=state, state=state
        )
        Kept(
            refund,
            storage.save_refund,
            (
                lambda name=refund.id: storage.refund(LUMEN, name),  # type: ignore[misc]
                lambda invoice=refund.invoice_id: storage.refunds(LUMEN, invoice),  # type: ignore[misc]
            ),
        ).try_out(tables)
    every = storage.refunds(LUMEN)
    for still_open in (True, False):
        listed = {each.id for each in storage.listed_refunds(still_open=still_open)}
        assert listed == {each.id for each in every if each.is_open is still_open} != set()
    assert storage.refunds(LUMEN, "ma") == []


@pytest.mark.parametrize("cents", [1250, -1250])
def test_balances_are_listed_unless_nil(tables: Tables, cents: int) -> None:
    storage = LedgerStorage(tables)
    assert storage.balance(LUMEN) == AccountBalance(LUMEN)
    tables.commit(storage.save_balance(AccountBalance(LUMEN, cents, 30)))
    assert storage.balances() == [storage.balance(LUMEN)] == [AccountBalance(LUMEN, cents, 30, 1)]
    tables.commit(storage.save_balance(AccountBalance(LUMEN, 0, 0, 1)))
    assert storage.balances() == []
    assert storage.balance(LUMEN) == AccountBalance(LUMEN, 0, 0, 2)


@BOTH
@pytest.mark.contract("PAY-3")
def test_what_late_payers_were_sent(tables: Tables, make: Make) -> None:
    storage = DunningStorage(tables)
    Kept(
        make(Dunning, account_id=LUMEN, invoice_id="inv_1"),
        storage.save_dunning,
        (lambda: storage.dunning(LUMEN, "inv_1"), lambda: storage.dunnings(LUMEN)),
    ).try_out(tables)
    Kept(
        make(Suspension, account_id=LUMEN, state=SuspensionState.APPLIED),
        storage.save_suspension,
        (lambda: storage.suspensions(LUMEN), storage.open_suspensions),
    ).try_out(tables)
    (applied,) = storage.open_suspensions()
    tables.commit(storage.save_suspension(replace(applied, state=SuspensionState.LIFTED)))
    assert storage.open_suspensions() == []
    assert len(storage.suspensions(LUMEN)) == 1


@pytest.mark.contract("EVD-2")
def test_closings(tables: Tables) -> None:
    storage, period = ClosingStorage(tables), Period.DAY
    closing = filled(Closing, period=period, name="2026-11-05")
    Kept(
        closing,
        storage.save,
        (
            lambda: storage.last(period),
            lambda: storage.newest(period, 3),
            lambda: storage.closings(period),
            lambda: storage.closings(period, "2026-11"),
        ),
        Again.REFUSED,
    ).try_out(tables)
    tables.commit(storage.save(replace(closing, name="2026-11-06")))
    assert [each.name for each in storage.newest(period, 1)] == ["2026-11-06"]
    assert all(storage.last(other) is None for other in Period if other is not period)


@BOTH
@pytest.mark.contract("PAY-5")
def test_differences_and_the_last_comparison(tables: Tables, make: Make) -> None:
    storage = ReconciliationStorage(tables)
    still_open = make is sparse
    Kept(
        make(Difference, name="amount pi_1"),
        storage.save_difference,
        (
            lambda: storage.difference("amount pi_1"),
            lambda: storage.differences(still_open=still_open),
        ),
    ).try_out(tables)
    assert storage.differences(still_open=not still_open) == []
    Kept(make(ReconciliationRun), storage.save_run, (storage.run,)).try_out(tables)
    run = storage.run()
    assert run is not None
    assert storage.last_until() == run.until
