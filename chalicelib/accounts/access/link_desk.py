"""Makes the links that mails carry, and opens them (ACC-3)."""

from dataclasses import dataclass, replace

from chalicelib.accounts.access.mail_links import (
    LIFETIME,
    LinkError,
    LinkPurpose,
    MailLink,
    check_usable,
)
from chalicelib.accounts.access.sessions import digest, new_token
from chalicelib.accounts.access.storage import AccessStorage
from chalicelib.accounts.clients.account import User
from chalicelib.accounts.clients.storage import AccountsStorage
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.tables import Put


@dataclass(kw_only=True)
class LinkDesk:
    """Knows links by the digest of their token; the token itself is only in the mail."""

    accounts: AccountsStorage
    access: AccessStorage
    clock: Clock

    def issue(self, user: User, purpose: LinkPurpose) -> tuple[str, MailLink, Put]:
        """Make a link: its token for the mail, the link, and the write that keeps it."""
        token = new_token()
        link = MailLink(
            id=digest(token),
            purpose=purpose,
            user_id=user.id,
            epoch=user.session_epoch,
            expires_at=self.clock.now() + LIFETIME[purpose],
        )
        return token, link, self.access.save_link(link)

    def open(self, token: str, purpose: LinkPurpose) -> tuple[MailLink, User]:
        """Find a link that still serves, and its user.  Raises LinkError; changes nothing."""
        link = self.access.link(digest(token))
        user = self.accounts.user(link.user_id) if link else None
        if link is None or user is None or link.purpose is not purpose:
            raise LinkError("Ce lien n’est pas valable. Vérifiez qu’il est entier.")
        check_usable(link, user, self.clock.now())
        return link, user

    def used(self, link: MailLink) -> Put:
        """Give the write that spends a link: two who hold it cannot both."""
        return self.access.save_link(replace(link, used_at=self.clock.now()))
