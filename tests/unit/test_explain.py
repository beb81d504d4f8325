"""The calculator: examples worked by hand, what makes no sense, and never a traceback (MET-3)."""

import json
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing.invoices.line_text import explain as sentence_of
from chalicelib.calculations.case import BadCaseError
from chalicelib.explain import TOPICS, explain
from chalicelib.foundation.civil_time import BillingMonth

Json = dict[str, Any]


def answer(topic: str, **case: Any) -> Json:
    return explain(topic, json.dumps(case).encode())


def refused(topic: str, text: str | bytes) -> str:
    with pytest.raises(BadCaseError) as found:
        explain(topic, text.encode() if isinstance(text, str) else text)
    return str(found.value)


def a_month(**changes: Any) -> Json:
    """The case of February 2026: a desktop at 29,90 € from the 10th on."""
    return {
        "month": "2026-02",
        "started_at": "2026-02-10T09:00",
        "ended_at": None,
        "prices": [{"from": "2026-02-10T09:00", "monthly_excl_vat": "29.90"}],
        "vat_rate": "20",
        "customer": "professional",
        "subscription_ends_with_first_month": False,
        **changes,
    }


def lines(**changes: Any) -> list[tuple[str, int, str]]:
    found = answer("month", **a_month(**changes))["lines"]
    return [(line["monthly_excl_vat"], line["days"], line["amount_excl_vat"]) for line in found]


# --- month -----------------------------------------------------------------------------------


@pytest.mark.contract("MET-3", "BIL-1")
def test_a_desktop_begun_in_the_month() -> None:
    # Given 10 to 28 February: 19 days. 29,90 × 19 / 28 = 20,289…; VAT 20,29 × 20 % = 4,058
    found = answer("month", **a_month())
    # Then
    assert {**found, "sentence": None} == {
        "days_in_month": 28,
        "lines": [{"monthly_excl_vat": "29.90", "days": 19, "amount_excl_vat": "20.29"}],
        "first_month_complement": "0.00",
        "total_excl_vat": "20.29",
        "vat": "4.06",
        "total_incl_vat": "24.35",
        "sentence": None,
    }
    # And the sentence is the one that pages show
    assert found["sentence"] == {
        language: sentence_of(Decimal("29.90"), 19, 28, language) for language in ("fr", "en")
    }


@pytest.mark.contract("MET-1", "BIL-1")
def test_a_day_begun_counts_and_midnight_sharp_has_not_begun() -> None:
    prices = [{"from": "2026-01-01T00:00", "monthly_excl_vat": "28.00"}]
    begun = {"started_at": "2026-01-15T10:00", "prices": prices}
    # Given ends on 20 February: a second after midnight, the 20th counts; at midnight it does not
    assert lines(**begun, ended_at="2026-02-20T00:00:01") == [("28.00", 20, "20.00")]
    assert lines(**begun, ended_at="2026-02-20T00:00:00") == [("28.00", 19, "19.00")]
    # And written as UTC, 23:00 the evening before is midnight in Paris, in winter
    assert lines(**begun, ended_at="2026-02-19T23:00:00Z") == [("28.00", 19, "19.00")]
    # And created and deleted within a day, even at once, it counts one
    same = {"started_at": "2026-02-10T09:00", "prices": a_month()["prices"]}
    assert lines(**same, ended_at="2026-02-10T09:00")[0][1] == 1
    # And a month that it does not touch costs nothing
    assert lines(**begun, month="2025-12") == []
    assert lines(**begun, ended_at="2026-01-31T12:00") == []


@pytest.mark.contract("MET-1")
def test_a_change_counts_from_its_day_the_last_of_a_day_alone() -> None:
    # Given 28,00 until the 11th; on the 12th 42,00 in the morning, 56,00 at night
    prices = [
        {"from": "2026-01-01T00:00", "monthly_excl_vat": "28.00"},
        {"from": "2026-02-12T09:00", "monthly_excl_vat": "42.00"},
        {"from": "2026-02-12T23:59", "monthly_excl_vat": "56.00"},
    ]
    # Then 11 days at 28,00, 17 at 56,00 (the 12th among them), none at 42,00
    assert lines(started_at="2026-01-15T10:00", prices=prices) == [
        ("28.00", 11, "11.00"),
        ("56.00", 17, "34.00"),
    ]
    # And back at the first price, its days are one line, rounded once: 21 + 7 days
    back = [*prices[:2], {"from": "2026-02-19T09:00", "monthly_excl_vat": "28.00"}]
    assert lines(started_at="2026-01-15T10:00", prices=back) == [
        ("28.00", 21, "21.00"),
        ("42.00", 7, "10.50"),
    ]


