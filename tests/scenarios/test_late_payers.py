"""Default, reminders, formal notice, suspension, objection, interest and fee (PAY-6, P7, P8)."""

from decimal import Decimal

import pytest

from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.payments.claim import ClaimKind
from chalicelib.payments.late_interest import rate_on
from chalicelib.payments.payment import PaymentState
from tests.fakes.card_processor import DECLINED_LATER, GOOD
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting

OPERATOR = "operator:usr_test"


def unpaid(mode: str = "invoice", cents: int = 100000, **changes: object) -> Collecting:
    """An invoice of October, issued on 1 November 2026, that nobody pays."""
    at = Collecting()
    at.save_card(DECLINED_LATER)
    at.issue(cents=cents, mode=mode, **changes)
    at.messages.handle({"invoice_id": INVOICE})
    return at


def days_of(at: Collecting, template: str, until: str) -> list[str]:
    """Run the daily job until a day; tell on which days it asked for a mail."""
    found = []
    while str(at.clock.now().date()) < until:
        at.clock.advance(days=1)
        before = len(at.mails(template))
        at.dunning.run()
        at.dunning.run()  # twice a day changes nothing
        at.pump()
        if len(at.mails(template)) > before:
            found.append(str(at.clock.now().date()))
    return found


@pytest.mark.contract("PAY-6")
@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        # On invoice, due on 1 December: day 1 of default is the 2nd
        ("invoice", ["2026-12-02", "2026-12-08", "2026-12-16"]),
        # By card, 30 days after the end of October: 30 November, in default from 1 December
        ("card", ["2026-12-01", "2026-12-07", "2026-12-15"]),
    ],
)
def test_reminders_on_days_1_7_and_15_of_default(mode: str, expected: list[str]) -> None:
    assert days_of(unpaid(mode), "payment_reminder", "2026-12-20") == expected


@pytest.mark.contract("PAY-6")
def test_a_formal_notice_then_a_suspension_never_a_deletion() -> None:
    # Given an invoice due on 1 December by a company
    at = unpaid()
    # Then the notice leaves on day 22, 23 December, and the service stops 8 days later
    assert days_of(at, "formal_notice", "2026-12-30") == ["2026-12-23"]
    assert at.desktops.suspended == set()
    assert days_of(at, "service_suspended", "2027-01-15") == ["2026-12-31"]
    assert at.desktops.suspended == {ACCOUNT}
    assert set(at.desktops.asked) == {"suspend"}


@pytest.mark.contract("PAY-6")
def test_a_consumer_has_longer_and_owes_neither_interest_nor_fee() -> None:
    at = unpaid(is_professional=False)
    assert days_of(at, "service_suspended", "2027-01-15") == ["2027-01-07"]
    at.transfer(100000)
    at.pump()
    assert at.claims.of_account(ACCOUNT) == []
    assert at.desktops.suspended == set()


@pytest.mark.contract("PAY-6")
def test_paying_resumes_at_once_and_fixes_interest_and_fee() -> None:
    # Given a service suspended
    at = unpaid()
    days_of(at, "service_suspended", "2027-01-05")
    # When the whole is paid on 5 January, 35 days after 1 December
    at.transfer(100000)
    at.pump()
    # Then the service is back at once
    assert at.desktops.suspended == set()
    assert len(at.mails("service_resumed")) == 1
    # And the claims are: 1000 x 12,15 % x 35 / 365 = 11,65, and 40,00
    claims = {claim.kind: left for claim, left in at.claims.of_account(ACCOUNT)}
    assert claims == {ClaimKind.INTEREST: 1165, ClaimKind.FEE: 4000}
    # Told once, whatever comes again
    at.dunning.settled(INVOICE)
    assert len(at.mails("late_claims")) == 1
    assert len(at.claims.of_account(ACCOUNT)) == 2


@pytest.mark.contract("PAY-6")
def test_interest_follows_what_was_left_each_day() -> None:
    # Given 1000,00 due on 1 December, of which 400,00 come on the 11th
    at = unpaid()
    at.clock.set("2026-12-11 10:00")
    at.transfer(40000, "VIR A")
    # When the rest comes on the 21st
    at.clock.set("2026-12-21 10:00")
    at.transfer(60000, "VIR B")
    at.pump()
    # Then (1000 x 10 + 600 x 10) x 12,15 % / 365 = 5,326
    claims = {claim.kind: claim.amount_cents for claim, _ in at.claims.of_account(ACCOUNT)}
    assert claims[ClaimKind.INTEREST] == 533


