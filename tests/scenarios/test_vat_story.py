"""How a client's VAT is found out: VIES, proofs of location, the yearly threshold (BIL-10)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.accounts.clients.account import Account, AccountKind
from chalicelib.billing.invoices.credit_note import CreditNote
from chalicelib.billing.invoices.invoice import Invoice
from chalicelib.billing.one_stop_shop.oss_service import OssService
from chalicelib.billing.one_stop_shop.vat_service import VatService
from chalicelib.billing.one_stop_shop.vat_storage import VatStorage
from chalicelib.billing.vat.tax_status import NumberState
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError, FieldErrors
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.unit_of_work import UnitOfWork
from chalicelib.legal.journal import Journal
from chalicelib.legal.policies import OVERSEAS_CONSUMERS_BY_PLACE
from chalicelib.legal.policies_storage import PolicyStorage
from chalicelib.legal.published_policies import ContractPolicies
from chalicelib.legal.recording import Recording
from tests.fakes.billing import FakeAccounts, an_account
from tests.fakes.clock import StoppedClock
from tests.fakes.outside import InMemoryQueues
from tests.fakes.papers import IN_GERMANY, a_credit_note, a_line, abroad, an_issued_invoice
from tests.fakes.tables import InMemoryTables
from tests.fakes.tax import FakeVies

BELGIAN = "BE0123456749"
CONSUMER = {"kind": AccountKind.CONSUMER}
OCTOBER = BillingMonth.parse("2026-10")


class Uses:
    """What accounts use each month, in cents."""

    def __init__(self) -> None:
        self.cents: dict[str, int] = {}
        self.asked = 0

    def excl_vat_cents(self, account_id: AccountId, month: BillingMonth) -> int:
        self.asked += 1
        return self.cents.get(account_id, 0)


class VatWorld:
    """VAT's services over tables in memory."""

    def __init__(self, *accounts: Account, now: str = "2026-11-01 04:00") -> None:
        self.clock = StoppedClock(now)
        tables = InMemoryTables()
        self.accounts = FakeAccounts(*accounts)
        self.vies = FakeVies(BELGIAN)
        self.uses = Uses()
        self.journal = Journal(tables, self.clock)
        self.work = UnitOfWork(tables, InMemoryQueues())
        storage = VatStorage(tables)
        shared: dict[str, Any] = {"work": self.work, "clock": self.clock}
        self.policies = ContractPolicies(
            storage=PolicyStorage(tables),
            recording=Recording(work=self.work, journal=self.journal, clock=self.clock),
        )
        self.oss = OssService(
            storage=storage,
            statuses=storage,
            accounts=self.accounts,
            amounts=self.uses,
            **shared,
        )
        self.vat = VatService(
            storage=storage,
            oss=self.oss,
            accounts=self.accounts,
            vies=lambda: self.vies,
            policies=self.policies,
            journal=self.journal,
            **shared,
        )

    def due(self, account_id: str = "acc_lumen", month: BillingMonth = OCTOBER) -> tuple[Any, ...]:
        """The VAT of a month: rate, category, whose."""
        account = self.accounts.account(AccountId(account_id))
        vat = self.vat.treatment(account, month.last_day)
        return (vat.rate_percent, vat.category, vat.country)

    def count(self, document: Invoice | CreditNote) -> None:
        self.work.commit(*self.vat.counted(document))


def belgian(**changes: object) -> Account:
    return an_account(**abroad("BE", **{"vat_number": BELGIAN, **changes}))


def german(account_id: str, phone: str = "+4930123456") -> Account:
    return an_account(account_id, **abroad("DE", kind=AccountKind.CONSUMER, phone=phone))


FRENCH, REVERSE, GERMAN = (
    (Decimal(20), "S", "FR"),
    (Decimal(0), "AE", "FR"),
    (Decimal(19), "S", "DE"),
)


# --- professionals of the Union -------------------------------------------------------------------


@pytest.mark.contract("BIL-10")
def test_a_number_is_confirmed_before_the_run_and_the_answer_kept() -> None:
    # Given a company in Belgium, whose number nobody checked: French VAT
    world = VatWorld(belgian())
    assert world.due() == FRENCH
    # When the job before the run asks VIES
    assert world.vat.check_due() == 1
    # Then October is invoiced without VAT, reverse charge
    assert world.due() == REVERSE
    # And the answer is kept with its day and consultation number, and journaled
    status = world.vat.status_of(belgian())
    assert status.answer is not None
    assert status.answer.consultation == "WAPI000001"
    assert status.answer.answered_at == world.clock.now()
    (entry,) = world.journal.entries("acc_lumen")
    assert entry.kind == "vat.number_checked"
    assert entry.facts == {"number": BELGIAN, "valid": True, "consultation": "WAPI000001"}


