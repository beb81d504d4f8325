"""What becomes of an issued document: kept, mailed, collected, handed over (BIL-5, BIL-11)."""

from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.accounts.clients.account import AccountKind, PaymentMode
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.papers.document_record import Document, digest, xml_key
from chalicelib.billing.papers.document_storage import DocumentStorage
from chalicelib.billing.papers.documents_service import InvoiceDocumentsService
from chalicelib.billing.papers.facturx import Paid
from chalicelib.billing.papers.platform_status import StatusCode
from chalicelib.billing.platform.service import PlatformService
from chalicelib.billing.sales.storage import SalesStorage
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import (
    DomainError,
    FieldErrors,
    NotFoundError,
    TemporaryGatewayError,
)
from chalicelib.foundation.messages import Message, Queue
from chalicelib.legal.policies import ELECTRONIC_INVOICES
from chalicelib.legal.recording import Recording
from chalicelib.queues import handle
from infra.operate.verify_documents import verify_documents
from tests.fakes.accounts import an_account as an_account_registered
from tests.fakes.billing import BillingWorld, a_desktop, an_account, keys_of
from tests.fakes.clock import paris
from tests.fakes.tax import FakePlatform
from tests.fakes.two_clients import DEMO
from tests.fakes.world import World


class DocumentsWorld(BillingWorld):
    """Billing with its documents drawn as text, and a platform."""

    def __init__(self, **account: Any) -> None:
        self.drawn = 0
        self.platform = FakePlatform()
        super().__init__(an_account(**account))
        self.follow_documents()
        self.metering.desktops = [a_desktop()]

    def follow_documents(self) -> None:
        """Make the services of documents over what lies outside."""
        store = DocumentStorage(self.memory)
        recording = Recording(work=self.work, journal=self.journal, clock=self.clock)
        self.handover = PlatformService(
            storage=store,
            documents=self.documents,
            platform=self.platform,
            policies=self.policies,
            recording=recording,
        )
        self.papers = InvoiceDocumentsService(
            storage=self.storage,
            ledger=self.ledger,
            sales=SalesStorage(self.memory),
            digests=store,
            documents=self.documents,
            draw=self.draw,
            follow_up=self.handover.announced,
            recording=recording,
        )

    def draw(self, document: Document, paid: Paid | None) -> bytes:
        self.drawn += 1
        return f"%PDF {document.number} {paid}".encode()

    def handle(self, message: Message) -> None:
        if message.queue in {Queue.DRAFTS, Queue.ISSUE, Queue.DOCUMENTS}:
            services: Any = SimpleNamespace(
                billing=SimpleNamespace(run=self.run),
                papers=SimpleNamespace(documents=self.papers, platform=self.handover),
            )
            handle(message.queue, message.text, services)

    def an_invoice(self) -> Invoice:
        self.invoice_month("2026-10")
        return self.the_invoice()

    def a_credit_note(self, invoice: Invoice) -> CreditNote:
        note = self.credit_notes.issue(invoice.id, "all", reason="Erreur", by="operator:1", key="1")
        self.pump()
        return note

    def transmit_from_now(self) -> None:
        """Have invoices between companies handed over from the next day on."""
        self.clock.set("2026-10-20 10:00")
        self.policies.publish(
            ELECTRONIC_INVOICES,
            from_on=today(self.clock).replace(day=21),
            professionals=True,
            consumers=False,
            reason="Raccordement à la plateforme",
            by="operator:1",
        )
        self.clock.set("2026-11-01 05:00")


