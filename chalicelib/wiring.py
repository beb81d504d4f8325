"""Joins services to their adapters: the only module that names every adapter.

Services are built on first use and import their own modules then, so that a page loads only what it
needs (stripe, PDF and Babel take long to import).
"""

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.foundation.clock import Clock, SystemClock
from chalicelib.foundation.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.passwords import Passwords
    from chalicelib.accounts.service import AccountService
    from chalicelib.accounts.sign_in import SignInService
    from chalicelib.billing.documents_service import InvoiceDocumentsService
    from chalicelib.billing.run_service import InvoiceRunService
    from chalicelib.billing.service import BillingService
    from chalicelib.billing.storage import BillingStorage
    from chalicelib.catalogue.service import CatalogueService
    from chalicelib.console.rendering import Renderer
    from chalicelib.desktops.access_code_service import AccessCodeService
    from chalicelib.desktops.machines import MachineProvider, MachineSecrets
    from chalicelib.desktops.messages import DesktopMessages
    from chalicelib.desktops.service import DesktopService
    from chalicelib.desktops.worker import DesktopWorker
    from chalicelib.foundation.documents import Documents
    from chalicelib.foundation.messages import Queues
    from chalicelib.foundation.tables import Tables
    from chalicelib.foundation.unit_of_work import UnitOfWork
    from chalicelib.foundation.vault import Vault
    from chalicelib.legal.acceptances import Acceptances
    from chalicelib.legal.documents import LegalDocuments
    from chalicelib.legal.journal import Journal
    from chalicelib.metering.service import MeteringService
    from chalicelib.notifications.service import MailSender, NotificationService
    from chalicelib.orders.confirmation import OrderConfirmation
    from chalicelib.orders.service import OrderService
    from chalicelib.payments.card_service import CardService
    from chalicelib.payments.collection_service import CollectionService
    from chalicelib.payments.ports import CardProcessor
    from chalicelib.payments.webhook_service import WebhookService


class Adapters:
    """The outside as production has it; tests subclass it with the shared fakes."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()

    @cached_property
    def tables(self) -> "Tables":
        """Where records are."""
        from chalicelib.foundation.dynamodb import DynamoTables

        return DynamoTables(self.settings.access, self.settings.prefix)

    @cached_property
    def queues(self) -> "Queues":
        """Where messages go."""
        from chalicelib.foundation.sqs import SqsQueues

        return SqsQueues(self.settings.access, self.settings.prefix)

    @cached_property
    def documents(self) -> "Documents":
        """Where PDFs are kept."""
        from chalicelib.foundation.documents import S3Documents

        return S3Documents(self.settings.access, self.settings.documents_bucket)

    @cached_property
    def vault(self) -> "Vault":
        """What encrypts access codes."""
        from chalicelib.foundation.vault import KmsVault

        return KmsVault(self.settings.access, self.settings.kms_key_id)

    @cached_property
    def mail_sender(self) -> "MailSender":
        """What sends mails."""
        from chalicelib.notifications.ses_gateway import SesMailSender

        return SesMailSender(self.settings.access)

    @cached_property
    def passwords(self) -> "Passwords":
        """What hashes passwords."""
        from chalicelib.accounts.passwords import Passwords

        return Passwords()

    # adapters of desktops
    check_delay_seconds = 15  # between two looks at a machine on its way

    @cached_property
    def machine_providers(self) -> "Mapping[str, MachineProvider]":
        """Where machines are made, by the provider's name in the catalogue."""
        from chalicelib.desktops.ec2_provider import Ec2Provider

        return {"ec2": Ec2Provider(self.settings.access, self.settings.stage)}

    @cached_property
    def machine_secrets(self) -> "MachineSecrets":
        """Where machines fetch their secrets."""
        from chalicelib.desktops.ssm_secrets_gateway import SsmMachineSecrets

        return SsmMachineSecrets(self.settings.access, self.settings.stage)

    # adapters of payments
    @cached_property
    def card_processor(self) -> "CardProcessor":
        """Stripe."""
        from chalicelib.payments.stripe_gateway import StripeGateway

        secrets = self.settings.secrets
        return StripeGateway(
            secrets.stripe_key, secrets.stripe_webhook_secret, self.settings.stripe_api_base
        )


