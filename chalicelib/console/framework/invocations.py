"""What surrounds every invocation of a Lambda function: its id, its measures, its failure."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from chalicelib.foundation import correlation, measures
from chalicelib.foundation.measures import Measure

if TYPE_CHECKING:
    from chalicelib.wiring import Services

log = logging.getLogger(__name__)
Handler = Callable[[Any, Any], Any]


class InvocationFailed(Exception):  # noqa: N818 - read as a sentence in Lambda's log
    """A function failed; says which and how, in words that quote no one.

    Lambda's runtime writes what a function raises to the log, and to dead-letter queues.
    """


@contextmanager
def observed_invocation(name: str, context: Any, services: "Services") -> Iterator[None]:
    """Do what is inside under the id of its invocation; publish what it counted."""
    with (
        correlation.following(str(getattr(context, "aws_request_id", ""))),
        measures.collecting() as totals,
    ):
        try:
            yield
        finally:
            services.base.adapters.metrics.publish(name, totals)


def observed(name: str, handler: Handler, services: Callable[[], "Services"]) -> Handler:
    """Wrap a function of app.py that Lambda calls."""

    @wraps(handler)
    def invoke(event: Any, context: Any) -> Any:
        with observed_invocation(name, context, services()):
            try:
                return handler(event, context)
            except Exception as fault:  # whatever broke: told here once, without personal data
                log.exception("%s failed", name)
                measures.note(Measure.FAILURES)
                raise InvocationFailed(f"{name} failed: {type(fault).__name__}") from None

    return invoke
