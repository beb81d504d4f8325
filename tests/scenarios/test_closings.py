"""Closings of receipts: exact, once, chained (EVD-2); the comparison with Stripe (PAY-5)."""

import io
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chalicelib.billing.papers.messages import CollectInvoice
from chalicelib.foundation.errors import DomainError, FieldErrors, TemporaryGatewayError
from chalicelib.foundation.instants import iso
from chalicelib.foundation.measures import Measure, collecting
from chalicelib.payments.closings.closing import Period, digest_of
from chalicelib.payments.closings.storage import CLOSINGS
from chalicelib.payments.money.ledger import Settlement
from chalicelib.payments.money.ledger_storage import SETTLEMENTS
from chalicelib.payments.reconciliation.difference import DifferenceKind
from tests.fakes.outside import InMemorySigner
from tests.fakes.payments import ACCOUNT, INVOICE, Collecting


def a_busy_autumn() -> Collecting:
    """34,80 by card on 1 November at 23:30, 50,00 by transfer the next day, 10,00 given back."""
    at = Collecting("2026-11-01 23:30")
    at.save_card()
    at.issue()
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.clock.set("2026-11-02 09:00")
    at.transfer(5000)
    at.credit(1000)
    at.pump()
    at.deliver()
    at.clock.advance(minutes=5)
    return at


def daily(at: Collecting) -> dict[str, tuple[int, int, int]]:
    closings = at.closings.newest(Period.DAY)
    return {c.name: (c.received_cents, c.given_back_cents, c.perpetual_cents) for c in closings}


@pytest.mark.contract("EVD-2")
def test_a_day_is_closed_over_what_was_recorded_on_it_however_late() -> None:
    at = a_busy_autumn()
    # When the job comes three days late, twice
    at.clock.set("2026-11-05 03:15")
    assert at.closings.close_due() == 4
    assert at.closings.close_due() == 0
    # Then
    assert daily(at) == {
        "2026-11-01": (3480, 0, 3480),
        "2026-11-02": (5000, 1000, 7480),
        "2026-11-03": (0, 0, 7480),
        "2026-11-04": (0, 0, 7480),
    }
    assert list(at.closings.verify()) == []


@pytest.mark.contract("EVD-2")
def test_a_day_not_over_for_an_hour_stays_open() -> None:
    at = a_busy_autumn()
    at.clock.set("2026-11-03 00:30")
    at.closings.close_due()
    assert set(daily(at)) == {"2026-11-01"}
    at.clock.set("2026-11-03 01:30")
    at.closings.close_due()
    assert set(daily(at)) == {"2026-11-01", "2026-11-02"}


@pytest.mark.contract("EVD-2")
def test_a_receipt_entered_when_the_clock_has_gone_back_goes_to_the_first_open_day() -> None:
    # Given days closed until 4 November, and a clock that is set back to the 2nd
    at = a_busy_autumn()
    at.clock.set("2026-11-05 03:15")
    at.closings.close_due()
    at.clock.set("2026-11-02 10:00")
    # When money comes, and the job runs before and after the clock is right again
    at.transfer(1200, "VIR 2")
    assert at.closings.close_due() == 0
    at.clock.set("2026-11-06 03:15")
    assert at.closings.close_due() == 1
    # Then no closing is broken, and the receipt is in that of the 5th
    assert daily(at)["2026-11-02"] == (5000, 1000, 7480)
    assert daily(at)["2026-11-05"] == (1200, 0, 8680)
    assert list(at.closings.verify()) == []


@pytest.mark.contract("EVD-2")
def test_months_and_years_add_their_parts_up() -> None:
    at = a_busy_autumn()
    at.clock.set("2027-02-01 03:15")
    at.closings.close_due()
    months = {one.name: one.net_cents for one in at.closings.newest(Period.MONTH)}
    assert months == {"2026-11": 7480, "2026-12": 0, "2027-01": 0}
    (year,) = at.closings.newest(Period.YEAR)
    assert (year.name, year.net_cents, year.perpetual_cents) == ("2026", 7480, 7480)
    assert at.closings.close_due() == 0
    assert list(at.closings.verify()) == []


