"""A client's month, from desktops to an invoice, with the arithmetic written out."""

import pytest

from chalicelib.accounts.clients.account import AccountKind, PaymentMode
from chalicelib.billing.invoices.line_text import explained
from chalicelib.billing.invoices.run import RunState
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, NotFoundError, TemporaryGatewayError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.mapping import Kind
from chalicelib.foundation.messages import Queue
from tests.fakes.billing import BillingWorld, a_desktop, an_account, keys_of

OCTOBER, NOVEMBER = BillingMonth(2026, 10), BillingMonth(2026, 11)
LUMEN = AccountId("acc_lumen")
OPERATOR = "operator:usr_test"


def lumen_in_october() -> BillingWorld:
    """Two desktops of Atelier Lumen in October: one changed, one deleted.

    Compta: Standard (29,00 €) with 3 × 10 GB (1,50 € each), all month; Pro (64,50 €) from
    the 20th.  Atelier: Graphique (99,99 €), ordered on the 5th, deleted on the 18th.
    """
    world = BillingWorld(now="2026-10-31 12:00")
    world.metering.desktops = [
        a_desktop(
            name="Compta",
            created="2026-09-02 10:00",
            tariffs=(("pro", "2026-10-20 15:00"),),
            options=(("storage-10gb", 3),),
        ),
        a_desktop(
            name="Atelier",
            created="2026-10-05 17:00",
            deleted="2026-10-18 08:00",
            configuration="graphique",
        ),
    ]
    world.metering.meter_due()
    return world


@pytest.mark.contract("BIL-1", "BIL-10")
def test_a_month_with_a_change_and_a_deletion() -> None:
    # Given October over, seen on 1 November at five
    world = lumen_in_october()
    world.clock.set("2026-11-01 05:00")
    # When the month is run
    world.invoice_month("2026-10")
    # Then desktop by desktop, in the order of names:
    #   Atelier, Graphique: 5 to 18 October, both ends included, 14 days: 99,99 × 14 / 31 = 45,1568
    #   Compta, Standard:   1 to 19 October, 19 days:                     29,00 × 19 / 31 = 17,7742
    #   Compta, Pro:        20 to 31 October, 12 days:                    64,50 × 12 / 31 = 24,9677
    #   Compta, 3 × 10 GB:  the whole month, exactly the fee:              4,50
    invoice = world.the_invoice()
    assert [
        (line.desktop_name, line.code, line.quantity, line.days, line.amount_excl_vat_cents)
        for line in invoice.lines
    ] == [
        ("Atelier", "graphique", 1, 14, 4516),
        ("Compta", "standard", 1, 19, 1777),
        ("Compta", "pro", 1, 12, 2497),
        ("Compta", "storage-10gb", 3, 31, 450),
    ]
    #   45,16 + 17,77 + 24,97 + 4,50 = 92,40; VAT 20 % = 18,48; total 110,88
    totals = invoice.totals
    assert (totals.excl_vat_cents, totals.vat_cents, totals.incl_vat_cents) == (9240, 1848, 11088)
    # And each amount explains itself
    assert explained(invoice.lines[0], "fr") == (
        "99,99\u00a0€ par mois × 14\u00a0jours ÷ 31\u00a0jours du mois = 45,16\u00a0€ HT, "
        "arrondi au centime."
    )


@pytest.mark.contract("BIL-3", "EVD-1")
def test_the_invoice_is_numbered_dated_and_journaled() -> None:
    # Given October over
    world = lumen_in_october()
    world.clock.set("2026-11-01 05:00")
    # When the month is run
    world.invoice_month("2026-10")
    # Then the first number is given, on 1 November, due since the end of October by card
    invoice = world.the_invoice()
    assert (invoice.number, str(invoice.issued_on), str(invoice.due_on)) == (
        "F-2026-000001",
        "2026-11-01",
        "2026-10-31",
    )
    # And the journal tells it, with the digest of the usage billed
    (entry,) = world.journal.entries(LUMEN)
    assert (entry.kind, entry.facts["number"]) == ("invoice.issued", "F-2026-000001")
    assert entry.facts["usage_digest"] == invoice.usage_digest
    assert world.journal.verify(LUMEN) is None


@pytest.mark.contract("BIL-7")
def test_the_current_invoice_is_what_the_run_issues() -> None:
    # Given the afternoon of the last day of October, that day not recorded yet
    world = lumen_in_october()
    preview = world.billing.current(LUMEN)
    # When the month ends then, and is run
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    # Then lines and totals are the same, to the cent and to the digest of the usage
    invoice = world.the_invoice()
    assert (preview.lines, preview.totals) == (invoice.lines, invoice.totals)
    assert preview.usage_digest == invoice.usage_digest


