"""The words of mails, from their templates."""

from typing import TYPE_CHECKING, Any

from chalicelib.texts.templates import environment

if TYPE_CHECKING:
    from chalicelib.foundation.settings import Company


class MailTexts:
    """Renders mails: they know the company, and the console they lead to."""

    def __init__(self, company: "Company", console_url: str) -> None:
        self._company = company
        self._console_url = console_url

    def text(self, template: str, language: str, values: dict[str, Any]) -> str:
        """Render a template of ``templates/mails/``, named with its extension."""
        return (
            environment(language, self._company)
            .get_template(f"mails/{template}")
            .render(language=language, console_url=self._console_url, **values)
        )
