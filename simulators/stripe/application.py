"""The WSGI application: the API under /v1, the hosted pages, the control requests."""

import json
import time
from collections.abc import Iterable
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from simulators.stripe.control import Control
from simulators.stripe.foundation.account import API_VERSION, Account, RequestIdentity
from simulators.stripe.foundation.endpoints import Endpoint, expand
from simulators.stripe.foundation.errors import Json, StripeError, unrecognized_url
from simulators.stripe.foundation.faults import Fault, Faults, drop_connection
from simulators.stripe.foundation.forms import decode, read
from simulators.stripe.foundation.idempotency import IdempotencyKeys, KeptAnswer, fingerprint
from simulators.stripe.foundation.identifiers import random_text
from simulators.stripe.objects import (
    charges,
    checkout_sessions,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    refunds,
    search,
    setup_intents,
)
from simulators.stripe.pages.hosted_pages import HostedPages

_DOMAINS = (
    customers,
    payment_methods,
    setup_intents,
    checkout_sessions,
    payment_intents,
    search,
    charges,
    refunds,
    disputes,
    events,
)
ENDPOINTS: list[Endpoint] = [line for domain in _DOMAINS for line in domain.ENDPOINTS]
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


class Application:
    """Routes each request; one lock around the state, taken for the time of an answer."""

    def __init__(
        self, account: Account, pages: HostedPages, control: Control, faults: Faults
    ) -> None:
        self._account = account
        self._pages = pages
        self._control = control
        self._faults = faults
        self._keys = IdempotencyKeys(account)
        self._routes = Map(
            [
                *(Rule(one.path, methods=[one.method], endpoint=one) for one in ENDPOINTS),
                Rule("/checkout/<session>", methods=["GET", "POST"], endpoint=pages.checkout),
                Rule("/authenticate/<token>", methods=["GET", "POST"], endpoint=pages.authenticate),
                Rule("/pages/<name>", methods=["GET"], endpoint=pages.static),
                Rule("/_simulator/<path:command>", endpoint=self._control_answer),
            ],
            redirect_defaults=False,
            strict_slashes=True,
            merge_slashes=False,
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        answer = self._answer(request)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            rule, ids = self._routes.bind_to_environ(request.environ).match(return_rule=True)
        except (NotFound, MethodNotAllowed, HTTPException):
            return _failed(unrecognized_url(request.method, request.path))
        if not rule.rule.startswith("/_simulator/"):
            self._count(request, rule.rule)
        if isinstance(rule.endpoint, Endpoint):
            return self._api_answer(request, rule.endpoint, dict(ids))
        if not rule.rule.startswith(("/checkout/", "/authenticate/")):
            return _response(rule.endpoint(request, **ids))
        with self._account.state.lock:
            self._account.request = RequestIdentity()
            expired = checkout_sessions.expire_due(self._account)
            page = _response(rule.endpoint(request, **ids))
            if expired or request.method == "POST":
                self._account.state.save()
            return page

    def _count(self, request: Request, rule: str) -> None:
        with self._account.state.lock:
            shown = rule.replace("<", "{").replace(">", "}")
            self._control.requests[f"{request.method} {shown}"] += 1

    def _control_answer(self, request: Request, command: str) -> Response:
        found = self._control.commands.get((request.method, command))
        if found is None:
            return _failed(unrecognized_url(request.method, request.path))
        asked = request.get_json(silent=True, force=True) if request.data else {}
        if not isinstance(asked, dict):
            return _failed(StripeError("The body must be a JSON object."))
        try:
            with self._account.state.lock:
                self._account.request = RequestIdentity()
                answer = json.dumps(found(asked))
                if request.method == "POST":
                    self._account.state.save()
        except StripeError as error:
            return _failed(error)
        return Response(answer, content_type=_JSON)

    def _api_answer(self, request: Request, endpoint: Endpoint, ids: dict[str, Any]) -> Response:
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        identity = RequestIdentity(f"req_{random_text(14)}", key)
        fault = self._faults.take(request)
        if fault is not None and fault.kind == "crash_before":
            drop_connection(request)
            return Response(status=500)
        try:
            _check_key(request)
            params = read(endpoint.full_spec, _raw_params(request))
            answer = self._once(request, endpoint, (params, ids), identity, fault)
        except StripeError as error:
            answer = _failed(error)
        answer.headers["Request-Id"] = identity.id or ""
        answer.headers["Stripe-Version"] = API_VERSION
        if key is not None:
            answer.headers["Idempotency-Key"] = key
        if fault is not None and fault.kind == "crash_after":
            drop_connection(request)
        return answer

    def _once(
        self,
        request: Request,
        endpoint: Endpoint,
        given: tuple[Json, dict[str, Any]],
        identity: RequestIdentity,
        fault: Fault | None,
    ) -> Response:
        """Do what is asked, or replay what the same key was answered."""
        key = identity.idempotency_key
        if key is None:
            return _from(self._do(endpoint, given, identity, fault, None))
        asked = fingerprint(request.method, request.path, given[0])
        kept = self._keys.begin(key, asked)
        if kept is not None:
            answer = _from(kept)
            answer.headers["Idempotent-Replayed"] = "true"
            return answer
        try:
            return _from(self._do(endpoint, given, identity, fault, (key, asked)))
        finally:
            self._keys.end(key)

    def _do(
        self,
        endpoint: Endpoint,
        given: tuple[Json, dict[str, Any]],
        identity: RequestIdentity,
        fault: Fault | None,
        keep_as: tuple[str, str] | None,
    ) -> KeptAnswer:
        params, ids = given
        if fault is not None and fault.kind == "delay":
            time.sleep(fault.seconds)
        if fault is not None and fault.kind == "error":
            raise fault.error()
        paths = params.pop("expand", [])
        with self._account.state.lock:
            self._account.request = RequestIdentity()
            expired = checkout_sessions.expire_due(self._account)
            self._account.request = identity
            try:
                result = endpoint.handler(self._account, params, **ids)
                answer = KeptAnswer(200, json.dumps(expand(self._account, result, paths)))
            except StripeError as error:
                if not error.kept:
                    raise
                answer = KeptAnswer(error.status, json.dumps(error.body()))
            if keep_as is not None:
                self._keys.keep(*keep_as, answer)
            if expired or endpoint.method != "GET":
                self._account.state.save()
            return answer


def _check_key(request: Request) -> None:
    """Refuse a request without a test-mode secret key; basic authentication is Stripe's too."""
    given = request.headers.get("Authorization", "")
    authorization = request.authorization
    key = given.removeprefix("Bearer ") if given.startswith("Bearer ") else ""
    if authorization is not None and authorization.type == "basic":
        key = authorization.username or ""
    if not key:
        raise StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization "
            "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
            kept=False,
        )
    if not key.startswith("sk_test_"):
        raise StripeError(f"Invalid API Key provided: {key[:8]}****", status=401, kept=False)


def _raw_params(request: Request) -> Json:
    pairs = list(request.args.items(multi=True))
    if request.method != "GET" and request.content_length:
        if request.mimetype != _FORM:
            raise StripeError(
                "Invalid request (check that your POST content type is "
                "application/x-www-form-urlencoded).",
                kept=False,
            )
        pairs += list(request.form.items(multi=True))
    return decode(pairs)


def _response(answer: Any) -> Response:
    if not isinstance(answer, Response):
        raise TypeError(f"a page must answer a Response, not {answer!r}")
    return answer


def _from(answer: KeptAnswer) -> Response:
    return Response(answer.body, status=answer.status, content_type=_JSON)


def _failed(error: StripeError) -> Response:
    return Response(json.dumps(error.body()), status=error.status, content_type=_JSON)
