"""The pages Stripe hosts: card form and authentication, without script, under a strict CSP."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Request, Response

from simulators.stripe.foundation.account import Account
from simulators.stripe.foundation.errors import Json
from simulators.stripe.objects.cards import Decline
from simulators.stripe.pages import hosted_checkout, wording
from simulators.stripe.pages.card_form import CardForm, read_card_form

_HERE = Path(__file__).parent
_STATIC = {"pages.css": "text/css; charset=utf-8", "card.svg": "image/svg+xml"}
_BLANK = {"number": "", "expiry": "", "name": ""}


class HostedPages:
    """Answers the browser. The state's lock is held during each answer."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "page_templates"),
            autoescape=True,
            undefined=StrictUndefined,
        )

    def static(self, request: Request, name: str) -> Response:
        """Answer a style sheet or an image of the pages."""
        if name not in _STATIC:
            return self._gone(request, None)
        answer = Response((_HERE / "static" / name).read_bytes(), content_type=_STATIC[name])
        return _secured(answer, [])

    def checkout(self, request: Request, session: str) -> Response:
        """Show the card form of a session, or read it."""
        found = self._account.state.objects("checkout.session").get(session)
        if found is None or found["status"] != "open":
            return self._gone(request, found)
        language = _language(request, found["locale"])
        if request.method == "GET":
            return self._form(found, language, CardForm(dict(_BLANK)), self._last_error(found))
        words = wording.words(language)
        form = read_card_form(request.form, self._account.clock.now(), words)
        if form.card is None:
            return self._form(found, language, form, None)
        following = hosted_checkout.submit_card(self._account, found, form.card)
        if following.address is None:
            return self._form(found, language, form, following.refusal)
        return _redirect(following.address, [found["success_url"]])

    def _last_error(self, session: Json) -> Decline | None:
        """Return why the bank refused, when the client comes back from its page."""
        objects = self._account.state.objects
        saved = objects("setup_intent").get(session["setup_intent"] or "", {})
        paid = objects("payment_intent").get(session["payment_intent"] or "", {})
        error = saved.get("last_setup_error") or paid.get("last_payment_error")
        if error is None:
            return None
        return Decline(error["code"], error["message"], error.get("decline_code"))

    def _form(
        self, session: Json, language: str, form: CardForm, refusal: Decline | None
    ) -> Response:
        lines = self._account.state.part("line_items")[session["id"]]
        shown = [
            {**line, "shown": wording.amount(language, line["amount_total"], line["currency"])}
            for line in lines
        ]
        total = (
            wording.amount(language, session["amount_total"], session["currency"]) if lines else ""
        )
        told = refusal and wording.refusal(
            language, refusal.code, refusal.decline_code, refusal.message
        )
        return self._page(
            "checkout.html",
            language,
            [session["success_url"]],
            session=session,
            lines=shown,
            total=total,
            typed=form.typed,
            errors=form.errors,
            refused=told,
        )

    def authenticate(self, request: Request, token: str) -> Response:
        """Show the bank's question, or read its answer."""
        asked = self._account.state.part("authentications").get(token)
        if asked is None:
            return self._gone(request, None)
        session = self._account.state.objects("checkout.session").get(asked["session"] or "")
        back_to = session["success_url"] if session else asked["return_url"]
        answer = request.form.get("answer")
        if request.method == "POST" and answer in ("allow", "refuse"):
            address = hosted_checkout.decide(self._account, token, allowed=answer == "allow")
            return _redirect(address, [back_to])
        language = _language(request, session["locale"] if session else None)
        return self._page(
            "authenticate.html",
            language,
            [back_to],
            token=token,
            question=self._question(language, asked),
        )

    def _question(self, language: str, asked: Json) -> str:
        intent = self._account.own(asked["kind"], asked["intent"])
        method = self._account.own("payment_method", intent["payment_method"])
        words = wording.words(language)
        if asked["kind"] == "setup_intent":
            return str(words["authenticate_setup"]).format(last4=method["card"]["last4"])
        return str(words["authenticate_payment"]).format(
            last4=method["card"]["last4"],
            amount=wording.amount(language, intent["amount"], intent["currency"]),
        )

    def _gone(self, request: Request, session: Json | None) -> Response:
        language = _language(request, session["locale"] if session else None)
        back = session["cancel_url"] if session else None
        answer = self._page("gone.html", language, [], back=back)
        answer.status_code = 404 if session is None else 410
        return answer

    def _page(self, name: str, language: str, targets: list[str | None], **shown: Any) -> Response:
        template = self._templates.get_template(name)
        html = template.render(language=language, w=wording.words(language), **shown)
        return _secured(Response(html, content_type="text/html; charset=utf-8"), targets)


def _language(request: Request, locale: str | None) -> str:
    if locale in ("fr", "en"):
        return locale
    return request.accept_languages.best_match(["en", "fr"]) or "en"


def _redirect(address: str, targets: list[str | None]) -> Response:
    return _secured(Response(status=303, headers={"Location": address}), targets)


def _secured(answer: Response, targets: list[str | None]) -> Response:
    """Add the security headers; forms may end at the origins of the given addresses."""
    origins = sorted({_origin(target) for target in targets if target})
    forms = " ".join(["'self'", *origins])
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; form-action {forms}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
