"""The operator's sales journal: months, totals, downloads (BIL-12, OPS-1)."""

import pytest

from tests.console.test_invoice_pages import Client
from tests.fakes.accounts import an_operator, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.world import World


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


@pytest.mark.contract("BIL-12", "OPS-1")
def test_the_operator_reads_a_month_and_downloads_its_journal(
    world: World, client: Client, browsing: Browsing
) -> None:
    # Given nothing issued yet
    operator = an_operator(world)
    signed_in(browsing, operator)
    assert "Aucune facture n’a encore été émise." in browsing.get("/operator/sales").text
    # When October is invoiced at 29,00 + VAT, in November
    client.invoiced()
    page = browsing.get("/operator/sales").text
    # Then its totals and numbers are there, provisional, and so is the file
    assert "Provisoire" in page
    assert "F-2026-000001 à F-2026-000001" in page
    assert "20 %, catégorie S, FR" in page
    assert "34,80" in page
    file = browsing.get("/operator/sales/2026-11")
    assert file.text.splitlines()[1].startswith("provisoire;facture;F-2026-000001;2026-11-")
    # When the month is over and closed
    world.clock.set("2026-12-01 03:45")
    world.services.billing.sales_journal.close_due()
    signed_in(browsing, operator)
    page = browsing.get("/operator/sales").text
    assert "Clos le" in page
    assert "Les clôtures et leurs fichiers concordent." in page
    assert browsing.get("/operator/sales/2026-11").text.splitlines()[1].startswith("clos;facture;")


@pytest.mark.contract("BIL-12")
@pytest.mark.parametrize("month", ["2026-13", "demain", "2999-01"])
def test_what_is_no_month_past_has_no_file(world: World, browsing: Browsing, month: str) -> None:
    signed_in(browsing, an_operator(world))
    assert browsing.get(f"/operator/sales/{month}").status == 404
