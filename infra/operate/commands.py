"""Commands of an operator at a terminal: python -m infra.operate COMMAND.

On a developer's machine they act on the local stack, running or not; with --stage, on that stage
of AWS.  Whoever calls gives the services they act on: `__main__.py`, `infra/local/operate.py`.
"""

import argparse
import getpass
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.foundation.civil_time import BillingMonth, paris_day
from chalicelib.foundation.clock import today
from chalicelib.foundation.messages import Queue
from infra.terminal import ended

_OPERATOR = "operator:terminal"

if TYPE_CHECKING:
    from chalicelib.accounts.clients.account import Account
    from chalicelib.wiring import Services


def perform(services: "Services", given: argparse.Namespace) -> int:
    """Run a command on these services; give the exit status, what it refuses being said."""
    return ended(lambda: given.command(services, given))


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read a command; the one typed where no other is given.  Ends the program on a wrong one."""
    parser = argparse.ArgumentParser(prog="python -m infra.operate", description=__doc__)
    parser.add_argument("--state", type=Path, help="the local stack's data (.local)")
    parser.add_argument("--stage", help="act on this stage of AWS: dev or prod")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    journal = commands.add_parser("verify-journal", help="check the hash chains of journals")
    journal.add_argument("account", nargs="*", help="account ids; none: every account")
    journal.add_argument("--days", type=int, default=31, help="anchors compared, back from today")
    journal.set_defaults(command=verify_journal)

    closings = commands.add_parser("verify-closings", help="check the closings of receipts")
    closings.set_defaults(command=verify_closings)

    sales = commands.add_parser("verify-sales", help="check the closings of the sales journal")
    sales.set_defaults(command=verify_sales)

    documents = commands.add_parser("verify-documents", help="check stored invoices' digests")
    documents.set_defaults(command=verify_stored_documents)

    catalogue = commands.add_parser("load-catalogue", help="publish a catalogue file")
    catalogue.add_argument("file", type=Path)
    catalogue.set_defaults(command=load_catalogue)

    legal = commands.add_parser("publish-legal", help="publish a version of a legal document")
    legal.add_argument("kind", help="cgv, charter, withdrawal-form, licence-…")
    legal.add_argument("version")
    legal.add_argument("file", type=Path, help="Markdown; the title is its first line")
    legal.add_argument("--on", type=date.fromisoformat, required=True, help="in force from")
    legal.set_defaults(command=publish_legal)

    samples = commands.add_parser("publish-samples", help="publish the sample legal documents")
    samples.set_defaults(command=publish_samples)

    operator = commands.add_parser("create-operator", help="let a member of the staff in")
    operator.add_argument("email")
    operator.add_argument("name")
    operator.set_defaults(command=create_operator)

    usage = commands.add_parser("recompute-usage", help="compare usage with desktops' histories")
    usage.add_argument(
        "month", nargs="*", type=BillingMonth.parse, help="such as 2026-11; none: every month"
    )
    usage.set_defaults(command=recompute_usage)

    redriven = commands.add_parser("redrive", help="send dead letters back to their queue")
    redriven.add_argument("queue", type=Queue, choices=list(Queue), metavar="QUEUE")
    redriven.add_argument("--key", default="", help="only the messages of this fact")
    redriven.add_argument("--count", action="store_true", help="tell how many there are")
    redriven.set_defaults(command=redrive)

    restarted = commands.add_parser("restart", help="have functions read their secrets again")
    restarted.set_defaults(command=restart)

    job = commands.add_parser("run-job", help="run a scheduled job now")
    job.add_argument("name")
    job.set_defaults(command=run_job)
    return parser.parse_args(words)


def verify_journal(services: "Services", given: argparse.Namespace) -> int:
    """Print each chain's verdict; 1 when an entry was changed, removed or inserted (EVD-1).

    A journal asked for that nobody wrote, by a mistyped id, is no proof of anything: 1 as well.
    """
    broken = count = 0
    for chain in given.account or services.base.journal.chains():
        count += 1
        fault = services.base.journal.verify(chain)
        entries = sum(1 for _ in services.base.journal.entries(chain)) if fault is None else 0
        if entries:
            print(f"{chain}  intact, {entries} entries")
        elif fault is None:
            broken += 1
            print(f"{chain}  UNKNOWN: there is no such journal")
        else:
            broken += 1
            print(f"{chain}  BROKEN at entry {fault.sequence}: {fault.reason}")
    for fault in () if given.account else services.legal.anchors.verify(given.days):
        broken += 1
        print(f"{fault.account_id}  BROKEN at entry {fault.sequence}: {fault.reason}")
    print(f"{count} journals, {broken} broken or unknown.")
    return 1 if broken else 0


def verify_stored_documents(services: "Services", given: argparse.Namespace) -> int:
    """Print each stored document that was changed; 1 when there is one (BIL-11)."""
    from infra.operate.verify_documents import verify_documents

    return verify_documents(services)


def verify_closings(services: "Services", given: argparse.Namespace) -> int:
    """Print each closing of receipts that does not hold; 1 when there is one (EVD-2)."""
    from chalicelib.payments.closings.closing import Period

    broken = 0
    for fault in services.closings.receipts.verify():
        broken += 1
        print(f"{fault.period} {fault.name}  BROKEN: {fault.reason}")
    counts = ", ".join(f"{services.closings.receipts.count(period)} {period}s" for period in Period)
    print(f"{counts}, {broken} broken.")
    return 1 if broken else 0


def verify_sales(services: "Services", given: argparse.Namespace) -> int:
    """Print each month of sales whose closing does not hold; 1 when there is one (BIL-12)."""
    broken = 0
    for fault in services.billing.sales_journal.verify():
        broken += 1
        print(f"{fault.month}  BROKEN: {fault.reason}")
    print(f"{services.billing.sales_journal.closed_count()} months closed, {broken} broken.")
    return 1 if broken else 0


def recompute_usage(services: "Services", given: argparse.Namespace) -> int:
    """Print each day whose record is not what the desktops' histories say; 1 if any (MET-2)."""
    differences = 0
    for account in _every_account(services):
        for month in given.month or _metered_months(services, account):
            for found in services.metering.service.recompute(account.id, month):
                differences += 1
                recorded = found.recorded.keys if found.recorded else "nothing"
                computed = found.recomputed.keys if found.recomputed else "nothing"
                print(f"{account.id}  {found.day}  recorded {recorded}, histories say {computed}")
    print(f"{differences} differences.")
    return 1 if differences else 0


