"""Desktops, access links, usage and the dashboard, through the console."""

import csv
import io
import json
import re

import pytest

from chalicelib.accounts.clients.account import Role, User
from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.lifecycle import State
from chalicelib.foundation.messages import Queue
from chalicelib.orders.messages import CreateDesktops
from chalicelib.orders.model.order import Order, OrderLine, OrderState
from chalicelib.orders.model.storage import OrderStorage
from chalicelib.queues import handle
from tests.fakes.accounts import a_user, an_account, signed_in
from tests.fakes.browsing import Browsing
from tests.fakes.ordering import DEMO


class Office:
    """A company with one desktop, its owner signed in."""

    def __init__(self, browsing: Browsing) -> None:
        self.browsing = browsing
        self.world = browsing.world
        self.world.services.catalogue.load_file(DEMO)
        self.account, self.owner = an_account(self.world)
        signed_in(browsing, self.owner)

    def rent(self, *names: str, user_ids: tuple[str, ...] = (), pump: bool = True) -> None:
        """Have desktops ordered and validated, and made ready unless told otherwise."""
        now = self.world.clock.now()
        line = OrderLine(
            "standard", "Standard", len(names), names, user_ids or ("",) * len(names), (), (), 2900
        )
        order = Order(
            id="ord_" + "x" * 20,
            account_id=self.account.id,
            number="C-1",
            lines=(line,),
            payment_mode="card",
            delivery_address=None,
            vat_rate_percent="20",
            monthly_excl_vat_cents=2900,
            monthly_incl_vat_cents=3480,
            express_request=True,
            terms=(),
            ordered_by=self.owner.id,
            state=OrderState.VALIDATED,
            accepted_at=now,
            placed_at=now,
        )
        services = self.world.services
        services.base.work.commit(
            *OrderStorage(self.world.adapters.tables).add(order),
            CreateDesktops(order_id=order.id).message("create"),
        )
        if pump:
            self.world.pump()

    def wait_until(self, text: str) -> None:
        """Let time pass; sessions end, so the owner signs in again."""
        self.world.clock.set(text)
        signed_in(self.browsing, self.owner)

    def desktop(self, name: str = "Accueil") -> Desktop:
        desktops = self.world.services.desktops.service.of_account(self.account.id)
        return next(each for each in desktops if each.name == name)

    def colleague(self, role: Role) -> User:
        return a_user(self.world, self.account, role, f"{role}@lumen.example")

    def link(self) -> str:
        """The path of the access link mailed."""
        texts = [self.world.mails.text_of(mail) for mail in self.world.mails.mails]
        return re.findall(r"https://[^\s]+(/access/\S+)", "\n".join(texts))[-1]


@pytest.fixture
def office(browsing: Browsing) -> Office:
    return Office(browsing)


@pytest.mark.contract("DSK-9", "CON-2")
def test_a_vanished_machine_is_told_everywhere_and_leaves_what_needs_none(office: Office) -> None:
    # Given
    office.rent("Accueil")
    desktop = office.desktop()
    office.world.adapters.machines.take_back(str(desktop.machine_id))
    # When the comparison finds it gone
    office.world.services.desktops.reconciliation.run()
    office.world.pump()
    # Then the dashboard, the list and the page say so
    path = f"/desktops/{desktop.id}"
    pages = [office.browsing.get(each).text for each in ("/dashboard", "/desktops", path)]
    assert "La machine du bureau Accueil a disparu" in pages[0]
    for text in pages:
        assert "Machine disparue" in text
        assert f'action="{path}/stop"' not in text
    # and the page offers to begin again, or to end
    assert f'href="{path}/reinstallation"' in pages[2]
    assert f'href="{path}/deletion"' in pages[2]
    assert "Ouvrir dans le navigateur" not in pages[2]


