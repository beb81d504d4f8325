"""What every answer carries, errors of Chalice itself included: security headers, our pages."""

import json
from typing import TYPE_CHECKING, Any

from chalice.app import Request

from chalicelib.foundation import correlation

if TYPE_CHECKING:
    from chalicelib.wiring import Services


def security_headers(form_targets: str) -> dict[str, str]:
    """Give the headers of every answer.

    Chromium applies form-action to redirects after a POST: ``form_targets`` names the origin of the
    hosted payment page.
    """
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {form_targets}"
    )
    return {
        "Content-Security-Policy": policy,
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }


def finish(answer: dict[str, Any], services: "Services", request: Request) -> dict[str, Any]:
    """Complete an answer of Chalice: security headers; its own JSON errors become our pages."""
    headers = answer.setdefault("headers", {})
    if answer["statusCode"] >= 400 and _is_chalices_own(answer):  # noqa: PLR2004
        from chalicelib.console.framework.rendering import plain_error

        company, url = services.base.settings.company, services.base.settings.console_url
        wanted = str(request.headers.get("accept-language") or "fr")[:2].lower()
        language = "en" if wanted == "en" else "fr"
        reference = correlation.current() if answer["statusCode"] >= 500 else ""  # noqa: PLR2004
        answer["body"] = plain_error(company, url, language, answer["statusCode"], reference)
        headers["Content-Type"] = "text/html; charset=utf-8"
    headers.update(security_headers(services.base.settings.stripe_pages_origin))
    return answer


def _is_chalices_own(answer: dict[str, Any]) -> bool:
    kind = answer["headers"].get("Content-Type", "application/json")
    if not kind.startswith("application/json"):
        return False
    try:
        return "Code" in json.loads(answer["body"])
    except (TypeError, ValueError):
        return False
