"""What desktops cost us: the list of two hundred, the comparison of ten thousand with a cloud."""

import html
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from chalicelib.desktops.clouds.machines import ListedMachine, MachineStatus
from chalicelib.desktops.model.desktop import Desktop, Tariff
from chalicelib.desktops.model.desktop_json import desktop_of, details_of
from chalicelib.desktops.model.lifecycle import State
from chalicelib.desktops.reconciliation.findings import Finding
from chalicelib.desktops.reconciliation.service import Reconciliation
from chalicelib.foundation.ids import AccountId
from infra.bench.ratio import Figure, ratio, timed
from tests.fakes.browsing import Browsing
from tests.fakes.clock import StoppedClock

DESKTOPS = 200
LIST_GOAL = 3.0
MACHINES, PAGE = 10_000, 1000
_STARTED = datetime(2026, 11, 5, 9, tzinfo=UTC)


def a_desktop(number: int, account_id: str = "acc_bench") -> Desktop:
    """Make a running desktop."""
    return Desktop(
        id=f"dsk_{number:020d}",
        account_id=AccountId(account_id),
        order_id="ord_bench",
        name=f"Bureau {number}",
        configuration_code="standard",
        option_codes=(("backup", 1),),
        state=State.RUNNING,
        provider="ec2",
        created_at=_STARTED,
        recorded_at=_STARTED,
        tariffs=(Tariff("standard", _STARTED),),
        machine_id=f"i-{number:017x}",
        address=f"{number}.desktops.example",
    )


def list_ratio() -> float:
    """The template of the list of 200 desktops against writing its HTML by f-strings."""
    from chalicelib.console.framework.rendering import page as render
    from infra.bench.page import LastPage, demo_catalogue, event_of
    from tests.fakes.accounts import signed_in
    from tests.fakes.two_clients import two_clients
    from tests.fakes.world import World

    world = World("2026-11-05 10:00")
    clients = two_clients(world)
    with Browsing(world) as browsing, LastPage() as last:
        signed_in(browsing, clients.mine.owner)
        from app import app

        app(event_of("/desktops", browsing.cookies), None)
        visit, template, shown = last.ingredients
        shown = {**shown, **_two_hundred(shown)}
        catalogue = demo_catalogue()
        page = render(visit, template, shown)
        frame, _, rest = page.partition('<ul class="desktops">')
        after = rest.partition("</ul>\n</div>")[2]
        return ratio(
            lambda: timed(lambda: render(visit, template, shown)),
            lambda: timed(lambda: _floor(frame, after, shown, catalogue)),
            rounds=25,
        )


def _two_hundred(shown: dict[str, Any]) -> dict[str, Any]:
    desktops = [a_desktop(number) for number in range(DESKTOPS)]
    return {
        "desktops": desktops,
        "all_count": DESKTOPS,
        "usable": {desktop.id for desktop in desktops},
        "costs": {desktop.id: 100 + number for number, desktop in enumerate(desktops)},
        "manager": True,
    }


