"""Stripe's own error object, and the errors several endpoints share."""

from typing import Any

Json = dict[str, Any]


class StripeError(Exception):
    """An answer that is not a success, in the shape Stripe gives it.

    `kept` tells whether an idempotency key remembers it: Stripe keeps what execution
    answered, and forgets what validation refused before execution began.
    """

    def __init__(  # noqa: PLR0913 - the members of Stripe's error object
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        kept: bool = True,
        **members: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        given = {"code": code, "message": message, "param": param, "type": kind, **members}
        self.error: Json = {name: value for name, value in given.items() if value is not None}

    def body(self) -> Json:
        """Return the JSON body of the answer."""
        return {"error": self.error}


def missing(param: str) -> StripeError:
    """Tell that a required parameter was not sent."""
    return StripeError(
        f"Missing required param: {param}.", code="parameter_missing", param=param, kept=False
    )


def unknown_parameter(param: str) -> StripeError:
    """Tell that a parameter does not exist, or that this simulator does not do it."""
    return StripeError(
        f"Received unknown parameter: {param}", code="parameter_unknown", param=param, kept=False
    )


def invalid(message: str, param: str, code: str | None = None) -> StripeError:
    """Tell that a parameter's value cannot be read."""
    return StripeError(message, param=param, code=code, kept=False)


def no_such(kind: str, identifier: str, param: str, *, in_path: bool) -> StripeError:
    """Tell that an object does not exist: 404 when it is the URL's own, 400 otherwise."""
    return StripeError(
        f"No such {kind}: '{identifier}'",
        status=404 if in_path else 400,
        code="resource_missing",
        param=param,
    )


def unrecognized_url(method: str, path: str) -> StripeError:
    """Tell that no endpoint has this method and path."""
    return StripeError(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we "
        "can help at https://support.stripe.com/.",
        status=404,
        kept=False,
    )
