"""CGV art. 9: the operator publishes prices; what is wrong changes nothing."""

import json
from datetime import date
from pathlib import Path

import pytest

from chalicelib.foundation.errors import DomainError, FieldErrors, NotFoundError
from chalicelib.orders.model.request import LineRequest
from chalicelib.queues import handle
from tests.fakes.ordering import DEMO, Ordering, demo_document
from tests.fakes.pods import Lending


@pytest.fixture
def shop() -> Ordering:
    return Ordering()


def test_nothing_is_for_sale_before_the_first_publication(shop: Ordering) -> None:
    with pytest.raises(DomainError, match="Aucun catalogue"):
        shop.catalogue.current()


@pytest.mark.contract("CAT-1", "CAT-3", "EVD-1")
def test_the_data_file_is_published_and_published_again(shop: Ordering) -> None:
    # Given the demo file, when it is loaded twice
    first = shop.catalogue.load_file(DEMO)
    second = shop.catalogue.load_file(DEMO)
    # Then the second time changes nothing
    assert (first.version, second.version) == (1, 1)
    assert shop.kinds_in_journal("company") == ["catalogue.published"]


@pytest.mark.contract("CAT-3")
def test_a_change_shows_at_once_here_and_within_30_seconds_elsewhere(shop: Ordering) -> None:
    # Given two processes that read the catalogue
    shop.catalogue.load_file(DEMO)
    elsewhere = Ordering().catalogue
    elsewhere.storage = shop.catalogue.storage
    elsewhere.recording = shop.recording
    assert elsewhere.current().version == 1
    # When one publishes a price for the new year
    document = demo_document()
    document["prices"].append(
        {"code": "backup", "from_on": "2027-01-01", "monthly_excl_vat": "6.00"}
    )
    shop.catalogue.publish(document, "operator:usr_op")
    # Then it sees it, and the other within half a minute
    assert shop.catalogue.current().price_on("backup", date(2027, 1, 1)) == 6_00
    assert elsewhere.current().version == 1
    shop.clock.advance(seconds=30)
    assert elsewhere.current().version == 2


@pytest.mark.contract("CAT-1")
def test_a_reading_costs_nothing_for_half_a_minute(shop: Ordering) -> None:
    # Given a reading, when the next ones come within 30 seconds, then they are the same object
    shop.catalogue.load_file(DEMO)
    first = shop.catalogue.current()
    shop.clock.advance(seconds=29)
    assert shop.catalogue.current() is first


@pytest.mark.contract("CAT-3")
def test_a_refused_catalogue_changes_nothing_and_names_the_line(shop: Ordering) -> None:
    # Given a text whose 12th line is wrong
    shop.catalogue.load_file(DEMO)
    lines = DEMO.read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if '"vcpu"' in line)
    lines[number - 1] = '      "vcpu": "many",'
    # When it is published
    with pytest.raises(FieldErrors) as refused:
        shop.catalogue.publish_text("\n".join(lines), "operator:usr_op")
    # Then that line is named and the first version stands
    assert list(refused.value.errors) == [f"ligne {number} · configurations[0].vcpu"]
    assert shop.catalogue.current().version == 1
    assert shop.kinds_in_journal("company") == ["catalogue.published"]


@pytest.mark.contract("CAT-3")
def test_a_past_price_cannot_be_altered_by_a_publication(shop: Ordering) -> None:
    # Given the demo, and a text that lowers a price in force
    shop.catalogue.load_file(DEMO)
    text = DEMO.read_text(encoding="utf-8").replace('"149.00"', '"99.00"')
    # When it is published, then the line of that price is named
    with pytest.raises(FieldErrors) as refused:
        shop.catalogue.publish_text(text, "operator:usr_op")
    (place,) = refused.value.errors
    number = int(place.split()[1])
    assert '"graphique"' in text.splitlines()[number - 1]
    assert shop.catalogue.current().price_on("graphique", date(2026, 11, 5)) == 149_00


