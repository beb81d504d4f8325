"""The first start: what every stage begins with, then two past months of clients' lives."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalicelib.foundation.civil_time import PARIS, paris_day
from infra.local.company import OPERATOR
from infra.local.demo.history import DemoHistory, beginning
from infra.local.kept_data import FORMAT
from infra.project import ROOT

if TYPE_CHECKING:
    from chalicelib.accounts.clients.account import User
    from infra.local.stack.local_stack import LocalStack

CATALOGUE = ROOT / "chalicelib" / "catalogue" / "demo_catalogue.json"


def play_first_start(stack: "LocalStack", *, with_history: bool) -> None:
    """Fill an empty stack, telling each step; the mark left at the end says that it is whole."""
    began, worked = time.monotonic(), time.process_time()
    present = datetime.now(UTC)
    stack.keeper.begin_at(beginning(present) if with_history else present)
    if with_history:
        print("First start: playing two past months through the real jobs.", flush=True)
        with stack.in_memory():
            _play(stack, present)
            stack.start_page.tell("Everything is being written", 1.0)
    else:
        _found(stack)
        stack.keeper.move_to(datetime.now(UTC))
    stack.clock.return_to_real_time()
    seconds = round(time.monotonic() - began, 1)
    stack.folder.mark_complete(
        {
            "format": FORMAT,
            "history": with_history,
            "seconds": seconds,
            # Of this process: what it would take on a machine that does nothing else.
            "worked_seconds": round(time.process_time() - worked, 1),
        }
    )
    if with_history:
        print(f"Played in {seconds} s.", flush=True)


def _play(stack: "LocalStack", present: datetime) -> None:
    operator = _found(stack)
    history = DemoHistory(stack.services, stack.mailbox, stack.keeper, stack.settle, operator.id)
    began = stack.clock.now()

    def tell(at: datetime, title: str) -> None:
        _tell(at, title)
        share = (at - began) / (present - began)
        stack.start_page.tell(f"{at.astimezone(PARIS):%Y-%m-%d %H:%M}  {title}", share)

    history.play(present, tell)
    tell(present, "back to the present")
    stack.keeper.move_to(datetime.now(UTC))


def _found(stack: "LocalStack") -> "User":
    """Publish the legal documents and the catalogue, and let an operator in."""
    services = stack.services
    services.legal.documents.load_samples(paris_day(stack.clock.now()))
    services.catalogue.load_file(CATALOGUE)
    operator: User = services.accounts.service.create_operator(
        OPERATOR.email, OPERATOR.full_name, OPERATOR.password
    )
    return operator


def _tell(at: datetime, title: str) -> None:
    print(f"  {at.astimezone(PARIS):%Y-%m-%d %H:%M}  {title}", flush=True)
