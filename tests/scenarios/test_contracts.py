"""Contracts from proposal to end, through the services and the month-end run (BIL-6, P17)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.billing.contracts.contract import Contract, ContractBilling, ContractState, Phase
from chalicelib.billing.contracts.service import ContractService
from chalicelib.billing.contracts.storage import ContractStorage
from chalicelib.billing.contracts.terms import ContractTerms
from chalicelib.billing.credits.credit_rules import CreditRequest
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.messages import Queue
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.recording import Recording
from chalicelib.queues import handle
from tests.fakes.accounts import an_account
from tests.fakes.billing import a_desktop
from tests.fakes.two_clients import DEMO
from tests.fakes.world import World

OPERATOR = "operator:usr_op"
TERMS = ContractTerms(
    reference="Devis 2026-17",
    starts_on=date(2026, 12, 1),
    months=12,
    billing=ContractBilling.MONTHLY,
    discount_percent=Decimal(10),
    quantities={"standard": 2, "pro": 0},
)


class Negotiation:
    """Atelier Lumen, to whom annual billing is open, on 10 November 2026."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.clock.set("2026-11-10 10:00")
        world.services.catalogue.load_file(DEMO)
        self.account, self.owner = an_account(world)
        world.services.accounts.service.enable_annual(self.account.id, by=OPERATOR, enabled=True)
        self.contracts = world.services.billing.contracts

    def propose(self, key: str = "form-1", **changes: Any) -> Contract:
        terms = replace(TERMS, **changes)
        return self.contracts.propose(self.account.id, terms, by=OPERATOR, key=key)

    def agree(self, **changes: Any) -> Contract:
        contract = self.propose(**changes)
        return self.contracts.accept(
            self.account.id, contract.id, contract.digest, by=self.owner.id
        )

    def rent(self, name: str, **changes: Any) -> Desktop:
        desktop = a_desktop(self.account.id, name, **changes)
        storage = DesktopStorage(self.world.adapters.tables)
        self.world.services.base.work.commit(*storage.save(desktop))
        return desktop

    def invoiced(self, at: str) -> Invoice:
        """Run what is due at an instant; give the last invoice, charges and documents aside."""
        self.world.clock.set(at)
        self.world.services.billing.run.run_due()
        while (message := self.world.adapters.queues.take()) is not None:
            if message.queue not in {Queue.COLLECTION, Queue.DESKTOPS, Queue.DOCUMENTS}:
                handle(message.queue, message.text, self.world.services)
        return self.world.services.billing.service.invoices_of(self.account.id)[0]

    def mails(self) -> list[str]:
        return [message.body["template"] for message in self.world.adapters.queues.of(Queue.MAIL)]

    def facts(self) -> list[str]:
        entries = self.world.services.base.journal.entries(self.account.id)
        return [entry.kind for entry in entries if entry.kind.startswith("contract.")]


@pytest.fixture
def negotiation(world: World) -> Negotiation:
    return Negotiation(world)


@pytest.mark.contract("CAT-4")
def test_nobody_commits_before_the_operator_opens_it(negotiation: Negotiation) -> None:
    # Given an account to which annual billing was closed again
    accounts = negotiation.world.services.accounts.service
    accounts.enable_annual(negotiation.account.id, by=OPERATOR, enabled=False)
    # Then nothing can be proposed
    with pytest.raises(DomainError, match="pas ouvert"):
        negotiation.propose()
    assert negotiation.contracts.contracts_of(negotiation.account.id) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": date(2026, 12, 2)}, "start"),
        ({"starts_on": date(2026, 11, 1)}, "start"),
        ({"starts_on": date(2028, 1, 1)}, "start"),
        ({"months": 11}, "months"),
        ({"months": 61}, "months"),
        ({"discount_percent": Decimal(-1)}, "discount"),
        ({"discount_percent": Decimal(100)}, "discount"),
        ({"discount_percent": Decimal("5.555")}, "discount"),
        ({"discount_percent": Decimal("NaN")}, "discount"),
        ({"reference": " "}, "reference"),
        ({"terms_days": 61}, "terms_days"),
        ({"late_rate_percent": Decimal("30.01")}, "late_rate"),
        ({"late_rate_percent": Decimal("-1")}, "late_rate"),
        ({"late_rate_percent": Decimal("9.255")}, "late_rate"),
        ({"quantities": {"standard": 0}}, "quantities"),
        ({"quantities": {"standard": 10_001}}, "quantity_standard"),
        ({"quantities": {"abacus": 1}}, "quantity_abacus"),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    negotiation: Negotiation, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(FieldErrors) as refused:
        negotiation.propose(**changes)
    assert field in refused.value.errors
    assert negotiation.contracts.contracts_of(negotiation.account.id) == []
    assert negotiation.facts() == []


