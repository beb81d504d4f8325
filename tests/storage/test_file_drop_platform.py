"""The platform reached by files: on the emulated S3 (BIL-11)."""

import json

import pytest

from chalicelib.billing.platform.file_drop_gateway import FileDropPlatform
from chalicelib.foundation.aws import AwsAccess
from chalicelib.foundation.errors import TemporaryGatewayError


@pytest.mark.contract("BIL-11")
def test_documents_go_out_and_statuses_come_back_once(access: AwsAccess) -> None:
    # Given a bucket
    client = access.client("s3")
    client.create_bucket(
        Bucket="drop", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
    )
    platform = FileDropPlatform(access, "drop")

    def keys(folder: str) -> list[str]:
        listed = client.list_objects_v2(Bucket="drop", Prefix=f"platform/{folder}/")
        return [item["Key"].rsplit("/", 1)[1] for item in listed.get("Contents", [])]

    # When a document is handed over twice, then the first stays
    platform.deposit("F-2026-000412", b"%PDF first")
    platform.deposit("F-2026-000412", b"%PDF second")
    stored = client.get_object(Bucket="drop", Key="platform/out/F-2026-000412.pdf")
    assert stored["Body"].read() == b"%PDF first"
    # When the platform leaves a status, and something that is none
    status = {"number": "F-2026-000412", "status": "200", "at": "2026-11-02T08:00:00Z"}
    for name, content in (("1.json", json.dumps(status).encode()), ("2.json", b"\xff<html>")):
        client.put_object(Bucket="drop", Key=f"platform/in/{name}", Body=content)
    news = list(platform.news())
    # Then both are given, the unreadable one empty
    assert [(each.name, each.content) for each in news] == [("1.json", status), ("2.json", {})]
    # And once acknowledged they come no more, and nothing is lost
    platform.acknowledge(news[0], taken=True)
    platform.acknowledge(news[1], taken=False)
    assert list(platform.news()) == []
    assert (keys("in"), keys("taken"), keys("aside")) == ([], ["1.json"], ["2.json"])


@pytest.mark.contract("BIL-11")
def test_a_file_that_cannot_be_moved_is_said_and_one_already_moved_is_not(
    access: AwsAccess,
) -> None:
    client = access.client("s3")
    client.create_bucket(
        Bucket="moved", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
    )
    platform = FileDropPlatform(access, "moved")
    client.put_object(Bucket="moved", Key="platform/in/1.json", Body=b"{}")
    (news,) = platform.news()
    # Two take statuses back at once
    platform.acknowledge(news, taken=True)
    platform.acknowledge(news, taken=True)
    # Somebody emptied the whole place
    with pytest.raises(TemporaryGatewayError):
        FileDropPlatform(access, "gone").acknowledge(news, taken=True)
