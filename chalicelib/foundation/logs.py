"""Log lines: one JSON object each, with the correlation id, without personal data.

Powertools' formatter is put on the root logger, so that the lines of every library have the same
form.  What an exception says is left out unless it is one of ours or the code of an AWS refusal:
the words of the others may quote what a client typed.  The frames stay.
"""

import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any

from chalicelib.foundation import correlation
from chalicelib.foundation.errors import DomainError, GatewayError

if TYPE_CHECKING:
    from types import TracebackType

SERVICE = "omny-console"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# They tell each call at INFO, with its address.
_CHATTY = ("boto3", "botocore", "fontTools", "fpdf", "pynamodb", "stripe", "urllib3")


def start() -> None:
    """Have every logger of the process write such lines to the standard output, from INFO up."""
    root = logging.getLogger()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter())
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def formatter() -> logging.Formatter:
    """Make the formatter of such lines."""
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    class ConsoleFormatter(LambdaPowertoolsFormatter):
        """Adds the correlation id; leaves out what may be personal."""

        def format(self, record: logging.LogRecord) -> str:
            record.logger = record.name
            if correlation.current():
                record.correlation_id = correlation.current()
            line: str = super().format(record)
            return _EMAIL.sub("***", line)

        def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
            return told(ei[1])

    return ConsoleFormatter(
        utc=True,
        use_rfc3339=True,
        serialize_stacktrace=False,
        service=SERVICE,
        xray_trace_id=None,
    )


def told(fault: BaseException | None) -> str:
    """Write an exception and its causes: kinds and frames, and words where they are safe."""
    lines: list[str] = []
    seen: set[int] = set()  # causes may go round in a circle
    while fault is not None and id(fault) not in seen:
        seen.add(id(fault))
        words = _safe_words(fault)
        lines.append(type(fault).__qualname__ + (f": {words}" if words else ""))
        lines += _frames(fault.__traceback__)
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
        if fault is not None:
            lines.append("while handling")
    return "\n".join(lines)


def _safe_words(fault: BaseException) -> str:
    if isinstance(fault, DomainError | GatewayError):
        return str(fault)
    response = getattr(fault, "response", None)  # botocore's ClientError
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code", ""))
    return str(getattr(fault, "cause_response_code", None) or "")  # pynamodb's


def _frames(found: "TracebackType | None") -> list[str]:
    return [
        f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(found)
    ]
