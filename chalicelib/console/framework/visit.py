"""One request as views see it: who visits, in which language, what was sent, how to answer."""

import re
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from chalice.app import Request, Response

from chalicelib.console.framework.access import Route
from chalicelib.console.framework.uploads import MULTIPART, Upload, read_multipart
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.texts.languages import LANGUAGES

if TYPE_CHECKING:
    from chalicelib.accounts.access.sign_in import Visitor
    from chalicelib.accounts.clients.account import Account, User
    from chalicelib.wiring import Services

HTML = "text/html; charset=utf-8"
MAX_FIELDS = 200
MAX_FORM_BYTES = 512 * 1024  # the catalogue's document is the longest, by far
_STAGE = re.compile(r"(/[\w.-]+)?")


def own_path(wanted: str) -> str:
    """Give a path to go back to, if it is one of ours, else the front door.

    "//elsewhere" and "/\\elsewhere" are other sites to a browser, which also takes line ends and
    tabs out of an address before it reads it.
    """
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if ours and wanted.isascii() and wanted.isprintable() else "/"


class SeeOther(Exception):  # noqa: N818 - an answer, not an error
    """Ends a view early by sending the browser elsewhere."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Visit:
    """A request being answered.

    The account comes from the session alone, never from what the browser sends.
    """

    def __init__(self, services: "Services", request: Request, route: Route) -> None:
        self.services = services
        self.request = request
        self.route = route
        self._cookies_to_set: list[str] = []
        self.browser_id = self.cookies.get("browser", "")

    # who
    @cached_property
    def visitor(self) -> "Visitor | None":
        """The signed-in user with the account, or None."""
        if not self.session_token:
            return None
        return self.services.accounts.sign_in.resolve(self.session_token)

    @property
    def user(self) -> "User":
        """The signed-in user.  Raises NotFoundError when nobody is."""
        if self.visitor is None:
            raise NotFoundError
        return self.visitor.user

    @property
    def account(self) -> "Account":
        """The account of the session.  Raises NotFoundError when there is none (an operator)."""
        if self.visitor is None or self.visitor.account is None:
            raise NotFoundError
        return self.visitor.account

    @property
    def session_token(self) -> str:
        """The raw session token of the cookie, or an empty text."""
        return self.cookies.get("session", "")

    @property
    def address(self) -> str:
        """The visitor's network address, as API Gateway saw it."""
        identity = self.request.context.get("identity") or {}
        return str(identity.get("sourceIp") or "unknown")

    # what was sent
    def header(self, name: str) -> str:
        """A request header, or an empty text."""
        return str(self.request.headers.get(name) or "")

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies of this console, under their plain names."""
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(self.header("cookie"))
        except CookieError:
            return {}
        prefix = self._cookie_prefix
        return {
            name.removeprefix(prefix): morsel.value
            for name, morsel in jar.items()
            if name.startswith(prefix)
        }

    @cached_property
    def fields(self) -> dict[str, str]:
        """The posted form; a field sent several times keeps its last value."""
        return dict(self.field_pairs)

    @property
    def field_pairs(self) -> list[tuple[str, str]]:
        """The posted form, every value.  Raises DomainError when it cannot be read."""
        return self._form[0]

    @property
    def files(self) -> "dict[str, Upload]":
        """The files posted with the form.  Raises DomainError when it cannot be read."""
        return self._form[1]

    @cached_property
    def _form(self) -> "tuple[list[tuple[str, str]], dict[str, Upload]]":
        try:
            if self.route.content_type == MULTIPART:
                return read_multipart(self.header("content-type"), self.raw_body, MAX_FIELDS)
            text = _form_text(self.raw_body)
            return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS), {}
        except ValueError as unreadable:
            raise DomainError("Ce formulaire n’a pas pu être lu.") from unreadable

    @cached_property
    def query(self) -> dict[str, str]:
        """The query of the address; a name given several times keeps its last value."""
        return dict(self.request.query_params or {})

    @property
    def raw_body(self) -> bytes:
        """The body as it came."""
        body = self.request.raw_body
        return body.encode() if isinstance(body, str) else body

    # language and links
    @cached_property
    def language(self) -> str:
        """French, or English when the user, the browser's choice or its languages say so."""
        if self.cookies.get("language", "") not in LANGUAGES and self.session_token:
            return self.visitor.user.language if self.visitor else self.browser_language
        return self.browser_language

    @property
    def browser_language(self) -> str:
        """The language as the browser alone says it, by our cookie or its own settings."""
        chosen = self.cookies.get("language", "")
        wanted = self.header("accept-language")[:2].lower()
        return next((each for each in (chosen, wanted) if each in LANGUAGES), "fr")

    @cached_property
    def base(self) -> str:
        """What precedes our paths in the address: ``/api`` on execute-api, else nothing."""
        path = str(self.request.context.get("path") or "")
        inner = self.request.path.format(**(self.request.uri_params or {}))
        before = path[: -len(inner)] if inner != "/" and path.endswith(inner) else ""
        # Of "//elsewhere/sign-in", every link of the page would lead to another site.
        return before if _STAGE.fullmatch(before) else ""

    def url(self, path: str) -> str:
        """Make the address of one of our paths, for a link."""
        return self.base + path

    def absolute_url(self, path: str) -> str:
        """Make the full address of one of our paths, for mails and hosted pages."""
        return self.services.base.settings.console_url + path

    def sign_in_path(self) -> str:
        """The sign-in page, which leads back here after a GET."""
        if self.route.method != "GET":
            return "/sign-in"
        here = self.request.path.format(**(self.request.uri_params or {}))
        return f"/sign-in?next={quote(here, safe='/')}"

    # answers
    def page(self, template: str, status: int = 200, **shown: Any) -> Response:
        """Answer with a page in the visitor's language."""
        from chalicelib.console.framework import rendering

        body = rendering.page(self, template, shown)
        return Response(body, {"Content-Type": HTML, "Cache-Control": "no-store"}, status)

    def form_again(
        self, template: str, refused: FieldErrors | DomainError, **shown: Any
    ) -> Response:
        """Show a form again (422): errors beside the fields, what was typed kept.

        The template gets ``fields`` (what was posted, passwords left out) and ``errors``.
        """
        errors = refused.errors if isinstance(refused, FieldErrors) else {}
        kept = {name: text for name, text in self.fields.items() if "password" not in name}
        shown = {"fields": kept, "errors": errors, "refusal": refused, **shown}
        return self.page(template, 422, **shown)

    def refusal(self, refusal: DomainError) -> Response:
        """Answer that the contract, or plain sense, says no.

        409; 403 for a forged form; 422 for fields, each with what is wrong with it.
        """
        from chalicelib.console.framework.guard import ForgedFormError

        errors = refusal.errors if isinstance(refusal, FieldErrors) else {}
        status = 403 if isinstance(refusal, ForgedFormError) else 422 if errors else 409
        return self.page("framework/refusal.html", status, refusal=refusal, errors=errors)

    def failure(self, reference: str) -> Response:
        """Say that something broke, without asking anything of what may be broken itself.

        ``reference`` is what the logs can be searched for.
        """
        from chalicelib.console.framework import rendering

        company, url = self.services.base.settings.company, self.services.base.settings.console_url
        body = rendering.plain_error(company, url, self.browser_language, 500, reference)
        return Response(body, {"Content-Type": HTML, "Cache-Control": "no-store"}, 500)

    def see_other(self, path: str) -> Response:
        """Send the browser to another page, so that reloading it posts nothing again.

        ``path`` is one of our paths, or the full address of a hosted page.
        """
        location = self.url(path) if path.startswith("/") else path
        return Response("", {"Location": location, "Cache-Control": "no-store"}, 303)

    def set_cookie(self, name: str, value: str, *, max_age: int | None = None) -> None:
        """Set a cookie with the answer: this host only, not for scripts."""
        secure = "; Secure" if self._cookie_prefix else ""
        age = "" if max_age is None else f"; Max-Age={max_age}"
        self._cookies_to_set.append(
            f"{self._cookie_prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"
        )

    def finish(self, response: Response) -> Response:
        """Add the cookies set on the way."""
        if self._cookies_to_set:
            response.headers["Set-Cookie"] = list(self._cookies_to_set)
        return response

    @property
    def _cookie_prefix(self) -> str:
        # "__Host-" cookies need https; the local console is plain http on 127.0.0.1.
        return "__Host-" if self.services.base.settings.console_url.startswith("https:") else ""


def _form_text(body: bytes) -> str:
    """Decode a posted form.  Raises ValueError when it is too long, or is not UTF-8."""
    if len(body) > MAX_FORM_BYTES:
        raise ValueError(f"a form of {len(body)} bytes")
    return body.decode()
