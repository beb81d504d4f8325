"""The calculator: ``python -m chalicelib.explain TOPIC < case.json`` (MET-3).

Anyone may check the contract's arithmetic: a client, an accountant, a test.  It runs the functions
that the jobs run, reads one JSON object, prints one, and gives status 0; what makes no sense gets
one sentence on the standard error and status 2.
"""

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from chalicelib.calculations.case import BadCaseError, parsed, quoted

# Each topic's function, loaded when it is asked for: module of chalicelib.calculations, name.
TOPICS = {
    "month": ("month", "month"),
    "totals": ("totals", "totals"),
    "payment-dates": ("dates", "payment_dates"),
    "delivery": ("dates", "delivery"),
}
_REFUSED = 2


def explain(topic: str, text: bytes) -> dict[str, Any]:
    """Answer a case of a topic.  Raises BadCaseError, whose text is one sentence."""
    module, function = TOPICS[_topic([topic])]
    case = parsed(text)
    answer: dict[str, Any] = getattr(import_module(f"chalicelib.calculations.{module}"), function)(
        case
    )
    return answer


def main(arguments: Sequence[str]) -> int:
    """Answer the case of the standard input; give the exit status."""
    try:
        # The topic first: nobody types a case to learn that there is no such topic.
        topic = _topic(arguments)
        answer = explain(topic, sys.stdin.buffer.read())
    except BadCaseError as refused:
        sys.stderr.buffer.write(f"{refused}.\n".encode())
        return _REFUSED
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False, indent=1).encode() + b"\n")
    return 0


def _topic(arguments: Sequence[str]) -> str:
    known = ", ".join(TOPICS)
    if len(arguments) != 1:
        raise BadCaseError(f"name one topic ({known}) and give the case on the standard input")
    if arguments[0] not in TOPICS:
        raise BadCaseError(f"{quoted(arguments[0])} is not a topic: they are {known}")
    return arguments[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
