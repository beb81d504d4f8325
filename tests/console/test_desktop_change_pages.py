"""Changing, reinstalling, restoring and contesting, through the client's pages."""

from datetime import date

import pytest

from chalicelib.desktops.model.lifecycle import State
from tests.console.test_desktop_pages import Office
from tests.fakes.browsing import Browsing


@pytest.fixture
def office(browsing: Browsing) -> Office:
    office = Office(browsing)
    office.rent("Accueil")
    return office


def path_of(office: Office, rest: str) -> str:
    return f"/desktops/{office.desktop().id}/{rest}"


@pytest.mark.contract("DSK-4", "CON-1")
def test_a_change_shows_the_difference_of_price_and_is_scheduled_then_cancelled(
    office: Office,
) -> None:
    # given
    browsing, path = office.browsing, path_of(office, "configuration")
    page = browsing.get(path).text
    assert "10,00" in page  # Essentiel costs 39.00, Standard 29.00
    assert "n’est pas immédiat" in page
    # when the client chooses a time that is no time, or does not accept the interruption
    fields = {"configuration": "pro", "when": "later", "at": "demain", "confirmed": "yes"}
    assert browsing.post(path, fields).status == 422
    assert 'value="demain"' in browsing.text
    assert browsing.post(path, {**fields, "confirmed": ""}).status == 422
    # an hour that the spring night does not have is none either
    assert browsing.post(path, {**fields, "at": "2027-03-28T02:30"}).status == 422
    # when it is a time to come
    browsing.post(path, {**fields, "at": "2026-11-06T20:00"})
    assert browsing.status == 303
    # then the page says so, and nothing has changed yet
    scheduled = office.desktop()
    assert scheduled.scheduled is not None
    assert scheduled.state is State.RUNNING
    assert "Changement programmé" in browsing.get(f"/desktops/{scheduled.id}").text
    assert "20:00" in browsing.text
    # when it is cancelled
    browsing.post(path_of(office, "configuration/cancel"))
    assert office.desktop().scheduled is None


@pytest.mark.contract("CAT-2", "DSK-4")
def test_options_are_added_with_their_price_and_storage_never_shrinks(office: Office) -> None:
    # given
    browsing, path = office.browsing, path_of(office, "options")
    assert "1, soit 5,00\u00a0€ HT de plus par mois" in browsing.get(path).text
    wanted = {"storage-10gb": "2", "backup": "1", "confirmed": "yes"}
    # when the price is not accepted, or a quantity is none
    assert browsing.post(path, {**wanted, "confirmed": ""}).status == 422
    assert browsing.post(path, {**wanted, "backup": "-1"}).status == 422
    # and an OmnyPod can be added too, of which the delay is told
    assert 'name="extra-pod"' in browsing.text
    assert "30 jours ouvrés" in browsing.text
    # when it is
    assert browsing.post(path, wanted).status == 303
    office.world.pump()
    # then
    assert dict(office.desktop().option_codes) == {"storage-10gb": 2, "backup": 1}
    assert office.world.mails.mails[-1]["Subject"].startswith("Les options de votre bureau")
    # and the form tells what a change from there would cost, without less storage to choose
    form = browsing.get(path).text
    assert "0, soit 5,00\u00a0€ HT de moins par mois" in form
    assert "2, comme aujourd’hui" in form
    assert '<option value="1">1, soit 2,00' not in form
    # when less storage is asked for
    assert browsing.post(path, {**wanted, "storage-10gb": "1"}).status == 422
    assert "ne peut que grandir" in browsing.text


@pytest.mark.contract("DSK-5", "ORD-4")
def test_a_reinstallation_is_confirmed_by_the_name_and_brings_a_new_code(office: Office) -> None:
    # given
    browsing, path = office.browsing, path_of(office, "reinstallation")
    former = office.desktop().machine_id
    assert browsing.get(path).status == 200
    # when another name is typed
    assert browsing.post(path, {"name": "Atelier"}).status == 422
    # when its name is
    assert browsing.post(path, {"name": "Accueil"}).status == 303
    assert "Réinstallation" in browsing.get(f"/desktops/{office.desktop().id}").text
    office.world.pump()
    # then another machine, and a link to another code
    assert office.desktop().machine_id != former
    assert office.world.mails.mails[-1]["Subject"] == "Votre bureau Accueil est réinstallé"
    assert browsing.get(office.link()).status == 200