class Services:
    """Every use case, each with its ports filled in."""

    def __init__(self, adapters: Any) -> None:
        self.adapters = adapters
        self.settings: Settings = adapters.settings
        self.clock: Clock = adapters.clock

    @cached_property
    def work(self) -> "UnitOfWork":
        """Commits facts with their messages."""
        from chalicelib.foundation.unit_of_work import UnitOfWork

        return UnitOfWork(self.adapters.tables, self.adapters.queues)

    @cached_property
    def journal(self) -> "Journal":
        """The evidence journal."""
        from chalicelib.legal.journal import Journal

        return Journal(self.adapters.tables, self.clock)

    @cached_property
    def renderer(self) -> "Renderer":
        """Renders pages and mails."""
        from chalicelib.console.rendering import Renderer

        return Renderer(self.settings.company, self.settings.console_url)

    @cached_property
    def notifications(self) -> "NotificationService":
        """Sends mails."""
        from chalicelib.notifications.service import NotificationService, Sender

        return NotificationService(
            tables=self.adapters.tables,
            texts=self.renderer,
            documents=self.adapters.documents,
            mail_sender=self.adapters.mail_sender,
            sender=Sender(self.settings.company.name, self.settings.mail_from),
            clock=self.clock,
        )

    # accounts and legal documents
    @cached_property
    def legal_documents(self) -> "LegalDocuments":
        """Versions of the legal documents."""
        from chalicelib.legal.documents import LegalDocuments
        from chalicelib.legal.documents_storage import LegalStorage

        store = LegalStorage(self.adapters.tables)
        return LegalDocuments(store=store, work=self.work, clock=self.clock)

    @cached_property
    def acceptances(self) -> "Acceptances":
        """What accounts accepted of them."""
        from chalicelib.legal.acceptances import Acceptances
        from chalicelib.legal.documents_storage import LegalStorage

        store = LegalStorage(self.adapters.tables)
        return Acceptances(store=store, documents=self.legal_documents, clock=self.clock)

    @cached_property
    def _accounts_ports(self) -> dict[str, Any]:
        """What registration and sign-in both stand on."""
        from chalicelib.accounts.access_storage import AccessStorage
        from chalicelib.accounts.attempt_limits import AttemptLimits
        from chalicelib.accounts.link_desk import LinkDesk
        from chalicelib.accounts.storage import AccountsStorage

        accounts = AccountsStorage(self.adapters.tables)
        access = AccessStorage(self.adapters.tables)
        shared = {"work": self.work, "journal": self.journal, "clock": self.clock}
        return {
            "store": accounts,
            "access": access,
            "links": LinkDesk(accounts=accounts, access=access, clock=self.clock),
            "limits": AttemptLimits(store=access, work=self.work, clock=self.clock),
            "shared": {**shared, "passwords": self.adapters.passwords},
        }

    @cached_property
    def accounts(self) -> "AccountService":
        """Clients and their users."""
        from chalicelib.accounts.registration_desk import RegistrationDesk
        from chalicelib.accounts.service import AccountService

        ports = self._accounts_ports
        registrations = RegistrationDesk(
            store=ports["store"],
            links=ports["links"],
            limits=ports["limits"],
            acceptances=self.acceptances,
            **ports["shared"],
        )
        return AccountService(store=ports["store"], registrations=registrations, **ports["shared"])

    @cached_property
    def sign_in(self) -> "SignInService":
        """Sessions and passwords."""
        from chalicelib.accounts.sign_in import SignInService

        ports = self._accounts_ports
        return SignInService(
            accounts=ports["store"],
            access=ports["access"],
            links=ports["links"],
            limits=ports["limits"],
            **ports["shared"],
        )

    # catalogue

    @cached_property
    def catalogue(self) -> "CatalogueService":
        """The offer and its prices."""
        from chalicelib.catalogue.service import CatalogueService
        from chalicelib.catalogue.storage import CatalogueStorage

        return CatalogueService(
            storage=CatalogueStorage(self.adapters.tables),
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    # orders

    @cached_property
    def orders(self) -> "OrderService":
        """Orders and their validation."""
        from chalicelib.billing.vat import VatTable
        from chalicelib.orders.service import OrderService
        from chalicelib.orders.storage import OrderStorage
        from chalicelib.orders.terms import OrderTerms

        return OrderService(
            storage=OrderStorage(self.adapters.tables),
            accounts=self.accounts,
            catalogue=self.catalogue,
            terms=OrderTerms(self.legal_documents),
            cards=_SavedCards(self),
            rented=_RentedDesktops(self),
            vat=VatTable(),
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def order_confirmation(self) -> "OrderConfirmation":
        """Confirms orders by mail."""
        from chalicelib.orders.confirmation import OrderConfirmation
        from chalicelib.orders.storage import OrderStorage

        return OrderConfirmation(
            orders=self.orders,
            storage=OrderStorage(self.adapters.tables),
            accounts=self.accounts,
            catalogues=self.catalogue,
            library=self.legal_documents,
            documents=self.adapters.documents,
            work=self.work,
            clock=self.clock,
            company=self.settings.company,
        )

    # desktops
    @cached_property
    def _desktop_ports(self) -> dict[str, Any]:
        """What everything about desktops stands on."""
        from chalicelib.desktops.storage import DesktopStorage

        storage = DesktopStorage(self.adapters.tables)
        return {"storage": storage, "work": self.work, "journal": self.journal, "clock": self.clock}

    @cached_property
    def desktops(self) -> "DesktopService":
        """Desktops as clients see them and act on them."""
        from chalicelib.desktops.service import DesktopService

        return DesktopService(
            catalogues=self.catalogue, vault=self.adapters.vault, **self._desktop_ports
        )

    @cached_property
    def access_codes(self) -> "AccessCodeService":
        """Access codes, mailed and revealed once."""
        from chalicelib.desktops.access_code_service import AccessCodeService

        return AccessCodeService(
            accounts=self.accounts, vault=self.adapters.vault, **self._desktop_ports
        )

    @cached_property
    def desktop_work(self) -> "DesktopWorker":
        """Carries desktops to where they were asked to go."""
        from chalicelib.desktops.outcomes import Outcomes
        from chalicelib.desktops.worker import DesktopWorker

        outcomes = Outcomes(
            accounts=self.accounts,
            catalogues=self.catalogue,
            codes=self.access_codes,
            check_delay_seconds=self.adapters.check_delay_seconds,
            **self._desktop_ports,
        )
        return DesktopWorker(
            storage=self._desktop_ports["storage"],
            catalogues=self.catalogue,
            providers=self.adapters.machine_providers,
            machine_secrets=self.adapters.machine_secrets,
            codes=self.access_codes,
            outcomes=outcomes,
            clock=self.clock,
        )

    @cached_property
    def desktop_worker(self) -> "DesktopMessages":
        """Handles the messages of the DESKTOPS queue."""
        from chalicelib.desktops.creation import DesktopCreation
        from chalicelib.desktops.messages import DesktopMessages

        creation = DesktopCreation(
            orders=self.orders, catalogues=self.catalogue, **self._desktop_ports
        )
        return DesktopMessages(
            creation=creation,
            worker=self.desktop_work,
            on_failed=self.metering.forget_failed,
        )

    # metering
    @cached_property
    def metering(self) -> "MeteringService":
        """Usage days."""
        from chalicelib.metering.service import MeteringService
        from chalicelib.metering.storage import UsageStorage

        return MeteringService(
            storage=UsageStorage(self.adapters.tables),
            work=self.work,
            journal=self.journal,
            desktops=self.desktops,
            catalogues=self.catalogue,
            clock=self.clock,
        )

    # billing
    @cached_property
    def billing_storage(self) -> "BillingStorage":
        """Billing's records."""
        from chalicelib.billing.storage import BillingStorage

        return BillingStorage(self.adapters.tables)

    @cached_property
    def billing(self) -> "BillingService":
        """Drafts, the current invoice, issued invoices."""
        from chalicelib.billing.service import BillingService

        return BillingService(
            storage=self.billing_storage,
            accounts=self.accounts,
            metering=self.metering,
            catalogue=self.catalogue,
            documents=self.adapters.documents,
            clock=self.clock,
        )

    @cached_property
    def invoice_run(self) -> "InvoiceRunService":
        """The month-end run."""
        from chalicelib.billing.issue import InvoiceIssuer
        from chalicelib.billing.run_service import InvoiceRunService

        return InvoiceRunService(
            storage=self.billing_storage,
            billing=self.billing,
            issuer=InvoiceIssuer(
                storage=self.billing_storage,
                work=self.work,
                journal=self.journal,
                clock=self.clock,
                company=lambda: self.settings.company,
            ),
            accounts=self.accounts,
            metering=self.metering,
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def invoice_documents(self) -> "InvoiceDocumentsService":
        """Draws, keeps and mails the PDFs of invoices."""
        from chalicelib.billing.documents_service import InvoiceDocumentsService
        from chalicelib.billing.invoice_pdf import invoice_pdf

        return InvoiceDocumentsService(
            storage=self.billing_storage,
            documents=self.adapters.documents,
            draw=invoice_pdf,
            work=self.work,
            clock=self.clock,
        )

    # payments
    @cached_property
    def _payments_ports(self) -> dict[str, Any]:
        """What collecting and notices both stand on."""
        from chalicelib.payments.card_storage import CardsStorage
        from chalicelib.payments.outcomes import Outcomes
        from chalicelib.payments.receivables import InvoiceReceivables
        from chalicelib.payments.storage import PaymentsStorage

        storage = PaymentsStorage(self.adapters.tables)
        return {
            "processor": self.adapters.card_processor,
            "receivables": InvoiceReceivables(self.billing),
            "storage": storage,
            "outcomes": Outcomes(
                storage=storage,
                cards=CardsStorage(self.adapters.tables),
                payers=self.accounts,
                journal=self.journal,
                clock=self.clock,
            ),
            "work": self.work,
            "clock": self.clock,
        }

    @cached_property
    def cards(self) -> "CardService":
        """Cards of the accounts."""
        from chalicelib.payments.card_service import CardService
        from chalicelib.payments.card_storage import CardsStorage
        from chalicelib.payments.running_costs import AccountCosts

        return CardService(
            processor=self.adapters.card_processor,
            storage=CardsStorage(self.adapters.tables),
            payers=self.accounts,
            orders=self.orders,
            costs=AccountCosts(
                orders=self.orders,
                desktops=self.desktops,
                billing=self.billing,
                payments=self.collection,
                clock=self.clock,
            ),
            work=self.work,
            journal=self.journal,
            clock=self.clock,
        )

    @cached_property
    def collection(self) -> "CollectionService":
        """Charges invoices by card."""
        from chalicelib.payments.card_storage import CardsStorage
        from chalicelib.payments.collection_service import CollectionService

        cards = CardsStorage(self.adapters.tables)
        return CollectionService(cards=cards, **self._payments_ports)

    @cached_property
    def webhooks(self) -> "WebhookService":
        """Receives Stripe's notices."""
        from chalicelib.payments.webhook_service import WebhookService

        return WebhookService(cards=self.cards, **self._payments_ports)


class _SavedCards:
    """What orders ask of payments, whose services are built from orders: looked up when asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def has_card(self, account_id: str) -> bool:
        """Tell whether the account has a card saved."""
        return self._services.cards.has_card(account_id)


class _RentedDesktops:
    """What orders ask of desktops, whose services are built from orders: looked up when asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def ended(self, account_id: str) -> Counter[str]:
        """Count, by order, the account's desktops that are deleted or failed."""
        desktops = self._services.desktops.of_account(account_id)
        return Counter(each.order_id for each in desktops if not each.is_active)


def build_services() -> Services:
    """Build the services of the stage named by the environment."""
    return Services(Adapters(Settings.from_environment()))
