"""Registration of a client and verification of the owner's address.

CGV art. 3, 4; ACC-1, ACC-2, ACC-3.
"""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from chalicelib.accounts.account import Account, Role, User, new_user
from chalicelib.accounts.attempt_limits import AttemptLimits
from chalicelib.accounts.attempts import form_claims
from chalicelib.accounts.link_desk import LinkDesk
from chalicelib.accounts.mail_links import LinkPurpose
from chalicelib.accounts.passwords import Passwords
from chalicelib.accounts.ports import AccountStore
from chalicelib.foundation.clock import Clock, today
from chalicelib.foundation.ids import AccountId, new_id
from chalicelib.foundation.messages import Message
from chalicelib.foundation.tables import Put
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.acceptances import Acceptances
from chalicelib.legal.documents import CGV, CHARTER, LegalDocument
from chalicelib.legal.journal import Journal
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName

if TYPE_CHECKING:
    from chalicelib.accounts.registration import Registration

_MINUTE = 16  # characters of 2026-11-23T17:04
_DECIDED_BY_COMPANY = ("id", "version", "created_at", "status", "order_limit_cents", "payment_mode")


class RegistrationDesk:
    """Opens accounts."""

    def __init__(  # noqa: PLR0913 - one per port
        self,
        *,
        store: AccountStore,
        links: LinkDesk,
        limits: AttemptLimits,
        passwords: Passwords,
        acceptances: Acceptances,
        work: UnitOfWork,
        journal: Journal,
        clock: Clock,
        order_limit_cents: int = 30_000,
    ) -> None:
        """``order_limit_cents`` is the limit a new account starts with (ORD-3)."""
        self._store = store
        self._links = links
        self._limits = limits
        self._passwords = passwords
        self._acceptances = acceptances
        self._work = work
        self._journal = journal
        self._clock = clock
        self._order_limit_cents = order_limit_cents

    def register(
        self, registration: "Registration", *, address: str | None = None, vouched_by: str = ""
    ) -> User:
        """Open an account with its owner, and mail the link that verifies the address.

        An address already known opens nothing: a mail tells its holder so, the visitor sees the
        same page, and the user of that address is given back.  ``address`` is the visitor's network
        address, whose tries are counted; ``vouched_by`` names the operator who opens the account
        by hand and answers for the address.  Raises TooManyAttempts, and FieldErrors when a
        document changed since the page was shown (ACC-1, ACC-2, ACC-3).
        """
        if address is not None:
            self._limits.take(*form_claims(registration.email, address))
        # Before looking the address up, so that known and unknown ones take as long and are
        # refused for the same reasons.
        password_hash = self._passwords.hash(registration.password)
        documents = self._shown_documents(registration)
        account = self._new_account(registration)
        owner = self._new_owner(account, password_hash)
        if vouched_by:
            owner = replace(owner, email_verified_at=self._clock.now())

        def attempt() -> User:
            known = self._store.user_by_email(registration.email)
            if known:
                self._work.commit(self._account_exists(known))
                return known
            self._commit_registration(documents, account, owner, vouched_by)
            return owner

        return retry_on_conflict(attempt)

    def _shown_documents(self, registration: "Registration") -> list[LegalDocument]:
        on = today(self._clock)
        return [
            self._acceptances.shown_version(CGV, registration.cgv_version, on),
            self._acceptances.shown_version(CHARTER, registration.charter_version, on),
        ]

    def _commit_registration(
        self, documents: list[LegalDocument], account: Account, owner: User, vouched_by: str
    ) -> None:
        facts = {
            **_profile(account),
            "user": owner.id,
            "declared_exact": True,
            "accepted": [list(document.reference) for document in documents],
            "marketing": account.marketing,
        }
        self._work.commit(
            *self._store.save_account(account),
            *self._store.add_user(owner),
            *(self._acceptances.write(account.id, owner.id, one) for one in documents),
            self._journal.entry(account.id, "account.registered", facts, by=vouched_by or owner.id),
            *([] if owner.is_verified else self._verification(owner)),
        )

    def _verification(self, user: User) -> list[Put | Message]:
        # Names no one: the address may be a stranger's, who would read whatever was typed.
        token, link, write = self._links.issue(user, LinkPurpose.VERIFY)
        key = f"verify-email:{link.id}"
        return [
            write,
            mail(MailName.VERIFY_EMAIL, user.email, user.language, {"token": token}, key=key),
        ]

    def _account_exists(self, user: User) -> Message:
        minute = self._clock.now().isoformat()[:_MINUTE]
        return mail(
            MailName.ACCOUNT_EXISTS,
            user.email,
            user.language,
            {"verified": user.is_verified},
            key=f"account-exists:{user.id}:{minute}",
        )

    def verify_email(self, token: str) -> User:
        """Verify the address a link was mailed to.  Raises LinkError (ACC-3)."""

        def attempt() -> User:
            link, user = self._links.open(token, LinkPurpose.VERIFY)
            verified = replace(user, email_verified_at=user.email_verified_at or self._clock.now())
            self._work.commit(
                self._links.used(link),
                self._store.save_user(verified),
                *self._entry(verified),
            )
            return verified

        return retry_on_conflict(attempt)

    def check_verification_link(self, token: str) -> User:
        """Find whom a link would verify, changing nothing.  Raises LinkError."""
        return self._links.open(token, LinkPurpose.VERIFY)[1]

    def resend_verification(self, email: str, *, address: str | None = None) -> None:
        """Mail a new link; nothing tells whether the address is known.

        Raises TooManyAttempts (ACC-3).
        """
        if address is not None:
            self._limits.take(*form_claims(email, address))
        user = self._store.user_by_email(email)
        if user is None:
            return
        if user.is_verified:
            self._work.commit(self._account_exists(user))
            return
        self._work.commit(*self._verification(user))

    def _entry(self, user: User) -> list[Put]:
        """Give the journal entry of the user's account; an operator has none."""
        if user.account_id is None:
            return []
        facts = {"user": user.id, "email": user.email}
        return [self._journal.entry(user.account_id, "user.email_verified", facts, by=user.id)]

    def _new_account(self, registration: "Registration") -> Account:
        return Account(
            id=AccountId(new_id("acc")),
            kind=registration.kind,
            name=registration.name,
            email=registration.email,
            phone=registration.phone,
            address=registration.address,
            first_name=registration.first_name,
            last_name=registration.last_name,
            created_at=self._clock.now(),
            legal_form=registration.legal_form,
            siren=registration.siren,
            vat_number=registration.vat_number,
            language=registration.language,
            order_limit_cents=self._order_limit_cents,
            marketing=registration.marketing,
        )

    def _new_owner(self, account: Account, password_hash: str) -> User:
        name = f"{account.first_name} {account.last_name}"
        now = self._clock.now()
        owner = new_user(account.id, account.email, name, Role.OWNER, password_hash, at=now)
        return replace(owner, language=account.language)


def _profile(account: Account) -> dict[str, object]:
    """Give what the registration form said, as the journal keeps it (LEG-5)."""
    kept = asdict(account)
    for name in _DECIDED_BY_COMPANY:
        del kept[name]
    return kept
