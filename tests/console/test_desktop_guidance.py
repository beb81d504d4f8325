"""What a desktop's pages say to do: deleting, measures, what is under way (DSK-6, DSK-8, CON-3)."""

import re
from dataclasses import replace

import pytest

from chalicelib.orders.model.order import OrderLine
from chalicelib.orders.placing.announcements import desktops_text
from tests.console.test_desktop_pages import Office
from tests.fakes.browsing import Browsing
from tests.fakes.desktops import Renting


@pytest.fixture
def office(browsing: Browsing) -> Office:
    office = Office(browsing)
    office.rent("Accueil")
    return office


@pytest.mark.contract("DSK-6", "DSK-5")
def test_deleting_says_what_becomes_of_backups(office: Office) -> None:
    path = f"/desktops/{office.desktop().id}/deletion"
    # Given a desktop without backups, then then one that has some
    assert "rien n’en restera" in office.browsing.get(path).text
    services = office.world.services
    services.desktops.service.change_options(
        office.account.id, office.desktop().id, (("backup", 1),), by=office.owner.id
    )
    office.world.pump()
    services.desktops.service.ask_backups()
    office.world.pump()
    services.desktops.service.ask_backups()
    office.world.pump()
    assert len(office.desktop().backups) == 1
    # Then the page says that they go too
    assert "Sa sauvegarde est effacée avec lui" in office.browsing.get(path).text


@pytest.mark.contract("DSK-8", "CON-1")
@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("isolation", "Pour qu’il soit de nouveau relié"),
        ("reinstallation", "/reinstallation"),
        ("deletion", "/deletion"),
        ("suspension", "Pour qu’il reprenne"),
    ],
)
def test_the_page_of_a_measured_desktop_says_what_to_do(
    office: Office, kind: str, remedy: str
) -> None:
    office.world.services.desktops.service.take_measure(
        office.account.id, office.desktop().id, kind, "Envoi de spam.", by="operator:1", key="m1"
    )
    office.world.pump()
    page = office.browsing.get(f"/desktops/{office.desktop().id}").text
    notice = page[page.index("Mesure en cours") :].partition("</section>")[0]
    assert remedy in notice
    assert "pages s’y trouvent" not in notice


@pytest.mark.contract("CON-3")
def test_what_is_under_way_brings_the_whole_page_up_to_date_and_says_so_truthfully(
    office: Office,
) -> None:
    # Given a desktop that stops
    path = f"/desktops/{office.desktop().id}"
    office.browsing.post(f"{path}/stop")
    page = office.browsing.get(path).text
    # Then the page asks for itself, and takes history and actions from it too
    assert f'hx-get="{path}"' in page
    parts = re.findall(r'hx-select-oob="([^"]+)"', page)[0].split(",")
    assert {"#live-history", "#live-end", "#live-configuration", "#live-backups"} == set(parts)
    assert all(f'id="{part[1:]}"' in page for part in parts)
    assert "se met à jour seule" not in page
    assert "<noscript>" in page
    assert "Rechargez cette page" in page
    # and asks no more once it is over
    office.world.pump()
    page = office.browsing.get(path).text
    assert "hx-get" not in page
    assert "Rechargez cette page" not in page
    assert all(f'id="{part[1:]}"' in page for part in parts)


@pytest.mark.contract("ORD-3")
def test_an_order_is_told_by_configuration() -> None:
    order = Renting().validate("A", "B")
    (line,) = order.lines

    def of(name: str, count: int) -> OrderLine:
        return replace(line, name=name, quantity=count)

    lines = (of("Essentiel", 5), of("Pro", 4), of("Essentiel", 3))
    assert desktops_text(replace(order, lines=lines)) == "8 × Essentiel, 4 × Pro"
