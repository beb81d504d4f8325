"""A browser over Chalice's own test client: keeps cookies, follows forms' tokens and redirects."""

import re
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from chalice.test import Client, HTTPResponse
from urllib3 import encode_multipart_formdata

from chalicelib.console.framework.access import Route
from chalicelib.console.framework.uploads import MULTIPART
from tests.fakes.world import CONSOLE_URL, World

FORM = "application/x-www-form-urlencoded"


class Browsing:
    """Visits pages, posts their forms; ``status``, ``text`` and ``location`` tell of the last."""

    def __init__(self, world: World) -> None:
        # One application for the process: Chalice registers its routes once.
        import app as application

        self.world = world
        self.app = application.app
        self.app.services = world.services
        self.cookies: dict[str, str] = {}
        self.response: HTTPResponse

    def __enter__(self) -> Self:
        self._client = Client(self.app)
        self._client.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.__exit__(kind, value, trace)

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @property
    def text(self) -> str:
        return str(self.response.body.decode())

    @property
    def headers(self) -> dict[str, Any]:
        return dict(self.response.headers)

    @property
    def location(self) -> str:
        return str(self.response.headers.get("Location", ""))

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.text, re.S)
        return found.group(1).strip() if found else ""

    def get(self, path: str, **headers: str) -> Self:
        """Visit a page."""
        self.app.services = self.world.services
        self.response = self._client.http.get(path, headers=self._headers(headers))
        self._keep_cookies()
        return self

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> Self:
        """Post a form of ours: its token and origin come along.  Lists repeat their field."""
        return self.post_raw(path, {"csrf_token": self.token(), **(fields or {})}, **headers)

    def ask(self, route: Route, path: str, fields: dict[str, Any]) -> Self:
        """Ask for a route as its pages do: a visit, a form, or one with odd files."""
        if route.method == "GET":
            return self.get(path)
        if route.content_type != MULTIPART:
            return self.post_raw(path, {"csrf_token": self.token(), **fields})
        odd = dict.fromkeys(("document", "file"), ("x", b"\xff\x00"))
        return self.post_files(path, {name: str(text) for name, text in fields.items()}, odd)

    def post_raw(self, path: str, fields: dict[str, Any], **headers: str) -> Self:
        """Post exactly these fields."""
        self.app.services = self.world.services
        sent = {"Content-Type": FORM, "Origin": CONSOLE_URL, **headers}
        body = urlencode(fields, doseq=True).encode()
        self.response = self._client.http.post(path, headers=self._headers(sent), body=body)
        self._keep_cookies()
        return self

    def post_files(
        self, path: str, fields: dict[str, Any], files: dict[str, tuple[str, bytes]]
    ) -> Self:
        """Post a form of ours that sends files, as (name, content)."""
        sent_fields = {"csrf_token": self.token(), **fields, **files}
        body, content_type = encode_multipart_formdata(sent_fields)
        sent = {"Content-Type": content_type, "Origin": CONSOLE_URL}
        self.response = self._client.http.post(path, headers=self._headers(sent), body=body)
        self._keep_cookies()
        return self

    def follow(self) -> Self:
        """Go where the last answer sends."""
        parts = urlsplit(self.location)
        return self.get(parts.path + (f"?{parts.query}" if parts.query else ""))

    def token(self) -> str:
        """The form token that pages show to this browser now."""
        kept = getattr(self, "response", None)
        page = self._client.http.get("/legal-notice", headers=self._headers({}))
        self.response = page
        self._keep_cookies()
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page.body.decode())
        if kept is not None:
            self.response = kept
        assert found, "the page shows no form token"
        return found.group(1)

    def _headers(self, given: dict[str, str]) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Accept": "text/html", "Accept-Language": "fr", "Cookie": cookies, **given}

    def _keep_cookies(self) -> None:
        sent = self.response.headers.get("Set-Cookie", [])
        for line in [sent] if isinstance(sent, str) else sent:
            jar: SimpleCookie = SimpleCookie(line)
            for name, morsel in jar.items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
