"""Measures as CloudWatch reads them from the log."""

import json

import pytest

from chalicelib.foundation.emf import NAMESPACE, EmfMetrics
from chalicelib.foundation.measures import Measure, collecting, note


def test_measures_are_one_line_in_embedded_metric_format(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "omny-console")  # as the template has it
    # Given an invocation that issued two invoices for 34.80 € and 69.60 €
    with collecting() as totals:
        for euros in (34.80, 69.60):
            note(Measure.INVOICES_ISSUED)
            note(Measure.AMOUNT_INVOICED, euros)
    # When they are published
    EmfMetrics("dev").publish("issue-worker", totals)
    # Then CloudWatch finds the sums in one line, for the stage alone
    line = json.loads(capsys.readouterr().out)
    (told,) = line["_aws"]["CloudWatchMetrics"]
    assert told["Namespace"] == NAMESPACE
    assert told["Dimensions"] == [["stage"]]
    assert line["stage"] == "dev"
    assert {each["Name"]: each["Unit"] for each in told["Metrics"]} == {
        "InvoicesIssued": "Count",
        "AmountInvoiced": "None",
    }
    assert line["InvoicesIssued"] == [2.0]
    assert line["AmountInvoiced"] == [pytest.approx(104.40)]


def test_an_invocation_that_counted_nothing_says_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with collecting() as totals:
        pass
    note(Measure.FAILURES)  # outside of any invocation
    EmfMetrics("dev").publish("mail-worker", totals)
    assert capsys.readouterr().out == ""


def test_a_measure_goes_to_the_invocation_inside_which_it_is_noted() -> None:
    with collecting() as outer:
        note(Measure.FAILURES)
        with collecting() as inner:
            note(Measure.FAILURES, 5)
    assert (outer, inner) == ({Measure.FAILURES: 1}, {Measure.FAILURES: 5})