@pytest.mark.contract("BIL-11")
def test_pdf_and_xml_are_kept_with_their_digests() -> None:
    # Given an invoice issued
    world = DocumentsWorld()
    invoice = world.an_invoice()
    # Then both files are kept, and their digests in the records
    stored = world.papers.stored(invoice)
    assert stored is not None
    assert stored.pdf_sha256 == digest(world.documents.stored[invoice.document_key])
    assert stored.xml_sha256 == digest(world.documents.stored[xml_key(invoice)])
    assert stored.stored_at == world.clock.now()
    assert world.papers.changed_since(invoice) == []
    # And a file that somebody replaced or lost is found out
    world.documents.stored[invoice.document_key] += b" "
    assert world.papers.changed_since(invoice) == ["pdf"]
    del world.documents.stored[xml_key(invoice)]
    assert world.papers.changed_since(invoice) == ["pdf", "xml"]


@pytest.mark.contract("BIL-11")
def test_a_document_asked_for_twice_is_made_mailed_and_collected_once() -> None:
    # Given an invoice whose message comes three times
    world = DocumentsWorld()
    invoice = world.an_invoice()
    for _ in range(2):
        world.papers.render(invoice.id)
    # Then one drawing, one mail with the PDF, one collection
    assert world.drawn == 1
    (mail,) = world.queues.of(Queue.MAIL)
    assert mail.body["attachments"] == [[invoice.document_key, invoice.file_name]]
    assert keys_of(world.queues, Queue.COLLECTION) == [f"collect:{invoice.id}"]


@pytest.mark.contract("BIL-11")
def test_the_digest_is_of_what_is_kept_even_after_a_crash() -> None:
    # Given a first attempt that stored its PDF and died, and a drawing that changed since
    world = DocumentsWorld(payment_mode=PaymentMode.INVOICE)
    world.metering.meter_due()
    invoice_key = "invoices/acc_lumen/F-2026-000001.pdf"
    world.documents.stored[invoice_key] = b"%PDF of the first attempt"
    # When the document is made
    invoice = world.an_invoice()
    # Then the first file stands, and the digest is its own
    assert world.documents.stored[invoice_key] == b"%PDF of the first attempt"
    assert world.papers.changed_since(invoice) == []


@pytest.mark.contract("BIL-5", "BIL-11")
def test_a_credit_note_is_kept_and_mailed_not_charged() -> None:
    # Given an invoice taken back
    world = DocumentsWorld()
    invoice = world.an_invoice()
    note = world.a_credit_note(invoice)
    # Then its files are kept, its mail says why
    assert world.papers.changed_since(note) == []
    mail = world.queues.of(Queue.MAIL)[-1]
    assert mail.body["template"] == "credit_note"
    assert mail.body["context"]["reason"] == "Erreur"
    assert mail.body["context"]["invoice_number"] == invoice.number
    # And what asks for collection is the invoice, and the credit that settles it
    asked = keys_of(world.queues, Queue.COLLECTION)
    assert asked == [f"collect:{invoice.id}", f"credit:{note.id}"]


@pytest.mark.contract("BIL-3", "BIL-11")
def test_the_copy_of_a_paid_invoice_is_another_document() -> None:
    # Given an invoice paid on 2 November
    world = DocumentsWorld()
    invoice = world.an_invoice()
    before = dict(world.documents.stored)
    # When its copy is asked for twice
    day = paris("2026-11-02 09:00").date()
    links = {world.papers.paid_copy_link(invoice, day) for _ in range(2)}
    # Then it is drawn once, beside the invoice that stays as it was
    assert len(links) == 1
    assert world.drawn == 2
    added = {key for key in world.documents.stored if key not in before}
    assert added == {"invoices/acc_lumen/F-2026-000001-acquittee.pdf"}
    assert world.papers.changed_since(invoice) == []


@pytest.mark.contract("BIL-11")
def test_a_document_in_the_making_has_no_link() -> None:
    world = DocumentsWorld()
    world.metering.meter_due()
    world.run.start_run(world.progress.last_month_over(), by="system")
    while (message := world.queues.take()) is not None:
        if message.queue is not Queue.DOCUMENTS:
            world.handle(message)
    invoice = world.the_invoice()
    for link in (world.papers.pdf_link, world.papers.xml_link):
        with pytest.raises(DomainError, match="préparation"):
            link(invoice)
    with pytest.raises(NotFoundError):
        world.papers.changed_since(invoice)


