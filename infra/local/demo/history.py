"""Two past months, played through the real jobs and services before the first visit.

A consumer pays each month; a company's card is declined, another one pays, and a credit note pays
part of it back; a German company has a contract, owes no French VAT and pays by transfer; a sole
trader pays on invoice, late; a second consumer's invoice stays declined; orders wait, one for the
operator and one for the end of a withdrawal period; a measure and a change are ahead; one desktop
is on WorkSpaces.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from chalicelib.accounts.clients.account import Role
from chalicelib.foundation.civil_time import PARIS, BillingMonth, paris_day
from chalicelib.foundation.clock import today
from infra.local.company import ADMINISTRATOR, BILLING, USER
from infra.local.demo import forms
from infra.local.demo.client import DemoClient
from infra.local.demo.money import DemoMoney
from infra.local.demo.offer import WORKSPACES_CODE, offer_workspaces
from infra.local.demo.pods import DemoPods

if TYPE_CHECKING:
    from chalicelib.wiring import Services
    from infra.local.clock.clock_keeper import ClockKeeper
    from infra.local.outside.mailbox import Mailbox

GOOD_CARD, OTHER_GOOD_CARD = "4242424242424242", "5555555555554444"
DECLINED_CARD = "4000000000000341"
_WATCHED = timedelta(minutes=30)  # within which the schedule looks at desktops under way


@dataclass(frozen=True)
class Scene:
    """Something that a client or the operator does at an instant."""

    at: datetime
    title: str
    play: Callable[[], object]


def beginning(present: datetime) -> datetime:
    """Give the instant the history begins at: the 2nd of the month before last, at 9:00."""
    return _paris(BillingMonth.of(paris_day(present)).previous.previous.first_day, 2, "09:00")


class DemoHistory:
    """Plays the scenes in order, the clock firing the schedule in between."""

    def __init__(
        self,
        services: "Services",
        mailbox: "Mailbox",
        keeper: "ClockKeeper",
        settle: Callable[[], object],
        operator_id: str,
    ) -> None:
        self._services = services
        self._keeper = keeper
        self._settle = settle
        self._operator = f"operator:{operator_id}"
        self._money = DemoMoney(services, self._operator)
        self._alix, self._lumen, self._orme, self._robin, self._muster = (
            DemoClient(services, mailbox, settle) for _ in range(5)
        )

    def play(self, present: datetime, tell: Callable[[datetime, str], object]) -> None:
        """Play everything up to the present; ``tell`` is told each scene as it begins."""
        for scene in self._scenes(present):
            self._keeper.move_to(scene.at)
            tell(scene.at, scene.title)
            scene.play()
            self._settle()
            if any(desktop.is_moving for desktop in self._services.desktops.service.all_desktops()):
                # What was asked is carried out before the next scene.
                self._keeper.move_to(min(scene.at + _WATCHED, present))

    def _scenes(self, present: datetime) -> list[Scene]:
        now = BillingMonth.of(paris_day(present))
        first, second = now.previous.previous.first_day, now.previous.first_day
        pods = DemoPods(self._services, self._operator)
        scenes = [
            *self._first_month(first, pods),
            Scene(
                _paris(first, 18, "10:05"),
                "The German company Werkhof Muster signs up",
                self._join_muster,
            ),
            Scene(_paris(first, 18, "10:40"), "and orders, to pay on invoice", self._order_muster),
            Scene(_paris(first, 20, "10:00"), "its OmnyPods are shipped", pods.ship),
            Scene(_paris(first, 24, "11:30"), "and delivered", pods.deliver),
            Scene(
                _paris(first, 24, "16:00"),
                "it agrees to a contract of a year",
                lambda: self._money.agree(self._muster, second, {"essentiel": 3}),
            ),
            *self._second_month(second),
            *self._lately(present, pods),
        ]
        return sorted(
            (scene for scene in scenes if scene.at <= present), key=lambda scene: scene.at
        )

    def _first_month(self, first: date, pods: DemoPods) -> list[Scene]:
        return [
            Scene(_paris(first, 2, "09:40"), "A dozen OmnyPods come into stock", pods.stock),
            Scene(_paris(first, 2, "10:12"), "Alix Mercier, a consumer, signs up", self._join_alix),
            Scene(_paris(first, 2, "10:46"), "and orders a desktop", self._order_alix),
            Scene(
                _paris(first, 3, "14:05"), "The company Atelier Lumen signs up", self._join_lumen
            ),
            Scene(_paris(first, 3, "14:41"), "and orders four desktops", self._order_lumen),
            Scene(_paris(first, 4, "09:15"), "the operator validates its order", self._validate),
            Scene(_paris(first, 5, "11:00"), "and ships the OmnyPods reserved", pods.ship),
            Scene(_paris(first, 9, "09:30"), "The OmnyPods are delivered", pods.deliver),
            Scene(_paris(first, 9, "11:20"), "The trader Maison Orme signs up", self._join_orme),
            Scene(_paris(first, 9, "16:45"), "and orders, to pay on invoice", self._order_orme),
            Scene(_paris(first, 12, "10:00"), "his OmnyPod is shipped", pods.ship),
            Scene(_paris(first, 15, "14:30"), "and delivered", pods.deliver),
        ]

    def _second_month(self, second: date) -> list[Scene]:
        return [
            Scene(
                _paris(second, 5, "08:50"),
                "Atelier Lumen’s card was declined: it pays with another one",
                self._pay_otherwise,
            ),
            Scene(
                _paris(second, 8, "18:20"), "Robin Tessier signs up and orders", self._join_robin
            ),
            Scene(
                _paris(second, 11, "15:00"),
                "Atelier Lumen changes a configuration",
                lambda: self._lumen.change("Accueil", "pro"),
            ),
            Scene(
                _paris(second, 14, "09:45"),
                "two days of an invoice are credited to it, and paid back",
                lambda: self._money.credit(self._lumen),
            ),
            Scene(
                _paris(second, 15, "10:30"),
                "and an intervention is to be billed to it",
                lambda: self._money.charge_intervention(self._lumen),
            ),
            Scene(
                _paris(second, 16, "08:30"),
                "Werkhof Muster’s transfer arrives",
                lambda: self._money.receive_transfer(self._muster),
            ),
            Scene(
                _paris(second, 17, "15:10"),
                "Atelier Lumen is granted a service credit",
                lambda: self._money.grant_credit(self._lumen, "Image 1"),
            ),
            Scene(
                _paris(second, 19, "17:30"),
                "and deletes a desktop",
                lambda: self._lumen.delete("Stagiaire"),
            ),
            Scene(
                _paris(second, 23, "19:05"),
                "and stops another one for the holidays",
                lambda: self._lumen.stop("Image 2"),
            ),
        ]

    def _lately(self, present: datetime, pods: DemoPods) -> list[Scene]:
        return [
            Scene(
                present - timedelta(hours=30),
                "Alix Mercier orders another desktop, in no hurry",
                lambda: self._alix.order_without_hurry("standard", ("Coin lecture",)),
            ),
            Scene(
                present - timedelta(hours=28),
                "and plans a change of configuration",
                lambda: self._alix.change_later("Mon bureau", "pro", present + timedelta(days=3)),
            ),
            Scene(
                present - timedelta(hours=54),
                "The operator offers desktops on WorkSpaces",
                lambda: offer_workspaces(self._services, self._operator),
            ),
            Scene(
                present - timedelta(hours=27),
                "Atelier Lumen rents one",
                lambda: self._lumen.order(WORKSPACES_CODE, ("Déplacements",)),
            ),
            Scene(
                present - timedelta(hours=26),
                "The operator requires an update of a desktop of Atelier Lumen",
                self._require_update,
            ),
            Scene(
                present - timedelta(hours=2),
                "Atelier Lumen orders three more: the operator has to validate",
                self._order_more,
            ),
            Scene(
                present - timedelta(hours=1),
                "and reports an OmnyPod lost",
                lambda: pods.lose_one(self._lumen.user),
            ),
        ]

    # the scenes
    def _join_alix(self) -> None:
        self._alix.sign_up(forms.CONSUMER_FORM)

    def _order_alix(self) -> None:
        self._alix.save_card(GOOD_CARD)
        self._alix.order("essentiel", ("Mon bureau",), options=(("backup", 1),))

    def _join_lumen(self) -> None:
        self._lumen.sign_up(forms.COMPANY_FORM)
        roles = (
            (ADMINISTRATOR, Role.ADMINISTRATOR),
            (BILLING, Role.BILLING),
            (USER, Role.USER),
        )
        for person, role in roles:
            self._services.accounts.service.add_user(
                self._lumen.account.id,
                person.email,
                person.full_name,
                role,
                person.password,
                by=self._lumen.user.id,
            )

    def _order_lumen(self) -> None:
        self._lumen.save_card(DECLINED_CARD)
        users = {
            user.email: user.id
            for user in self._services.accounts.service.users_of(self._lumen.account.id)
        }
        self._lumen.order(
            "graphique",
            ("Image 1", "Image 2"),
            options=(("storage-10gb", 5), ("backup", 1)),
            user_ids=(users[ADMINISTRATOR.email], users[USER.email]),
        )
        self._lumen.order("standard", ("Accueil", "Stagiaire"))

    def _validate(self) -> None:
        # What it rents by then leaves room for a change of configuration, not for more desktops.
        self._services.accounts.service.set_order_limit(
            self._lumen.account.id, 600_00, by=self._operator
        )
        for order in self._services.orders.service.queue():
            self._services.orders.service.validate(order.id, self._operator)

    def _join_orme(self) -> None:
        self._orme.sign_up(forms.TRADER_FORM)
        self._services.accounts.service.approve_invoice_mode(
            self._orme.account.id, by=self._operator
        )

    def _order_orme(self) -> None:
        self._orme.order("pro", ("Atelier",))

    def _pay_otherwise(self) -> None:
        self._lumen.save_card(OTHER_GOOD_CARD)
        self._lumen.pay_latest()

    def _join_robin(self) -> None:
        self._robin.sign_up(forms.STUDENT_FORM)
        self._robin.save_card(DECLINED_CARD)
        self._robin.order("standard", ("Études",))

    def _join_muster(self) -> None:
        self._muster.sign_up(forms.EUROPEAN_FORM)
        self._money.let_pay_on_invoice(self._muster)

    def _order_muster(self) -> None:
        self._services.taxes.vat.check_number(self._muster.account.id, by=self._operator)
        self._muster.order("essentiel", ("Empfang", "Werkstatt"))

    def _require_update(self) -> None:
        desktop = self._lumen.desktop("Accueil")
        self._services.desktops.service.take_measure(
            desktop.account_id,
            desktop.id,
            "update",
            "Une mise à jour de sécurité du système manque sur ce bureau.",
            by=self._operator,
            key="demo-update",
            due_on=today(self._services.base.clock) + timedelta(days=10),
        )

    def _order_more(self) -> None:
        self._lumen.order("graphique", ("Image 3", "Image 4", "Image 5"))


def _paris(first_day: date, day: int, clock: str) -> datetime:
    """Give the UTC instant of a wall-clock time on the nth day of a month."""
    moment = datetime.combine(first_day.replace(day=day), time.fromisoformat(clock), PARIS)
    return moment.astimezone(UTC)