@pytest.mark.contract("PAY-6")
def test_paid_within_the_delay_nothing_is_claimed() -> None:
    # By card, refused on 1 November and paid on the 20th: late, never in default
    at = unpaid("card")
    at.clock.set("2026-11-20 10:00")
    at.save_card(GOOD)
    at.collection.pay_now(ACCOUNT, INVOICE, RETURN_URL)
    at.pump()
    assert at.claims.of_account(ACCOUNT) == []


def test_the_rate_is_the_higher_of_the_two() -> None:
    # First half of 2026: 2,15 + 10 = 12,15 against 3 x 2,62 = 7,86
    at_june = rate_on(Collecting("2026-06-30 10:00").clock.now().date())
    assert at_june == Decimal("12.15")


@pytest.mark.contract("PAY-6")
def test_claims_are_paid_like_an_invoice_or_waived_with_a_reason() -> None:
    at = unpaid()
    at.clock.set("2027-01-05 10:00")
    at.transfer(100000, "VIR A")
    at.pump()
    by_kind = {claim.kind: claim for claim, _ in at.claims.of_account(ACCOUNT)}
    interest, fee = by_kind[ClaimKind.INTEREST], by_kind[ClaimKind.FEE]
    # Never charged by themselves
    assert at.collection.retry_due() == 0
    # The interest is paid by card, by its client's hand
    at.save_card(GOOD)
    at.collection.pay_now(ACCOUNT, interest.id, RETURN_URL)
    assert at.stripe.money_taken == [(interest.id, 1165)]
    # The fee is given up, with a reason
    with pytest.raises(FieldErrors):
        at.claims.waive(fee.id, reason=" ", by=OPERATOR)
    at.claims.waive(fee.id, reason="Geste commercial", by=OPERATOR)
    at.claims.waive(fee.id, reason="Geste commercial", by=OPERATOR)
    assert [left for _, left in at.claims.of_account(ACCOUNT)] == [0, 0]
    with pytest.raises(DomainError):
        at.claims.waive(interest.id, reason="Trop tard", by=OPERATOR)
    # And no reminder ever goes out for them
    before = len(at.mails("payment_reminder"))
    at.clock.advance(days=60)
    at.dunning.run()
    assert len(at.mails("payment_reminder")) == before


@pytest.mark.contract("PRI-5", "PAY-6")
def test_an_objection_waits_for_a_human() -> None:
    # Given a suspension announced for 31 December, contested
    at = unpaid()
    days_of(at, "formal_notice", "2026-12-24")
    at.suspensions.contest(ACCOUNT, "Vous avez mon virement.", by="usr_camille")
    at.suspensions.contest(ACCOUNT, "Encore.", by="usr_camille")
    # Then nothing happens until an operator decides
    assert days_of(at, "service_suspended", "2027-01-10") == []
    with pytest.raises(FieldErrors):
        at.suspensions.decide(ACCOUNT, uphold=True, reason="", by=OPERATOR)
    # When it is upheld, it applies from the next day
    at.suspensions.decide(ACCOUNT, uphold=True, reason="Aucun virement reçu.", by=OPERATOR)
    assert days_of(at, "service_suspended", "2027-01-20") == ["2027-01-11"]
    assert at.journaled().count("suspension.contested") == 1


@pytest.mark.contract("PRI-5")
def test_a_suspension_contested_when_applied_is_lifted_until_the_decision() -> None:
    at = unpaid()
    days_of(at, "service_suspended", "2027-01-05")
    at.suspensions.contest(ACCOUNT, "", by="usr_camille")
    at.pump()
    assert at.desktops.suspended == set()
    at.dunning.run()
    at.pump()
    assert at.desktops.suspended == set()
    at.suspensions.decide(ACCOUNT, uphold=False, reason="Nous vérifions.", by=OPERATOR)
    assert days_of(at, "service_suspended", "2027-03-01") == []


@pytest.mark.contract("PAY-6")
def test_a_job_missed_for_weeks_sends_one_notice_and_keeps_its_delay() -> None:
    at = unpaid()
    at.clock.set("2027-02-01 10:00")
    at.dunning.run()
    assert (len(at.mails("payment_reminder")), len(at.mails("formal_notice"))) == (0, 1)
    assert at.desktops.suspended == set()
    assert days_of(at, "service_suspended", "2027-02-20") == ["2027-02-09"]


@pytest.mark.contract("PAY-6", "PAY-5")
def test_a_disputed_invoice_is_left_alone() -> None:
    at = Collecting()
    at.save_card()
    at.issue()
    at.messages.handle({"invoice_id": INVOICE})
    at.deliver()
    at.stripe.open_dispute(next(iter(at.stripe.intents)))
    at.deliver()
    assert at.status().state is PaymentState.DISPUTED
    assert days_of(at, "payment_reminder", "2027-01-05") == []