@pytest.mark.contract("DSK-3", "CON-1", "CON-2")
def test_the_list_shows_each_desktop_with_its_state_and_what_can_be_done(office: Office) -> None:
    # Given
    office.rent("Accueil", "Réserve")
    # When
    page = office.browsing.get("/desktops")
    # Then
    assert (page.status, page.title.startswith("Bureaux")) == (200, True)
    assert page.text.count("En service") == 2
    path = f"/desktops/{office.desktop().id}"
    assert f'action="{path}/stop"' in page.text
    assert f'href="{path}/deletion"' in page.text
    assert "hx-get" not in page.text, "nothing moves: nothing is polled"


@pytest.mark.contract("DSK-3", "CON-3")
def test_a_desktop_is_stopped_and_started_from_its_buttons(office: Office) -> None:
    # Given
    office.rent("Accueil")
    path = f"/desktops/{office.desktop().id}"
    # When
    office.browsing.post(f"{path}/stop", {"back": "/desktops"})
    # Then the list shows it under way, and brings itself up to date
    assert (office.browsing.status, office.browsing.location) == (303, "/desktops")
    assert "Arrêt en cours" in office.browsing.get("/desktops").text
    assert 'hx-get="/desktops/states"' in office.browsing.text
    # And the fragment stops asking once it is over
    office.world.pump()
    fragment = office.browsing.get("/desktops/states").text
    assert "Arrêté" in fragment
    assert "<html" not in fragment
    assert "hx-get" not in fragment
    office.browsing.post(f"{path}/start", {"back": "https://elsewhere.example/"})
    assert office.browsing.location == path
    office.world.pump()
    assert office.desktop().state is State.RUNNING


@pytest.mark.contract("DSK-1", "CON-3")
def test_a_desktop_being_made_shows_how_far_it_is(office: Office) -> None:
    # Given one ordered, whose order is carried out message by message
    office.rent("Accueil", pump=False)
    queues, seen = office.world.adapters.queues, []
    while message := queues.take():
        if message.queue is Queue.DESKTOPS:
            handle(message.queue, message.text, office.world.services)
            page = office.browsing.get(f"/desktops/{office.desktop().id}").text
            seen += re.findall(r'<li aria-current="step">([^<]+)<', page)
    # Then each step showed in its turn, and none is left once it is in service
    assert list(dict.fromkeys(seen)) == ["Commandé", "Système préparé"]
    assert office.desktop().state is State.RUNNING
    assert 'class="steps' not in office.browsing.get(f"/desktops/{office.desktop().id}").text


@pytest.mark.contract("DSK-1")
def test_a_forbidden_action_is_refused_with_words_and_changes_nothing(office: Office) -> None:
    office.rent("Accueil")
    before = office.desktop()
    office.browsing.post(f"/desktops/{before.id}/start")
    assert office.browsing.status == 409
    assert "en service" in office.browsing.text
    assert office.desktop() == before


@pytest.mark.contract("DSK-3", "DSK-1")
def test_the_page_of_a_desktop_tells_its_address_history_and_month(office: Office) -> None:
    # Given
    office.rent("Accueil")
    desktop = office.desktop()
    office.wait_until("2026-11-08 10:00")
    # When
    page = office.browsing.get(f"/desktops/{desktop.id}")
    # Then
    assert page.status == 200
    assert str(desktop.address) in page.text
    assert "Prêt, en service" in page.text
    # 4 days of 29.00 / 30 = 3.87
    assert "3,87" in page.text
    # And the connection file opens it
    file = office.browsing.get(f"/desktops/{desktop.id}/connection")
    assert f"host={desktop.address}" in file.text
    assert "attachment" in file.headers["Content-Disposition"]


@pytest.mark.contract("DSK-3", "CON-1")
def test_renaming_and_assigning_keep_what_was_typed_when_refused(office: Office) -> None:
    # Given
    office.rent("Accueil", "Réserve")
    user = office.colleague(Role.USER)
    path = f"/desktops/{office.desktop().id}"
    # When a name that is taken is typed
    office.browsing.post(f"{path}/name", {"name": "réserve"})
    # Then it is kept, its error beside it
    assert office.browsing.status == 422
    assert 'value="réserve"' in office.browsing.text
    assert 'id="name-error"' in office.browsing.text
    # When a user of nobody's is chosen
    office.browsing.post(f"{path}/user", {"user": "usr_unknown"})
    assert (office.browsing.status, 'id="user-error"' in office.browsing.text) == (422, True)
    # When it is right
    office.browsing.post(f"{path}/name", {"name": "Réception"})
    office.browsing.post(f"{path}/user", {"user": user.id})
    assert office.browsing.status == 303
    assert office.desktop("Réception").assigned_user_id == user.id


