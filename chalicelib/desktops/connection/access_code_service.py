"""Mailing and revealing access codes (CGV art. 6; ORD-4, DSK-7, ACC-4)."""

from dataclasses import replace

from chalicelib.accounts.account import User
from chalicelib.desktops.connection.visibility import may_use
from chalicelib.desktops.model.access_code import (
    LINK_LIFETIME,
    AccessCode,
    AccessLink,
    AccessLinkError,
    RevealedCode,
    UnknownLinkError,
    check_usable,
    link_digest,
    new_link_token,
    new_secret,
)
from chalicelib.desktops.model.announcements import work_message
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.ports import Accounts, DesktopStore
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Put
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.foundation.vault import Vault
from chalicelib.legal.journal import Journal
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName

_UNKNOWN = "Ce lien n’est pas valable pour votre compte."


class AccessCodeService:
    """Keeps a desktop's secret encrypted until its one reveal, then erases it."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        storage: DesktopStore,
        work: UnitOfWork,
        journal: Journal,
        accounts: Accounts,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._work = work
        self._journal = journal
        self._accounts = accounts
        self._vault = vault
        self._clock = clock

    def secret_for_machine(self, desktop: Desktop) -> str | None:
        """Give the secret the machine must fetch, made now if there is none.

        None when it was revealed: nobody has it any more, and the machine already fetched it.
        """

        def attempt() -> str | None:
            code = self._storage.code(desktop.id)
            if code is not None:
                if code.ciphertext is None:
                    return None
                return self._vault.decrypt(code.ciphertext, desktop.account_id)
            secret = new_secret()
            made = AccessCode(
                desktop.id,
                desktop.account_id,
                generation=0,
                made_at=self._clock.now(),
                ciphertext=self._vault.encrypt(secret, desktop.account_id),
            )
            self._work.commit(self._storage.save_code(made))
            return secret

        return retry_on_conflict(attempt)

    def mailing(self, desktop: Desktop, template: MailName) -> list[Put | Message]:
        """Give the writes and the mail that bring the link to the code, for the caller's commit.

        A new token each time: should the commit be refused, nothing was sent.
        """
        code = self._storage.code(desktop.id)
        if code is None or code.ciphertext is None:
            return []
        token = new_link_token()
        expires_at = self._clock.now() + LINK_LIFETIME
        linked = replace(code, link_digest=link_digest(token), link_expires_at=expires_at)
        link = AccessLink(link_digest(token), desktop.account_id, desktop.id)
        account = self._accounts.account(desktop.account_id)
        message = mail(
            template,
            account.email,
            account.language,
            {
                "desktop": desktop.name,
                "path": f"/access/{token}",
                "desktop_path": f"/desktops/{desktop.id}",
                "expires_at": expires_at.isoformat(),
            },
            key=f"{template}:{desktop.id}:{code.generation}",
        )
        # Kept a while after it expired, so that an old link is explained rather than unknown.
        kept = self._storage.save_link(link, forget_at=expires_at + 12 * LINK_LIFETIME)
        return [self._storage.save_code(linked), kept, message]

    def desktop_of(self, raw_token: str, account_id: str, user: User) -> Desktop:
        """Give the desktop whose code a link would reveal, changing nothing (ORD-4).

        Raises AccessLinkError when the link reveals nothing to this visitor now.
        """
        desktop, code, digest = self._read(raw_token, account_id, user)
        check_usable(code, digest, self._clock.now())
        return desktop

    def reveal(self, raw_token: str, account_id: str, user: User) -> RevealedCode:
        """Show the code and erase it, in one commit: of two at once, one sees it (ORD-4, DSK-7).

        Raises AccessLinkError when the link reveals nothing to this visitor now.
        """

        def attempt() -> RevealedCode:
            desktop, found, digest = self._read(raw_token, account_id, user)
            now = self._clock.now()
            code, ciphertext = check_usable(found, digest, now)
            secret = self._vault.decrypt(ciphertext, account_id)
            facts = {"desktop_id": desktop.id, "name": desktop.name, "code": code.generation}
            self._work.commit(
                self._storage.save_code(replace(code, ciphertext=None, revealed_at=now)),
                self._journal.entry(account_id, "desktop.code_revealed", facts, by=user.id),
                work_message(desktop, "erase-secret"),
            )
            return RevealedCode(desktop.id, desktop.name, desktop.address, secret)

        return retry_on_conflict(attempt)

    def _read(
        self, raw_token: str, account_id: str, user: User
    ) -> tuple[Desktop, AccessCode | None, str]:
        digest = link_digest(raw_token)
        link = self._storage.link(digest)
        if link is None or link.account_id != account_id:
            raise UnknownLinkError(_UNKNOWN)
        desktop = self._storage.desktop(account_id, link.desktop_id)
        if desktop is None or not may_use(user, desktop):
            raise UnknownLinkError(_UNKNOWN)
        if not desktop.is_active:
            raise AccessLinkError("Ce bureau est supprimé : son code d’accès l’est aussi.")
        return desktop, self._storage.code(desktop.id), digest