@pytest.mark.contract("BIL-7")
def test_the_current_invoice_counts_the_day_under_way() -> None:
    # Given a desktop ordered on 10 November at noon
    world = BillingWorld(now="2026-11-12 09:00")
    world.metering.desktops = [a_desktop(created="2026-11-10 12:00")]
    world.metering.meter_due()  # 10 and 11 November
    # When the client looks on the 12th, then three days count: 29,00 × 3 / 30 = 2,90
    (line,) = world.billing.current(LUMEN).lines
    assert (line.days, line.amount_excl_vat_cents) == (3, 290)


@pytest.mark.contract("BIL-11")
def test_the_document_is_kept_mailed_and_then_collected() -> None:
    # Given one client by card and one on invoice
    transfer = an_account("acc_transfer", payment_mode=PaymentMode.INVOICE)
    world = BillingWorld(an_account(), transfer, now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(), a_desktop("acc_transfer")]
    # When October is run
    world.invoice_month("2026-10")
    # Then each has its document and one mail with it
    by_card, on_invoice = world.the_invoice(), world.the_invoice("acc_transfer")
    assert {key for key in world.documents.stored if key.endswith(".pdf")} == {
        by_card.document_key,
        on_invoice.document_key,
    }
    assert set(keys_of(world.queues, Queue.MAIL)) == {
        f"invoice:{by_card.id}",
        f"invoice:{on_invoice.id}",
    }
    assert world.queues.of(Queue.MAIL)[0].body["attachments"] == [
        [by_card.document_key, by_card.file_name]
    ]
    # And payments follow both: the transfer has thirty days from 1 November (P7)
    assert set(keys_of(world.queues, Queue.COLLECTION)) == {
        f"collect:{by_card.id}",
        f"collect:{on_invoice.id}",
    }
    assert str(on_invoice.due_on) == "2026-12-01"


@pytest.mark.contract("BIL-3")
def test_numbers_follow_each_other_over_months_and_years() -> None:
    # Given a desktop from November on
    world = BillingWorld(now="2026-12-01 05:00")
    world.metering.desktops = [a_desktop(created="2026-11-15 10:00")]
    # When November, then December are run
    world.invoice_month("2026-11")
    world.clock.set("2027-01-01 05:00")
    world.invoice_month("2026-12")
    # Then the count goes on in the new year
    assert world.numbers() == ["F-2026-000001", "F-2027-000002"]


@pytest.mark.contract("BIL-3")
def test_an_issued_invoice_does_not_follow_the_client_who_moves() -> None:
    # Given an invoice issued to Lyon
    world = lumen_in_october()
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    before = world.the_invoice()
    # When the client moves to Paris and the run is started again
    moved = an_account(name="Lumen et Cie")
    world.accounts.by_id[LUMEN] = moved
    world.invoice_month("2026-10")
    # Then the invoice is the same
    assert world.the_invoice() == before
    assert world.the_invoice().buyer.name == "Atelier Lumen"


@pytest.mark.contract("BIL-1")
def test_a_month_is_not_run_before_it_is_over_in_paris() -> None:
    # Given 31 October, half past eleven at night in Paris
    world = lumen_in_october()
    world.clock.set("2026-10-31 23:30")
    # When October is started, then it is refused and nothing is recorded
    with pytest.raises(DomainError):
        world.run.start_run(OCTOBER, by="usr_operator")
    assert world.progress.status(OCTOBER) is None


@pytest.mark.contract("BIL-1", "MET-2")
def test_a_month_is_not_drafted_before_its_usage_is_recorded() -> None:
    # Given October over, metered to the 30th only
    world = lumen_in_october()
    world.clock.set("2026-11-01 00:10")
    # When a worker is asked for the draft, then it leaves it for later
    with pytest.raises(TemporaryGatewayError):
        world.run.draft(LUMEN, OCTOBER)
    # And the run records the last day before it starts
    world.run.start_run(OCTOBER, by="usr_operator")
    world.pump()
    assert world.the_invoice().totals.incl_vat_cents == 11088


@pytest.mark.contract("BIL-4")
def test_an_account_that_cannot_be_metered_stops_no_other() -> None:
    # Given a client whose configuration has no price, and another
    other = an_account("acc_other", name="Autre Client")
    world = BillingWorld(an_account(), other, now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(configuration="unpriced"), a_desktop("acc_other")]
    # When October is run
    world.invoice_month("2026-10")
    # Then the daily mark stands still, yet the other has its invoice
    assert world.metering.metered_until() is None
    assert world.the_invoice("acc_other").number == "F-2026-000001"
    # And the failure says what is wrong
    status = world.progress.status(OCTOBER)
    assert status is not None
    (failure,) = status.failures
    assert failure.account_id == LUMEN
    assert failure.values["code"] == "unpriced"