@pytest.mark.contract("BIL-6", "EVD-1")
def test_a_proposal_is_accepted_as_it_was_read(negotiation: Negotiation) -> None:
    # Given a proposal, of which a double click makes one
    contract = negotiation.propose()
    assert negotiation.propose().id == contract.id
    assert len(negotiation.contracts.contracts_of(negotiation.account.id)) == 1
    # When other terms than those shown are accepted, it is refused
    with pytest.raises(DomainError, match="ont changé"):
        negotiation.contracts.accept(
            negotiation.account.id, contract.id, "0" * 64, by=negotiation.owner.id
        )
    # When accepted, twice
    for _ in range(2):
        agreed = negotiation.contracts.accept(
            negotiation.account.id, contract.id, contract.digest, by=negotiation.owner.id
        )
    # Then it binds, who accepted which terms is in the journal once, and both are written about
    assert (agreed.state, agreed.agreed_by) == (ContractState.ACCEPTED, negotiation.owner.id)
    assert negotiation.facts() == ["contract.proposed", "contract.accepted"]
    assert negotiation.mails()[-2:] == ["contract_proposed", "contract_agreed"]
    # And it cannot be declined any more
    with pytest.raises(DomainError, match="déjà"):
        negotiation.contracts.refuse(
            negotiation.account.id, contract.id, "", by=negotiation.owner.id, by_client=True
        )


def test_a_signature_on_paper_and_the_other_answers(negotiation: Negotiation) -> None:
    # Given three proposals
    signed, declined, withdrawn = (negotiation.propose(key=f"form-{n}") for n in range(3))
    # When
    who = negotiation.account.id
    with pytest.raises(FieldErrors):
        negotiation.contracts.record_signature(who, signed.id, " ", by=OPERATOR)
    negotiation.contracts.record_signature(who, signed.id, "Contrat signé 17", by=OPERATOR)
    negotiation.contracts.refuse(who, declined.id, "", by=negotiation.owner.id, by_client=True)
    with pytest.raises(FieldErrors):
        negotiation.contracts.refuse(who, withdrawn.id, "", by=OPERATOR, by_client=False)
    negotiation.contracts.refuse(who, withdrawn.id, "erreur", by=OPERATOR, by_client=False)
    # Then the first alone binds
    assert [each.id for each in negotiation.contracts.agreed_of(who)] == [signed.id]
    # And another account reaches none
    with pytest.raises(NotFoundError):
        negotiation.contracts.contract("acc_other", signed.id)


def test_a_proposal_left_without_answer_lapses_on_its_first_day(negotiation: Negotiation) -> None:
    contract = negotiation.propose()
    negotiation.world.clock.set("2026-12-01 00:00")
    with pytest.raises(DomainError, match="plus valable"):
        negotiation.contracts.accept(
            negotiation.account.id, contract.id, contract.digest, by=negotiation.owner.id
        )
    assert contract.phase(today(negotiation.world.clock)) is Phase.LAPSED


