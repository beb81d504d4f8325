"""The templates of pages and mails, in one environment per language."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, StrictUndefined

from chalicelib.texts.formats import formats
from chalicelib.texts.languages import sentence, translations

if TYPE_CHECKING:
    from chalicelib.foundation.settings import Company

TEMPLATES = Path(__file__).parents[2] / "templates"
COMPILED = TEMPLATES / "compiled"  # in the Lambda package, in place of the sources


@cache
def environment(language: str, company: "Company") -> Environment:
    """Give the templates' environment of a language; they all know the company."""
    compiled = ModuleLoader(COMPILED) if COMPILED.is_dir() else None
    made = environment_of(language, compiled or FileSystemLoader(TEMPLATES))
    made.globals["company"] = company
    return made


def environment_of(language: str, loader: BaseLoader) -> Environment:
    """Make an environment; the package compiles the templates with one (infra/)."""
    made = Environment(
        loader=loader,
        autoescape=lambda name: not (name or "").endswith(".txt"),  # noqa: S701 - plain mails
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(  # type: ignore[attr-defined]
        translations(language), newstyle=True
    )
    made.filters.update(formats(language))
    made.filters["sentence"] = lambda refusal: sentence(refusal, language)
    return made