@pytest.mark.contract("BIL-4")
def test_one_failure_stops_no_other_and_is_retried() -> None:
    # Given a client whose configuration is no longer in the catalogue, and another
    other = an_account("acc_other", name="Autre Client")
    world = BillingWorld(an_account(), other, now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(configuration="graphique"), a_desktop("acc_other")]
    world.metering.meter_due()
    whole = world.catalogues.offer
    kept = tuple(c for c in whole.configurations if c.code != "graphique")
    world.catalogues.offer = type(whole)(kept, whole.options, whole.prices)
    # When October is run
    world.run.start_run(OCTOBER, by="system")
    world.pump()
    # Then the other has its invoice, and the screen says which failed and why
    status = world.progress.status(OCTOBER)
    assert status is not None
    (failure,) = status.failures
    assert (failure.account_id, failure.account_name) == (LUMEN, "Atelier Lumen")
    assert failure.values == {"code": "graphique"}
    assert world.numbers() == ["F-2026-000001"]
    assert status.is_over
    # When the catalogue is mended and the operator retries
    world.catalogues.offer = whole
    world.run.retry(OCTOBER, LUMEN, by=OPERATOR)
    # Then the account's journal keeps who did
    asked = next(iter(world.journal.entries(LUMEN, newest_first=True)))
    assert (asked.kind, asked.by, asked.facts["month"]) == ("invoice.retried", OPERATOR, "2026-10")
    world.pump()
    # Then it is issued too, under the next number
    assert world.the_invoice().number == "F-2026-000002"
    # And what is issued is not retried
    with pytest.raises(DomainError):
        world.run.retry(OCTOBER, LUMEN, by=OPERATOR)


@pytest.mark.contract("BIL-4")
def test_an_unexpected_error_is_noted_and_left_to_the_queue() -> None:
    # Given usage that cannot be read
    world = BillingWorld(now="2026-11-01 05:00")
    world.metering.meter_due()
    world.metering.usage = lambda *_: 1 / 0  # type: ignore[assignment, return-value]
    world.run.start_run(OCTOBER, by="system")
    # When the worker drafts, then the error goes to the queue
    with pytest.raises(ZeroDivisionError):
        world.pump()
    # And the screen shows it
    status = world.progress.status(OCTOBER)
    assert status is not None
    assert [(entry.reason, entry.values) for entry in status.failures] == [
        ("Erreur inattendue (%(error)s).", {"error": "ZeroDivisionError"})
    ]


@pytest.mark.contract("BIL-4")
def test_a_draft_that_cannot_be_read_holds_no_other_back() -> None:
    # Given two drafts, one of them damaged
    world = BillingWorld(an_account(), an_account("acc_other"), now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(), a_desktop("acc_other")]
    world.metering.meter_due()
    world.run.draft(LUMEN, OCTOBER)
    world.run.draft(AccountId("acc_other"), OCTOBER)
    drafts = Kind("billing", "draft", dict[str, str])
    damaged = drafts.put({"account_id": LUMEN}, "DRAFT#acc_lumen", "2026-10", always=True)
    world.memory.commit(damaged)
    # When they are issued
    world.pump()
    # Then the other has its invoice, and the damaged one can be retried
    assert world.the_invoice("acc_other").number == "F-2026-000001"
    assert world.storage.entry(LUMEN, OCTOBER).state is RunState.FAILED  # type: ignore[union-attr]
    world.run.retry(OCTOBER, LUMEN, by=OPERATOR)
    world.pump()
    assert world.the_invoice().number == "F-2026-000002"


@pytest.mark.contract("BIL-3")
def test_dates_never_go_back_along_the_numbers() -> None:
    # Given an invoice issued on 2 November, then a machine whose clock lags by a day
    world = BillingWorld(an_account(), an_account("acc_other"), now="2026-11-02 05:00")
    world.metering.desktops = [a_desktop(), a_desktop("acc_other")]
    world.metering.meter_due()
    world.run.draft(LUMEN, OCTOBER)
    world.pump()
    world.clock.set("2026-11-01 23:00")
    # When the next one is issued
    world.run.draft(AccountId("acc_other"), OCTOBER)
    world.pump()
    # Then its date is not before the last one's
    assert str(world.the_invoice("acc_other").issued_on) == "2026-11-02"


