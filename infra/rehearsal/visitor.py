"""A browser without a screen: pages through API Gateway, cookies, forms as they are written."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import urlsplit

import requests

from infra.rehearsal.checks import RehearsalFailed, require

_MOST_REDIRECTS = 5


@dataclass
class Form:
    """A form of a page: where it goes, and what its fields hold before anything is typed."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: set[tuple[str, str]] = field(default_factory=set)


class Visitor:
    """Visits the console of a deployed stage."""

    def __init__(self, gateway: str, console_url: str) -> None:
        """``gateway`` answers for ``console_url``, the address that pages believe to be at."""
        self._gateway = gateway
        console = urlsplit(console_url)
        self._origin = f"{console.scheme}://{console.netloc}"
        self._base = console.path
        self._cookies: dict[str, str] = {}
        self.response: requests.Response
        self.path = ""

    @property
    def text(self) -> str:
        """The page's source."""
        return self.response.content.decode()

    @property
    def words(self) -> str:
        """What the page says, without its markup."""
        plain = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", self.text, flags=re.S)
        return re.sub(r"\s+", " ", plain)

    def get(self, path: str) -> Self:
        """Visit a page, and where it sends."""
        return self._ask("GET", path)

    def come_to(self, address: str) -> Self:
        """Come to an address of the console from elsewhere."""
        return self._ask("GET", self._inside(address))

    def submit(self, action: str, **typed: Any) -> Self:
        """Submit the page's form to ``action`` (a part of it), with what is typed over it."""
        form = next((form for form in self.forms() if action in form.action), None)
        if form is None:
            raise RehearsalFailed(f"{self.path} has no form to {action}: {self.words[:500]}")
        values: dict[str, Any] = {**form.fields, **typed}
        sent = {name: value for name, value in values.items() if value is not None}
        if form.method == "get":
            return self._ask("GET", self._inside(form.action), params=sent)
        return self._ask("POST", self._inside(form.action), data=sent)

    def download(self, path: str) -> requests.Response:
        """Fetch a document, from the store that a page sends to."""
        self._ask("GET", path)
        target = self.response.headers.get("Location")
        require(target is not None, f"{path} sends nowhere: {self.words[:500]}")
        found = requests.get(str(target), timeout=30)
        require(found.ok, f"{target}: {found.text[:500]}")
        return found

    def forms(self) -> list[Form]:
        """Read the page's forms."""
        reader = _Forms(self.path)
        reader.feed(self.text)
        return reader.found

    def link(self, pattern: str) -> str:
        """Give the first link of the page that a pattern matches, as a path."""
        for address in re.findall(r'href="([^"]+)"', self.text):
            if re.search(pattern, address):
                return self._inside(address.replace("&amp;", "&"))
        raise RehearsalFailed(f"{self.path} has no link like {pattern}")

    def _ask(self, method: str, path: str, **sent: Any) -> Self:
        for _ in range(_MOST_REDIRECTS):
            cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            self.response = requests.request(
                method,
                self._gateway + path,
                headers={
                    "Accept": "text/html",
                    "Accept-Language": "fr",
                    "Origin": self._origin,
                    "Cookie": cookies,
                },
                allow_redirects=False,
                timeout=90,
                **sent,
            )
            self.path = path
            self._keep_cookies()
            target = self.response.headers.get("Location")
            if target is None or not self._is_ours(target):
                return self
            method, path, sent = "GET", self._inside(target), {}
        raise RehearsalFailed(f"{self.path} sends round in circles")

    def _is_ours(self, address: str) -> bool:
        return address.startswith(("/", self._origin))

    def _inside(self, address: str) -> str:
        """Give the path within the console of an address it wrote."""
        return address.removeprefix(self._origin).removeprefix(self._base) or "/"

    def _keep_cookies(self) -> None:
        for line in self.response.raw.headers.getlist("Set-Cookie"):
            jar: SimpleCookie = SimpleCookie(line)
            for name, morsel in jar.items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self._cookies.pop(name, None)
                else:
                    self._cookies[name] = morsel.value


class _Forms(HTMLParser):
    """Reads forms with the values a browser would send untouched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._page = page
        self._select = ""
        self._area: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.found.append(Form(has.get("action") or self._page, has.get("method", "get")))
        elif self.found and tag == "input":
            self._input(self.found[-1], has, checked="checked" in has)
        elif self.found and tag == "select":
            self._select = has.get("name", "")
        elif self.found and tag == "option" and self._select:
            form = self.found[-1]
            form.choices.add((self._select, has.get("value", "")))
            if "selected" in has or self._select not in form.fields:
                form.fields[self._select] = [has.get("value", "")]
        elif self.found and tag == "textarea":
            self._area = has.get("name")

    def handle_data(self, data: str) -> None:
        if self._area and self.found:
            self.found[-1].fields.setdefault(self._area, []).append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = None

    @staticmethod
    def _input(form: Form, has: dict[str, str], *, checked: bool) -> None:
        name, kind = has.get("name"), has.get("type", "text")
        if not name or kind in {"submit", "button", "file"}:
            return
        if kind in {"checkbox", "radio"}:
            form.choices.add((name, has.get("value", "on")))
            if not checked:
                return
        form.fields.setdefault(name, []).append(has.get("value", ""))
