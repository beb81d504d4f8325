"""The outside as production has it: tables, queues, documents, machines, cards."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.foundation.clock import Clock, SystemClock
from chalicelib.foundation.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.access.passwords import Passwords
    from chalicelib.billing.platform.port import Platform
    from chalicelib.billing.vat.vies import Vies
    from chalicelib.desktops.clouds.machines import MachineProvider, MachineSecrets
    from chalicelib.foundation.documents import Documents
    from chalicelib.foundation.measures import Metrics
    from chalicelib.foundation.messages import Queues
    from chalicelib.foundation.signing import Signer
    from chalicelib.foundation.tables import Tables
    from chalicelib.foundation.vault import Vault
    from chalicelib.notifications.service import MailSender
    from chalicelib.payments.stripe.processor import CardProcessor


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
    def signer(self) -> "Signer":
        """What signs closings of receipts."""
        from chalicelib.foundation.signing import KmsSigner

        return KmsSigner(self.settings.access, self.settings.signing_key_id)

    @cached_property
    def mail_sender(self) -> "MailSender":
        """What sends mails."""
        from chalicelib.notifications.ses_gateway import SesMailSender

        return SesMailSender(self.settings.access)

    @cached_property
    def metrics(self) -> "Metrics":
        """Where business measures are published."""
        from chalicelib.foundation.emf import EmfMetrics

        return EmfMetrics(self.settings.stage)

    @cached_property
    def passwords(self) -> "Passwords":
        """What hashes passwords."""
        from chalicelib.accounts.access.passwords import Passwords

        return Passwords()

    # adapters of desktops
    check_delay_seconds = 15  # between two looks at a machine on its way

    @cached_property
    def machine_providers(self) -> "Mapping[str, MachineProvider]":
        """Where machines are made, by the provider's name in the catalogue."""
        from chalicelib.desktops.clouds.ec2_provider import Ec2Provider
        from chalicelib.desktops.clouds.workspaces_provider import WorkspacesProvider

        access, stage = self.settings.access, self.settings.stage
        providers: dict[str, MachineProvider] = {
            "ec2": Ec2Provider(access, stage, placement=placement(self.settings))
        }
        if self.settings.workspaces_directory:
            directory = self.settings.workspaces_directory
            providers["workspaces"] = WorkspacesProvider(access, stage, directory)
        return providers

    @cached_property
    def machine_secrets(self) -> "MachineSecrets":
        """Where machines fetch their secrets."""
        from chalicelib.desktops.clouds.ssm_secrets_gateway import SsmMachineSecrets

        return SsmMachineSecrets(
            self.settings.access, self.settings.stage, self.settings.machine_arns
        )

    # adapters of billing
    @cached_property
    def vies(self) -> "Vies":
        """The register of VAT numbers."""
        from chalicelib.billing.vat.vies_gateway import ViesGateway

        return ViesGateway(self.settings.company.vat_number)

    @cached_property
    def platform(self) -> "Platform":
        """Where electronic invoices are handed over."""
        from chalicelib.billing.platform.file_drop_gateway import FileDropPlatform

        return FileDropPlatform(self.settings.access, self.settings.exchange_bucket)

    # adapters of payments
    @cached_property
    def card_processor(self) -> "CardProcessor":
        """Stripe."""
        from chalicelib.payments.stripe.stripe_gateway import StripeGateway

        secrets = self.settings.secrets
        return StripeGateway(
            secrets.stripe_key, secrets.stripe_webhook_secret, self.settings.stripe_api_base
        )


def placement(settings: Settings) -> dict[str, object]:
    """Give where EC2 makes machines; nothing said: AWS's default network (the local stack)."""
    if not settings.desktop_subnets:
        return {}
    return {
        "SubnetIds": settings.desktop_subnets,
        "SecurityGroupIds": [settings.desktop_group],
        "IamInstanceProfile": {"Name": settings.desktop_profile},
    }
