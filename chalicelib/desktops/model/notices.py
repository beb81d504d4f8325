"""The mails that tell a client what became of a desktop (DSK-4, DSK-5, DSK-6, DSK-8)."""

from dataclasses import dataclass
from typing import Any

from chalicelib.accounts.service import AccountService
from chalicelib.catalogue.service import CatalogueService
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.usage_history import charged_days
from chalicelib.foundation.messages import Message
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName


@dataclass(kw_only=True)
class Notices:
    """Makes the mails about desktops, in their client's language."""

    accounts: AccountService
    catalogues: CatalogueService

    def make(
        self, desktop: Desktop, template: MailName, *, fact: str = "", **context: Any
    ) -> Message:
        """Make a mail about a desktop.

        ``fact`` tells apart the mails of one template written at one version of the desktop.
        """
        account = self.accounts.account(desktop.account_id)
        catalogue = self.catalogues.current()
        configuration = catalogue.configuration(desktop.configuration_code)
        language = account.language
        shown = {
            "desktop": desktop.name,
            "configuration": configuration.name[language],
            "desktop_path": f"/desktops/{desktop.id}",
            "options": [
                [catalogue.names[code][language], count] for code, count in desktop.option_codes
            ],
            "deleted_on": str(charged_days(desktop)[1] or ""),
            **context,
        }
        key = f"{template}:{desktop.id}:{fact or desktop.version}"
        return mail(template, account.email, language, shown, key=key)