@pytest.mark.contract("BIL-10")
def test_the_number_is_asked_once_a_month() -> None:
    # Given a number confirmed on 1 November
    world = VatWorld(belgian())
    world.vat.check_due()
    # When the job is woken again that day and on the following ones, nothing is asked
    for now in ("2026-11-01 04:30", "2026-11-02 04:00", "2026-11-30 04:00"):
        world.clock.set(now)
        assert world.vat.check_due() == 0
    # And on 1 December, before the run of November, it is
    world.clock.set("2026-12-01 04:00")
    assert world.vat.check_due() == 1
    assert world.vies.asked == [BELGIAN, BELGIAN]


@pytest.mark.contract("BIL-10")
@pytest.mark.parametrize("word", ["MS_UNAVAILABLE", "SERVICE_UNAVAILABLE", "TIMEOUT"])
def test_vies_down_is_french_vat_until_it_confirms(word: str) -> None:
    # Given VIES down when the number is first checked
    world = VatWorld(belgian())
    world.vies.down = word
    assert world.vat.check_due() == 0
    # Then French VAT, and the page says why
    assert world.due() == FRENCH
    assert world.vat.number_state(belgian()) is NumberState.UNAVAILABLE
    assert world.vat.status_of(belgian()).failure == word
    # When it answers the next day, then reverse charge
    world.vies.down = ""
    world.clock.set("2026-11-02 04:00")
    assert world.vat.check_due() == 1
    assert world.due() == REVERSE


@pytest.mark.contract("BIL-10")
def test_an_outage_does_not_undo_a_recent_answer_but_an_old_one_lapses() -> None:
    # Given a number confirmed on 1 November, and VIES down from then on
    world = VatWorld(belgian())
    world.vat.check_due()
    world.vies.down = "MS_UNAVAILABLE"
    # When November is invoiced on 1 December: confirmed within 31 days of its end
    world.clock.set("2026-12-01 04:00")
    world.vat.check_due()
    assert world.due(month=BillingMonth.parse("2026-11")) == REVERSE
    # Then December, which nobody could confirm, bears French VAT
    assert world.due(month=BillingMonth.parse("2026-12")) == FRENCH


@pytest.mark.contract("BIL-10")
def test_a_number_that_is_invalid_or_changed_is_not_confirmed() -> None:
    # Given a confirmed client
    world = VatWorld(belgian())
    world.vat.check_due()
    # When its number changes, then French VAT until VIES confirms the new one
    changed = replace(belgian(), vat_number="BE0999999922")
    world.accounts.by_id[changed.id] = changed
    assert world.due() == FRENCH
    assert world.vat.number_state(changed) is NumberState.TO_CHECK
    # And it is due at once, though the month's check was made
    assert world.vat.check_due() == 1
    assert world.vat.number_state(changed) is NumberState.INVALID
    assert world.due() == FRENCH


@pytest.mark.contract("BIL-10")
def test_without_a_number_there_is_nothing_to_check() -> None:
    world = VatWorld(belgian(vat_number=""), an_account("acc_lyon"))
    assert world.vat.check_due() == 0
    assert world.due() == FRENCH
    # And asking for it by hand is refused, for a French company too
    for account_id in ("acc_lumen", "acc_lyon"):
        with pytest.raises(DomainError):
            world.vat.check_number(AccountId(account_id), by="operator:1")
    assert world.vies.asked == []


@pytest.mark.contract("BIL-10")
def test_one_member_state_down_does_not_hold_the_others_back() -> None:
    # Given VIES silent for all: after three silences the others wait for the next day
    many = [replace(belgian(), id=AccountId(f"acc_{n}")) for n in range(6)]
    world = VatWorld(*many)
    world.vies.down = "SERVICE_UNAVAILABLE"
    world.vat.check_due()
    assert len(world.vies.asked) == 3
    # And all are confirmed once it is back
    world.vies.down = ""
    assert world.vat.check_due() == 6


# --- consumers ------------------------------------------------------------------------------------


@pytest.mark.contract("BIL-10")
def test_consumers_of_the_union_pay_french_vat_below_the_threshold() -> None:
    world = VatWorld(german("acc_a"))
    world.vat.check_due()
    world.uses.cents = {"acc_a": 2900}
    assert world.due("acc_a") == FRENCH


