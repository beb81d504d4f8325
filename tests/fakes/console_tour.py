"""Goes through the whole console over HTTP: every page a user is shown, every form, once a route.

Forms are sent as they are shown, with something typed where nothing is: many are refused, which
is an answer too.
"""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

from chalicelib.console.routes import ROUTES
from infra.local.company import DemoUser
from tests.fakes.local_stack import ANSWER_SECONDS

LEFT_ALONE = ("/sign-out", "/account/security/end", "/language")
VISITS_OF_A_ROUTE = 2
_ROUTES = [
    (
        route.method,
        re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path)),
        f"{route.method} {route.path}",
    )
    for route in ROUTES
]


def route_of(method: str, path: str) -> str:
    """Name the route of a request."""
    found = (name for verb, pattern, name in _ROUTES if verb == method and pattern.fullmatch(path))
    return next(found, "")


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self.with_files: set[str] = set()  # the actions of the forms that may send files
        self._select: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what can be followed, typed or chosen."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append((given.get("method", "get").upper(), given.get("action", ""), {}))
            if given.get("enctype"):
                self.with_files.add(given["action"])
        elif self.forms and tag in {"input", "textarea", "button"} and given.get("name"):
            self._field(given)
        elif tag == "select":
            self._select = given.get("name")
        elif tag == "option" and self.forms and self._select:
            fields = self.forms[-1][2]
            if self._select not in fields or "selected" in given:
                fields[self._select] = given.get("value", "")

    def _field(self, given: dict[str, str]) -> None:
        fields, kind = self.forms[-1][2], given.get("type", "text")
        typed = {"number": "1", "date": "2026-12-01", "email": "eva@exemple.example"}
        if kind == "file":
            return
        if kind in {"checkbox", "radio"}:
            fields.setdefault(given["name"], given.get("value", "on"))
        else:
            fields[given["name"]] = given.get("value") or typed.get(kind, "Essai")


class Tour:
    """A user's way through the console."""

    def __init__(self, console: str) -> None:
        self._console = console
        self._session = requests.Session()
        self.visited: dict[str, int] = {}

    def sign_in(self, user: DemoUser) -> None:
        """Sign in as a demo user."""
        page = Page(self._get("/sign-in").text)
        fields = next(fields for _, action, fields in page.forms if action.endswith("/sign-in"))
        answer = self._post("/sign-in", fields | {"email": user.email, "password": user.password})
        assert answer.status_code == 303, answer.text

    def walk(self, start: str) -> None:
        """Visit what can be reached; then send every form met."""
        waiting, forms, with_files = [start], [], set()
        while waiting:
            path = waiting.pop(0)
            if not self._is_new("GET", path):
                continue
            answer = self._get(path)
            assert answer.status_code < 500, f"{path}: {answer.status_code}"
            if answer.is_redirect and (own := self._own(path, answer.headers["location"])):
                waiting.append(own)
            if answer.is_redirect or "text/html" not in answer.headers.get("content-type", ""):
                continue
            page = Page(answer.text)
            waiting += [own for link in page.links if (own := self._own(path, link))]
            forms += [(path, *form) for form in page.forms]
            with_files |= page.with_files
        for path, method, action, fields in forms:
            target = self._own(path, action or path)
            if method == "POST" and target and self._is_new("POST", target):
                answer = self._post(target, fields, with_files=action in with_files)
                assert answer.status_code < 500, f"{target}: {answer.status_code}"
                assert answer.status_code != requests.codes.unsupported_media_type, target

    def _own(self, path: str, link: str) -> str:
        parts = urlsplit(urljoin(self._console + path, link))
        if f"{parts.scheme}://{parts.netloc}" != self._console or parts.path.startswith(LEFT_ALONE):
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _is_new(self, method: str, path: str) -> bool:
        route = route_of(method, urlsplit(path).path)
        self.visited[route] = self.visited.get(route, 0) + 1
        return bool(route) and self.visited[route] <= VISITS_OF_A_ROUTE

    def _get(self, path: str) -> requests.Response:
        return self._session.get(
            self._console + path, allow_redirects=False, timeout=ANSWER_SECONDS
        )

    def _post(
        self, path: str, fields: dict[str, str], *, with_files: bool = False
    ) -> requests.Response:
        parts = {name: (None, text) for name, text in fields.items()}
        return self._session.post(
            self._console + path,
            data=None if with_files else fields,
            files=parts if with_files else None,
            headers={"Origin": self._console},
            allow_redirects=False,
            timeout=ANSWER_SECONDS,
        )
