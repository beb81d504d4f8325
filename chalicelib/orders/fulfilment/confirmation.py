"""The confirmation on a durable medium that follows an order (CGV art. 6; LEG-4)."""

from dataclasses import dataclass, replace
from typing import Any

from chalicelib.accounts.clients.account import Account
from chalicelib.accounts.service import AccountService
from chalicelib.catalogue.service import CatalogueService
from chalicelib.foundation.civil_time import paris_day
from chalicelib.foundation.documents import Documents
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.settings import Company
from chalicelib.legal.documents import LICENCE, WITHDRAWAL_FORM
from chalicelib.legal.library import LegalDocuments
from chalicelib.legal.recording import Recording
from chalicelib.notifications.mails import mail
from chalicelib.orders.model.order import Order, OrderState
from chalicelib.orders.model.storage import OrderStorage
from chalicelib.orders.model.terms import new_licences
from chalicelib.orders.placing.service import OrderService
from chalicelib.texts.mails import MailName

Attachment = tuple[str, str]


@dataclass(kw_only=True)
class OrderConfirmation:
    """Draws a validated order, stores it, and mails it with what was accepted."""

    orders: OrderService
    storage: OrderStorage
    accounts: AccountService
    catalogues: CatalogueService
    library: LegalDocuments
    documents: Documents
    recording: Recording
    company: Company

    def send(self, order_id: str) -> None:
        """Confirm an order by mail with its documents, once (LEG-4).

        Dies safely anywhere: a document stored is never replaced, and the mail leaves in the
        commit that marks the order confirmed.  Raises NotFoundError.
        """
        order = self.orders.any(order_id)
        if not order.is_confirmed or order.confirmed_at:
            return
        account = self.accounts.account(AccountId(order.account_id))
        self._store_order(order, account)
        attachments = (
            (order.document_key, f"commande-{order.number}.pdf"),
            *self._store_terms(order),
        )

        def attempt() -> None:
            current = self.orders.any(order_id)
            if current.confirmed_at:
                return
            self.recording.commit(
                self.storage.save(replace(current, confirmed_at=self.recording.now())),
                mail(
                    MailName.ORDER_CONFIRMED,
                    account.email,
                    account.language,
                    _context(current, account),
                    key=f"order_confirmed:{order_id}",
                    attachments=attachments,
                ),
            )

        self.recording.again(attempt)

    def _store_order(self, order: Order, account: Account) -> None:
        from chalicelib.orders.fulfilment.order_pdf import (  # fpdf2 is slow to import
            OrderPaper,
            order_pdf,
        )

        paper = OrderPaper(
            order=order,
            account=account,
            catalogue=self.catalogues.version(order.catalogue_version),
            company=self.company,
            titles={
                each.kind: self.library.version(each.kind, each.version).title
                for each in order.terms
            },
        )
        self.documents.store(order.document_key, order_pdf(paper), "application/pdf")

    def _store_terms(self, order: Order) -> tuple[Attachment, ...]:
        """Store, as text, what goes with the order: terms of sale, withdrawal form, licences."""
        accepted = [each for each in order.terms if not each.kind.startswith(LICENCE)]
        accepted += new_licences(order, self.orders.of_account(order.account_id))
        papers = [self.library.version(each.kind, each.version) for each in accepted]
        papers.insert(1, self.library.in_force(WITHDRAWAL_FORM, paris_day(order.accepted_at)))
        attachments = []
        for paper in papers:
            key = f"legal/{paper.kind}/{paper.version}.txt"
            self.documents.store(key, paper.body_markdown.encode(), "text/plain; charset=utf-8")
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