@pytest.mark.contract("BIL-10")
def test_above_the_threshold_the_rate_is_that_of_their_country() -> None:
    # Given 9 990 € supplied from January to September, and in October 9 € by a, 2 € by b
    world = VatWorld(german("acc_a"), german("acc_b"))
    world.vat.check_due()
    september = an_issued_invoice((a_line(cents=999_000),), **abroad("DE", **CONSUMER))
    world.accounts.by_id[september.account_id] = german("acc_lumen")
    world.count(replace(september, month=OCTOBER.previous))
    world.uses.cents = {"acc_a": 900, "acc_b": 200}
    # Then a stays at 20 %; b, whose supply crosses, pays the German rate
    assert world.due("acc_a") == FRENCH
    assert world.due("acc_b") == GERMAN
    # And once decided the month does not change, whatever is corrected later
    world.uses.cents = {}
    assert world.due("acc_b") == GERMAN


@pytest.mark.contract("BIL-10")
def test_the_ledger_counts_each_document_once_credit_notes_off() -> None:
    # Given an invoice of 29 € to a German consumer and its credit note of 9 €, each counted twice
    world = VatWorld(german("acc_lumen"))
    invoice = an_issued_invoice((a_line(vat=IN_GERMANY),), **abroad("DE", **CONSUMER))
    note = a_credit_note(invoice, cents=900)
    for document in (invoice, note, note, invoice):
        world.count(document)
    # Then 20 € of the year, with what showed where the client is
    assert world.oss.year_cents(2026) == 2000
    assert {line.proofs for line in world.oss.lines(2026)} == {("address:DE", "phone:DE")}
    # And a French invoice counts for nothing
    world.count(an_issued_invoice())
    assert len(world.oss.lines(2026)) == 2


@pytest.mark.contract("BIL-10")
def test_two_proofs_that_agree_are_wanted() -> None:
    # Given a consumer in Germany whose telephone is Austrian, in a year above the threshold
    world = VatWorld(german("acc_a", phone="+43123456789"))
    world.vat.check_due()
    world.uses.cents = {"acc_a": 1_000_001}
    # Then the country is not proved: French VAT
    assert world.due("acc_a") == FRENCH
    # Given another one without a telephone that tells: one proof is not enough
    world = VatWorld(german("acc_a", phone=""))
    world.vat.check_due()
    world.uses.cents = {"acc_a": 1_000_001}
    assert world.due("acc_a") == FRENCH
    # When an operator records the country of the bank, then two agree
    world.vat.record_proof(AccountId("acc_a"), "bank", "de", "IBAN DE89…", by="operator:1")
    assert world.due("acc_a") == GERMAN
    (entry,) = world.journal.entries("acc_a")
    assert entry.facts == {"kind": "bank", "country": "DE", "detail": "IBAN DE89…"}


@pytest.mark.contract("BIL-10")
@pytest.mark.parametrize(
    ("kind", "country", "detail", "field"),
    [
        ("address", "DE", "vu", "kind"),
        ("rumour", "DE", "vu", "kind"),
        ("bank", "Germany", "vu", "country"),
        ("bank", "ZZ", "vu", "country"),
        ("bank", "éé", "vu", "country"),
        ("bank", "DE", " ", "detail"),
        ("bank", "DE", "x" * 201, "detail"),
    ],
)
def test_a_proof_that_says_nothing_is_refused(
    kind: str, country: str, detail: str, field: str
) -> None:
    world = VatWorld(german("acc_a"))
    with pytest.raises(FieldErrors) as refused:
        world.vat.record_proof(AccountId("acc_a"), kind, country, detail, by="operator:1")
    assert set(refused.value.errors) == {field}
    assert len(world.vat.proofs(german("acc_a"))) == 2


@pytest.mark.contract("BIL-10")
def test_consumers_overseas_follow_the_policy_of_the_day() -> None:
    # Given a consumer in Guadeloupe
    address = replace(an_account().address, postal_code="97110", city="Pointe-à-Pitre")
    islander = an_account(address=address, kind=AccountKind.CONSUMER)
    world = VatWorld(islander)
    assert world.due()[0] == Decimal("8.5")
    # When the company chooses the supplier's rate from December on
    world.policies.publish(
        OVERSEAS_CONSUMERS_BY_PLACE,
        from_on=today(world.clock).replace(month=12),
        professionals=True,
        consumers=False,
        reason="Avis de l’expert-comptable",
        by="operator:1",
    )
    # Then December bears 20 %, and October still 8,5 %
    assert world.due(month=BillingMonth.parse("2026-12")) == FRENCH
    assert world.due()[0] == Decimal("8.5")