@pytest.mark.contract("BIL-1", "BIL-4")
def test_an_account_with_nothing_used_gets_no_invoice() -> None:
    # Given an account without a desktop, and one that came in November
    later = an_account("acc_later", created_at=BillingWorld().clock.now())
    world = BillingWorld(an_account(), later, now="2026-11-01 05:00")
    # When October is run
    world.invoice_month("2026-10")
    # Then the run says so, and the newcomer is not in it
    status = world.progress.status(OCTOBER)
    assert status is not None
    assert (status.count(RunState.NOTHING), status.total) == (1, 1)
    assert world.numbers() == []


@pytest.mark.contract("BIL-4")
def test_missed_months_are_caught_up() -> None:
    # Given desktops since 20 September and a schedule that slept until 3 November
    account = an_account(created_at=BillingWorld(now="2026-09-20 10:00").clock.now())
    world = BillingWorld(account, now="2026-11-03 05:00")
    world.metering.desktops = [a_desktop(created="2026-09-20 10:00")]
    # When it wakes up, twice
    started = world.run.run_due()
    world.pump()
    # Then September and October are run, and nothing is left to run
    assert [str(month) for month in started] == ["2026-09", "2026-10"]
    assert world.numbers() == ["F-2026-000001", "F-2026-000002"]
    assert world.run.run_due() == []


@pytest.mark.contract("BIL-4")
def test_a_run_goes_through_many_accounts() -> None:
    # Given 95 accounts, more than one commit can list
    accounts = [an_account(f"acc_{n:03d}") for n in range(95)]
    world = BillingWorld(*accounts, now="2026-11-01 05:00")
    world.metering.desktops = [a_desktop(account.id) for account in accounts]
    # When October is run
    world.invoice_month("2026-10")
    # Then each has its invoice
    assert world.numbers() == [f"F-2026-{n:06d}" for n in range(1, 96)]
    status = world.progress.status(OCTOBER)
    assert status is not None
    assert (status.total, status.handled, status.is_over) == (95, 95, True)
    # and they can be gone through by their numbers, a page at a time
    first = world.progress.issued(OCTOBER)
    second = world.progress.issued(OCTOBER, first.next_after)
    assert [entry.number for entry in (*first.entries, *second.entries)] == world.numbers()
    assert (len(first.entries), second.next_after) == (50, "")
    invoices = [world.the_invoice(account.id) for account in accounts]
    assert status.incl_vat_cents == sum(invoice.totals.incl_vat_cents for invoice in invoices)


@pytest.mark.contract("BIL-11")
def test_an_invoice_is_given_to_its_own_account_only() -> None:
    # Given the invoice of Atelier Lumen
    world = lumen_in_october()
    world.clock.set("2026-11-01 05:00")
    world.invoice_month("2026-10")
    invoice = world.the_invoice()
    # When another asks for it, then it does not exist
    with pytest.raises(NotFoundError):
        world.billing.invoice_of(AccountId("acc_other"), invoice.id)
    assert invoice.file_name in world.billing.document_link(invoice)


@pytest.mark.contract("BIL-10")
def test_a_professional_in_guadeloupe_pays_its_rate() -> None:
    # Given a sole trader in Pointe-à-Pitre, one Standard all October
    place = an_account().address
    overseas = type(place)("1 rue de l’Exemple", "", "97110", "Pointe-à-Pitre", "FR")
    world = BillingWorld(
        an_account(kind=AccountKind.SOLE_TRADER, address=overseas), now="2026-11-01 05:00"
    )
    world.metering.desktops = [a_desktop()]
    # When October is run, then 29,00 × 8,5 % = 2,465, half up 2,47
    world.invoice_month("2026-10")
    totals = world.the_invoice().totals
    assert (totals.excl_vat_cents, totals.vat_cents) == (2900, 247)


@pytest.mark.contract("BIL-4")
def test_a_document_that_an_outage_kept_back_is_asked_for_again() -> None:
    # Given a month issued while the message of its document was lost to the dead-letter queue
    world = BillingWorld()
    world.metering.desktops = [a_desktop(created="2026-10-05 09:00")]
    world.metering.meter_due()
    world.run.start_run(BillingMonth.parse("2026-10"), by="system")
    while (message := world.queues.take()) is not None:
        if message.queue is not Queue.DOCUMENTS:
            world.handle(message)
    assert world.documents.stored == {}
    # When the daily job comes, twice
    world.clock.advance(days=1)
    assert world.papers.resume() == 1
    world.pump()
    assert world.papers.resume() == 0
    # Then the document is there, mailed and collected once
    assert world.the_invoice().document_key in world.documents.stored
    assert len(world.queues.of(Queue.MAIL)) == 1
    assert len(world.queues.of(Queue.COLLECTION)) == 1
    # and a run of long ago is looked at no more
    world.clock.advance(days=30)
    assert world.papers.resume() == 0