@pytest.mark.contract("BIL-6", "BIL-7")
def test_the_commitment_and_what_goes_beyond_it_are_invoiced(negotiation: Negotiation) -> None:
    # Given 2 Standard committed to from December, at 29,00 € less 10 %, and three rented, the
    # third from 22 December on
    negotiation.agree(terms_days=45, late_rate_percent=Decimal("9.5"))
    for name in ("Accueil", "Compta"):
        negotiation.rent(name, created="2026-11-20 10:00")
    negotiation.rent("Renfort", created="2026-12-22 10:00")
    # When December is invoiced; its preview the evening before says the same
    negotiation.world.clock.set("2026-12-31 23:00")
    preview = negotiation.world.services.billing.service.current(negotiation.account.id)
    invoice = negotiation.invoiced("2027-01-01 05:00")
    # Then 2 × 26,10 = 52,20 whatever the use, and 29,00 × 10 / 31 = 9,35 for the third
    assert [(c.label.fr, c.quantity, c.amount_excl_vat_cents) for c in invoice.charges] == [
        ("Standard – engagement de 12\u00a0mois", 2, 5220)
    ]
    assert [
        (line.desktop_name, line.days, line.amount_excl_vat_cents) for line in invoice.lines
    ] == [("Renfort", 10, 935)]
    assert invoice.totals.excl_vat_cents == 5220 + 935
    # It states the rate of late interest agreed, and that is what payments will go by
    assert any("au taux annuel convenu de 9,5\u00a0%" in text for text in invoice.mentions)
    receivable = negotiation.world.services.payments.receivables.receivable(invoice.id)
    assert receivable.late_rate_percent == Decimal("9.5")
    assert (preview.lines, preview.charges) == (invoice.lines, invoice.charges)
    # And November, before the contract, was billed by the day: 2 × 29,00 × 11 / 30 = 2 × 10,63
    november = negotiation.world.services.billing.service.invoices_of(negotiation.account.id)[-1]
    assert november.totals.excl_vat_cents == 2126
    assert november.charges == ()


@pytest.mark.contract("BIL-6")
def test_the_commitment_is_owed_without_any_desktop(negotiation: Negotiation) -> None:
    negotiation.agree()
    invoice = negotiation.invoiced("2027-01-01 05:00")
    assert (invoice.lines, invoice.totals.excl_vat_cents) == ((), 5220)


@pytest.mark.contract("BIL-6")
def test_paid_ahead_it_is_invoiced_once_on_its_first_day(negotiation: Negotiation) -> None:
    # Given the same, paid ahead
    negotiation.agree(billing=ContractBilling.UPFRONT)
    negotiation.rent("Accueil", created="2026-11-30 10:00")
    # When November is invoiced on 1 December
    invoice = negotiation.invoiced("2026-12-01 05:00")
    # Then one day of November, 29,00 / 30 = 0,97, and 24 × 26,10 = 626,40
    assert invoice.totals.excl_vat_cents == 97 + 62640
    # And December costs nothing more: no invoice
    negotiation.invoiced("2027-01-01 05:00")
    assert len(negotiation.world.services.billing.service.invoices_of(negotiation.account.id)) == 1


@pytest.mark.contract("BIL-6")
def test_at_the_end_everything_falls_back_to_monthly(negotiation: Negotiation) -> None:
    # Given a contract from December 2026 to November 2027, one desktop
    contract = negotiation.agree(quantities={"standard": 1})
    negotiation.rent("Accueil", created="2026-11-30 10:00")
    assert contract.last_on == date(2027, 11, 30)
    # When December 2027 is invoiced
    for month in range(1, 13):
        negotiation.invoiced(f"2027-{month:02d}-01 05:00")
    invoice = negotiation.invoiced("2028-01-01 05:00")
    # Then the desktop costs its monthly rate
    assert invoice.month == BillingMonth(2027, 12)
    assert (invoice.charges, invoice.totals.excl_vat_cents) == ((), 2900)