def the_receipt(at: Collecting) -> Settlement:
    (receipt,) = at.ledger.receipts(date(2026, 11, 1))
    return receipt


def place_of(receipt: Settlement) -> tuple[str, str]:
    """Give the keys under which closings read a receipt of 1 November."""
    return "RECEIPTS#2026-11-01", f"{iso(receipt.at)}#{receipt.account_id}#{receipt.id}"


def rewrite(at: Collecting, name: str, **changes: object) -> None:
    """Change a closing of a day as whoever can write to the tables may."""
    closing = at.tables.get(CLOSINGS, "CLOSINGS#day", name)
    forged = replace(closing, **changes)
    at.tables.commit(CLOSINGS.put(forged, "CLOSINGS#day", name, always=True))


def remove_receipt_and_closings(at: Collecting) -> None:
    at.tables.commit(SETTLEMENTS.delete(*place_of(the_receipt(at))))
    for period in Period:
        for closing in list(at.tables.query(CLOSINGS, f"CLOSINGS#{period}")):
            at.tables.commit(CLOSINGS.delete(f"CLOSINGS#{period}", closing.name))


def _change_a_receipt(at: Collecting) -> None:
    receipt = the_receipt(at)
    more = replace(receipt, amount_cents=receipt.amount_cents + 100)
    at.tables.commit(SETTLEMENTS.put(more, *place_of(receipt), always=True))


def _add_a_receipt(at: Collecting) -> None:
    receipt = the_receipt(at)
    day, place = place_of(receipt)
    at.tables.commit(SETTLEMENTS.put(receipt, day, place + "x"))


def _change_a_closing(at: Collecting) -> None:
    rewrite(at, "2026-11-01", received_cents=3580)


def _total_again(at: Collecting) -> None:
    """Change the totals of a closing, and its digest with them."""
    closing = at.tables.get(CLOSINGS, "CLOSINGS#day", "2026-11-01")
    forged = replace(closing, received_cents=0, given_back_cents=-3480)
    rewrite(
        at,
        "2026-11-01",
        received_cents=0,
        given_back_cents=-3480,
        digest=digest_of(forged),
    )


def _forge(at: Collecting) -> None:
    """Make the whole chain anew without a receipt, by whoever may write and not sign."""
    remove_receipt_and_closings(at)
    ours, at.signer = at.signer, InMemorySigner()
    at.build()
    at.closings.close_due()
    at.signer = ours
    at.build()


@pytest.mark.contract("EVD-2")
@pytest.mark.parametrize(
    "tamper", [_change_a_receipt, _add_a_receipt, _change_a_closing, _total_again, _forge]
)
def test_whatever_is_tampered_with_is_named(tamper: Callable[[Collecting], None]) -> None:
    at = a_busy_autumn()
    at.clock.set("2026-11-05 03:15")
    at.closings.close_due()
    tamper(at)
    first = next(iter(at.closings.verify()))
    assert first.period is Period.DAY
    assert first.name == ("2026-11-02" if tamper is _forge else "2026-11-01")
    assert first.name in {closing.name for closing in at.closings.newest(Period.DAY)}
    # The page, which checks the last signature alone, sees it too
    assert list(at.closings.verify(every_signature=False))


@pytest.mark.contract("EVD-2")
def test_closings_removed_so_that_our_own_job_makes_others_are_named() -> None:
    # Given closings, and somebody who removes them with a receipt, and lets the night sign others
    at = a_busy_autumn()
    at.clock.set("2026-11-05 03:15")
    at.closings.close_due()
    remove_receipt_and_closings(at)
    at.closings.close_due()
    # Then the chain and its signatures hold, and are not what the journal tells
    assert list(at.closings.verify(every_signature=False)) == []
    named = [fault.name for fault in at.closings.verify()]
    assert named == ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"]


