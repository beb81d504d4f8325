"""Sign-in by e-mail and password, sessions, forgotten and changed passwords (ACC-3)."""

from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.accounts.access.attempt_limits import AttemptLimits
from chalicelib.accounts.access.attempts import form_claims, sign_in_claims
from chalicelib.accounts.access.link_desk import LinkDesk
from chalicelib.accounts.access.mail_links import LinkPurpose
from chalicelib.accounts.access.passwords import Passwords, weakness
from chalicelib.accounts.access.sessions import Session, digest, new_token
from chalicelib.accounts.access.storage import AccessStorage
from chalicelib.accounts.clients.account import Account, AccountStatus, User
from chalicelib.accounts.clients.storage import AccountsStorage
from chalicelib.foundation.errors import ConflictError, DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import UserId
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Put
from chalicelib.legal.recording import Recording
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName

_LONGEST_BROWSER = 200


@dataclass(frozen=True)
class Visitor:
    """Who a request comes from; an operator has no account."""

    user: User
    account: Account | None
    session_id: str


class SignInRefusedError(DomainError):
    """Wrong address or password, or an address not verified: never told apart."""

    def __init__(self) -> None:
        super().__init__(
            "Adresse e-mail ou mot de passe incorrect. Si vous venez de créer votre compte, "
            "suivez d’abord le lien reçu par e-mail."
        )