@pytest.mark.contract("MET-1")
def test_days_of_the_clock_change_and_of_leap_years_are_days() -> None:
    prices = [{"from": "2024-01-01T00:00", "monthly_excl_vat": "31.00"}]
    # Given March 2026 (743 hours) and October 2026 (745 hours): 31 days each
    for month in ("2026-03", "2026-10"):
        assert lines(month=month, started_at="2026-01-01T08:00", prices=prices) == [
            ("31.00", 31, "31.00")
        ]
    # And a desktop of the hour that comes twice, or of the whole short day
    autumn = {"started_at": "2026-10-25T02:30", "ended_at": "2026-10-25T03:30"}
    assert lines(month="2026-10", prices=prices, **autumn) == [("31.00", 1, "1.00")]
    spring = {"started_at": "2026-03-29T00:00", "ended_at": "2026-03-30T00:00"}
    assert lines(month="2026-03", prices=prices, **spring) == [("31.00", 1, "1.00")]
    # And 29 days in February 2024: 31,00 × 10 / 29 = 10,689…
    leap = {"month": "2024-02", "started_at": "2024-02-20T08:00"}
    assert lines(prices=prices, **leap) == [("31.00", 10, "10.69")]


@pytest.mark.contract("BIL-2")
def test_the_first_month_is_completed_for_professionals_alone() -> None:
    # Given a subscription that ended with February, its first month: 10 to 19, 10 days
    case = a_month(ended_at="2026-02-19T12:00", subscription_ends_with_first_month=True)
    found = answer("month", **case)
    # Then 29,90 × 10 / 28 = 10,678…, and 29,90 − 10,68 = 19,22 to complete the fee
    assert found["lines"][0]["amount_excl_vat"] == "10.68"
    assert found["first_month_complement"] == "19.22"
    assert found["total_excl_vat"] == "29.90"
    assert found["vat"] == "5.98"
    # And a consumer owes the days alone; nor is another month than the first completed
    assert answer("month", **{**case, "customer": "consumer"})["total_excl_vat"] == "10.68"
    assert answer("month", **{**case, "month": "2026-03"})["total_excl_vat"] == "0.00"


@pytest.mark.contract("BIL-1")
@given(
    cents=st.integers(0, 999_999),
    first=st.dates(date(2024, 1, 1), date(2031, 12, 1)),
    length=st.integers(0, 400),
)
def test_any_desktop_costs_its_days(cents: int, first: date, length: int) -> None:
    # Given a desktop of whole days
    last = first + timedelta(days=length)
    price = f"{cents // 100}.{cents % 100:02d}"
    for month in {BillingMonth.of(first), BillingMonth.of(last)}:
        # When its month is asked for
        found = answer(
            "month",
            month=str(month),
            started_at=f"{first}T12:00",
            ended_at=f"{last}T12:00",
            prices=[{"from": f"{first}T12:00", "monthly_excl_vat": price}],
            vat_rate="20",
        )
        # Then the days are those of both, and the amount is price × days / days in month, half up
        days = (min(last, month.last_day) - max(first, month.first_day)).days + 1
        assert [line["days"] for line in found["lines"]] == [days]
        exact = Decimal(price) * days / month.day_count
        assert abs(Decimal(found["total_excl_vat"]) - exact) <= Decimal("0.005")
        if days == month.day_count:
            assert found["total_excl_vat"] == price


# --- totals, dates ---------------------------------------------------------------------------


@pytest.mark.contract("MET-3", "BIL-10")
def test_vat_is_computed_on_the_sum_of_each_rate() -> None:
    # Given two lines of 68,33 at 20 % (on each 13,67, together 27,33), one of 10,00 at 8,5 %
    found = answer(
        "totals",
        lines=[
            {"amount_excl_vat": "68.33", "vat_rate": "20"},
            {"amount_excl_vat": "10.00", "vat_rate": "8.5"},
            {"amount_excl_vat": "68.33", "vat_rate": "20.00"},
        ],
    )
    # Then
    assert found == {
        "by_rate": [
            {"vat_rate": "20", "base": "136.66", "vat": "27.33"},
            {"vat_rate": "8.5", "base": "10.00", "vat": "0.85"},
        ],
        "total_excl_vat": "146.66",
        "vat": "28.18",
        "total_incl_vat": "174.84",
    }


