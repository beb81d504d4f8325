"""The client's invoices and the operator's run, page by page (BIL-4, BIL-7, BIL-11, CON-3)."""

from dataclasses import replace

import pytest

from chalicelib.accounts.clients.account import Role, User
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.messages import Queue
from chalicelib.queues import handle
from tests.fakes.accounts import a_user, an_account, an_operator, signed_in
from tests.fakes.billing import a_desktop
from tests.fakes.browsing import Browsing
from tests.fakes.two_clients import DEMO
from tests.fakes.world import World

OCTOBER = BillingMonth(2026, 10)
RUNS = "/operator/invoice-runs"


class Client:
    """An account with one Standard desktop (29,00 €) since 1 October at noon; on 1 November."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.clock.set("2026-09-30 10:00")
        world.services.catalogue.load_file(DEMO)
        self.account, self.owner = an_account(world)
        desktop = a_desktop(self.account.id, "Compta", created="2026-10-01 12:00")
        self.rent(desktop)
        world.clock.set("2026-11-01 06:00")

    def rent(self, desktop: object) -> None:
        storage = DesktopStorage(self.world.adapters.tables)
        self.world.services.base.work.commit(storage.save_desktop(desktop))  # type: ignore[arg-type]

    def pump(self) -> None:
        """Handle messages, the collection of payments left aside."""
        while (message := self.world.adapters.queues.take()) is not None:
            if message.queue is not Queue.COLLECTION:
                handle(message.queue, message.text, self.world.services)

    def invoiced(self) -> str:
        """Run October to its end and give the invoice's id."""
        self.world.services.billing.run.run_due()
        self.pump()
        (invoice,) = self.world.services.billing.service.invoices_of(self.account.id)
        return invoice.id


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


@pytest.fixture
def operator(world: World, client: Client) -> User:
    return an_operator(world)


@pytest.mark.contract("BIL-7", "CON-1")
def test_the_current_invoice_explains_each_line(client: Client, browsing: Browsing) -> None:
    # Given 31 October at noon: 31 days counted, the last one included
    client.world.clock.set("2026-10-12 12:00")
    signed_in(browsing, client.owner)
    # When the owner looks at the invoice being formed
    page = browsing.get("/invoices/current")
    # Then 29,00 × 12 / 31 = 11,23, said in a sentence, and 13,48 with VAT
    assert page.status == 200
    assert "Ma facture en cours" in page.title
    assert "29,00\u00a0€ par mois × 12\u00a0jours ÷ 31\u00a0jours du mois" in page.text
    assert "11,23\u00a0€" in page.text
    assert "13,48\u00a0€" in page.text
    assert 'href="/calculation"' in page.text.partition('id="how"')[2]


@pytest.mark.contract("BIL-7", "CON-1")
def test_the_page_speaks_english_too(client: Client, browsing: Browsing) -> None:
    # Given a browser in English
    signed_in(browsing, client.owner)
    browsing.post("/language", {"language": "en", "back": "/invoices"})
    client.world.clock.set("2026-10-12 12:00")
    signed_in(browsing, client.owner)
    # When
    page = browsing.get("/invoices/current")
    # Then
    assert "€29.00 a month × 12 days ÷ 31 days in the month = €11.23" in page.text


def test_with_nothing_used_the_page_says_so(world: World, browsing: Browsing) -> None:
    # Given an account without a desktop
    world.services.catalogue.load_file(DEMO)
    _, owner = an_account(world)
    signed_in(browsing, owner)
    # When
    current, listed = browsing.get("/invoices/current").text, browsing.get("/invoices").text
    # Then
    assert "Rien à facturer ce mois-ci" in current
    assert "Aucune facture pour l’instant" in listed


@pytest.mark.contract("BIL-11", "CON-1")
def test_an_invoice_is_listed_shown_and_downloaded(client: Client, browsing: Browsing) -> None:
    # Given October invoiced
    invoice_id = client.invoiced()
    signed_in(browsing, client.owner)
    # When it is looked for
    listed = browsing.get("/invoices").text
    # Then the list leads to it
    assert f'href="/invoices/{invoice_id}"' in listed
    assert "34,80\u00a0€" in listed  # 29,00 + 20 %
    # And the page shows what the law wants
    page = browsing.get(f"/invoices/{invoice_id}")
    assert page.title.startswith("Facture F-2026-000001")
    for text in ("Atelier Lumen", "RCS Paris", "octobre 2026", "Pas d’escompte", "34,80\u00a0€"):
        assert text in page.text
    # And the PDF is one redirect away, on a link of its own
    browsing.get(f"/invoices/{invoice_id}/pdf")
    assert browsing.status == 303
    assert "F-2026-000001.pdf" in browsing.location


@pytest.mark.contract("BIL-11")
def test_the_pdf_being_made_is_said(client: Client, browsing: Browsing) -> None:
    # Given an invoice issued, its document not made yet
    run = client.world.services.billing.run
    client.world.services.metering.service.meter_due()
    run.draft(client.account.id, OCTOBER)
    run.issue(client.account.id, OCTOBER)
    (invoice,) = client.world.services.billing.service.invoices_of(client.account.id)
    signed_in(browsing, client.owner)
    # When the page is read, then it says so
    assert "PDF en préparation" in browsing.get(f"/invoices/{invoice.id}").text
    # And an early click gets a clear answer
    assert browsing.get(f"/invoices/{invoice.id}/pdf").status == 409
    assert "en préparation" in browsing.text