@pytest.mark.contract("DSK-4", "CON-1")
def test_a_change_of_configuration_is_warned_about_and_confirmed(office: Office) -> None:
    # Given
    office.rent("Accueil")
    path = f"/desktops/{office.desktop().id}/configuration"
    assert "coupe le service" in office.browsing.get(path).text
    # When it is not confirmed
    office.browsing.post(path, {"configuration": "pro"})
    # Then
    assert office.browsing.status == 422
    assert 'id="confirmed-error"' in office.browsing.text
    assert re.search(r'value="pro" checked', office.browsing.text)
    # When the configuration is unknown, then too
    office.browsing.post(path, {"configuration": "none", "confirmed": "yes"})
    assert 'id="configuration-error"' in office.browsing.text
    # When it is confirmed
    office.browsing.post(path, {"configuration": "pro", "confirmed": "yes"})
    assert office.browsing.status == 303
    assert "Changement de configuration" in office.browsing.follow().text
    office.world.pump()
    assert office.desktop().configuration_code == "pro"


@pytest.mark.contract("DSK-6", "CON-1")
def test_a_deletion_wants_the_name_typed(office: Office) -> None:
    # Given
    office.rent("Accueil")
    path = f"/desktops/{office.desktop().id}/deletion"
    assert office.browsing.get(path).status == 200
    # When another name is typed
    office.browsing.post(path, {"name": "Acueil"})
    # Then
    assert office.browsing.status == 422
    assert 'value="Acueil"' in office.browsing.text
    assert office.desktop().state is State.RUNNING
    # When the name is typed
    office.browsing.post(path, {"name": "Accueil"})
    office.world.pump()
    assert office.desktop().state is State.DELETED
    # Then it shows among the ended ones, and its page still tells its life
    assert "Bureaux supprimés" in office.browsing.get("/desktops").text
    assert office.browsing.get(f"/desktops/{office.desktop().id}").status == 200
    assert len(office.world.mails.to(office.account.email)) >= 3


@pytest.mark.contract("ORD-4", "DSK-7")
def test_opening_the_access_link_changes_nothing_its_button_shows_the_code_once(
    office: Office,
) -> None:
    # Given
    office.rent("Accueil")
    link = office.link()
    secret = office.world.adapters.machine_secrets.laid[office.desktop().id]
    # When the link is opened, even several times
    for _ in range(3):
        page = office.browsing.get(link)
        assert (page.status, secret in page.text) == (200, False)
    # Then the button shows the code
    assert secret in office.browsing.post(link).text
    assert office.browsing.headers["Cache-Control"] == "no-store"
    # And a second time explains itself, and says where to get a new one
    for _ in (office.browsing.get(link), office.browsing.post(link)):
        pass
    assert office.browsing.status == 410
    assert "déjà servi" in office.browsing.text
    office.browsing.post(f"/desktops/{office.desktop().id}/access-code")
    office.world.pump()
    assert office.browsing.get(office.link()).status == 200


@pytest.mark.contract("ORD-4", "ACC-4")
def test_a_link_of_another_account_says_so_and_shows_nothing(
    office: Office, browsing: Browsing
) -> None:
    # Given
    office.rent("Accueil")
    link = office.link()
    _, stranger = an_account(
        office.world, email="autre@exemple.example", siren="552100554", vat_number=""
    )
    # When
    signed_in(browsing, stranger)
    # Then neither the page nor the button
    for page in (browsing.get(link), browsing.post(link)):
        assert page.status == 404
        assert "pas valable pour votre compte" in page.text
    # And a visitor who is not signed in is led there after signing in
    browsing.cookies.clear()
    assert browsing.get(link).location == f"/sign-in?next={link}"