@pytest.mark.contract("EVD-2")
@pytest.mark.parametrize("changes", [{"signature": ""}, {"signed_with": "another-key"}])
def test_a_closing_without_our_signature_is_named(changes: dict[str, str]) -> None:
    at = a_busy_autumn()
    at.clock.set("2026-11-05 03:15")
    at.closings.close_due()
    rewrite(at, "2026-11-03", **changes)
    assert [fault.name for fault in at.closings.verify()] == ["2026-11-03"]


@pytest.mark.contract("EVD-2")
def test_the_export_is_signed_and_checked_with_openssl(tmp_path: Path) -> None:
    # Given the export of a year, unpacked
    at = a_busy_autumn()
    at.clock.set("2026-12-01 03:15")
    at.closings.close_due()
    with zipfile.ZipFile(io.BytesIO(at.closings.archive("2026"))) as archive:
        archive.extractall(tmp_path)
        read_me = archive.read("LISEZ-MOI.txt").decode()
    (command,) = [line.split() for line in read_me.splitlines() if "openssl" in line]
    # Then the command that it tells of finds it true, and false once a cent is changed
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    file = tmp_path / "clotures-2026.csv"
    file.write_bytes(file.read_bytes().replace(b"50,00", b"50,01", 1))
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode != 0


@pytest.mark.contract("EVD-2")
def test_what_no_longer_holds_is_not_signed() -> None:
    # Given a receipt changed behind our back, after its day was closed
    at = a_busy_autumn()
    at.clock.set("2026-12-01 03:15")
    at.closings.close_due()
    rewrite(at, "2026-11-03", received_cents=1)
    # Then the export is refused, and says which closing
    with pytest.raises(DomainError) as refused:
        at.closings.archive("2026")
    assert refused.value.values == {"name": "2026-11-03"}


@pytest.mark.contract("EVD-2")
def test_the_export_holds_closings_and_receipts() -> None:
    at = a_busy_autumn()
    at.clock.set("2026-12-01 03:15")
    at.closings.close_due()
    lines = at.closings.export("2026").splitlines()
    assert sum(line.startswith("cloture_jour;") for line in lines) == 30
    assert sum(line.startswith("cloture_mois;") for line in lines) == 1
    assert any(line.startswith("virement;2026-11-02;1;50,00;0,00;50,00;") for line in lines)


# the comparison with Stripe's own list


@pytest.mark.contract("PAY-5")
def test_when_all_notices_came_nothing_differs() -> None:
    at = a_busy_autumn()
    run = at.reconciliation.run()
    assert (run.compared, run.found) == (2, 0)


@pytest.mark.contract("PAY-5")
def test_a_notice_that_never_came_is_made_up_for_and_reported() -> None:
    # Given a refund and a dispute of which no notice ever came
    at = a_busy_autumn()
    intent = next(iter(at.stripe.intents))
    at.stripe.give_back(intent, 500)
    at.stripe.open_dispute(intent)
    at.stripe.events.clear()
    at.clock.advance(minutes=5)
    # When the lists are compared, twice
    run = at.reconciliation.run()
    again = at.reconciliation.run()
    # Then both are in the ledger, and both are reported, once; the one made by hand waits besides
    assert (run.found, run.healed, run.by_hand) == (3, 2, 1)
    assert (again.found, again.by_hand) == (1, 1)
    assert at.status().refunded_cents == 1500
    assert {one.kind for one in at.reconciliation.over()} == {DifferenceKind.MISSING_HERE}
    assert [one.kind for one in at.reconciliation.open()] == [DifferenceKind.BY_HAND]


