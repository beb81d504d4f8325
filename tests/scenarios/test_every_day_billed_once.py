"""Whatever happens and whenever it is known, each day used is billed once (P2, P3, P4)."""

from collections import Counter
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.billing.drafts.usage_lines import Key
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.usage_history import charged_items
from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Message, Queue
from chalicelib.metering.usage import key_of
from chalicelib.queues import handle
from tests.fakes.billing_parts import BillingParts
from tests.fakes.clock import paris
from tests.fakes.desktops import ACCOUNT, Renting

OWNER = "usr_acc_lumen"
START = "2026-09-20 08:00"


class EveryAccount:
    """The one account, as billing reads it."""

    def __init__(self, renting: Renting) -> None:
        self._renting = renting

    def account(self, account_id: AccountId) -> Any:
        return self._renting.known.account(account_id)

    def all_accounts(self, after: str = "", limit: int = 100) -> list[Any]:
        return [] if after else [self._renting.account]


class Story:
    """Desktops, metering and billing together, moved by actions."""

    def __init__(self) -> None:
        self.renting = Renting(START)
        parts = BillingParts(
            tables=self.renting.tables,
            work=self.renting.desktop_work,
            clock=self.renting.clock,
            accounts=EveryAccount(self.renting),
            metering=self.renting.metering,
            desktops=self.renting.desktops,
            catalogue=self.renting.catalogue,
        )
        self.billing, self.run = parts.billing, parts.run
        self.credit_notes = parts.credit_notes

    def act(self, action: str, which: int) -> None:
        """Have something happen, and all that follows from it."""
        if action == "meter":
            self.renting.metering.meter_due()
        elif action == "run":
            self.run.run_due()
        elif action == "run again":
            self.run.start_run(BillingMonth.of(today(self.renting.clock)).previous, by=OWNER)
        else:
            self._client(action, which)
        self.pump()

    def _client(self, action: str, which: int) -> None:
        renting = self.renting
        active = [each for each in renting.desktops.of_account(ACCOUNT) if each.is_active]
        count = len(renting.validated.orders)
        if action == "order":
            renting.rent(f"Bureau {count}", options=(("storage-10gb", which), ("backup", 1)))
        elif action == "late order":
            placed = renting.clock.now() - timedelta(hours=11 * (1 + 20 * which))
            renting.rent(f"Bureau {count}", placed_at=max(placed, paris(START)))
        elif active:
            desktop = active[which % len(active)]
            if action == "delete":
                renting.desktops.request_delete(ACCOUNT, desktop.id, desktop.name, by=OWNER)
            elif action in {each.code for each in renting.desktops.changes_for(desktop)}:
                self._reconfigure(desktop, action)

    def _reconfigure(self, desktop: Desktop, code: str) -> None:
        """Ask for another configuration; a disk grows once in six hours (DSK-4)."""
        renting = self.renting
        size = renting.catalogue.current().configuration(code).storage_gib
        present = renting.catalogue.current().configuration(desktop.configuration_code).storage_gib
        grown_at, now = desktop.disk_grown_at, renting.clock.now()
        if size > present and grown_at and now - grown_at < timedelta(hours=6):
            with pytest.raises(DomainError, match="six heures"):
                renting.desktops.request_reconfigure(ACCOUNT, desktop.id, code, by=OWNER)
            assert renting.now_of(desktop) == desktop
        else:
            renting.desktops.request_reconfigure(ACCOUNT, desktop.id, code, by=OWNER)

    def pump(self) -> None:
        """Handle every message of desktops and of billing."""
        while (message := self.renting.queues.take()) is not None:
            self.handle(message)

    def handle(self, message: Message) -> None:
        if message.queue is Queue.DESKTOPS:
            self.renting.handle(message)
        elif message.queue in {Queue.DRAFTS, Queue.ISSUE}:
            services: Any = SimpleNamespace(billing=SimpleNamespace(run=self.run))
            handle(message.queue, message.text, services)

    def used(self, month: BillingMonth) -> Counter[Key]:
        """What the desktops' histories say of a month."""
        price = self.renting.catalogue.current().price_on
        return Counter(
            (desktop.id, item.kind, item.code, item.quantity, price(item.code, day))
            for desktop in self.renting.desktops.of_account(ACCOUNT)
            for day in month.days
            for item in charged_items(desktop, day)
        )

    def billed(self, month: BillingMonth) -> Counter[Key]:
        """What all invoices together bill of a month."""
        days: Counter[Key] = Counter()
        for invoice in self.billing.invoices_of(AccountId(ACCOUNT)):
            for line in invoice.lines:
                if line.month == month:
                    days[key_of(line)] += line.days
        return days


actions = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=9 * 24 * 60),  # minutes until then
        st.sampled_from(
            ["order", "late order", "pro", "essentiel", "delete", "meter", "run", "run again"]
        ),
        st.integers(min_value=0, max_value=3),
    ),
    max_size=14,
)


@pytest.mark.contract("BIL-1", "BIL-4", "MET-2")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=actions)
# September run on 1 October, an order of 30 September validated just after.
@example(told=[(2400, "order", 0), (12960, "run", 0), (0, "late order", 0)])
# A disk that has just grown with its configuration, asked to grow again.
@example(told=[(0, "order", 0), (0, "essentiel", 0), (359, "pro", 0), (1, "pro", 0)])
def test_each_day_used_is_billed_once(told: list[tuple[int, str, int]]) -> None:
    # Given any story, the month's run now and then, orders validated weeks after they were placed
    story = Story()
    for minutes, action, which in told:
        story.renting.clock.advance(minutes=minutes)
        story.act(action, which)
    # When the next two month ends come
    for _ in range(2):
        end = BillingMonth.of(today(story.renting.clock)).next.first_day
        story.renting.clock.set(f"{end} 05:00")
        preview = story.billing.current(AccountId(ACCOUNT), BillingMonth.of(end).previous)
        story.act("run", 0)
        story.act("run again", 0)
        issued = story.billing.invoices_of(AccountId(ACCOUNT), limit=1)
        if preview.bills_something:
            assert issued[0].lines == preview.lines
    # Then what was billed of each month is what was used, to the day
    first = BillingMonth.of(paris_day(paris(START)))
    month, over = first, BillingMonth.of(today(story.renting.clock))
    while month < over:
        assert story.billed(month) == story.used(month)
        month = month.next
    # and the numbers follow each other with their dates
    invoices = story.billing.invoices_of(AccountId(ACCOUNT))[::-1]
    assert [int(each.number[-6:]) for each in invoices] == list(range(1, len(invoices) + 1))
    dates: list[date] = [each.issued_on for each in invoices]
    assert dates == sorted(dates)
