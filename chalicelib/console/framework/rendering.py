"""Pages from templates: links, form tokens, static files, on top of what ``texts`` gives."""

from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from chalicelib.console.framework.guard import form_token
from chalicelib.console.framework.static_pages import STATIC, digest_of
from chalicelib.texts.templates import environment

if TYPE_CHECKING:
    from chalicelib.console.framework.visit import Visit
    from chalicelib.foundation.settings import Company


def page(visit: "Visit", template: str, shown: dict[str, Any]) -> str:
    """Render a page for a visit."""
    values = {
        "visit": visit,
        "visitor": visit.visitor,
        "language": visit.language,
        "here": visit.request.path.format(**(visit.request.uri_params or {})),
        "url": visit.url,
        "static": StaticLinks(visit.url("/static")),
        "csrf": cache(
            lambda: Markup(  # noqa: S704 - the token is hexadecimal
                f'<input type="hidden" name="csrf_token" value="{form_token(visit)}">'
            )
        ),
        **shown,
    }
    company = visit.services.base.settings.company
    return environment(visit.language, company).get_template(template).render(values)


def plain_error(
    company: "Company", console_url: str, language: str, status: int, reference: str = ""
) -> str:
    """Render the page of an error met before or outside any view: it asks nothing of the tables.

    ``reference`` names a failure of ours, as the logs do.
    """
    template = environment(language, company).get_template("framework/plain_error.html")
    return template.render(
        status=status,
        reference=reference,
        language=language,
        console_url=console_url,
        static=StaticLinks(console_url + "/static"),
    )


class StaticLinks:
    """Addresses of static files, with the hash of their content so that they cache for ever."""

    def __init__(self, base: str) -> None:
        self._base = base

    def __call__(self, name: str) -> str:
        """Give the address of a file below ``static/``."""
        return f"{self._base}/{name}?v={_hash(name)}"


@cache
def _hash(name: str) -> str:
    return digest_of((STATIC / name).read_bytes())
