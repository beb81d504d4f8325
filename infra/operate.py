"""Commands of an operator at a terminal: python -m infra.operate COMMAND.

On a developer's machine they act on the local stack, running or not; where the environment names a
stage (STAGE, CONSOLE_URL…), on that stage of AWS.
"""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.errors import DomainError, FieldErrors

if TYPE_CHECKING:
    from chalicelib.accounts.account import Account
    from chalicelib.wiring import Services


def main() -> int:
    """Run a command; give the exit status."""
    given = _arguments()
    try:
        with _services(given.state) as services:
            status: int = given.command(services, given)
            return status
    except FieldErrors as refused:
        for place, sentence in refused.errors.items():
            print(f"{place}: {sentence}", file=sys.stderr)
    except DomainError as refused:
        values = refused.values
        print(refused.message % values if values else refused.message, file=sys.stderr)
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.operate", description=__doc__)
    parser.add_argument("--state", type=Path, help="the local stack's data (.local)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    journal = commands.add_parser("verify-journal", help="check the hash chains of journals")
    journal.add_argument("account", nargs="*", help="account ids; none: every account")
    journal.set_defaults(command=verify_journal)

    catalogue = commands.add_parser("load-catalogue", help="publish a catalogue file")
    catalogue.add_argument("file", type=Path)
    catalogue.set_defaults(command=load_catalogue)

    operator = commands.add_parser("create-operator", help="let a member of the staff in")
    operator.add_argument("email")
    operator.add_argument("name")
    operator.set_defaults(command=create_operator)

    usage = commands.add_parser("recompute-usage", help="compare usage with desktops' histories")
    usage.add_argument("month", nargs="+", type=BillingMonth.parse, help="such as 2026-11")
    usage.set_defaults(command=recompute_usage)

    job = commands.add_parser("run-job", help="run a scheduled job now")
    job.add_argument("name")
    job.set_defaults(command=run_job)
    return parser.parse_args()


# --- Commands --------------------------------------------------------------------------------


def verify_journal(services: "Services", given: argparse.Namespace) -> int:
    """Print each chain's verdict; 1 when an entry was changed, removed or inserted (EVD-1)."""
    broken = count = 0
    for chain in given.account or services.journal.chains():
        count += 1
        fault = services.journal.verify(chain)
        if fault is None:
            entries = sum(1 for _ in services.journal.entries(chain))
            print(f"{chain}  intact, {entries} entries")
        else:
            broken += 1
            print(f"{chain}  BROKEN at entry {fault.sequence}: {fault.reason}")
    print(f"{count} journals, {broken} broken.")
    return 1 if broken else 0


def recompute_usage(services: "Services", given: argparse.Namespace) -> int:
    """Print each day whose record is not what the desktops' histories say; 1 if any (MET-2)."""
    differences = 0
    for account in _every_account(services):
        for month in given.month:
            for found in services.metering.recompute(account.id, month):
                differences += 1
                recorded = found.recorded.keys if found.recorded else "nothing"
                computed = found.recomputed.keys if found.recomputed else "nothing"
                print(f"{account.id}  {found.day}  recorded {recorded}, histories say {computed}")
    print(f"{differences} differences.")
    return 1 if differences else 0


def _every_account(services: "Services") -> Iterator["Account"]:
    after = ""
    while page := services.accounts.all_accounts(after):
        yield from page
        after = page[-1].id


def load_catalogue(services: "Services", given: argparse.Namespace) -> int:
    """Publish the catalogue of a file, or say what is wrong with it, by line (CAT-1, CAT-3)."""
    catalogue = services.catalogue.load_file(given.file)
    print(f"Catalogue {catalogue.version}: {len(catalogue.configurations)} configurations.")
    return 0


def create_operator(services: "Services", given: argparse.Namespace) -> int:
    """Let a member of the staff in; the password is typed, or read from the standard input."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    user = services.accounts.create_operator(given.email, given.name, password)
    print(f"{user.email} can sign in as an operator.")
    return 0


def run_job(services: "Services", given: argparse.Namespace) -> int:
    """Run a scheduled job now, here: its messages are carried by the stage's workers (OPS-2)."""
    from chalicelib.schedule import JOBS

    job = JOBS.get(given.name)
    if job is None:
        print(f"There is no job {given.name}. There are: {', '.join(JOBS)}.", file=sys.stderr)
        return 1
    print(f"{job.name}: {job.run(services)}")
    return 0


# --- What they act on ------------------------------------------------------------------------


@contextmanager
def _services(state: Path | None) -> Iterator["Services"]:
    """Give the services of the stage in the environment, else of the local stack."""
    if "STAGE" in os.environ and state is None:
        from chalicelib.wiring import build_services

        yield build_services()
        return
    from infra.local.attach import local_services

    with local_services(state) as services:
        yield services


if __name__ == "__main__":
    sys.exit(main())
