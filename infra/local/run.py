"""`make run`: starts the console and everything behind it, until Ctrl-C.

python -m infra.local.run --help
"""

import argparse
import logging
import os
import signal
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from infra.local.company import EVERYONE
from infra.local.kept_data import DataRefused, KeptData, NotSaved
from infra.local.programs.emulators import Emulators
from infra.local.programs.processes import NotReady, PortTaken, require_free_port
from infra.local.real_aws import stay_local
from infra.local.stack.recorder import record_calls
from infra.local.state_folder import DEFAULT, AlreadyOpen, StateFolder
from infra.terminal import ended

if TYPE_CHECKING:
    from infra.local.stack.local_stack import LocalStack

_LAST_PORT = 65535


class Stopped(BaseException):
    """Ctrl-C or a request to end, while the stack was starting."""


class Ending:
    """Turns the first Ctrl-C or SIGTERM into an orderly end; those that follow change nothing."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._interrupts = True
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if not self._asked.is_set():
            self._asked.set()
            if self._interrupts:
                raise Stopped

    def wait(self) -> None:
        """Wait until the end is asked."""
        self._interrupts = False
        self._asked.wait()

    def ignore_more(self) -> None:
        """Let nothing interrupt the ending itself."""
        self._asked.set()


def main() -> int:
    """Run the stack; give the exit status."""
    given = _arguments()
    folder = StateFolder(given.state)
    ending = Ending()
    stay_local()
    record_calls()
    os.environ["POWERTOOLS_SERVICE_NAME"] = "omny-console"
    began = time.monotonic()
    try:
        with folder.held():
            return _run(folder, given, ending, began)
    except AlreadyOpen as refused:
        print(refused, file=sys.stderr)
        return 1
    except Stopped:
        print("\nStopped before everything had started.")
        return 130


def _run(folder: StateFolder, given: argparse.Namespace, ending: Ending, began: float) -> int:
    started, kept, works = ExitStack(), KeptData(folder), False
    try:
        require_free_port(given.port, "the console")
        if folder.is_complete:
            _say(kept.check(accept_loss=given.accept_loss))
        else:
            folder.forget()
        _log_to(folder.console_log)
        kept.note_open()
        emulators = Emulators(folder)
        started.callback(emulators.stop)
        emulators.spawn()
        # Loaded while they start.
        from infra.local.stack.local_stack import LocalStack

        stack = LocalStack(folder, given.port, emulators, through_emulator=given.through_emulator)
        started.callback(stack.stop)
        stack.start()
        works = True
        _fill(stack, with_history=not given.without_history)
        stack.follow_schedule()
        _announce(stack, time.monotonic() - began)
        ending.wait()
        print("\nStopping: the emulators save what they hold.", flush=True)
    except (DataRefused, PortTaken, NotReady) as refused:
        print(refused, file=sys.stderr)
        return 1
    finally:
        ending.ignore_more()
        saved = _end(started, kept, works=works and folder.is_complete)
    return 0 if saved else 1


def _say(told: str) -> None:
    if told:
        print(told, flush=True)


def _end(started: ExitStack, kept: KeptData, *, works: bool) -> bool:
    """Stop everything; tell whether what is to be kept was saved."""
    stopping = datetime.now(UTC)
    try:
        started.close()
        if works:
            kept.note_saved(stopping)
        else:
            kept.note_untouched()
    except (NotSaved, OSError) as failed:
        print(f"The stop failed. {failed}", file=sys.stderr)
        return False
    return True


def _fill(stack: "LocalStack", *, with_history: bool) -> None:
    """Play the first start, or bring back what the emulators forgot."""
    if stack.folder.is_complete:
        from infra.local.outside.machines import make_machines_again

        make_machines_again(stack.services)
    else:
        from infra.local.demo.first_start import play_first_start

        play_first_start(stack, with_history=with_history)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description="The console on this machine.")
    parser.add_argument("--port", type=_port, default=8000, help="the console's port")
    parser.add_argument("--state", type=Path, default=DEFAULT, help="where data is kept")
    parser.add_argument(
        "--without-history",
        action="store_true",
        help="a first start with catalogue, legal documents and operator only",
    )
    parser.add_argument(
        "--through-emulator",
        action="store_true",
        help="never in memory: slow, and what the quick way is compared with",
    )
    parser.add_argument(
        "--accept-loss",
        action="store_true",
        help="go on from what was last saved, when a run was ended before it could save",
    )
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port: choose 1024 to {_LAST_PORT}")
    return int(text)


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=path,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    for chatty in ("botocore", "boto3", "urllib3", "fontTools", "stripe", "fpdf"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Says why a message failed, which the partial batch response does not.
    logging.getLogger("aws_lambda_powertools.utilities.batch").setLevel(logging.DEBUG)


def _announce(stack: "LocalStack", seconds: float) -> None:
    where = stack.addresses
    print(f"\nReady in {seconds:.1f} s.\n")
    print(f"  Console           {where.console}")
    print(f"  Desk              {where.desk}   mails sent, and the clock")
    print(f"  Stripe simulator  {where.stripe}   test card 4242 4242 4242 4242")
    print("\n  Sign in as")
    for user in EVERYONE:
        print(f"    {user.title:24} {user.email:34} {user.password}")
    print(f"\n  Logs in {stack.folder.root}. Ctrl-C stops everything.", flush=True)


if __name__ == "__main__":
    sys.exit(ended(main))