@pytest.mark.contract("BIL-6")
def test_the_end_is_announced_once_whatever_the_job_does(negotiation: Negotiation) -> None:
    # Given a contract until 30 November 2027
    negotiation.agree()
    remind = negotiation.contracts.remind_due
    # When the job runs each day, late, twice
    sent = []
    for day in ("2027-08-30", "2027-08-31", "2027-09-01", "2027-11-01", "2027-12-01"):
        negotiation.world.clock.set(f"{day} 08:45")
        sent.append(remind() + remind())
    # Then it wrote on 31 August, three months before, and never again
    negotiation.world.pump()
    box = negotiation.world.mails
    found = [
        mail for mail in box.to(negotiation.account.email) if "prend fin" in str(mail["Subject"])
    ]
    assert len(found) == 1
    assert "30 novembre 2027" in box.text_of(found[0]).replace("\u00a0", " ")
    assert negotiation.facts()[-1] == "contract.reminded"


def test_an_end_by_agreement_stops_the_bills(negotiation: Negotiation) -> None:
    # Given a contract that, in January, is ended with February
    contract = negotiation.agree()
    negotiation.world.clock.set("2027-01-15 10:00")
    for _ in range(2):
        ended = negotiation.contracts.terminate(
            negotiation.account.id, contract.id, BillingMonth(2027, 2), "accord", by=OPERATOR
        )
    # Then
    assert ended.last_on == date(2027, 2, 28)
    assert negotiation.facts()[-1:] == ["contract.terminated"]
    assert negotiation.facts().count("contract.terminated") == 1
    negotiation.invoiced("2027-03-01 05:00")
    assert negotiation.invoiced("2027-04-01 05:00").month == BillingMonth(2027, 2)


def paid_ahead(negotiation: Negotiation) -> tuple[Contract, Invoice]:
    """One Standard from December 2026, ahead: 12 × 26,10 = 313,20 on the invoice of 1 December."""
    contract = negotiation.agree(billing=ContractBilling.UPFRONT, quantities={"standard": 1})
    invoice = negotiation.invoiced("2026-12-01 05:00")
    assert invoice.totals.excl_vat_cents == 31320
    return contract, invoice


@pytest.mark.contract("BIL-6", "BIL-5")
def test_the_unserved_part_of_a_term_paid_ahead_is_given_back(negotiation: Negotiation) -> None:
    # Given a term paid ahead, and its desktop used; in January it is to end with that month
    contract, invoice = paid_ahead(negotiation)
    negotiation.rent("Compta", created="2026-12-01 10:00")
    negotiation.invoiced("2027-01-01 05:00")
    ends, january = negotiation.world.services.billing.early_ends, BillingMonth(2027, 1)
    # Then what would be given back is said before: 10 × 26,10 = 261,00, and 52,20 of VAT
    unused = ends.unused(contract, january)
    assert (unused.excl_vat_cents, unused.incl_vat_cents) == (26100, 31320)
    # When it is ended, twice by a double click
    negotiation.world.clock.set("2027-01-15 10:00")
    for _ in range(2):
        ends.end(negotiation.account.id, contract.id, january, "Accord.", by=OPERATOR)
    # Then one credit note gives it back, and the mail of the end says so
    (note,) = negotiation.world.services.billing.credit_notes.of_invoice(invoice.id)
    assert note.totals.excl_vat_cents == 26100
    mails = negotiation.world.adapters.queues.of(Queue.MAIL)
    (told,) = [one.body for one in mails if one.body["template"] == "contract_ended"]
    assert told["context"]["unused_cents"] == 31320
    # and January's invoice bills nothing beside it, February's the desktop by the month
    assert negotiation.invoiced("2027-02-01 05:00").month < january
    february = negotiation.invoiced("2027-03-01 05:00")
    assert (february.month, february.totals.excl_vat_cents) == (january.next, 2900)


