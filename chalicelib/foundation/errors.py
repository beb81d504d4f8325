"""Errors that mean something to the business; only console and app.py turn them into answers."""


class DomainError(Exception):
    """The contract, or plain sense, says no.

    ``message`` is a French sentence written for the client (a gettext key); ``values`` fills its
    ``%(name)s`` places; ``article`` is the article of the terms that says no, when there is one.
    """

    def __init__(self, message: str, *, article: str | None = None, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.article = article
        self.values = values


class NotFoundError(DomainError):
    """Unknown, or of another account: the two are never told apart."""

    def __init__(self, message: str = "Cette page n’existe pas.") -> None:
        super().__init__(message)


class ConflictError(Exception):
    """Somebody else wrote first: read again, decide again (see ``unit_of_work``)."""


class FieldErrors(DomainError):  # noqa: N818 - several errors, and a domain error
    """Fields that are missing or malformed, each with its French sentence."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("Certains champs sont à corriger.")
        self.errors = errors


class GatewayError(Exception):
    """An outside party (cloud, Stripe, mail) did not do what was asked.

    ``code`` is its own word for why, ``reference`` how it knows that request.
    """

    def __init__(self, message: str, *, code: str = "", reference: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reference = reference


class TemporaryGatewayError(GatewayError):
    """Worth another try later: time-out, throttling, 5xx."""


class FinalGatewayError(GatewayError):
    """Asking again changes nothing."""
