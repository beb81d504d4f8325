"""The order on paper says what was agreed (LEG-3, LEG-4)."""

import re
import zlib

import pytest

from chalicelib.orders.fulfilment.order_pdf import OrderPaper, characteristics, order_pdf
from tests.fakes.ordering import KEY, Ordering, a_request
from tests.fakes.world import COMPANY


@pytest.mark.contract("LEG-4")
def test_an_order_with_every_option_is_drawn_the_same_each_time() -> None:
    # Given a validated order of twenty Pro desktops with options
    shop = Ordering()
    shop.open_for_business()
    account, user = shop.client(order_limit_cents=5000_00)
    request = a_request(
        configuration_code="pro",
        quantity=20,
        desktop_names=tuple(f"Poste {n} du deuxième étage" for n in range(20)),
        options=(("storage-10gb", 2), ("backup", 1), ("extra-pod", 1)),
    )
    order = shop.orders.place(account, user, request, KEY)
    # When it is drawn twice
    titles = {terms.kind: f"Document {terms.kind}" for terms in order.terms}
    paper = OrderPaper(order, account, shop.catalogue.current(), COMPANY, titles)
    first, second = order_pdf(paper), order_pdf(paper)
    # Then both are the same PDF
    assert first == second
    assert first.startswith(b"%PDF")
    assert any(b"BT" in zlib.decompress(part) for part in _streams(first))


def test_a_configuration_is_described_in_one_sentence() -> None:
    shop = Ordering()
    shop.open_for_business()
    text = characteristics(shop.catalogue.current().configuration("graphique"))
    assert text.replace("\u00a0", " ") == (
        "4 vCPU, 16 Go de mémoire, 250 Go de stockage, Windows Server 2022, "
        "LibreOffice, Firefox, Blender, GIMP, OmnyPod inclus, disponibilité mensuelle visée 99,9 %"
    )


def _streams(pdf: bytes) -> list[bytes]:
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    return [part for part in found if part[:1] == b"\x78"]
