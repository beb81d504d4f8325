"""What `make run` promises: a page soon, the whole story quickly, the next month on the desk.

Seconds of the wall, on two cores that do nothing else; the processor's own seconds beside them,
which another program's work hardly changes.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests

from chalicelib.orders.model.request import LineRequest, OrderRequest
from chalicelib.wiring import Services
from infra.bench.ratio import Figure
from infra.local.company import EUROPEAN
from infra.local.stack.attach import local_services
from tests.fakes.local_stack import LocalStackProcess

DESKTOPS = 16
PAGE_GOAL, STORY_GOAL, MONTH_GOAL = 5.0, 20.0, 10.0
_LONGEST_SECONDS = 300


def local_figures() -> list[Figure]:
    """Start from nothing with the whole story, rent up to sixteen desktops, move a month."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "local"
        began = time.monotonic()
        stack = LocalStackProcess(state, history=True)
        try:
            page = _seconds_until(lambda: _answers(stack.port), began)
            stack.wait_until_ready()
            story, story_cpu = time.monotonic() - began, stack.cpu_seconds()
            with local_services(state) as services:
                _rent(services)
                _seconds_until(lambda: _running(services) >= DESKTOPS, began)
            began, before = time.monotonic(), stack.cpu_seconds()
            stack.move_clock(move="month")
            month, month_cpu = time.monotonic() - began, stack.cpu_seconds() - before
        finally:
            stack.stop()
    return [
        Figure("make run, the first time: seconds to a page with progress", page, PAGE_GOAL),
        Figure("  seconds to the console, two months played", story, STORY_GOAL),
        Figure("  CPU seconds of its processes", story_cpu),
        Figure(f"the next month on the desk, {DESKTOPS} desktops: seconds", month, MONTH_GOAL),
        Figure("  CPU seconds", month_cpu),
    ]


def _answers(port: int) -> bool:
    try:
        return "<progress" in requests.get(f"http://127.0.0.1:{port}/", timeout=5).text
    except requests.ConnectionError:
        return False


def _seconds_until(happens: Callable[[], bool], began: float) -> float:
    while not happens():
        if time.monotonic() - began > _LONGEST_SECONDS:
            raise TimeoutError("the local stack does not come to what is waited for")
        time.sleep(0.05)
    return time.monotonic() - began


def _running(services: Services) -> int:
    return sum(each.is_active for each in services.desktops.service.all_desktops())


def _rent(services: Services) -> None:
    """Order what is missing, for a company that pays on invoice, and validate what waits."""
    account, user = next(
        (account, user)
        for account in services.accounts.service.all_accounts()
        for user in services.accounts.service.users_of(account.id)
        if user.email == EUROPEAN.email
    )
    names = tuple(f"Platz {number}" for number in range(DESKTOPS - _running(services)))
    request = OrderRequest((LineRequest("essentiel", len(names), desktop_names=names),))
    shown = services.orders.service.summarise(account, request).shown
    order = services.orders.service.place(account, user, request, "bench", shown=shown)
    if order.id in {waiting.id for waiting in services.orders.service.queue()}:
        services.orders.service.validate(order.id, "operator:bench")