@pytest.mark.contract("PAY-6")
def test_when_payment_is_due_and_when_it_is_in_default() -> None:
    # Given June 2024 by card: due on its last day; 30 days after, 30 July is still in time
    assert answer("payment-dates", mode="card", service_month="2024-06") == {
        "due_on": "2024-06-30",
        "last_day": "2024-07-30",
        "in_default_from": "2024-07-31",
    }
    # And an invoice of 31 January 2024: 30 days later, over a leap February, 1 March
    on_invoice = {"mode": "invoice", "invoice_date": "2024-01-31"}
    expected = {"due_on": "2024-03-01", "last_day": "2024-03-01", "in_default_from": "2024-03-02"}
    assert answer("payment-dates", **on_invoice, terms_days=30) == expected
    assert answer("payment-dates", **on_invoice) == expected
    # And days agreed by contract
    assert answer("payment-dates", **on_invoice, terms_days=0)["in_default_from"] == "2024-02-01"


@pytest.mark.contract("ORD-5")
def test_by_when_desktops_and_pods_are_delivered() -> None:
    # Given 23 November 2026, +7 and +30 working days (25 December and 1 January between)
    assert answer("delivery", confirmed_on="2026-11-23") == {
        "desktop_by": "2026-12-02",
        "pods_by": "2027-01-06",
    }


# --- what makes no sense ---------------------------------------------------------------------

PRICE = {"from": "2026-02-10T09:00", "monthly_excl_vat": "29.90"}
NONSENSE: list[tuple[Json, str]] = [
    ({"ended_at": "2026-02-10T08:59"}, "before started_at"),
    ({"month": "2026-13"}, "month"),
    ({"month": "2026-2"}, "month"),
    ({"month": 202602}, "month"),
    ({"month": "0000-01"}, "month"),
    ({"started_at": "2026-02-10"}, "started_at"),
    ({"started_at": "2026-02-30T10:00"}, "started_at"),
    ({"started_at": "2026-02-10T24:30"}, "started_at"),
    ({"started_at": "2026-02-10T09:00+25:00"}, "started_at"),
    ({"started_at": "2026-02-10 09:00"}, "started_at"),
    ({"started_at": None}, "started_at"),
    ({"started_at": "\uff12026-02-10T09:00"}, "started_at"),
    ({"ended_at": "2026-03-29T02:30"}, "does not exist in Paris"),
    ({"ended_at": False}, "ended_at"),
    ({"prices": []}, "no price"),
    ({"prices": None}, "prices"),
    ({"prices": ["29.90"]}, "prices[0]"),
    ({"prices": [PRICE] * 1001}, "at most"),
    ({"prices": [PRICE, PRICE]}, "time order"),
    ({"prices": [{**PRICE, "from": "2026-02-11T09:00"}]}, "after started_at"),
    ({"prices": [PRICE, {**PRICE, "from": "2026-02-09T09:00"}]}, "time order"),
    ({"prices": [{**PRICE, "monthly_excl_vat": "-1.00"}]}, "not negative"),
    ({"prices": [{**PRICE, "monthly_excl_vat": "29.905"}]}, "amount"),
    ({"prices": [{**PRICE, "monthly_excl_vat": "29,90"}]}, "amount"),
    ({"prices": [{**PRICE, "monthly_excl_vat": "NaN"}]}, "amount"),
    ({"prices": [{**PRICE, "monthly_excl_vat": "1e3"}]}, "amount"),
    ({"prices": [{**PRICE, "monthly_excl_vat": "9" * 30}]}, "amount"),
    ({"prices": [{**PRICE, "monthly_excl_vat": 29.9}]}, "amount"),
    ({"prices": [{**PRICE, "until": "2026-03-01T00:00"}]}, "not known"),
    ({"vat_rate": "-20"}, "vat_rate"),
    ({"vat_rate": "101"}, "at most 100"),
    ({"vat_rate": 20}, "vat_rate"),
    ({"customer": "friend"}, "customer"),
    ({"subscription_ends_with_first_month": "yes"}, "true or false"),
    (
        {"subscription_ends_with_first_month": True, "ended_at": "2026-03-02T10:00"},
        "contradicts",
    ),
    ({"end": None}, "not known"),
]