def _metered_months(services: "Services", account: "Account") -> Iterator[BillingMonth]:
    """Give the months of an account that are metered, or begun to be."""
    until = services.metering.service.metered_until()
    month = BillingMonth.of(paris_day(account.created_at))
    while until is not None and month.first_day <= until:
        yield month
        month = month.next


def _every_account(services: "Services") -> Iterator["Account"]:
    after = ""
    while page := services.accounts.service.all_accounts(after):
        yield from page
        after = page[-1].id


def load_catalogue(services: "Services", given: argparse.Namespace) -> int:
    """Publish the catalogue of a file, or say what is wrong with it, by line (CAT-1, CAT-3)."""
    catalogue = services.catalogue.load_file(given.file)
    print(f"Catalogue {catalogue.version}: {len(catalogue.configurations)} configurations.")
    return 0


def publish_legal(services: "Services", given: argparse.Namespace) -> int:
    """Publish a version of a legal document, in force from a Paris day (LEG-1)."""
    body = given.file.read_text(encoding="utf-8")
    title = body.partition("\n")[0].removeprefix("# ")
    document = services.legal.documents.publish(
        given.kind, given.version, title, body, given.on, by=_OPERATOR
    )
    print(f"{document.kind} {document.version}, in force from {document.effective_on}.")
    return 0


def publish_samples(services: "Services", given: argparse.Namespace) -> int:
    """Publish the sample documents for the kinds that have none, in force today."""
    for document in services.legal.documents.load_samples(today(services.base.clock), by=_OPERATOR):
        print(f"{document.kind} {document.version}: {document.title}")
    return 0


def create_operator(services: "Services", given: argparse.Namespace) -> int:
    """Let a member of the staff in; the password is typed, or read from the standard input."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
    else:
        password = sys.stdin.readline().rstrip("\n")
    user = services.accounts.service.create_operator(given.email, given.name, password)
    print(f"{user.email} can sign in as an operator.")
    return 0


def redrive(services: "Services", given: argparse.Namespace) -> int:
    """Send a queue's dead letters back to it, or count them."""
    from infra.operate.dead_letters import Redrive

    letters = Redrive(services.base.settings.access.client("sqs"), services.base.settings.prefix)
    if given.count:
        print(f"{letters.waiting(given.queue)} dead letters.")
        return 0
    moved = 0
    for letter in letters.move(given.queue, only=given.key):
        moved += 1
        print(f"{letter.message_id}  {letter.key}")
    print(f"{moved} sent back to {given.queue}.")
    return 0


def restart(services: "Services", given: argparse.Namespace) -> int:
    """Start every function of a stage of AWS anew, so that they read their secrets again."""
    functions = services.base.settings.access.client("lambda")
    for page in functions.get_paginator("list_functions").paginate():
        for found in page["Functions"]:
            name = found["FunctionName"]
            if name.startswith(services.base.settings.prefix):
                said = f"Started anew at {services.base.clock.now():%Y-%m-%d %H:%M:%S} UTC"
                functions.update_function_configuration(FunctionName=name, Description=said)
                print(name)
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
