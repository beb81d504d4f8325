"""Two past months, played through the real jobs and services before the first visit.

A consumer pays each month; a company's card is declined, another one pays; a sole trader pays on
invoice; a second consumer's invoice stays declined, and an order waits for the operator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from chalicelib.accounts.account import Role
from chalicelib.foundation.civil_time import PARIS, BillingMonth, paris_day
from infra.local import demo_clients as forms
from infra.local.demo_client import DemoClient
from infra.local.demo_company import ADMINISTRATOR, BILLING, USER
from infra.local.demo_pods import DemoPods

if TYPE_CHECKING:
    from chalicelib.wiring import Services
    from infra.local.clock_keeper import ClockKeeper
    from infra.local.mailbox import Mailbox

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
        self._alix, self._lumen, self._orme, self._robin = (
            DemoClient(services, mailbox, settle) for _ in range(4)
        )

    def play(self, present: datetime, tell: Callable[[datetime, str], object]) -> None:
        """Play everything up to the present; ``tell`` is told each scene as it begins."""
        for scene in self._scenes(present):
            self._keeper.move_to(scene.at)
            tell(scene.at, scene.title)
            scene.play()
            self._settle()
            if any(desktop.is_moving for desktop in self._services.desktops.all_desktops()):
                # What was asked is carried out before the next scene.
                self._keeper.move_to(min(scene.at + _WATCHED, present))

    def _scenes(self, present: datetime) -> list[Scene]:
        now = BillingMonth.of(paris_day(present))
        first, second = now.previous.previous.first_day, now.previous.first_day
        pods = DemoPods(self._services, self._operator)
        scenes = [
            Scene(_paris(first, 2, "09:40"), "Six OmnyPods come into stock", pods.stock),
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
                _paris(second, 19, "17:30"),
                "and deletes a desktop",
                lambda: self._lumen.delete("Stagiaire"),
            ),
            Scene(
                _paris(second, 23, "19:05"),
                "and stops another one for the holidays",
                lambda: self._lumen.stop("Image 2"),
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
        return [scene for scene in scenes if scene.at <= present]

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
            self._services.accounts.add_user(
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
            user.email: user.id for user in self._services.accounts.users_of(self._lumen.account.id)
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
        self._services.accounts.set_order_limit(self._lumen.account.id, 600_00, by=self._operator)
        for order in self._services.orders.queue():
            self._services.orders.validate(order.id, self._operator)

    def _join_orme(self) -> None:
        self._orme.sign_up(forms.TRADER_FORM)
        self._services.accounts.approve_invoice_mode(self._orme.account.id, by=self._operator)

    def _order_orme(self) -> None:
        self._orme.order("pro", ("Atelier",))

    def _pay_otherwise(self) -> None:
        self._lumen.save_card(OTHER_GOOD_CARD)
        self._lumen.pay_latest()

    def _join_robin(self) -> None:
        self._robin.sign_up(forms.STUDENT_FORM)
        self._robin.save_card(DECLINED_CARD)
        self._robin.order("standard", ("Études",))

    def _order_more(self) -> None:
        self._lumen.order("graphique", ("Image 3", "Image 4", "Image 5"))


def _paris(first_day: date, day: int, clock: str) -> datetime:
    """Give the UTC instant of a wall-clock time on the nth day of a month."""
    moment = datetime.combine(first_day.replace(day=day), time.fromisoformat(clock), PARIS)
    return moment.astimezone(UTC)
