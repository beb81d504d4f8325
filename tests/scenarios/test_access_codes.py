"""Access codes: mailed as a link, shown once, then nobody has them but the client."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.accounts.clients.account import Role
from chalicelib.desktops.model.access_code import AccessLinkError, RevealedCode
from chalicelib.desktops.model.desktop import Operation
from chalicelib.foundation.errors import DomainError
from tests.fakes.desktops import ACCOUNT, Renting

OWNER = "usr_acc_lumen"


@pytest.fixture
def renting() -> Renting:
    return Renting()


@pytest.mark.contract("ORD-4", "DSK-7")
def test_the_link_of_the_mail_shows_the_code_once_then_it_is_erased(renting: Renting) -> None:
    # given a desktop that is ready, and its mail
    desktop = renting.rent()
    laid = renting.secrets.laid[desktop.id]
    # when the page of the link is opened, then nothing changes
    assert renting.codes.desktop_of(renting.link(), ACCOUNT, renting.owner).id == desktop.id
    # when the code is revealed
    shown = renting.codes.reveal(renting.link(), ACCOUNT, renting.owner)
    # then it is the one that the machine has
    assert shown == RevealedCode(desktop.id, "Accueil", desktop.address, laid)
    assert len(shown.secret) == 20
    # and nothing of it is left with the provider
    renting.pump()
    code = renting.desktop_storage.code(desktop.id)
    assert code is not None
    assert code.ciphertext is None
    assert not renting.secrets.laid
    # and a second time shows nothing
    with pytest.raises(AccessLinkError, match="déjà servi"):
        renting.codes.reveal(renting.link(), ACCOUNT, renting.owner)
    assert "desktop.code_revealed" in renting.kinds_in_journal(ACCOUNT)


@pytest.mark.contract("ORD-4", "EVD-1")
def test_neither_the_mail_nor_the_journal_holds_the_secret(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    secret = renting.secrets.laid[desktop.id]
    # when
    renting.codes.reveal(renting.link(), ACCOUNT, renting.owner)
    # then
    said = str(renting.queues.sent) + str(list(renting.journal.entries(ACCOUNT)))
    assert secret not in said


@pytest.mark.contract("ORD-4")
def test_the_link_expires_after_seven_days(renting: Renting) -> None:
    # given
    renting.rent()
    renting.clock.advance(days=7)
    # then
    with pytest.raises(AccessLinkError, match="expiré"):
        renting.codes.reveal(renting.link(), ACCOUNT, renting.owner)


@pytest.mark.contract("ORD-4", "ACC-4")
def test_the_link_serves_only_those_who_may_use_the_desktop(renting: Renting) -> None:
    # given a desktop given to a plain user
    user = renting.colleague(Role.USER)
    renting.rent(user_ids=(user.id,))
    link = renting.link()
    # then neither another account, nor billing, nor another user, nor a wrong link sees it
    refused = [
        (link, "acc_other", renting.owner),
        (link, ACCOUNT, renting.colleague(Role.BILLING)),
        ("x" * 32, ACCOUNT, renting.owner),
    ]
    for token, account_id, visitor in refused:
        with pytest.raises(AccessLinkError, match="pas valable"):
            renting.codes.reveal(token, account_id, visitor)
    # and the user does
    assert renting.codes.reveal(link, ACCOUNT, user).secret


@pytest.mark.contract("ORD-4")
def test_a_new_code_replaces_the_old_one_and_its_link(renting: Renting) -> None:
    # given a desktop whose first link was never opened
    desktop = renting.rent()
    first_link, first_secret = renting.link(), renting.secrets.laid[desktop.id]
    # when a new code is asked for
    asked = renting.desktops.request_new_code(ACCOUNT, desktop.id, by=OWNER)
    assert asked.operation is Operation.RENEWING_CODE
    renting.pump()
    # then the machine restarted to take it, the old link is refused, the new one shows it
    assert renting.machines.alive[0].boots == 2
    with pytest.raises(AccessLinkError, match="remplacé"):
        renting.codes.reveal(first_link, ACCOUNT, renting.owner)
    shown = renting.codes.reveal(renting.link("desktop_code"), ACCOUNT, renting.owner)
    assert shown.secret != first_secret
    assert renting.secrets.laid == {desktop.id: shown.secret}
    renting.pump()
    assert not renting.secrets.laid


@pytest.mark.contract("ORD-4")
def test_a_code_asked_again_while_the_old_one_is_being_erased_survives(renting: Renting) -> None:
    # given a code just revealed, its erasure still waiting in the queue
    desktop = renting.rent()
    renting.codes.reveal(renting.link(), ACCOUNT, renting.owner)
    erasure = renting.queues.take()
    assert erasure is not None
    # when a new one is asked for and handed to the machine before the erasure runs
    renting.desktops.request_new_code(ACCOUNT, desktop.id, by=OWNER)
    renting.pump()
    renting.messages.handle(erasure.body)
    # then the machine can still fetch it
    assert desktop.id in renting.secrets.laid


@pytest.mark.contract("ORD-4", "DSK-1")
def test_a_desktop_not_ready_gives_no_new_code(renting: Renting) -> None:
    renting.validate("Accueil")
    renting.messages.handle(renting.queues.take().body)  # type: ignore[union-attr]
    with pytest.raises(DomainError, match="attendez"):
        renting.desktops.request_new_code(ACCOUNT, renting.named("Accueil").id, by=OWNER)


@pytest.mark.contract("ORD-4")
def test_of_two_reveals_at_once_exactly_one_shows_the_code(renting: Renting) -> None:
    # given
    renting.rent()
    link = renting.link()

    def reveal(_: int) -> str | None:
        try:
            return renting.codes.reveal(link, ACCOUNT, renting.owner).secret
        except AccessLinkError:
            return None

    # when eight browsers ask at once
    with ThreadPoolExecutor(8) as browsers:
        shown = list(browsers.map(reveal, range(8)))
    # then
    assert len([secret for secret in shown if secret]) == 1


@pytest.mark.contract("ORD-4", "DSK-6")
def test_the_code_of_a_deleted_desktop_is_gone(renting: Renting) -> None:
    # given
    desktop = renting.rent()
    renting.desktops.request_delete(ACCOUNT, desktop.id, "Accueil", by=OWNER)
    # then, even before its machine is
    with pytest.raises(AccessLinkError, match="supprimé"):
        renting.codes.reveal(renting.link(), ACCOUNT, renting.owner)