@pytest.mark.contract("BIL-6", "BIL-5")
def test_a_second_earlier_end_gives_back_the_months_between(negotiation: Negotiation) -> None:
    # Given 10,00 credited for an outage, then an end with February: 9 × 26,10
    contract, invoice = paid_ahead(negotiation)
    services = negotiation.world.services
    (line,) = invoice.charges
    asked = [CreditRequest(line.key, 1000)]
    services.billing.credit_notes.issue(
        invoice.id, asked, reason="Panne.", by=OPERATOR, key="gesture"
    )
    negotiation.world.clock.set("2027-01-15 10:00")
    end = services.billing.early_ends.end
    end(negotiation.account.id, contract.id, BillingMonth(2027, 2), "Accord.", by=OPERATOR)
    # When it is ended with January after all, then the one month more; the 10,00 stay the client's
    end(negotiation.account.id, contract.id, BillingMonth(2027, 1), "Accord.", by=OPERATOR)
    notes = services.billing.credit_notes.of_invoice(invoice.id)
    assert [note.totals.excl_vat_cents for note in notes] == [1000, 23490, 2610]


@pytest.mark.contract("BIL-6", "BIL-5")
def test_killed_after_the_end_the_next_run_gives_back_what_is_not_served(
    negotiation: Negotiation,
) -> None:
    # Given a term paid ahead, ended by a process that died before its credit note
    contract, invoice = paid_ahead(negotiation)
    negotiation.rent("Compta", created="2026-12-01 10:00")
    negotiation.world.clock.set("2027-01-15 10:00")
    negotiation.contracts.terminate(
        negotiation.account.id, contract.id, BillingMonth(2027, 1), "Accord.", by=OPERATOR
    )
    # When January is run, twice
    for _ in range(2):
        negotiation.invoiced("2027-02-01 05:00")
    # Then
    (note,) = negotiation.world.services.billing.credit_notes.of_invoice(invoice.id)
    assert note.totals.excl_vat_cents == 26100


@pytest.mark.contract("BIL-6")
def test_a_term_ended_before_it_is_billed_is_billed_for_its_months(
    negotiation: Negotiation,
) -> None:
    # Given a term paid ahead from December, ended in November with January
    contract = negotiation.agree(billing=ContractBilling.UPFRONT, quantities={"standard": 1})
    january = BillingMonth(2027, 1)
    ends = negotiation.world.services.billing.early_ends
    assert ends.unused(contract, january).excl_vat_cents == 0
    ends.end(negotiation.account.id, contract.id, january, "Accord.", by=OPERATOR)
    # Then its invoice is of two months, 52,20, and says which
    invoice = negotiation.invoiced("2026-12-01 05:00")
    assert invoice.totals.excl_vat_cents == 5220
    assert "31 janvier 2027" in invoice.charges[0].detail.fr.replace("\u00a0", " ")


def test_a_crash_before_the_commit_leaves_nothing(negotiation: Negotiation) -> None:
    # Given a reminder that is due, and a store that refuses once
    negotiation.agree()
    negotiation.world.clock.set("2027-09-01 08:45")
    before = negotiation.mails()
    services = negotiation.world.services

    class Dying(UnitOfWork):
        def commit(self, *changes: Any) -> None:
            raise KeyboardInterrupt

    adapters = negotiation.world.adapters
    dying = ContractService(
        storage=ContractStorage(adapters.tables),
        accounts=services.accounts.service,
        catalogue=services.catalogue,
        recording=Recording(
            work=Dying(adapters.tables, adapters.queues),
            journal=services.base.journal,
            clock=negotiation.world.clock,
        ),
    )
    with pytest.raises(KeyboardInterrupt):
        dying.remind_due()
    # Then nothing was said, and the next run says it once
    assert negotiation.mails() == before
    assert services.billing.contracts.remind_due() == 1