@pytest.mark.parametrize("text", ["", "{", '{"a": }', "[" * 100_000])
def test_what_is_not_json_is_refused(shop: Ordering, text: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        shop.catalogue.publish_text(text, "operator:usr_op")
    assert next(iter(refused.value.errors)).startswith("ligne ")


@pytest.mark.contract("CAT-3")
def test_every_state_is_kept(shop: Ordering) -> None:
    # Given two publications
    shop.catalogue.load_file(DEMO)
    document = demo_document()
    document["configurations"][0]["memory_gib"] = 6
    shop.catalogue.publish(document, "operator:usr_op")
    # When the first is asked for, then it is as it was
    assert shop.catalogue.version(1).configuration("standard").memory_gib == 4
    assert shop.catalogue.version(2).configuration("standard").memory_gib == 6
    with pytest.raises(NotFoundError):
        shop.catalogue.version(3)


@pytest.mark.contract("CAT-3")
def test_the_public_document_hides_what_runs_behind(shop: Ordering) -> None:
    shop.catalogue.load_file(DEMO)
    public = json.dumps(shop.catalogue.public_document())
    assert "29.00" in public
    for hidden in ("instance_type", "ami-", "t3.medium"):
        assert hidden not in public


def test_a_file_that_is_missing_is_said_to_be(shop: Ordering, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        shop.catalogue.load_file(tmp_path / "none.json")


@pytest.mark.contract("CAT-3")
def test_who_rents_is_written_to_before_a_new_price_and_once() -> None:
    # Given a client who rents Essentiel with the backup, and another one who rents Standard
    lending = Lending()
    renting, other = lending.client(), lending.client(consumer=True)
    lending.order(renting, LineRequest("essentiel", options=(("backup", 1),)))
    lending.order(other, LineRequest("standard"), key="1" * 32)
    catalogue, box = lending.services.catalogue, lending.world.mails
    now = catalogue.current()
    # When prices of both from 1 December are published, the message coming twice
    document = demo_document()
    document["prices"] += [
        {"code": "essentiel", "from_on": "2026-12-01", "monthly_excl_vat": "45.50"},
        {"code": "backup", "from_on": "2026-12-01", "monthly_excl_vat": "7.25"},
    ]
    catalogue.publish(document, "operator:usr_op")
    lending.world.pump()
    (message,) = [m for m in lending.world.adapters.queues.sent if "announce" in m.key]
    handle(message.queue, message.text, lending.services)
    lending.world.pump()
    # Then the first client alone is told of both, once, with what was and what will be
    (told,) = lending.mails_of("price_change")
    assert [
        (each["from_on"], each["now_cents"], each["then_cents"]) for each in told["prices"]
    ] == [  # type: ignore[attr-defined]
        ("2026-12-01", now.price_on("essentiel", lending.today), 45_50),
        ("2026-12-01", now.price_on("backup", lending.today), 7_25),
    ]
    (sent,) = [m for m in box.to(renting[0].email) if m["Subject"].startswith("Un prix")]
    assert "45,50\u00a0€ HT à partir du 1er décembre 2026" in box.text_of(sent)
    # When that of Standard changes too, then the consumer is told with VAT: 31.50 × 1.2
    document["prices"].append(
        {"code": "standard", "from_on": "2026-12-01", "monthly_excl_vat": "31.50"}
    )
    catalogue.publish(document, "operator:usr_op")
    lending.world.pump()
    (sent,) = [m for m in box.to(other[0].email) if m["Subject"].startswith("Un prix")]
    assert "37,80\u00a0€ TTC à partir du 1er décembre 2026" in box.text_of(sent)
    # When something else is published, then nobody is written to
    document["configurations"][0]["memory_gib"] = 6
    catalogue.publish(document, "operator:usr_op")
    lending.world.pump()
    assert len(lending.mails_of("price_change")) == 2
