"""Mailing and revealing access codes (CGV art. 6; ORD-4, DSK-7, ACC-4)."""

from dataclasses import dataclass, replace

from chalicelib.accounts.clients.account import User
from chalicelib.accounts.service import AccountService
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
from chalicelib.desktops.model.announcements import task_message
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.messages import EraseSecret
from chalicelib.desktops.model.storage import DesktopStorage
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Put
from chalicelib.foundation.vault import Vault
from chalicelib.legal.recording import Recording
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName

_UNKNOWN = "Ce lien n’est pas valable pour votre compte."


@dataclass(kw_only=True)
class AccessCodeService:
    """Keeps a desktop's secret encrypted until its one reveal, then erases it."""

    storage: DesktopStorage
    accounts: AccountService
    vault: Vault
    recording: Recording

    def secret_for_machine(self, desktop: Desktop) -> str | None:
        """Give the secret the machine must fetch, made now if there is none.

        None when it was revealed: nobody has it any more, and the machine already fetched it.
        """

        def attempt() -> str | None:
            code = self.storage.code(desktop.id)
            if code is not None:
                if code.ciphertext is None:
                    return None
                return self.vault.decrypt(code.ciphertext, desktop.account_id)
            secret = new_secret()
            made = AccessCode(
                desktop.id,
                desktop.account_id,
                generation=0,
                made_at=self.recording.now(),
                ciphertext=self.vault.encrypt(secret, desktop.account_id),
            )
            self.recording.commit(self.storage.save_code(made))
            return secret

        return self.recording.again(attempt)

    def mailing(self, desktop: Desktop, template: MailName) -> list[Put | Message]:
        """Give the writes and the mail that bring the link to the code, for the caller's commit.

        A new token each time: should the commit be refused, nothing was sent.
        """
        code = self.storage.code(desktop.id)
        if code is None or code.ciphertext is None:
            return []
        token = new_link_token()
        expires_at = self.recording.now() + LINK_LIFETIME
        linked = replace(code, link_digest=link_digest(token), link_expires_at=expires_at)
        link = AccessLink(link_digest(token), desktop.account_id, desktop.id)
        account = self.accounts.account(desktop.account_id)
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
        kept = self.storage.save_link(link, forget_at=expires_at + 12 * LINK_LIFETIME)
        return [self.storage.save_code(linked), kept, message]

    def desktop_of(self, raw_token: str, account_id: str, user: User) -> Desktop:
        """Give the desktop whose code a link would reveal, changing nothing (ORD-4).

        Raises AccessLinkError when the link reveals nothing to this visitor now.
        """
        desktop, code, digest = self._read(raw_token, account_id, user)
        check_usable(code, digest, self.recording.now())
        return desktop

    def reveal(self, raw_token: str, account_id: str, user: User) -> RevealedCode:
        """Show the code and erase it, in one commit: of two at once, one sees it (ORD-4, DSK-7).

        Raises AccessLinkError when the link reveals nothing to this visitor now.
        """

        def attempt() -> RevealedCode:
            desktop, found, digest = self._read(raw_token, account_id, user)
            now = self.recording.now()
            code, ciphertext = check_usable(found, digest, now)
            secret = self.vault.decrypt(ciphertext, account_id)
            facts = {"desktop_id": desktop.id, "name": desktop.name, "code": code.generation}
            self.recording.commit(
                self.storage.save_code(replace(code, ciphertext=None, revealed_at=now)),
                self.recording.entry(account_id, "desktop.code_revealed", facts, by=user.id),
                task_message(EraseSecret, desktop, "erase-secret"),
            )
            return RevealedCode(desktop.id, desktop.name, desktop.address, secret)

        return self.recording.again(attempt)

    def _read(
        self, raw_token: str, account_id: str, user: User
    ) -> tuple[Desktop, AccessCode | None, str]:
        digest = link_digest(raw_token)
        link = self.storage.link(digest)
        if link is None or link.account_id != account_id:
            raise UnknownLinkError(_UNKNOWN)
        desktop = self.storage.desktop(account_id, link.desktop_id)
        if desktop is None or not may_use(user, desktop):
            raise UnknownLinkError(_UNKNOWN)
        if not desktop.is_active:
            raise AccessLinkError("Ce bureau est supprimé : son code d’accès l’est aussi.")
        return desktop, self.storage.code(desktop.id), digest
