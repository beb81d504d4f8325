"""Default, reminders, formal notice, suspension, objection, interest and fee (PAY-6, P7, P8)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.billing.papers.messages import CollectInvoice
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.messages import Queue
from chalicelib.payments.late.rates import LateRate, UnknownRateError
from chalicelib.payments.money.claim import ClaimKind
from chalicelib.payments.money.payment import PaymentState
from chalicelib.payments.terms.dunning_steps import DunningPolicy
from tests.fakes.card_processor import DECLINED_LATER, GOOD
from tests.fakes.payments import ACCOUNT, INVOICE, RETURN_URL, Collecting

OPERATOR = "operator:usr_test"


def unpaid(mode: str = "invoice", cents: int = 100000, **changes: object) -> Collecting:
    """An invoice of October, issued on 1 November 2026, that nobody pays."""
    at = Collecting()
    at.know_rates()
    at.save_card(DECLINED_LATER)
    at.issue(cents=cents, mode=mode, **changes)
    at.handle(CollectInvoice(invoice_id=INVOICE))
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


@pytest.mark.contract("PAY-6")
@pytest.mark.parametrize(
    ("day", "agreed", "expected"),
    [
        pytest.param("2026-06-30", None, "12.15", id="the terms: 2,15 + 10, over 3 x 2,62 = 7,86"),
        pytest.param("2025-06-30", None, "13.15", id="the half-year’s own: 3,15 + 10"),
        pytest.param("2026-06-30", "9.5", "9.5", id="a contract’s own rate"),
        pytest.param("2026-06-30", "5", "7.86", id="a contract’s, never under 3 x the legal one"),
        pytest.param("2025-07-01", "5", "8.28", id="the new half-year from its first day"),
    ],
)
def test_the_rate_is_the_higher_of_the_two(day: str, agreed: str | None, expected: str) -> None:
    rate_on = Collecting().rates.rate(Decimal(agreed) if agreed else None)
    assert rate_on(date.fromisoformat(day)) == Decimal(expected)


@pytest.mark.contract("PAY-6")
def test_the_rate_of_another_half_year_never_stands_for_one_that_is_not_known() -> None:
    at = Collecting()
    for day in (date(2026, 7, 1), date(2026, 12, 31), date(2024, 12, 31)):
        with pytest.raises(UnknownRateError):
            at.rates.rate()(day)
        assert at.rates.known_on(day) is None
    at.know_rates(date(2026, 7, 1), legal="4.00", ecb="1.00")
    assert at.rates.rate()(date(2026, 12, 31)) == Decimal("12.00")
    with pytest.raises(UnknownRateError):
        at.rates.rate()(date(2027, 1, 1))


@pytest.mark.contract("PAY-6")
def test_claims_wait_for_the_rates_of_each_half_year_they_run_over() -> None:
    # Given 1000,00 due on 1 December, no rate known, and a formal notice: it tells the fee alone
    at = Collecting()
    at.issue(cents=100000, mode="invoice")
    at.handle(CollectInvoice(invoice_id=INVOICE))
    assert days_of(at, "formal_notice", "2026-12-30") == ["2026-12-23"]
    (notice,) = [one for one in at.queues.of(Queue.MAIL) if one.body["template"] == "formal_notice"]
    assert notice.body["context"]["claims"] == [["interest", None], ["fee", 4000]]
    # When it is paid on 5 January, then the rate of 2026 alone is published
    at.clock.set("2027-01-05 10:00")
    at.transfer(100000)
    at.pump()
    at.know_rates(date(2026, 7, 1))
    at.clock.advance(days=1)
    at.dunning.run()
    # Then nothing is claimed yet, and nothing is forgotten
    assert at.claims.of_account(ACCOUNT) == []
    assert [one.invoice_id for one in at.claims.waiting()] == [INVOICE]
    # When that of 2027 is, on 10 February
    at.clock.set("2027-02-10 10:00")
    at.know_rates(date(2027, 1, 1), legal="2.50", ecb="2.00")
    at.dunning.run()
    at.dunning.run()
    # Then 1000 x (12,15 % x 30 + 12,00 % x 5) / 365 = 11,63, to pay 30 days after it was told
    claims = {claim.kind: claim for claim, _ in at.claims.of_account(ACCOUNT)}
    assert claims[ClaimKind.INTEREST].amount_cents == 1163
    assert claims[ClaimKind.FEE].amount_cents == 4000
    assert {claim.due_on for claim in claims.values()} == {date(2027, 3, 12)}
    assert len(at.mails("late_claims")) == 1
    assert at.claims.waiting() == []
    # And a rate published again changes nothing that was claimed
    at.know_rates(date(2027, 1, 1), legal="9.00", ecb="9.00")
    at.dunning.run()
    assert [one.amount_cents for one, _ in at.claims.of_account(ACCOUNT)] == [
        one.amount_cents for one in claims.values()
    ]


@pytest.mark.contract("PAY-6", "BIL-6")
def test_interest_is_at_the_rate_the_invoice_states() -> None:
    # Given 1000,00 due on 1 December, at 9 % a year by contract, paid 35 days late
    at = unpaid(late_rate_percent=Decimal(9))
    at.clock.set("2027-01-05 10:00")
    at.transfer(100000)
    at.pump()
    # Then 1000 x 9 % x 35 / 365 = 8,63
    claims = {claim.kind: claim.amount_cents for claim, _ in at.claims.of_account(ACCOUNT)}
    assert claims[ClaimKind.INTEREST] == 863


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"from_on": date(2026, 7, 2)}, "from_on"),
        ({"from_on": date(2027, 7, 1)}, "from_on"),
        ({"from_on": date(2024, 1, 1)}, "from_on"),
        ({"legal_percent": Decimal("-0.01")}, "legal"),
        ({"legal_percent": Decimal("30.01")}, "legal"),
        ({"legal_percent": Decimal("2.625")}, "legal"),
        ({"ecb_percent": Decimal("NaN")}, "ecb"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_rates_that_make_no_sense_are_refused(changes: dict[str, Any], field: str) -> None:
    at = Collecting()
    right = LateRate(
        from_on=date(2026, 7, 1),
        legal_percent=Decimal("2.62"),
        ecb_percent=Decimal("2.15"),
        reason="Arrêté",
    )
    with pytest.raises(FieldErrors) as refused:
        at.rates.publish(replace(right, **changes), day=date(2026, 11, 1), by=OPERATOR)
    assert field in refused.value.errors
    assert at.rates.known_on(date(2026, 11, 1)) is None


def other_days(**changes: Any) -> DunningPolicy:
    """Days that differ from those shipped, from 5 December 2026 on unless told otherwise."""
    right: dict[str, Any] = {
        "from_on": date(2026, 12, 5),
        "retry_days": (2, 4),
        "reminder_days": (2, 10),
        "formal_notice_day": 40,
        "notice_days_professional": 20,
        "notice_days_consumer": 30,
        "reason": "Délais plus longs",
    }
    return DunningPolicy(**{**right, **changes})


@pytest.mark.contract("PAY-6")
def test_other_days_are_those_of_what_begins_behind_them() -> None:
    # Given an invoice in default since 2 December, reminded once
    at = unpaid()
    assert days_of(at, "payment_reminder", "2026-12-03") == ["2026-12-02"]
    # When other days are published from the 5th
    at.policies.publish(other_days(), day=date(2026, 12, 3), by=OPERATOR)
    # Then it goes on as it began: 8, 16, notice on the 23rd, suspension on the 31st
    assert days_of(at, "payment_reminder", "2026-12-20") == ["2026-12-08", "2026-12-16"]
    assert days_of(at, "formal_notice", "2026-12-25") == ["2026-12-23"]
    assert days_of(at, "service_suspended", "2027-01-05") == ["2026-12-31"]
    # And an invoice due on the 10th is followed by the new ones
    late = Collecting()
    late.policies.publish(other_days(), day=date(2026, 12, 3), by=OPERATOR)
    receivable = late.issue(cents=100000, mode="invoice")
    late.receivables.known[INVOICE] = replace(receivable, due_on=date(2026, 12, 10))
    late.handle(CollectInvoice(invoice_id=INVOICE))
    assert days_of(late, "payment_reminder", "2027-01-10") == ["2026-12-12", "2026-12-20"]
    assert days_of(late, "formal_notice", "2027-02-01") == ["2027-01-19"]
    assert days_of(late, "service_suspended", "2027-03-01") == ["2027-02-08"]


@pytest.mark.contract("PAY-3")
def test_a_refused_card_is_retried_on_the_days_its_mail_named() -> None:
    # Given a card refused on 1 November: its mail names the 4th, 8th, 15th and 22nd
    at = unpaid("card")
    (told,) = [one for one in at.queues.of(Queue.MAIL) if one.body["template"] == "payment_failed"]
    named = ["2026-11-04", "2026-11-08", "2026-11-15", "2026-11-22"]
    assert told.body["context"]["retries"] == named
    # When other days are published from the 5th on
    at.policies.publish(other_days(from_on=date(2026, 11, 5)), day=date(2026, 11, 2), by=OPERATOR)
    # Then it is retried on the days named, and on no other
    tried = []
    while at.clock.now().date() < date(2026, 12, 20):
        at.clock.advance(days=1)
        if at.collection.retry_due():
            at.pump()
            tried.append(str(at.clock.now().date()))
    assert tried == named
    # And one refused on the 20th of December by the new ones
    at.issue("inv_2", 2000)
    at.handle(CollectInvoice(invoice_id="inv_2"))
    assert at.collection.next_retry_on(at.collection.unpaid()[-1]) == date(2026, 12, 22)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"from_on": date(2026, 12, 3)}, "from_on"),
        ({"retry_days": ()}, "retry_days"),
        ({"retry_days": (4, 2)}, "retry_days"),
        ({"retry_days": (0, 2)}, "retry_days"),
        ({"reminder_days": (1, 1)}, "reminder_days"),
        ({"reminder_days": (1, 91)}, "reminder_days"),
        ({"formal_notice_day": 10}, "formal_notice_day"),
        ({"formal_notice_day": 91}, "formal_notice_day"),
        ({"notice_days_professional": 0}, "notice_days_professional"),
        ({"notice_days_consumer": 91}, "notice_days_consumer"),
        ({"reason": ""}, "reason"),
    ],
)
def test_days_that_make_no_sense_are_refused(changes: dict[str, Any], field: str) -> None:
    at = Collecting()
    with pytest.raises(FieldErrors) as refused:
        at.policies.publish(other_days(**changes), day=date(2026, 12, 3), by=OPERATOR)
    assert field in refused.value.errors
    assert len(at.policies.history()) == 1


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
    at.handle(CollectInvoice(invoice_id=INVOICE))
    at.deliver()
    at.stripe.open_dispute(next(iter(at.stripe.intents)))
    at.deliver()
    assert at.status().state is PaymentState.DISPUTED
    assert days_of(at, "payment_reminder", "2027-01-05") == []


def suspended_for_october_then_noticed_for_november() -> Collecting:
    """October's invoice has led to a suspension; November's gets its own formal notice."""
    at = unpaid()
    days_of(at, "service_suspended", "2027-01-05")
    at.issue("inv_novembre", 50000, "invoice", due_on=date(2027, 1, 5))
    at.handle(CollectInvoice(invoice_id="inv_novembre"))
    assert days_of(at, "formal_notice", "2027-01-31") == ["2027-01-27"]
    return at


@pytest.mark.contract("PAY-6")
def test_a_second_formal_notice_gives_its_own_day_to_come() -> None:
    at = suspended_for_october_then_noticed_for_november()
    # Then the notice of 27 January gives 8 days of its own, though the service is stopped
    told = [one for one in at.queues.of(Queue.MAIL) if one.body["template"] == "formal_notice"]
    days = {one.body["context"]["number"]: one.body["context"]["suspended_from"] for one in told}
    assert days == {"F-2026-000001": "2026-12-31", "F-2026-000002": "2027-02-04"}


@pytest.mark.contract("PAY-6")
def test_paying_the_first_invoice_resumes_until_the_day_of_the_second_one() -> None:
    at = suspended_for_october_then_noticed_for_november()
    # When October is paid on 31 January
    at.transfer(100000, invoice_id=INVOICE)
    at.pump()
    # Then the service is back, the client told until when, and the measure is announced anew
    assert at.desktops.suspended == set()
    (mail,) = [one for one in at.queues.of(Queue.MAIL) if one.body["template"] == "service_resumed"]
    assert mail.body["context"]["suspended_again_from"] == "2027-02-04"
    current = at.suspensions.current(ACCOUNT)
    assert current is not None
    assert (current.state, current.effective_on) == ("announced", date(2027, 2, 4))
    # And it stops on the second notice's own day, and for good once November is paid
    assert days_of(at, "service_suspended", "2027-02-10") == ["2027-02-04"]
    assert at.desktops.suspended == {ACCOUNT}
    at.transfer(50000, "VIR 2", "inv_novembre")
    at.pump()
    assert at.desktops.suspended == set()
    assert at.suspensions.current(ACCOUNT) is None


@pytest.mark.contract("PAY-6")
def test_paying_the_second_invoice_alone_resumes_nothing() -> None:
    at = suspended_for_october_then_noticed_for_november()
    at.transfer(50000, invoice_id="inv_novembre")
    at.pump()
    assert at.desktops.suspended == {ACCOUNT}


@pytest.mark.contract("PAY-6")
def test_a_first_invoice_paid_before_the_day_leaves_the_second_its_own() -> None:
    # Given two notices, the service not stopped yet
    at = unpaid()
    days_of(at, "formal_notice", "2026-12-24")
    at.issue("inv_b", 50000, "invoice", due_on=date(2026, 12, 6))
    at.handle(CollectInvoice(invoice_id="inv_b"))
    assert days_of(at, "formal_notice", "2026-12-29") == ["2026-12-28"]
    # When the first is paid on the 29th
    at.transfer(100000, invoice_id=INVOICE)
    at.pump()
    # Then the second suspends on its own day, 8 days after its notice
    assert days_of(at, "service_suspended", "2027-01-10") == ["2027-01-05"]
