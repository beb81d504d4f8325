"""The mails that tell a client what became of a desktop (DSK-4, DSK-5, DSK-6, DSK-8)."""

from typing import Any

from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.ports import Accounts, Catalogues
from chalicelib.desktops.model.usage_history import charged_days
from chalicelib.foundation.messages import Message
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName


class Notices:
    """Makes the mails about desktops, in their client's language."""

    def __init__(self, accounts: Accounts, catalogues: Catalogues) -> None:
        self._accounts = accounts
        self._catalogues = catalogues

    def make(
        self, desktop: Desktop, template: MailName, *, fact: str = "", **context: Any
    ) -> Message:
        """Make a mail about a desktop.

        ``fact`` tells apart the mails of one template written at one version of the desktop.
        """
        account = self._accounts.account(desktop.account_id)
        catalogue = self._catalogues.current()
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