@pytest.mark.parametrize(("changes", "why"), NONSENSE)
def test_a_month_that_makes_no_sense_is_refused(changes: Json, why: str) -> None:
    sentence = refused("month", json.dumps(a_month(**changes)))
    assert why in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("topic", "text", "why"),
    [
        ("month", "", "not JSON"),
        ("month", "[]", "one JSON object"),
        ("month", "{}", "month is missing"),
        ("month", '{"month": NaN}', "NaN is not a number"),
        ("month", '{"month": 1, "month": 2}', "twice"),
        ("month", "[" * 100_000, "too many levels"),
        ("month", '{"month": ' + "9" * 5000 + "}", "not JSON"),
        ("month", b"\xff\xfe{}", "UTF-8"),
        ("month", " " * 1_000_001, "longer"),
        ("totals", '{"lines": [{"amount_excl_vat": "-1.00", "vat_rate": "20"}]}', "not negative"),
        ("totals", '{"lines": [{"amount_excl_vat": "1.00"}]}', "lines[0].vat_rate is missing"),
        ("totals", '{"lines": {}}', "list"),
        ("payment-dates", '{"mode": "cash"}', "card, invoice"),
        ("payment-dates", '{"mode": "card", "service_month": "2024-00"}', "month"),
        ("payment-dates", '{"mode": "card", "invoice_date": "2024-01-31"}', "not known"),
        (
            "payment-dates",
            '{"mode": "invoice", "invoice_date": "2024-01-31", "terms_days": -1}',
            "terms_days",
        ),
        (
            "payment-dates",
            '{"mode": "invoice", "invoice_date": "2024-01-31", "terms_days": true}',
            "terms_days",
        ),
        ("delivery", '{"confirmed_on": "2026-02-29"}', "confirmed_on"),
        ("delivery", '{"confirmed_on": "9999-12-31"}', "confirmed_on"),
        ("delivery", '{"confirmed_on": "\\ud800"}', "confirmed_on"),
        ("weather", "{}", "month, totals, payment-dates, delivery"),
    ],
)
def test_what_makes_no_sense_is_refused(topic: str, text: str | bytes, why: str) -> None:
    assert why in refused(topic, text)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["2026-02", "2026-02-10T09:00", "2026-03-29T02:30", "2999-12-31T23:59", "29.90", "20"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
MEMBERS = st.sampled_from(
    [*a_month(), "lines", "mode", "service_month", "invoice_date", "terms_days", "confirmed_on"]
)


def sentence_or_nothing(topic: str, case: Json) -> str:
    """Give the refusal, "" when the case has an answer; anything else raised is a failure."""
    try:
        explain(topic, json.dumps(case).encode())
    except BadCaseError as refusal:
        return str(refusal) or "no sentence\n"
    return ""


@settings(max_examples=300, deadline=None)
@given(topic=st.sampled_from(sorted(TOPICS)), case=st.dictionaries(MEMBERS, VALUES, max_size=6))
def test_whatever_is_given_is_answered_or_refused_in_a_sentence(topic: str, case: Json) -> None:
    assert "\n" not in sentence_or_nothing(topic, case)


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(sorted(a_month())), value=VALUES)
def test_a_month_with_anything_in_a_member_is_answered_or_refused(name: str, value: Any) -> None:
    assert "\n" not in sentence_or_nothing("month", a_month(**{name: value}))


@given(st.binary(max_size=60))
def test_bytes_are_refused_in_a_sentence(text: bytes) -> None:
    for topic in TOPICS:
        assert refused(topic, text)


# --- the command -----------------------------------------------------------------------------


def run(*arguments: str, given: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "chalicelib.explain", *arguments]
    return subprocess.run(command, input=given.encode(), capture_output=True, check=False)


@pytest.mark.contract("MET-3")
def test_the_command_answers_and_gives_its_status() -> None:
    # Given a case, when run
    done = run("month", given=json.dumps(a_month()))
    # Then one JSON object, status 0
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["total_excl_vat"] == "20.29"
    # And nonsense: one sentence on the standard error, nothing on the other, status 2
    for arguments, given_text in [(["month"], "{"), (["weather"], "{}"), ([], "{}")]:
        done = run(*arguments, given=given_text)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.endswith(b".\n")
        assert done.stderr.count(b"\n") == 1
