"""A client of the demo history, doing what a browser would through the same services."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from chalicelib.accounts.clients.account import Account, User
from chalicelib.accounts.registration.form import read_registration
from infra.local.outside.mailbox import Mailbox

if TYPE_CHECKING:
    from chalicelib.desktops.model.desktop import Desktop
    from chalicelib.orders.model.order import Order
    from chalicelib.wiring import Services

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,}")
_ANSWER_SECONDS = 600  # against a hang alone: a busy machine takes long
_EXPIRY, _CODE = "12 / 34", "123"


class DemoClient:
    """Signs up, reads mails, saves cards on the hosted page, orders, acts on desktops."""

    def __init__(
        self, services: "Services", mailbox: Mailbox, settle: Callable[[], object]
    ) -> None:
        self._services = services
        self._mailbox = mailbox
        self._settle = settle
        self.user: User

    @property
    def account(self) -> Account:
        """The client's account as it is now."""
        if self.user.account_id is None:
            raise ValueError("an operator has no account")
        return self._services.accounts.service.account(self.user.account_id)

    def sign_up(self, form: Mapping[str, str]) -> None:
        """Fill the registration form, then follow the link of the mail."""
        self.user = self._services.accounts.service.register(read_registration(form))
        self._settle()
        token = self._mailed_token(self.user.email)
        self.user = self._services.accounts.service.verify_email(token)

    def _mailed_token(self, email: str) -> str:
        mail = next(mail for mail in self._mailbox.newest_first() if mail.to == email)
        for link in mail.links:
            parts = urlsplit(link)
            for place in (parts.fragment, parts.query, parts.path):
                found = _TOKEN.findall(place)
                if found:
                    return str(found[-1])
        raise LookupError(f"no link in the mail to {email}")

    # cards
    def save_card(self, number: str) -> None:
        """Save a card on Stripe's hosted page and come back from it."""
        console = self._services.base.settings.console_url
        page = self._services.payments.cards.start_saving(
            self.account.id,
            success_url=f"{console}/cards/saved?session_id={{CHECKOUT_SESSION_ID}}",
            cancel_url=f"{console}/cards",
            language="fr",
        )
        typed = {
            "number": number,
            "expiry": _EXPIRY,
            "cvc": _CODE,
            "name": self.user.full_name,
        }
        authentication = submit(page, typed)
        back = submit(authentication, {"answer": "allow"})
        session = parse_qs(urlsplit(back).query)["session_id"][0]
        self._settle()  # Stripe's notice is quicker than the client's return, as often
        self._services.payments.cards.note_saved(self.account.id, session)
        self._settle()

    def pay_latest(self) -> None:
        """Pay the latest invoice with the card in use, from the console."""
        invoice = self._services.billing.service.invoices_of(self.account.id)[0]
        self._services.payments.collection.pay_now(
            self.account.id, invoice.id, f"{self._services.base.settings.console_url}/invoices"
        )
        self._settle()

    # orders
    def order(self, configuration: str, names: tuple[str, ...], **wanted: Any) -> "Order":
        """Look at the summary, then order; a consumer asks for an immediate start."""
        return self._order(configuration, names, at_once=not self.account.is_professional, **wanted)

    def order_without_hurry(self, configuration: str, names: tuple[str, ...]) -> "Order":
        """Order as a consumer who keeps the withdrawal period: nothing starts before its end."""
        return self._order(configuration, names, at_once=False)

    def _order(
        self, configuration: str, names: tuple[str, ...], *, at_once: bool, **wanted: Any
    ) -> "Order":
        from chalicelib.orders.model.request import LineRequest, OrderRequest

        line = LineRequest(configuration, len(names), desktop_names=names, **wanted)
        request = OrderRequest((line,), express_request=at_once, express_acknowledged=at_once)
        orders = self._services.orders.service
        summary = orders.summarise(self.account, request)
        order = orders.place(
            self.account,
            self.user,
            request,
            f"demo-{self.user.id}-{configuration}-{'-'.join(names)}",
            shown=summary.shown,
        )
        self._settle()
        return order

    # desktops
    def desktop(self, name: str) -> "Desktop":
        """Give the desktop of that name."""
        desktops = self._services.desktops.service.of_account(self.account.id)
        return next(desktop for desktop in desktops if desktop.name == name)

    def stop(self, name: str) -> None:
        """Stop a desktop."""
        desktop = self.desktop(name)
        self._services.desktops.service.request_stop(
            desktop.account_id, desktop.id, by=self.user.id
        )

    def change(self, name: str, configuration: str) -> None:
        """Change a desktop's configuration."""
        desktop = self.desktop(name)
        self._services.desktops.service.request_reconfigure(
            desktop.account_id, desktop.id, configuration, by=self.user.id
        )

    def change_later(self, name: str, configuration: str, at: datetime) -> None:
        """Ask for a change of configuration at an instant to come."""
        desktop = self.desktop(name)
        self._services.desktops.service.schedule_change(
            desktop.account_id, desktop.id, configuration, at, by=self.user.id
        )

    def delete(self, name: str) -> None:
        """Delete a desktop, typing its name."""
        desktop = self.desktop(name)
        self._services.desktops.service.request_delete(
            desktop.account_id, desktop.id, name, by=self.user.id
        )


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Leave the answer to whoever asked."""


def submit(page: str, fields: Mapping[str, str]) -> str:
    """Submit the form of a hosted page; give the address it sends the browser to."""
    opener = build_opener(_NoRedirect)
    with opener.open(page, timeout=_ANSWER_SECONDS) as shown:
        form = _Form()
        form.feed(shown.read().decode())
    action = urljoin(page, form.action)
    try:
        with opener.open(
            Request(action, urlencode(fields).encode()), timeout=_ANSWER_SECONDS
        ) as refused:
            raise ValueError(f"the page refused the form: {refused.read().decode()[:2000]}")
    except HTTPError as redirect:
        with redirect:
            return urljoin(page, str(redirect.headers["Location"]))


class _Form(HTMLParser):
    action = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self.action = dict(attributes).get("action") or ""
