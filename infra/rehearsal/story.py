"""The main job on a deployed stage, over HTTP: from sign-up to an invoice that the card has paid.

Every step is judged by what a client, or an operator, would see.
"""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from chalicelib.foundation.civil_time import PARIS, BillingMonth
from infra.local.demo.client import submit
from infra.project import ROOT
from infra.rehearsal.checks import require, step, until
from infra.rehearsal.cloud import STAGE, Cloud
from infra.rehearsal.deployment import Stack
from infra.rehearsal.visitor import Visitor

EMAIL = "direction@atelier-lumen.example"
PASSWORD = "Quatre-Marrons-Dansent-71"  # noqa: S105 - of a client who does not exist
_CATALOGUE = "chalicelib/catalogue/demo_catalogue.json"
_REFUSED = 400
_CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "name": "A. Lumen"}
_COMPANY = {
    "kind": "company",
    "legal_name": "Atelier Lumen",
    "legal_form": "SARL",
    "siren": "900 000 019",
    "first_name": "Jade",
    "last_name": "Exemple",
    "email": EMAIL,
    "phone": "01 99 00 12 34",
    "line1": "8 quai des Exemples",
    "postal_code": "69002",
    "city": "Lyon",
    "country": "FR",
    "password": PASSWORD,
    "on_honour": "yes",
    "cgv": "yes",
    "charter": "yes",
}


class Story:
    """Plays the main job; prints how long each took."""

    def __init__(self, cloud: Cloud, stack: Stack) -> None:
        self._cloud = cloud
        gateway = f"{cloud.ministack.url}/restapis/{stack.api}/api/_user_request_"
        self.visitor = Visitor(gateway, stack.outputs["ConsoleUrl"])
        self.gateway = gateway
        self.invoice_path = ""

    def play(self) -> None:
        """Play every step in order."""
        for work in (
            self.sign_up,
            self.order,
            self.save_card,
            self.wait_for_desktop,
            self.end_the_month,
            self.see_it_paid,
        ):
            step(work.__name__.replace("_", " "), work)

    # steps
    def found(self) -> None:
        """Publish what a stage begins with, by the commands of docs/operations.md."""
        operate(self._cloud, "publish-samples")
        operate(self._cloud, "load-catalogue", _CATALOGUE)
        operate(self._cloud, "create-operator", "ops@omny-demo.example", "Noa Exemple")
        self.visitor.get("/")
        require(self.visitor.response.ok, self.visitor.words)

    def sign_up(self) -> None:
        """Register a company, follow the mailed link, sign in."""
        self.visitor.get("/sign-up?kind=company").submit("/sign-up", **_COMPANY)
        require(self.visitor.path == "/sign-up/sent", self.visitor.words)
        self.visitor.get(self._mailed("/verify-email/")).submit("/verify-email/")
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in, as after each long absence."""
        self.visitor.get("/sign-in").submit("/sign-in", email=EMAIL, password=PASSWORD)
        require(self.visitor.path == "/dashboard", (self.visitor.path, self.visitor.words))

    def order(self) -> None:
        """Order one desktop of the smallest configuration, from its form to the button."""
        self.visitor.get("/order").submit(
            "/order/summary", **{"configuration": "standard", "name-1": "Compta"}
        )
        require("34,80" in self.visitor.words, self.visitor.words)  # 29.00 + 20 % VAT
        self.visitor.submit("/orders")
        require(self.visitor.response.status_code < _REFUSED, self.visitor.words)

    def save_card(self) -> None:
        """Save a card with authentication, on Stripe's page, and come back."""
        page = self.visitor.response.headers.get("Location", "")
        if not page.startswith(self._cloud.stripe.url):
            self.visitor.submit("/card")
            page = self.visitor.response.headers["Location"]
        authentication = submit(page, _CARD)
        back = submit(authentication, {"answer": "allow"})
        self.visitor.come_to(back)
        require(self.visitor.response.ok, self.visitor.words)

    def wait_for_desktop(self) -> None:
        """Wait until the desktop that the workers make runs, and reveal its code once."""
        self.visitor.get("/desktops")

        def runs() -> bool:
            # The worker looks again a quarter of a minute later; the schedule's job, at once.
            self.wake("watch-desktops")
            return "En service" in self.visitor.get("/desktops").words

        until(runs, "the desktop runs")
        page = self._mailed("/access/")
        self.visitor.get(page).submit("/access/")
        require("Identifiant" in self.visitor.words, self.visitor.words)

    def end_the_month(self) -> None:
        """Move to the next month, and wake the jobs that fall due on the way."""
        month = BillingMonth.of(datetime.now(PARIS).date())
        first = datetime.combine(month.last_day + timedelta(days=1), datetime.min.time(), PARIS)
        self._cloud.move_to((first + timedelta(minutes=15)).astimezone(UTC))
        self.wake("meter-usage")
        self._cloud.move_to((first + timedelta(hours=5)).astimezone(UTC))
        self.wake("run-invoices")

    def see_it_paid(self) -> None:
        """Find the invoice, with its document, paid by the card that was saved."""
        self.sign_in()  # the session has ended meanwhile

        def is_paid() -> bool:
            self._cloud.stripe.drain()
            self.visitor.get("/invoices")
            return "Payée" in self.visitor.words

        until(is_paid, "the invoice is paid")
        self.visitor.get(self.visitor.link(r"/invoices/inv_[^/]+$"))
        self.invoice_path = self.visitor.path
        require("-000001" in self.visitor.words, self.visitor.words)
        document = self.visitor.download(f"{self.invoice_path}/pdf")
        require(document.content.startswith(b"%PDF"), "the invoice's document is no PDF")
        self._mailed("/invoices/")

    def restart(self) -> None:
        """Start every function anew, as after a change of a secret."""
        operate(self._cloud, "restart")
        self.visitor.get("/dashboard")
        require(self.visitor.response.ok, self.visitor.words)

    def count_dead_letters(self) -> None:
        """Ask for them as an operator does."""
        told = operate(self._cloud, "redrive", "mail", "--count")
        require("1 dead letters" in told, told)

    def still_there(self) -> None:
        """Find the client, the desktop and the invoice after another deployment."""
        require("En service" in self.visitor.get("/desktops").words, self.visitor.words)
        require("Payée" in self.visitor.get(self.invoice_path).words, self.visitor.words)

    # means
    def wake(self, function: str) -> None:
        """Call a job as its schedule does."""
        functions = self._cloud.client("lambda")
        answer = functions.invoke(
            FunctionName=f"omny-{STAGE}-{function}", Payload=json.dumps({"source": "rehearsal"})
        )
        require("FunctionError" not in answer, answer["Payload"].read().decode())

    def _mailed(self, path: str) -> str:
        """Give the path of the newest mailed link to ``path``, once its mail has come."""
        found: list[str] = []

        def has_come() -> bool:
            for mail in self._cloud.mails(EMAIL):
                found.extend(re.findall(rf"({re.escape(path)}[\w-]+)", mail["BodyText"]))
            return bool(found)

        until(has_come, f"a mail with a link to {path}")
        return found[0]


def operate(cloud: Cloud, *arguments: str, typed: str = f"{PASSWORD}\n") -> str:
    """Run a command of the operator on the stage."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.operate", "--stage", STAGE, *arguments],
        cwd=ROOT,
        env={**os.environ, **cloud.environment},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    require(done.returncode == 0, done.stdout + done.stderr)
    return done.stdout