# --- the platform ---------------------------------------------------------------------------------


@pytest.mark.contract("BIL-11")
def test_before_its_day_nothing_is_handed_over() -> None:
    # Given November 2026, when the law does not ask an SME for it yet
    world = DocumentsWorld()
    world.an_invoice()
    assert world.platform.deposited == {}


@pytest.mark.contract("BIL-11")
@pytest.mark.parametrize(
    ("account", "handed_over"),
    [
        ({}, True),
        ({"kind": AccountKind.CONSUMER, "siren": ""}, False),
        ({"siren": "", "vat_number": "BE0123456749"}, False),
    ],
)
def test_invoices_between_french_companies_are_handed_over(
    account: dict[str, Any], handed_over: bool
) -> None:
    # Given the day from which they are
    world = DocumentsWorld(**account)
    world.transmit_from_now()
    invoice = world.an_invoice()
    # Then the PDF with its XML goes out, once; consumers' and foreigners' are only reported
    assert list(world.platform.deposited) == ([invoice.number] if handed_over else [])
    if handed_over:
        world.handover.hand_over(invoice)
        pdf = world.documents.stored[invoice.document_key]
        assert world.platform.deposited == {invoice.number: pdf}


@pytest.mark.contract("BIL-11")
def test_statuses_are_taken_back_once_in_order_with_their_reasons() -> None:
    # Given an invoice handed over, then deposited, refused with a reason, and later collected
    world = DocumentsWorld()
    world.transmit_from_now()
    invoice = world.an_invoice()
    number = invoice.number
    told: list[dict[str, str]] = [
        {"status": "212", "at": "2026-11-20T08:00:00Z", "amount": "34.80", "rate": "20"},
        {"status": "200", "at": "2026-11-01T06:00:00Z"},
        {"status": "210", "at": "2026-11-03T09:30:00Z", "reason": "Adresse erronée"},
    ]
    for content in told:
        world.platform.tell(number=number, **content)
    # When they are taken, and come again
    assert world.handover.take_back() == 3
    world.platform.tell(number=number, **told[1])
    world.handover.take_back()
    # Then they stand in order of time, each once
    status = world.handover.status_of(number)
    assert status is not None
    assert [event.code.value for event in status.events] == ["200", "210", "212"]
    assert status.events[1].reason == "Adresse erronée"
    assert (status.events[2].amount_cents, status.events[2].rate_percent) == (3480, "20")
    # And each is journaled with the account
    kinds = [entry.kind for entry in world.journal.entries("acc_lumen")]
    assert kinds.count("invoice.platform_status") == 3


@pytest.mark.contract("BIL-11")
def test_a_status_that_cannot_be_moved_holds_no_other_back() -> None:
    # Given a file left under a name that nothing can be moved from, and one behind it
    world = DocumentsWorld()
    world.transmit_from_now()
    number = world.an_invoice().number
    world.platform.tell(number=number, status="200", at="2026-11-01T06:00:00Z")
    world.platform.tell(number=number, status="210", at="2026-11-02T06:00:00Z", reason="Adresse")
    world.platform.immovable = {"0000.json"}
    # When they are taken, every hour, then the job is seen to fail and both are known, once
    for _ in range(2):
        with pytest.raises(TemporaryGatewayError):
            world.handover.take_back()
    assert world.platform.taken == ["0001.json"]
    status = world.handover.status_of(number)
    assert status is not None
    assert [event.code.value for event in status.events] == ["200", "210"]