@dataclass(kw_only=True)
class SignInService:
    """Opens, follows and ends sessions; changes passwords."""

    accounts: AccountsStorage
    access: AccessStorage
    links: LinkDesk
    limits: AttemptLimits
    passwords: Passwords
    recording: Recording

    def sign_in(self, email: str, password: str, address: str, *, browser: str = "") -> str:
        """Open a session; give its token, for the cookie only.

        Tries are counted before anything is hashed.  Raises TooManyAttempts, and SignInRefusedError
        in the same words whatever is wrong (ACC-3).
        """
        from chalicelib.accounts.clients.identifiers import known_as  # slow to load

        known = known_as(email)
        claims = sign_in_claims(known, address)
        self.limits.take(*claims)
        token = new_token()

        def attempt() -> None:
            user = self.accounts.user_by_email(known)
            matches = self.passwords.matches(user.password_hash if user else None, password)
            if user is None or not matches or not self._may_enter(user):
                raise SignInRefusedError
            self.recording.commit(
                self._new_session(token, user, address, browser), *self._rehashed(user, password)
            )

        self.recording.again(attempt)
        self.limits.give_back(*claims)
        return token

    def _may_enter(self, user: User) -> bool:
        if not user.is_verified:
            return False
        if user.account_id is None:
            return True
        account = self.accounts.account(user.account_id)
        return account is not None and account.status is not AccountStatus.CLOSED

    def _rehashed(self, user: User, password: str) -> list[Put]:
        if not self.passwords.is_outdated(user.password_hash):
            return []
        return [self.accounts.save_user(replace(user, password_hash=self.passwords.hash(password)))]

    def _new_session(self, token: str, user: User, address: str, browser: str) -> Put:
        now = self.recording.now()
        session = Session(
            id=digest(token),
            user_id=user.id,
            epoch=user.session_epoch,
            created_at=now,
            seen_at=now,
            address=address,
            browser=browser[:_LONGEST_BROWSER],
        )
        return self.access.save_session(session)

    def resolve(self, token: str) -> Visitor | None:
        """Find who a session token stands for; None when it has ended (ACC-3).

        The last use is written at most once a minute.
        """
        session = self.access.session(digest(token))
        user = self.accounts.user(session.user_id) if session else None
        now = self.recording.now()
        if session is None or user is None or not session.is_alive(now, user):
            return None
        account = self.accounts.account(user.account_id) if user.account_id else None
        if account is not None and account.status is AccountStatus.CLOSED:
            return None
        if session.is_to_touch(now):
            # Another request of this browser may have written it, or have ended the session.
            with suppress(ConflictError):
                self.recording.commit(self.access.save_session(replace(session, seen_at=now)))
        return Visitor(user, account, session.id)

    def sessions_of(self, user: User) -> list[Session]:
        """Give the sessions of a user that still stand, newest first (ACC-3)."""
        now = self.recording.now()
        return [one for one in self.access.sessions_of(user.id) if one.is_alive(now, user)]

    def sign_out(self, token: str) -> None:
        """End a session; one that has ended already stays so."""
        self._end(self.access.session(digest(token)))

    def end_session(self, user: User, session_id: str) -> None:
        """End one of the user's own sessions.  Raises NotFoundError for another's (ACC-3)."""
        session = self.access.session(session_id)
        if session is None or session.user_id != user.id:
            raise NotFoundError
        self._end(session)

    def _end(self, session: Session | None) -> None:
        if session:
            self.recording.commit(self.access.end_session(session))

    def sign_out_everywhere(self, user_id: UserId) -> None:
        """End every session of a user at once (ACC-3)."""

        def attempt() -> None:
            user = self.accounts.user(user_id)
            if user:
                ended = replace(user, session_epoch=user.session_epoch + 1)
                self.recording.commit(
                    self.accounts.save_user(ended),
                    *self._entry(user, "user.signed_out_everywhere"),
                )

        self.recording.again(attempt)

    def request_password_reset(self, email: str, *, address: str | None = None) -> None:
        """Mail a link to choose a new password; nothing tells whether the address is known.

        Raises TooManyAttempts (ACC-3).
        """
        from chalicelib.accounts.clients.identifiers import known_as  # slow to load

        known = known_as(email)
        if address is not None:
            self.limits.take(*form_claims(known, address))
        user = self.accounts.user_by_email(known)
        if user is None:
            return
        token, link, write = self.links.issue(user, LinkPurpose.RESET)
        key = f"reset-password:{link.id}"
        context = {"token": token}
        self.recording.commit(
            write, mail(MailName.RESET_PASSWORD, user.email, user.language, context, key=key)
        )

    def check_reset_link(self, token: str) -> User:
        """Find whose password a link would change, changing nothing.  Raises LinkError."""
        return self.links.open(token, LinkPurpose.RESET)[1]

    def reset_password(self, token: str, new_password: str) -> User:
        """Set a new password by a mailed link, which proves the address too; end every session.

        Raises LinkError, or FieldErrors when the password is weak: the link then still serves
        (ACC-3).
        """
        _, user = self.links.open(token, LinkPurpose.RESET)
        _check_strength(new_password, user)
        password_hash = self.passwords.hash(new_password)

        def attempt() -> User:
            link, user = self.links.open(token, LinkPurpose.RESET)
            changed = replace(
                self._with_password(user, password_hash),
                email_verified_at=user.email_verified_at or self.recording.now(),
            )
            self.recording.commit(self.links.used(link), *self._password_changed(changed))
            return changed

        return self.recording.again(attempt)

    def change_password(
        self, user: User, current: str, new_password: str, address: str, *, browser: str = ""
    ) -> str:
        """Change a password; end every session and give the token of a new one.

        Raises FieldErrors for a wrong current or a weak new password, TooManyAttempts (ACC-3).
        """
        claims = sign_in_claims(user.email, address)
        self.limits.take(*claims)
        if not self.passwords.matches(user.password_hash, current):
            raise FieldErrors({"current_password": "Ce n’est pas votre mot de passe actuel."})
        self.limits.give_back(*claims)
        _check_strength(new_password, user, name="new_password")
        password_hash = self.passwords.hash(new_password)
        token = new_token()

        def attempt() -> None:
            stored = self.accounts.user(user.id)
            if stored is None or stored.password_hash != user.password_hash:
                raise FieldErrors({"current_password": "Le mot de passe vient d’être changé."})
            changed = self._with_password(stored, password_hash)
            self.recording.commit(
                self._new_session(token, changed, address, browser),
                *self._password_changed(changed),
            )

        self.recording.again(attempt)
        return token

    def _with_password(self, user: User, password_hash: str) -> User:
        return replace(user, password_hash=password_hash, session_epoch=user.session_epoch + 1)

    def _password_changed(self, changed: User) -> list[Put | Message]:
        notice = mail(
            MailName.PASSWORD_CHANGED,
            changed.email,
            changed.language,
            {"name": changed.full_name, "changed_at": self.recording.now().isoformat()},
            key=f"password-changed:{changed.id}:{changed.session_epoch}",
        )
        return [
            self.accounts.save_user(changed),
            *self._entry(changed, "user.password_changed"),
            notice,
        ]

    def _entry(self, user: User, kind: str) -> list[Put]:
        """Give the journal entry of a user's account; an operator has none."""
        if user.account_id is None:
            return []
        return [self.recording.entry(user.account_id, kind, {"user": user.id}, by=user.id)]


def _check_strength(password: str, user: User, name: str = "password") -> None:
    weak = weakness(password, (user.email, user.full_name))
    if weak:
        raise FieldErrors({name: weak})
