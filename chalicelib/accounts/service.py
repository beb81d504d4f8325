"""Registration, verified addresses, users, and what operators decide on an account.

CGV art. 3, 4; ACC-1 to ACC-4, CAT-4, ORD-2, ORD-3.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.accounts.access.passwords import Passwords, weakness
from chalicelib.accounts.clients.account import (
    LANGUAGES,
    Account,
    PaymentMode,
    Role,
    User,
    new_user,
)
from chalicelib.accounts.clients.directory import AccountPage, find_accounts
from chalicelib.accounts.clients.storage import AccountsStorage
from chalicelib.accounts.registration.desk import RegistrationDesk
from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.foundation.ids import AccountId, UserId
from chalicelib.foundation.tables import Put
from chalicelib.legal.recording import Recording

if TYPE_CHECKING:
    from chalicelib.accounts.registration.form import Registration

_MINUTE = 16  # characters of 2026-11-23T17:04


@dataclass(kw_only=True)
class AccountService:
    """Clients and their users."""

    store: AccountsStorage
    registrations: RegistrationDesk
    passwords: Passwords
    recording: Recording

    def register(
        self, registration: "Registration", *, address: str | None = None, vouched_by: str = ""
    ) -> User:
        """Open an account with its owner: see ``RegistrationDesk.register`` (ACC-1, ACC-2)."""
        return self.registrations.register(registration, address=address, vouched_by=vouched_by)

    def verify_email(self, token: str) -> User:
        """Verify the address a link was mailed to.  Raises LinkError (ACC-3)."""
        return self.registrations.verify_email(token)

    def check_verification_link(self, token: str) -> User:
        """Find whom a link would verify, changing nothing.  Raises LinkError."""
        return self.registrations.check_verification_link(token)

    def resend_verification(self, email: str, *, address: str | None = None) -> None:
        """Mail a new link; nothing tells whether the address is known (ACC-3)."""
        self.registrations.resend_verification(email, address=address)

    def create_operator(self, email: str, full_name: str, password: str) -> User:
        """Add a member of the staff, verified at once.

        Raises FieldErrors, and DomainError when the address is taken.
        """
        return self._add(None, email, full_name, Role.OPERATOR, password, by="")

    def add_user(  # noqa: PLR0913 - what a user is made of
        self,
        account_id: AccountId,
        email: str,
        full_name: str,
        role: Role,
        password: str,
        *,
        by: str,
    ) -> User:
        """Add a user to an account, verified at once: whoever adds answers for the address.

        Raises FieldErrors, and DomainError when the address is taken (ACC-4).
        """
        if role is Role.OPERATOR:
            raise DomainError("Un membre de l’exploitation n’appartient à aucun compte.")
        self.account(account_id)
        return self._add(account_id, email, full_name, role, password, by=by)

    def _add(  # noqa: PLR0913
        self,
        account_id: AccountId | None,
        email: str,
        full_name: str,
        role: Role,
        password: str,
        *,
        by: str,
    ) -> User:
        address = _checked(email, full_name, password)
        password_hash = self.passwords.hash(password)
        user = new_user(
            account_id, address, full_name, role, password_hash, at=self.recording.now()
        )
        user = replace(user, email_verified_at=user.created_at)

        def attempt() -> User:
            if self.store.user_by_email(address):
                raise DomainError("Cette adresse e-mail a déjà un utilisateur.")
            facts = {"user": user.id, "email": address, "role": role.value}
            entry = self._entry(user, "user.added", facts, by=by)
            self.recording.commit(*self.store.add_user(user), *entry)
            return user

        return self.recording.again(attempt)

    def user(self, user_id: UserId) -> User:
        """Give a user.  Raises NotFoundError."""
        user = self.store.user(user_id)
        if user is None:
            raise NotFoundError
        return user

    def users_of(self, account_id: AccountId) -> list[User]:
        """Give the users of an account, in the order of their names."""
        return sorted(self.store.users_of(account_id), key=lambda user: user.full_name)

    def update_language(self, user_id: UserId, language: str) -> None:
        """Remember the language a user reads; an unknown one changes nothing."""

        def attempt() -> None:
            user = self.user(user_id)
            if language in LANGUAGES and language != user.language:
                self.recording.commit(self.store.save_user(replace(user, language=language)))

        self.recording.again(attempt)

    def account(self, account_id: AccountId) -> Account:
        """Give an account.  Raises NotFoundError."""
        account = self.store.account(account_id)
        if account is None:
            raise NotFoundError
        return account

    def effective_on(self, account_id: AccountId) -> date | None:
        """Give the Paris day an account's order took effect: its first payment's (art. 3; P6)."""
        return self.store.effective_on(account_id)

    def all_accounts(self, after: str = "", limit: int = 100) -> list[Account]:
        """Give accounts in the order of their ids, behind the id ``after``."""
        return list(self.store.accounts(after, limit))

    def find(self, text: str, after: str = "") -> AccountPage:
        """Find accounts by the beginning of a name or an address (OPS-1)."""
        return find_accounts(self.store, text, after)

    def set_order_limit(self, account_id: AccountId, cents: int, *, by: str) -> Account:
        """Set the monthly amount, excl. VAT, up to which an order validates itself (ORD-3)."""
        if cents < 0:
            raise FieldErrors({"order_limit": "Indiquez un montant positif ou nul."})
        return self._decide(
            account_id,
            lambda account: replace(account, order_limit_cents=cents),
            "account.order_limit_set",
            by,
        )

    def approve_invoice_mode(
        self, account_id: AccountId, *, by: str, approved: bool = True
    ) -> Account:
        """Let an account pay on invoice, or bring it back to the card (ORD-2, CAT-4)."""
        mode = PaymentMode.INVOICE if approved else PaymentMode.CARD
        return self._decide(
            account_id,
            lambda account: replace(account, payment_mode=mode, invoice_approved=approved),
            "account.payment_mode_set",
            by,
        )

    def choose_payment_mode(self, account_id: AccountId, mode: PaymentMode, *, by: str) -> Account:
        """Pay the invoices to come by a means that is open to the account (ORD-1, CAT-4).

        Raises DomainError when the operator did not approve it.
        """

        def change(account: Account) -> Account:
            if mode not in account.payment_modes:
                raise DomainError("Ce mode de paiement n’est pas ouvert à votre compte.")
            approved = account.invoice_approved or PaymentMode.INVOICE in account.payment_modes
            return replace(account, payment_mode=mode, invoice_approved=approved)

        return self._decide(account_id, change, "account.payment_mode_chosen", by)

    def enable_annual(self, account_id: AccountId, *, by: str, enabled: bool = True) -> Account:
        """Open the annual commitment to an account, or close it (CGV art. 8.1; CAT-4)."""
        return self._decide(
            account_id,
            lambda account: replace(account, annual_enabled=enabled),
            "account.annual_billing_set",
            by,
        )

    def _decide(
        self, account_id: AccountId, change: Callable[[Account], Account], kind: str, by: str
    ) -> Account:
        """Change an account and journal old and new values; no change writes nothing."""

        def attempt() -> Account:
            account = self.account(account_id)
            changed = change(account)
            if changed == account:
                return account
            old, new = asdict(account), asdict(changed)
            facts = {
                name: {"old": old[name], "new": new[name]} for name in new if old[name] != new[name]
            }
            self.recording.commit(
                *self.store.save_account(changed),
                self.recording.entry(account_id, kind, facts, by=by),
            )
            return self.account(account_id)

        return self.recording.again(attempt)

    def _entry(self, user: User, kind: str, facts: dict[str, str], *, by: str = "") -> list[Put]:
        """Give the journal entry of a user's account; an operator has none."""
        if user.account_id is None:
            return []
        facts = {"user": user.id, **facts}
        return [self.recording.entry(user.account_id, kind, facts, by=by or user.id)]


def _checked(email: str, full_name: str, password: str) -> str:
    """Check what a user is added with; give the address in its unique form."""
    from chalicelib.accounts.clients.identifiers import Malformed, read_email, read_text

    errors: dict[str, str] = {}
    address = ""
    try:
        address = read_email(email)
    except Malformed as wrong:
        errors["email"] = str(wrong)
    try:
        read_text(full_name, "Indiquez le nom de la personne.")
    except Malformed as wrong:
        errors["full_name"] = str(wrong)
    weak = weakness(password, (email, full_name))
    if weak:
        errors["password"] = weak
    if errors:
        raise FieldErrors(errors)
    return address
