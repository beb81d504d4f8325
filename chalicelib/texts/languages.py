"""The languages people are written to in, and what is said in each."""

import gettext
from functools import cache
from pathlib import Path

from chalicelib.foundation.errors import DomainError

LANGUAGES = ("fr", "en")
LOCALE = Path(__file__).parents[1] / "console" / "locale"


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
