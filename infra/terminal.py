"""How a command typed at a terminal ends: with its answer or with a sentence, never a traceback.

``OMNY_TRACEBACK=1`` shows where an unexpected error came from.
"""

import os
import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.foundation.errors import DomainError, FieldErrors, GatewayError

TRACEBACK = "OMNY_TRACEBACK"
FAILED, UNEXPECTED, STOPPED = 1, 70, 130


def ended(main: Callable[[], int | None]) -> int:
    """Run a command; give its exit status, what went wrong being said on the standard error."""
    try:
        return main() or 0
    except KeyboardInterrupt:
        return _said("Stopped.", STOPPED)
    except Exception as fault:  # the one boundary of a command
        if os.environ.get(TRACEBACK):
            raise
        return _said(*told(fault))


def told(fault: Exception) -> tuple[str, int]:
    """Give the sentence of an error and the exit status it leads to."""
    match fault:
        case FieldErrors():
            lines = [f"{place}: {sentence}" for place, sentence in fault.errors.items()]
            sentence = "\n".join(lines)
        case DomainError():
            sentence = fault.message % fault.values if fault.values else fault.message
        case GatewayError():
            sentence = f"An outside service did not do what was asked: {fault}"
        case BotoCoreError() | ClientError():
            sentence = f"AWS refused: {fault}"
        case OSError() if fault.filename:
            sentence = f"{fault.filename}: {fault.strerror}"
        case UnicodeDecodeError():
            sentence = "This file is not text in UTF-8."
        case _:
            kind = type(fault).__name__
            unexpected = f"Unexpected error ({kind}): {fault}\n{TRACEBACK}=1 shows where."
            return unexpected, UNEXPECTED
    return sentence, FAILED


def _said(sentence: str, status: int) -> int:
    print(sentence, file=sys.stderr)
    return status
