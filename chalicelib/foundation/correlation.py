"""One id that follows a request through its messages to its mails, so that logs can be joined.

It names a Lambda invocation, never a person.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("correlation", default="")


def current() -> str:
    """Give the id of what is being done, "" outside of any invocation."""
    return _current.get()


@contextmanager
def following(correlation: str) -> Iterator[None]:
    """Do what is inside under an id."""
    token = _current.set(correlation)
    try:
        yield
    finally:
        _current.reset(token)