@pytest.mark.contract("PAY-5", "BIL-5", "EVD-1")
@pytest.mark.parametrize("with_credit_note", [True, False])
def test_money_given_back_by_hand_is_a_difference_until_it_is_attached(
    with_credit_note: bool,
) -> None:
    # Given 34,80 paid by card, of which 5,00 are given back on Stripe's own pages
    at = Collecting("2026-11-01 10:00")
    at.save_card()
    at.issue()
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.deliver()
    at.stripe.give_back(next(iter(at.stripe.intents)), 500)
    at.deliver()
    at.clock.advance(minutes=5)
    # Then the ledger has it, and yet it is a difference, which the statement says and bears
    at.reconciliation.run()
    (found,) = at.reconciliation.open()
    assert (found.kind, found.there_cents) == (DifferenceKind.BY_HAND, 500)
    assert [(one.kind, one.balance_cents) for one in at.statements.of(ACCOUNT)] == [
        ("invoice", 3480),
        ("card", 0),
        ("refund", 500),
        ("favour", 0),
    ]
    assert at.status().left_cents == 0
    # When an operator attaches it, to a credit note of 5,00 made for it or to none
    chosen = at.credit(500) if with_credit_note else "none"
    at.pump()
    for wrong in ("", "crn_other"):
        with pytest.raises(FieldErrors):
            at.reconciliation.close(
                found.name, reason="Geste", by="operator:usr_test", credit_note_id=wrong
            )
    at.reconciliation.close(
        found.name, reason="Geste", by="operator:usr_test", credit_note_id=chosen
    )
    # Then it is one no more, nothing is given back a second time, and the statement still ties
    at.reconciliation.run()
    assert at.reconciliation.open() == []
    assert at.status().refunded_cents == 500
    assert at.statements.of(ACCOUNT)[-1].balance_cents == 0
    told = [one for one in at.journal.entries(ACCOUNT) if one.kind.endswith("difference_closed")]
    assert [one.facts["credit_note"] for one in told] == [
        "A-2026-000001" if with_credit_note else ""
    ]


@pytest.mark.contract("PAY-5")
def test_money_that_we_give_back_is_no_difference() -> None:
    at = a_busy_autumn()
    assert at.status().refunded_cents == 1000
    at.reconciliation.run()
    assert at.reconciliation.open() == []


@pytest.mark.contract("PAY-5", "EVD-1")
def test_what_stripe_does_not_have_waits_for_an_operator() -> None:
    # Given a payment of ours that Stripe has forgotten
    at = a_busy_autumn()
    intent = next(iter(at.stripe.intents))
    kept = at.stripe.intents[intent]
    at.stripe.intents[intent] = type(kept)(**{**kept.__dict__, "received_cents": 0, "refunds": ()})
    # When compared
    at.reconciliation.run()
    at.reconciliation.run()
    # Then the payment and its refund are reported once each, until somebody explains them
    found = at.reconciliation.open()
    assert {one.kind for one in found} == {DifferenceKind.MISSING_THERE}
    assert len(found) == 2
    with pytest.raises(FieldErrors):
        at.reconciliation.close(found[0].name, reason="", by="operator:usr_test")
    for _ in range(2):
        at.reconciliation.close(found[0].name, reason="Compte d’essai", by="operator:usr_test")
    at.reconciliation.run()
    assert len(at.reconciliation.open()) == 1
    # And the journal of the account tells it, once: what differed, who explained it and why
    (told,) = [
        one for one in at.journal.entries(ACCOUNT) if one.kind == "payment.difference_closed"
    ]
    assert (told.by, told.facts["reason"]) == ("operator:usr_test", "Compte d’essai")
    assert told.facts["difference"] == found[0].name


@pytest.mark.contract("PAY-5")
def test_a_payment_of_no_invoice_of_ours_is_reported() -> None:
    at = a_busy_autumn()
    del at.receivables.known[INVOICE]
    with collecting() as counted:
        at.reconciliation.run()
        at.reconciliation.run()
    assert counted == {Measure.PAYMENT_DIFFERENCES: 2}  # each once, however often it is seen
    kinds = [one.kind for one in at.reconciliation.open()]
    assert kinds.count(DifferenceKind.UNKNOWN) == 2


@pytest.mark.contract("PAY-5")
def test_stripe_being_down_counts_as_not_compared() -> None:
    at = a_busy_autumn()
    at.stripe.down = True
    with pytest.raises(TemporaryGatewayError):
        at.reconciliation.run()
    assert at.reconciliation.last_run() is None
    outside: Any = at.stripe
    outside.down = False
    assert at.reconciliation.run().found == 0
    assert at.journal.verify(ACCOUNT) is None
