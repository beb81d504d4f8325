"""Documents, vault, mails, queues and secrets: what the fakes promise, AWS's adapters keep."""

import json
from dataclasses import asdict
from email.message import EmailMessage
from typing import Any

import pytest
import requests

from chalicelib.desktops.clouds.ssm_secrets_gateway import SsmMachineSecrets
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.documents import Documents, S3Documents
from chalicelib.foundation.messages import Message, Queue, Queues
from chalicelib.foundation.settings import Secrets, Settings
from chalicelib.foundation.sqs import SqsQueues
from chalicelib.foundation.vault import KmsVault, Vault
from chalicelib.notifications.ses_gateway import SesMailSender
from infra.local.outside.provisioning import (
    MAIL_FROM,
    PREFIX,
    local_settings,
    make_queues,
    provision,
)
from tests.fakes.outside import InMemoryDocuments, InMemoryQueues, InMemoryVault
from tests.fakes.world import COMPANY

SECRETS = Secrets("sk_test_1", "whsec_1", "a key", "a pepper")


@pytest.fixture(params=["memory", "s3"])
def documents(request: pytest.FixtureRequest) -> Documents:
    if request.param == "memory":
        return InMemoryDocuments()
    return on_s3(request.getfixturevalue("access"))


def on_s3(access: AwsAccess) -> S3Documents:
    name = f"documents-{access.access_key}"  # buckets of all accounts share their names
    access.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
    )
    return S3Documents(access, name)


@pytest.fixture(params=["memory", "kms"])
def vault(request: pytest.FixtureRequest) -> Vault:
    if request.param == "memory":
        return InMemoryVault()
    access: AwsAccess = request.getfixturevalue("access")
    return KmsVault(access, access.client("kms").create_key()["KeyMetadata"]["KeyId"])


@pytest.fixture(params=["memory", "sqs"])
def queues(request: pytest.FixtureRequest) -> Queues:
    if request.param == "memory":
        return InMemoryQueues()
    access: AwsAccess = request.getfixturevalue("access")
    make_queues(access.client("sqs"))
    return SqsQueues(access, PREFIX)


def test_a_document_stored_is_never_replaced(documents: Documents) -> None:
    documents.store("invoices/1.pdf", b"%PDF first", "application/pdf")
    documents.store("invoices/1.pdf", b"%PDF second", "application/pdf")
    assert documents.read("invoices/1.pdf") == b"%PDF first"
    with pytest.raises(KeyError):
        documents.read("invoices/2.pdf")


def test_the_address_of_a_document_serves_it_under_a_name(access: AwsAccess) -> None:
    documents = on_s3(access)
    documents.store("invoices/1.pdf", b"%PDF first", "application/pdf")
    answer = requests.get(documents.link("invoices/1.pdf", "F-1.pdf"), timeout=30)
    assert answer.content == b"%PDF first"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="F-1.pdf"'


def test_a_secret_is_read_back_for_its_account_alone(vault: Vault) -> None:
    sealed = vault.encrypt("Marron-71", "acc_1")
    assert "Marron" not in sealed
    assert vault.decrypt(sealed, "acc_1") == "Marron-71"
    with pytest.raises(Exception, match=r"context|Ciphertext"):
        vault.decrypt(sealed, "acc_2")


@pytest.mark.parametrize("queue", [Queue.MAIL, Queue.ISSUE])
def test_a_message_is_sent_as_often_as_it_is_given(queues: Queues, queue: Queue) -> None:
    message = Message(queue, "k", '{"n": 1}', group="g")
    queues.send(message)
    queues.send(message)
    assert len(_received(queues, queue)) == 2


def _received(queues: Queues, queue: Queue) -> list[Any]:
    if isinstance(queues, InMemoryQueues):
        return queues.of(queue)
    assert isinstance(queues, SqsQueues)
    sqs = queues._access.client("sqs")
    url = sqs.get_queue_url(QueueName=PREFIX + queue.value)["QueueUrl"]
    found: list[Any] = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    return found


def test_a_mail_goes_through_ses(access: AwsAccess) -> None:
    access.client("sesv2").create_email_identity(EmailIdentity=MAIL_FROM)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = MAIL_FROM, "eva@exemple.example", "Été"
    mail.set_content("Bonjour à vous")
    SesMailSender(access).send(mail)
    kept = requests.get(f"{access.endpoint_url}/_ministack/ses/messages", timeout=30).json()
    (sent,) = [each for each in kept["messages"][access.access_key] if each["To"] == [mail["To"]]]
    assert "Bonjour" in sent["BodyText"]


def test_secrets_are_read_once_for_the_life_of_a_function(access: AwsAccess) -> None:
    # Given a stage whose secrets are in SSM, more than a page of them
    provision(access)
    ssm = access.client("ssm")
    given = {**asdict(SECRETS), "company": json.dumps(asdict(COMPANY)), "x1": "-", "x2": "-"}
    given |= {f"more{n}": "-" for n in range(10)}
    for name, value in given.items():
        ssm.put_parameter(
            Name=f"/omny/local/console/{name}", Value=value, Type="SecureString", Overwrite=True
        )
    settings = local_settings(access, "https://console.example", "http://127.0.0.1:9")
    # When they are used again and again
    assert (settings.company, settings.secrets) == (COMPANY, SECRETS)
    # Then they are those of the start: one changed meanwhile is read by the next start
    ssm.put_parameter(
        Name="/omny/local/console/pepper", Value="new", Type="SecureString", Overwrite=True
    )
    assert (settings.secrets, settings.company) == (SECRETS, COMPANY)
    fresh = local_settings(access, "https://console.example", "http://127.0.0.1:9")
    assert fresh.secrets.pepper == "new"


@pytest.mark.contract("DSK-7")
def test_the_secret_of_a_machine_bears_its_arn(access: AwsAccess) -> None:
    machines = "arn:aws:ec2:eu-west-3:000000000000:instance/"
    secrets = SsmMachineSecrets(access, "test", machines)
    secrets.hand_to("dsk_1", "i-1")  # nothing is laid down yet: nothing happens
    secrets.put("dsk_1", "Marron-71")
    secrets.hand_to("dsk_1", "i-1")
    tags = access.client("ssm").list_tags_for_resource(
        ResourceType="Parameter", ResourceId=secrets.parameter("dsk_1")
    )["TagList"]
    assert tags == [{"Key": "omny:machine", "Value": f"{machines}i-1"}]
    secrets.erase("dsk_1")


def test_no_secret_comes_from_the_environment() -> None:
    environment = {
        "STAGE": "dev",
        "CONSOLE_URL": "https://console.example",
        "DOCUMENTS_BUCKET": "d",
        "EXCHANGE_BUCKET": "e",
        "KMS_KEY_ID": "k",
        "SIGNING_KEY_ID": "s",
        "MAIL_FROM": "a@b.example",
        **{name.upper(): "from the environment" for name in Secrets.__dataclass_fields__},
    }
    settings = Settings.from_environment(environment)
    assert "from the environment" not in repr(settings)