@pytest.mark.contract("ACC-4", "DSK-3")
def test_a_plain_user_sees_and_uses_their_desktop_only(office: Office, browsing: Browsing) -> None:
    # Given
    user = office.colleague(Role.USER)
    office.rent("Accueil", "Réserve", user_ids=(user.id, ""))
    mine, other = office.desktop("Accueil"), office.desktop("Réserve")
    # When
    signed_in(browsing, user)
    # Then
    page = browsing.get("/desktops").text
    assert ("Accueil" in page, "Réserve" in page, "HT" in page) == (True, False, False)
    assert browsing.get(f"/desktops/{mine.id}").status == 200
    assert browsing.get("/dashboard").status == 200
    assert browsing.get(f"/desktops/{other.id}").status == 404
    assert browsing.post(f"/desktops/{other.id}/stop").status == 404
    assert browsing.post(f"/desktops/{mine.id}/stop").status == 303
    assert browsing.get("/usage").status == 404
    assert browsing.get(f"/desktops/{mine.id}/deletion").status == 404


@pytest.mark.contract("ACC-4")
def test_billing_sees_usage_and_cannot_get_in(office: Office, browsing: Browsing) -> None:
    # Given
    office.rent("Accueil")
    desktop = office.desktop()
    # When
    signed_in(browsing, office.colleague(Role.BILLING))
    # Then
    assert browsing.get("/usage").status == 200
    page = browsing.get(f"/desktops/{desktop.id}")
    assert (page.status, str(desktop.address) in page.text) == (200, False)
    assert browsing.post(f"/desktops/{desktop.id}/stop").status == 409
    assert browsing.get(f"/desktops/{desktop.id}/connection").status == 409
    assert browsing.post(office.link()).status == 404


@pytest.mark.contract("MET-3", "CON-1")
def test_usage_tells_days_amounts_and_how_each_was_computed(office: Office) -> None:
    # Given a Standard desktop since 5 November, on the 20th
    office.rent("Accueil")
    office.wait_until("2026-11-20 10:00")
    office.world.services.metering.service.meter_due()
    # When
    page = office.browsing.get("/usage")
    # Then 16 days of 29.00 / 30 = 15.47 so far, 26 days = 25.13 forecast
    assert page.status == 200
    assert "15,47" in page.text
    assert "25,13" in page.text
    assert "du 5 novembre au 20 novembre" in page.text
    assert page.text.count('class="forecast"') == 10 + 1, "ten days to come, and the legend"
    # And the files hold each day
    rows = list(
        csv.DictReader(io.StringIO(office.browsing.get("/usage.csv").text.lstrip("\ufeff")))
    )
    assert [row["day"] for row in rows][:2] == ["2026-11-05", "2026-11-06"]
    assert len(rows) == 16
    assert (rows[0]["monthly_excl_vat"], rows[-1]["recorded"]) == ("29.00", "no")
    document = json.loads(office.browsing.get("/usage.json").text)
    assert len(document["items"]) == 16
    # And a month that cannot be is not found
    for month in ("2026-13", "x", "2026-12", "2020-01", ""):
        assert office.browsing.get(f"/usage?month={month}").status == 404


@pytest.mark.contract("CON-2")
def test_the_dashboard_tells_desktops_cost_forecast_and_next_invoice(office: Office) -> None:
    # Given
    assert office.browsing.get("/dashboard").status == 200
    assert "Aucun bureau pour l’instant" in office.browsing.text
    office.rent("Accueil", "Réserve")
    office.wait_until("2026-11-20 10:00")
    # When
    page = office.browsing.get("/dashboard")
    # Then two desktops at 15.47, 25.13 forecast each
    assert page.status == 200
    assert "30,94" in page.text
    assert "50,26" in page.text
    assert "2 sur 2" in page.text
    assert "1er décembre" in page.text


@pytest.mark.contract("CON-1")
def test_the_pages_are_in_english_too(office: Office) -> None:
    office.rent("Accueil")
    office.browsing.cookies["__Host-language"] = "en"
    paths = ["/desktops", f"/desktops/{office.desktop().id}", "/usage", "/dashboard"]
    for path in paths:
        assert 'lang="en"' in office.browsing.get(path).text
