"""Pages from templates: language, formats of a country, links, form tokens."""

import gettext
import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from chalice.app import Request
from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, StrictUndefined
from markupsafe import Markup

from chalicelib.console.framework.guard import form_token
from chalicelib.console.framework.static_pages import STATIC
from chalicelib.foundation.civil_time import PARIS, BillingMonth
from chalicelib.foundation.errors import DomainError
from chalicelib.foundation.money import from_cents

if TYPE_CHECKING:
    from chalicelib.console.framework.visit import Visit
    from chalicelib.foundation.settings import Company

TEMPLATES = Path(__file__).parents[3] / "templates"
COMPILED = TEMPLATES / "compiled"  # in the Lambda package, in place of the sources
LOCALE = Path(__file__).parents[1] / "locale"


class Renderer:
    """Renders pages and mails; one template environment per language."""

    def __init__(self, company: "Company", console_url: str) -> None:
        self._company = company
        self._console_url = console_url

    def page(self, visit: "Visit", template: str, shown: dict[str, Any]) -> str:
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
        return _environment(visit.language, self._company).get_template(template).render(values)

    def plain_error(self, request: Request, status: int) -> str:
        """Render the page of an error met before or outside any view."""
        wanted = str(request.headers.get("accept-language") or "fr")[:2].lower()
        language = "en" if wanted == "en" else "fr"
        template = _environment(language, self._company).get_template("framework/plain_error.html")
        return template.render(
            status=status,
            language=language,
            console_url=self._console_url,
            static=StaticLinks(self._console_url + "/static"),
        )

    def text(self, template: str, language: str, values: dict[str, Any]) -> str:
        """Render a mail or another text without a visit."""
        return (
            _environment(language, self._company)
            .get_template(template)
            .render(language=language, console_url=self._console_url, **values)
        )


@cache
def _environment(language: str, company: "Company") -> Environment:
    """Make the templates' environment of a language, once."""
    compiled = ModuleLoader(COMPILED) if COMPILED.is_dir() else None
    environment = environment_of(language, compiled or FileSystemLoader(TEMPLATES))
    environment.globals["company"] = company
    return environment


def environment_of(language: str, loader: BaseLoader) -> Environment:
    """Make an environment; the package compiles the templates with one (infra/)."""
    environment = Environment(
        loader=loader,
        autoescape=lambda name: not (name or "").endswith(".txt"),  # noqa: S701 - plain mails
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        translations(language), newstyle=True
    )
    environment.filters.update(formats(language))
    environment.filters["sentence"] = lambda refusal: sentence(refusal, language)
    return environment


class StaticLinks:
    """Addresses of static files, with the hash of their content so that they cache for ever."""

    def __init__(self, base: str) -> None:
        self._base = base

    def __call__(self, name: str) -> str:
        """Give the address of a file below ``static/``."""
        return f"{self._base}/{name}?v={_hash(name)}"


@cache
def _hash(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Give the catalogue of a language; French, the source, needs none."""
    return gettext.translation("console", LOCALE, [language], fallback=language == "fr")


def sentence(refusal: DomainError | str, language: str) -> str:
    """Say a refusal, or any French sentence of the domains, in a language."""
    if isinstance(refusal, str):
        return translations(language).gettext(refusal)
    text = translations(language).gettext(refusal.message)
    return text % refusal.values if refusal.values else text


def formats(language: str) -> dict[str, Any]:
    """Give the template filters that write amounts, dates and numbers in a language."""
    locale = {"fr": "fr_FR", "en": "en_GB"}[language]

    def first_of_month(text: str) -> str:
        # French says "1er novembre", and CLDR "1 novembre".
        return re.sub(r"^1 (?=[a-z])", "1er ", text) if language == "fr" else text

    def day(value: date | str, style: str = "long") -> str:
        moment = date.fromisoformat(value) if isinstance(value, str) else value
        return first_of_month(format_date(moment, style, locale=locale))

    def moment(value: datetime | str, style: str = "d MMMM y, HH:mm") -> str:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        return first_of_month(format_datetime(instant, style, tzinfo=PARIS, locale=locale))

    def month(value: BillingMonth | str) -> str:
        of = BillingMonth.parse(value) if isinstance(value, str) else value
        return format_date(of.first_day, "LLLL y", locale=locale)

    def euros(value: Decimal | int) -> str:
        return format_currency(value, "EUR", locale=locale).replace("-", "\u2212")

    return {
        "cents": lambda cents: euros(from_cents(int(cents))),
        "euros": euros,
        "number": lambda value: format_decimal(value, locale=locale),
        "day": day,
        "moment": moment,
        "month": month,
    }