def _floor(frame: str, after: str, shown: dict[str, Any], catalogue: Any) -> str:
    """Write the same cards with f-strings: names escaped, amounts and days formatted as we do."""
    from chalicelib.texts.formats import formats

    euros = formats("fr")["euros"]
    parts = []
    for desktop in shown["desktops"]:
        path, name = f"/desktops/{desktop.id}", html.escape(desktop.name)
        made = catalogue.configuration(desktop.configuration_code)
        user = html.escape(shown["people"].get(desktop.assigned_user_id) or "Non attribué")
        token = html.escape("0" * 64)
        csrf = f'<input type="hidden" name="csrf_token" value="{token}">'
        back = '<input type="hidden" name="back" value="/desktops">'
        parts.append(
            f'<li><article class="panel desk" aria-labelledby="name-{desktop.id}">\n'
            f'<header><span class="avatar" aria-hidden="true"><svg class="icon" aria-hidden="true">'
            f'<use href="/static/icons.svg#desk"/></svg></span><div><h3 id="name-{desktop.id}">'
            f'<a href="{path}">{name}</a></h3><span class="who">{user}</span></div>'
            f'<span class="state state-on">En service</span></header>\n'
            f"<dl><dt>Gamme</dt><dd>{html.escape(made.name['fr'])} · {made.vcpu} vCPU · "
            f'{made.memory_gib} Go</dd><dt>Ce mois-ci</dt><dd class="num">'
            f"{html.escape(euros(shown['costs'][desktop.id]))} HT</dd></dl>\n"
            f'<p class="hint">Facturé par jour commencé, qu’il serve ou non.</p>\n<footer>\n'
            f'<a class="btn btn-primary" href="{path}#connect">Se connecter'
            f'<span class="visually-hidden"> {name}</span></a>\n'
            f'<form method="post" action="{path}/stop">{csrf}{back}<button class="btn btn-quiet">'
            f'Arrêter<span class="visually-hidden"> {name}</span></button></form>\n'
            f'<details class="menu" name="actions"><summary class="btn btn-quiet btn-icon">'
            f'<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#dots"/></svg>'
            f'<span class="visually-hidden">Autres actions : {name}</span></summary><div>\n'
            f'<form method="post" action="{path}/restart">{csrf}{back}'
            f"<button>Redémarrer</button></form>\n"
            f'<a href="{path}">Détails et historique</a>\n'
            f'<a href="{path}#settings">Renommer, attribuer</a>'
            f'<a href="{path}/configuration">Changer de configuration…</a>'
            f'<a href="{path}/options">Changer les options…</a>'
            f'<a class="danger" href="{path}/deletion">Supprimer…</a>\n'
            f"</div></details></footer>\n</article></li>"
        )
    return f'{frame}<ul class="desktops">{"".join(parts)}</ul>\n</div>{after}'


class _Cloud:
    """A cloud that lists machines a page at a time, and counts its pages."""

    def __init__(self, machines: int) -> None:
        self.machines, self.pages, self.single_calls = machines, 0, 0

    def inventory(self) -> Iterator[ListedMachine]:
        for number in range(self.machines):
            if number % PAGE == 0:
                self.pages += 1
            yield ListedMachine(
                f"i-{number:017x}",
                f"dsk_{number:020d}",
                f"acc_{number // 50}",
                MachineStatus.RUNNING,
                _STARTED,
            )

    def describe(self, machine_ids: Any) -> Any:
        self.single_calls += 1
        raise AssertionError("a clean inventory needs no second look")


class _Stored:
    """Desktops read one at a time, as a listing gives them, from what is stored."""

    def __init__(self, desktops: int) -> None:
        self.desktops = desktops

    def all(self) -> Iterator[Desktop]:
        stored = details_of(a_desktop(0))
        for number in range(self.desktops):
            details = {**stored, "machine_id": f"i-{number:017x}"}
            account = f"acc_{number // 50}"
            yield desktop_of(account, f"dsk_{number:020d}", State.RUNNING, details, 3)


class _NoFinding:
    def finding(self, finding_id: str) -> Finding | None:
        raise AssertionError("a clean inventory reads no finding")


def compared(machines: int) -> tuple[_Cloud, float, float]:
    """Compare so many; give the cloud's counts, the CPU seconds, the peak of memory in MiB."""
    cloud = _Cloud(machines)
    nothing: Any = None
    reconciliation = Reconciliation(
        storage=_Stored(machines),  # type: ignore[arg-type]
        findings=_NoFinding(),  # type: ignore[arg-type]
        providers={"ec2": cloud},  # type: ignore[dict-item]
        notices=nothing,
        work=nothing,
        journal=nothing,
        clock=StoppedClock(),
    )
    seconds = timed(reconciliation.run)
    cloud.pages = 0
    tracemalloc.start()
    report = reconciliation.run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if not report.is_clean or report.desktops != machines:
        raise RuntimeError(f"the comparison found {report}")
    return cloud, seconds, peak / 2**20


def desktop_figures() -> list[Figure]:
    """The list page, then the comparison: pages asked for, seconds, memory."""
    cloud, seconds, peak = compared(MACHINES)
    _, _, half = compared(MACHINES // 2)
    return [
        Figure(f"list page of {DESKTOPS} desktops / f-strings", list_ratio(), LIST_GOAL),
        Figure(f"comparing {MACHINES} machines: calls to the cloud", cloud.pages, MACHINES / PAGE),
        Figure("  of which one by one", cloud.single_calls, 0.0),
        Figure("  CPU seconds", seconds),
        Figure("  MiB at the peak", peak, 1.0),
        Figure("  MiB at the peak, half as many", half),
    ]
