"""The confirmation on a durable medium that follows an order (CGV art. 6; LEG-4)."""

from dataclasses import replace
from typing import Any, Protocol

from chalicelib.accounts.account import Account
from chalicelib.catalogue.catalogue import Catalogue
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.clock import Clock
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.settings import Company
from chalicelib.foundation.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.legal.documents import LICENCE, WITHDRAWAL_FORM, LegalDocument
from chalicelib.notifications.mails import mail
from chalicelib.orders.order import Order, OrderState
from chalicelib.orders.ports import Accounts, OrderStore
from chalicelib.orders.terms import Library, new_licences
from chalicelib.texts.mails import MailName

Attachment = tuple[str, str]


class Orders(Protocol):
    """Where orders are read."""

    def any(self, order_id: str) -> Order:
        """Give an order by its id alone.  Raises NotFoundError."""

    def of_account(self, account_id: str) -> list[Order]:
        """Give an account's orders."""


class Catalogues(Protocol):
    """The catalogue as it was."""

    def version(self, version: int) -> Catalogue:
        """Give the catalogue as it was published that time.  Raises NotFoundError."""


class Versions(Library, Protocol):
    """Legal documents, whatever their date."""

    def version(self, kind: str, version: str) -> LegalDocument:
        """Give one version, in force or not.  Raises NotFoundError."""


class OrderConfirmation:
    """Draws a validated order, stores it, and mails it with what was accepted."""

    def __init__(  # noqa: PLR0913 - its ports
        self,
        *,
        orders: Orders,
        storage: OrderStore,
        accounts: Accounts,
        catalogues: Catalogues,
        library: Versions,
        documents: Documents,
        work: UnitOfWork,
        clock: Clock,
        company: Company,
    ) -> None:
        self._orders = orders
        self._storage = storage
        self._accounts = accounts
        self._catalogues = catalogues
        self._library = library
        self._documents = documents
        self._work = work
        self._clock = clock
        self._company = company

    def send(self, order_id: str) -> None:
        """Confirm an order by mail with its documents, once (LEG-4).

        Dies safely anywhere: a document stored is never replaced, and the mail leaves in the
        commit that marks the order confirmed.  Raises NotFoundError.
        """
        order = self._orders.any(order_id)
        if not order.is_confirmed or order.confirmed_at:
            return
        account = self._accounts.account(AccountId(order.account_id))
        self._store_order(order, account)
        attachments = (
            (order.document_key, f"commande-{order.number}.pdf"),
            *self._store_terms(order),
        )

        def attempt() -> None:
            current = self._orders.any(order_id)
            if current.confirmed_at:
                return
            self._work.commit(
                self._storage.save(replace(current, confirmed_at=self._clock.now())),
                mail(
                    MailName.ORDER_CONFIRMED,
                    account.email,
                    account.language,
                    _context(current, account),
                    key=f"order_confirmed:{order_id}",
                    attachments=attachments,
                ),
            )

        retry_on_conflict(attempt)

    def _store_order(self, order: Order, account: Account) -> None:
        from chalicelib.orders.order_pdf import OrderPaper, order_pdf  # fpdf2 is slow to import

        paper = OrderPaper(
            order=order,
            account=account,
            catalogue=self._catalogues.version(order.catalogue_version),
            company=self._company,
            titles={
                each.kind: self._library.version(each.kind, each.version).title
                for each in order.terms
            },
        )
        self._documents.store(order.document_key, order_pdf(paper), "application/pdf")

    def _store_terms(self, order: Order) -> tuple[Attachment, ...]:
        """Store, as text, what goes with the order: terms of sale, withdrawal form, licences."""
        accepted = [each for each in order.terms if not each.kind.startswith(LICENCE)]
        accepted += new_licences(order, self._orders.of_account(order.account_id))
        papers = [self._library.version(each.kind, each.version) for each in accepted]
        papers.insert(1, self._library.in_force(WITHDRAWAL_FORM, paris_day(order.accepted_at)))
        attachments = []
        for paper in papers:
            key = f"legal/{paper.kind}/{paper.version}.txt"
            self._documents.store(key, paper.body_markdown.encode(), "text/plain; charset=utf-8")
            attachments.append((key, f"{paper.kind}-{paper.version}.txt"))
        return tuple(attachments)


def _context(order: Order, account: Account) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "number": order.number,
        "desktops": [
            {"name": name, "configuration": line.name}
            for line in order.lines
            for name in line.desktop_names
        ],
        "waits_for_withdrawal": order.state is OrderState.AWAITING_START,
        "starts_on": order.starts_on.isoformat() if order.starts_on else "",
        "monthly_excl_vat_cents": order.monthly_excl_vat_cents,
        "monthly_incl_vat_cents": order.monthly_incl_vat_cents,
        "desktop_due_on": order.desktop_due_on.isoformat() if order.desktop_due_on else "",
        "pod_due_on": order.pod_due_on.isoformat() if order.pod_due_on else "",
        "is_consumer": not account.is_professional,
        "express_request": order.express_request,
    }
