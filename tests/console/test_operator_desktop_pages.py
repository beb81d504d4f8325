"""The operators' pages on desktops: inventory, measures, comparison with the clouds (OPS-1)."""

import pytest

from chalicelib.desktops.model.lifecycle import State
from tests.console.test_desktop_pages import Office
from tests.fakes.accounts import an_operator, signed_in
from tests.fakes.browsing import Browsing


@pytest.fixture
def office(browsing: Browsing) -> Office:
    """A client's desktop, an operator signed in."""
    office = Office(browsing)
    office.rent("Accueil")
    signed_in(browsing, an_operator(browsing.world))
    return office


def path_of(office: Office, rest: str = "") -> str:
    return f"/operator/desktops/{office.account.id}/{office.desktop().id}{rest}"


@pytest.mark.contract("OPS-1", "DSK-7")
def test_the_inventory_counts_by_state_and_provider_and_shows_no_secret(office: Office) -> None:
    # given
    secret = next(iter(office.world.adapters.machine_secrets.laid.values()))
    # then
    page = office.browsing.get("/operator/desktops").text
    assert "state=running&amp;provider=ec2" in page
    assert "Accueil" in office.browsing.get("/operator/desktops?state=running").text
    assert "Accueil" not in office.browsing.get("/operator/desktops?state=stopped").text
    page = office.browsing.get(path_of(office)).text
    assert str(office.desktop().machine_id) in page
    assert secret not in page
    assert str(office.desktop().address) not in page


@pytest.mark.contract("DSK-8", "PRI-5", "OPS-1")
def test_a_measure_is_taken_listed_upheld_and_lifted(office: Office) -> None:
    # given
    browsing, path = office.browsing, path_of(office, "/measures")
    # when the form lacks a reason, or a date to come for an update
    assert browsing.post(path, {"kind": "isolation", "reason": ""}).status == 422
    late = {"kind": "update", "reason": "Faille connue", "due_on": "2026-11-05"}
    assert browsing.post(path, late).status == 422
    assert "Faille connue" in browsing.text
    # when it is complete, clicked twice
    fields = {"kind": "isolation", "reason": "Minage", "key": "msr_" + "a" * 20}
    assert browsing.post(path, fields).status == 303
    assert browsing.post(path, fields).status == 303
    office.world.pump()
    (measure,) = office.desktop().measures
    assert office.desktop().state is State.ISOLATED
    assert "Minage" in browsing.get("/operator/measures").text
    # when the client contests it, then it comes first, and an operator upholds it with a reason
    office.world.services.desktops.service.contest_measure(
        office.account.id, office.desktop().id, measure.id, "Ce n’est pas nous", by="usr_x"
    )
    assert "Contestée" in browsing.get("/operator/measures").text
    assert "Ce n’est pas nous" in browsing.get(path_of(office)).text
    assert browsing.post(path_of(office, f"/measures/{measure.id}/uphold")).status == 422
    browsing.post(path_of(office, f"/measures/{measure.id}/uphold"), {"why": "Journaux à l’appui"})
    assert office.desktop().measures[0].upheld_at is not None
    # when it is lifted
    browsing.post(path_of(office, f"/measures/{measure.id}/lift"), {"why": "Nettoyé"})
    office.world.pump()
    assert (office.desktop().state, office.desktop().measures) == (State.RUNNING, ())
    assert "Aucune mesure" in browsing.get("/operator/measures").text
    told = [str(mail["Subject"]) for mail in office.world.mails.mails]
    assert told[-1] == "Mesure levée sur votre bureau Accueil"


@pytest.mark.contract("DSK-9", "OPS-1")
def test_what_the_comparison_found_waits_until_it_is_closed(office: Office) -> None:
    # given a machine that the cloud ended
    browsing, machines = office.browsing, office.world.adapters.machines
    assert "Tout concorde" in browsing.get("/operator/machines").text
    machines.take_back(str(office.desktop().machine_id))
    # when
    assert "Comparaison demandée" in browsing.post("/operator/machines").follow().text
    office.world.pump()
    # then what was compared is told, and what was found waits, with a note to write
    page = browsing.get("/operator/machines").text
    assert "0 machines, 1 bureau." in page
    assert "1 écart nouveau." in page
    assert "Machine disparue" in page
    (finding,) = office.world.services.desktops.reconciliation.open_findings()
    close = f"/operator/machines/{finding.id}/close"
    assert browsing.post(close, {"note": " "}).status == 422
    # when the machine is made again, and the finding closed
    browsing.post(path_of(office, "/machine"), {"name": "Accueil", "why": "Panne de l’hôte"})
    office.world.pump()
    assert browsing.post(close, {"note": "Machine refaite"}).status == 303
    # then
    assert office.desktop().state is State.RUNNING
    assert "(réinstallé)" in browsing.get(path_of(office)).text
    page = browsing.get("/operator/machines").text
    assert "Tout concorde" in page
    assert "Machine refaite" in page


@pytest.mark.contract("OPS-1")
def test_a_clients_page_leads_to_each_of_its_desktops_and_orders(office: Office) -> None:
    page = office.browsing.get(f"/operator/accounts/{office.account.id}/estate")
    assert page.status == 200
    assert f'href="{path_of(office)}">Accueil</a>' in page.text
    assert f'href="/operator/orders/{office.desktop().order_id}">C-1</a>' in page.text
    # and its other pages lead there
    account = office.browsing.get(f"/operator/accounts/{office.account.id}").text
    assert f'href="/operator/accounts/{office.account.id}/estate"' in account


@pytest.mark.contract("OPS-1")
@pytest.mark.parametrize("path", ["desktops", "measures", "machines"])
def test_a_client_does_not_learn_of_these_pages(office: Office, path: str) -> None:
    signed_in(office.browsing, office.owner)
    assert office.browsing.get(f"/operator/{path}").status == 404