@pytest.mark.contract("BIL-11")
@pytest.mark.parametrize(
    "content",
    [
        {},
        {"number": "F-2026-000001", "status": "213", "at": "2026-11-02T08:00:00Z"},
        {"number": "F-2026-000001", "status": "212", "at": "2026-11-02T08:00:00Z", "rate": "20"},
        {"number": "F-2026-000001", "status": "999", "at": "2026-11-02T08:00:00Z"},
        {"number": "F-2026-000001", "status": "200", "at": "yesterday"},
        {"number": "F-2026-000001", "status": "200", "at": "2026-11-02T08:00:00"},
        {"number": "F-2026-999999", "status": "200", "at": "2026-11-02T08:00:00Z"},
        # And what would break us, were it taken at its word.
        {"number": "F-2026-000001", "status": "200", "at": "0001-01-01T00:00:00+14:00"},
        {"number": "F" * 5000, "status": "200", "at": "2026-11-02T08:00:00Z"},
        *(
            {"number": "F-2026-000001", "status": "212", "at": "2026-11-02T08:00:00Z"} | odd
            for odd in (
                {"amount": "1e999999", "rate": "20"},
                {"amount": "34.80", "rate": "1e999999"},
                {"amount": "34.80", "rate": "1e-999999"},
                {"amount": "34.80", "rate": "9" * 5000},
            )
        ),
    ],
)
def test_a_status_that_makes_no_sense_is_put_aside(content: dict[str, str]) -> None:
    # Given a file without what its code asks, or about a document nobody handed over
    world = DocumentsWorld()
    world.transmit_from_now()
    world.an_invoice()
    world.platform.tell(**content)
    world.platform.tell(number="F-2026-000001", status="200", at="2026-11-02T08:00:00Z")
    # Then it is put aside, changes nothing, and holds back no other
    assert world.handover.take_back() == 1
    assert world.platform.aside == ["0000.json"]
    status = world.handover.status_of("F-2026-000001")
    assert status is not None
    assert [event.code for event in status.events] == [StatusCode.DEPOSITED]


@pytest.mark.contract("BIL-11")
def test_an_operator_records_what_was_read_elsewhere() -> None:
    # Given an invoice handed over, when an operator records its rejection
    world = DocumentsWorld()
    world.transmit_from_now()
    number = world.an_invoice().number

    def record(code: str, **values: str) -> None:
        values = {"reason": "", "amount": "", "rate": "", **values}
        world.handover.record(number, code, **values, by="operator:1")

    record("213", reason="SIREN inconnu de l’annuaire")
    (shown,) = world.handover.latest()
    assert shown.needs_care
    # Then a form that lacks what its status asks is refused and changes nothing
    for code, values, field in (
        ("213", {}, "reason"),
        ("212", {"rate": "20"}, "amount"),
        ("212", {"amount": "0", "rate": "20"}, "amount"),
        ("212", {"amount": "34,80"}, "rate"),
        ("300", {}, "code"),
    ):
        with pytest.raises(FieldErrors) as refused:
            record(code, **values)
        assert set(refused.value.errors) == {field}
    assert world.handover.latest() == [shown]


@pytest.mark.contract("BIL-11")
def test_a_command_names_the_documents_that_changed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given an invoice issued by the whole system, its documents really drawn
    world.clock.set("2026-09-30 10:00")
    world.services.catalogue.load_file(DEMO)
    account, _ = an_account_registered(world)
    desktop = a_desktop(account.id, "Compta", created="2026-10-01 12:00")
    storage = DesktopStorage(world.adapters.tables)
    world.services.base.work.commit(storage.save_desktop(desktop))
    world.clock.set("2026-11-01 06:00")
    world.services.billing.run.run_due()
    while (message := world.adapters.queues.take()) is not None:
        if message.queue is not Queue.COLLECTION:
            handle(message.queue, message.text, world.services)
    # When all is as it was stored, then the command says so
    assert verify_documents(world.services) == 0
    assert "1 documents, 0 changed" in capsys.readouterr().out
    # And when a byte of the PDF changed, it names the invoice
    (invoice,) = world.services.billing.service.invoices_of(account.id)
    world.adapters.documents.stored[invoice.document_key] += b" "
    assert verify_documents(world.services) == 1
    assert f"{invoice.number}  CHANGED: pdf" in capsys.readouterr().out
