"""Every page that can be opened without an id, and one of each kind that needs one.

At both widths: nothing overflows, nothing is said on the browser's console (a breach of the content
policy would be), no rule of WCAG 2.2 AA that axe knows is broken.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from chalicelib.console.framework.access import ROLES, Access
from chalicelib.console.routes import ROUTES
from infra.local.company import EVERYONE
from tests.browser.conftest import NARROW, WIDE, context
from tests.browser.test_newcomer import console, sign_in
from tests.fakes.local_stack import LocalStackProcess

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {"runOnly": RULES}
NOT_PAGES = re.compile(r"\.json$|\.csv$|/static/|/return$|/states$")
QUERIES = {"/order/summary": "?configuration=standard&quantity=1"}
VISITORS = {"anonymous": "", "owner": "owner", "operator": "operator"}
# From these lists, the first entry is opened too.
FIRST_OF = {
    "owner": {
        "/desktops": "/desktops/dsk_",
        "/invoices": "/invoices/inv_",
        "/orders": "/orders/ord_",
    },
    "operator": {"/operator/accounts": "/accounts/acc_", "/operator/invoice-runs": "-runs/20"},
}


def paths_for(visitor: str) -> list[str]:
    """Give the pages without an id that a visitor may open."""
    return [
        route.path
        for route in ROUTES
        if route.method == "GET" and "{" not in route.path and not NOT_PAGES.search(route.path)
        if (visitor == "anonymous" and route.access is Access.PUBLIC)
        or visitor in ROLES.get(route.access, frozenset())
    ]


def faults_of(page: Page) -> list[str]:
    """Give what is wrong with the page open now."""
    found = [
        f"{fault['id']} {fault['nodes'][0]['target']}"
        for fault in Axe().run(page, options=AXE).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
        found.append("overflows")
    return found


@pytest.mark.contract("CON-1", "CON-4")
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
@pytest.mark.parametrize("visitor", VISITORS)
def test_pages_fit_speak_to_everybody_and_keep_the_content_policy(
    chromium: Browser, played: LocalStackProcess, visitor: str, size: tuple[int, int]
) -> None:
    page = context(chromium, size).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    if visitor != "anonymous":
        person = next(one for one in EVERYONE if VISITORS[visitor] in one.title)
        sign_in(page, played, person.email, person.password)
    faults: dict[str, list[str]] = {}
    for path in paths_for(visitor):
        answer = page.goto(console(played, path + QUERIES.get(path, "")))
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        faults[path] = faults_of(page)
        first = FIRST_OF.get(visitor, {}).get(path)
        if first:
            page.goto(console(played, path))
            page.locator(f"main a[href*='{first}']").first.click()
            page.wait_for_load_state()
            faults[page.url] = faults_of(page)
    assert {path: found for path, found in faults.items() if found} == {}
    assert said == []
