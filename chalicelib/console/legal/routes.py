"""Routes of legal documents and of policies."""

from chalicelib.console.framework.access import OPERATOR, PUBLIC, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/legal", PUBLIC, "legal.legal_pages.documents"),
    Route("GET", "/legal-notice", PUBLIC, "legal.legal_pages.notice"),
    Route("GET", "/legal/{kind}", PUBLIC, "legal.legal_pages.document"),
    Route("GET", "/legal/{kind}/{version}", PUBLIC, "legal.legal_pages.download"),
    Route("GET", "/operator/policies", OPERATOR, "legal.operator_policy_pages.policies"),
    Route("POST", "/operator/policies/{code}", OPERATOR, "legal.operator_policy_pages.publish"),
)