@pytest.mark.contract("DSK-5")
def test_a_desktop_returns_to_a_backup_from_its_page(office: Office) -> None:
    # given a desktop with a night's backup
    browsing, services = office.browsing, office.world.services
    options = {"backup": "1", "confirmed": "yes"}
    browsing.post(path_of(office, "options"), options)
    office.world.clock.set("2026-11-06 03:30")
    services.desktops.service.ask_backups()
    office.world.pump()
    office.wait_until("2026-11-06 10:00")
    (backup,) = office.desktop().backups
    assert backup.taken_on == date(2026, 11, 6)
    # when
    path = path_of(office, "restoration")
    assert backup.snapshot_id in browsing.get(path).text
    assert "6 novembre 2026</label>" in browsing.text
    assert browsing.post(path, {"backup": "snap-other", "name": "Accueil"}).status == 422
    browsing.post(path, {"backup": backup.snapshot_id, "name": "Accueil"})
    assert browsing.status == 303
    office.world.pump()
    # then
    assert office.desktop().state is State.RUNNING
    assert office.world.adapters.machines.alive[0].content == backup.snapshot_id
    assert "revenu à une sauvegarde" in browsing.get(f"/desktops/{office.desktop().id}").text


@pytest.mark.contract("DSK-8", "PRI-5")
def test_a_measure_shows_its_reason_and_is_contested_in_one_click(office: Office) -> None:
    # given
    services, desktop = office.world.services, office.desktop()
    services.desktops.service.take_measure(
        office.account.id, desktop.id, "isolation", "Envoi de pourriels", by="operator:u", key="m1"
    )
    office.world.pump()
    # then the client reads why, on the page and by mail
    page = office.browsing.get(f"/desktops/{desktop.id}").text
    assert "Envoi de pourriels" in page
    assert "Ouvrir dans le navigateur" not in page
    assert "Envoi de pourriels" in office.world.mails.text_of(office.world.mails.mails[-1])
    # when
    office.browsing.post(path_of(office, "measures/m1/contest"))
    # then
    assert office.browsing.status == 303
    assert "une personne de notre équipe" in office.browsing.get(f"/desktops/{desktop.id}").text
    assert office.desktop().measures[0].awaits_human
    # and what does not exist is not found
    assert office.browsing.post(path_of(office, "measures/m2/contest")).status == 404


@pytest.mark.contract("CON-1")
def test_the_list_is_filtered_by_name_state_and_configuration(browsing: Browsing) -> None:
    # given
    office = Office(browsing)
    office.rent("Accueil", "Atelier", "Compta", "Réserve", "Vente", "Stock")
    browsing.post(f"/desktops/{office.desktop('Atelier').id}/stop", {"back": "/desktops"})
    office.world.pump()

    def shown(query: str) -> set[str]:
        page = browsing.get(f"/desktops?{query}").text
        names = ("Accueil", "Atelier", "Compta", "Réserve", "Vente", "Stock")
        return {name for name in names if f">{name}</a></h3>" in page}

    # then
    assert shown("state=stopped") == {"Atelier"}
    assert shown("q=comp") == {"Compta"}
    assert shown("configuration=pro") == set()
    assert len(shown("state=running&configuration=standard")) == 5
    assert "Aucun bureau ne correspond" in browsing.get("/desktops?q=zzz").text


@pytest.mark.contract("CON-1")
def test_a_name_is_shown_as_it_was_typed_never_as_html(office: Office) -> None:
    name = '<b>"Vente" & co</b>'
    office.browsing.post(path_of(office, "name"), {"name": name})
    for path in ("/desktops", "/dashboard", f"/desktops/{office.desktop(name).id}"):
        page = office.browsing.get(path).text
        assert "&lt;b&gt;" in page
        assert '<b>"Vente"' not in page