@pytest.mark.contract("BIL-11")
def test_the_mail_carries_the_pdf(client: Client) -> None:
    # Given October invoiced
    invoice_id = client.invoiced()
    # When the client reads their mail
    mails = client.world.mails
    mail = next(m for m in mails.to(client.account.email) if "F-2026-000001" in m["Subject"])
    # Then it says the amount, leads to the page, and carries the document
    text = mails.text_of(mail)
    assert "34,80" in mail["Subject"]
    assert f"/invoices/{invoice_id}" in text
    assert "prélevée sur votre carte" in text
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "Facture-F-2026-000001.pdf"
    assert attached.get_content().startswith(b"%PDF")


def test_an_invoice_of_nobody_is_not_found(client: Client, browsing: Browsing) -> None:
    signed_in(browsing, client.owner)
    assert browsing.get("/invoices/inv_unknown").status == 404


@pytest.mark.contract("ACC-4")
def test_a_plain_user_sees_no_invoice(client: Client, browsing: Browsing) -> None:
    # Given a user without the billing role
    invoice_id = client.invoiced()
    user = a_user(client.world, client.account, Role.USER, "sacha@lumen.example")
    signed_in(browsing, user)
    # Then none of the pages exists
    for path in ("/invoices", "/invoices/current", f"/invoices/{invoice_id}"):
        assert browsing.get(path).status == 404


@pytest.mark.contract("BIL-4", "CON-3", "OPS-1")
def test_the_operator_runs_a_month_and_watches(
    client: Client, operator: User, browsing: Browsing
) -> None:
    # Given the operator, on 1 November
    signed_in(browsing, operator)
    assert "octobre 2026" in browsing.get(RUNS).text
    # When October is started
    # A month before anything was sold is none to run
    page = browsing.post(RUNS, {"month": "2019-01"})
    assert page.status == 422
    assert "trop ancien" in page.text
    assert client.world.services.billing.run_progress.status(BillingMonth(2019, 1)) is None
    browsing.post(RUNS, {"month": "2026-10"})
    # Then the page of the run asks for news until it is over
    assert (browsing.status, browsing.location) == (303, f"{RUNS}/2026-10")
    page = browsing.follow().text
    assert "En cours" in page
    assert f'hx-get="{RUNS}/2026-10/progress"' in page
    client.pump()
    part = browsing.get(f"{RUNS}/2026-10/progress").text
    assert "1 clients traités sur 1" in part
    assert "hx-get" not in part
    assert "<html" not in part
    assert browsing.headers["HX-Refresh"] == "true"
    assert "F-2026-000001" in browsing.get(f"{RUNS}/2026-10").text
    # And the list of months tells it
    assert "Terminée" in browsing.get(RUNS).text


@pytest.mark.contract("BIL-4", "OPS-1")
def test_a_failure_is_shown_with_its_reason_and_retried(
    client: Client, operator: User, browsing: Browsing
) -> None:
    # Given a desktop whose product left the catalogue
    client.rent(a_desktop(client.account.id, "Ancien", configuration="vanished"))
    client.world.services.billing.run.start_run(OCTOBER, by="system")
    client.pump()
    signed_in(browsing, operator)
    # When the operator looks
    page = browsing.get(f"{RUNS}/2026-10").text
    # Then the failure has its client, its reason and a button
    assert "À reprendre" in page
    assert "Atelier Lumen" in page
    assert "vanished" in page
    assert "Réessayer" in page
    # When the desktop turns out never to have been made, and the account is retried
    gone = a_desktop(client.account.id, "Ancien", configuration="vanished")
    client.rent(replace(gone, failed_at=gone.created_at, version=1))
    client.world.services.metering.service.meter_due()
    browsing.post(f"{RUNS}/2026-10/retry", {"account_id": client.account.id})
    client.pump()
    # Then it has its invoice
    assert "F-2026-000001" in browsing.follow().text


@pytest.mark.contract("BIL-1", "BIL-4")
@pytest.mark.parametrize(
    ("month", "said"),
    [
        pytest.param("2026-11", "n’est pas terminé", id="not over"),
        pytest.param("novembre", "Choisissez un mois.", id="not a month"),
        pytest.param("", "Choisissez un mois.", id="missing"),
    ],
)
def test_a_month_that_cannot_be_run_is_refused_on_the_form(
    client: Client, operator: User, browsing: Browsing, month: str, said: str
) -> None:
    # Given the operator
    signed_in(browsing, operator)
    # When such a month is posted
    browsing.post(RUNS, {"month": month})
    # Then the form comes again with the reason, and nothing started
    assert browsing.status == 422
    assert said in browsing.text
    assert client.world.services.billing.run_progress.runs() == []


def test_the_operator_reads_any_invoice(client: Client, operator: User, browsing: Browsing) -> None:
    # Given a client's invoice
    invoice_id = client.invoiced()
    signed_in(browsing, operator)
    # When the operator follows the run's link
    page = browsing.get(f"/operator/invoices/{invoice_id}")
    # Then it is shown, with the operator's own way back and download
    assert page.status == 200
    assert f'href="{RUNS}/2026-10"' in page.text
    assert f'href="/operator/invoices/{invoice_id}/pdf"' in page.text


@pytest.mark.parametrize("path", [f"{RUNS}/2026-10", f"{RUNS}/octobre", f"{RUNS}/2026-13/progress"])
def test_a_run_that_is_not_there_is_not_found(
    client: Client, operator: User, browsing: Browsing, path: str
) -> None:
    signed_in(browsing, operator)
    assert browsing.get(path).status == 404
