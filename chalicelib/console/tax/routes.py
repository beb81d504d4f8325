"""Routes of VAT."""

from chalicelib.console.framework.access import BILLING, OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/account/tax", BILLING, "tax.tax_pages.tax"),
    Route("POST", "/account/tax/check", BILLING, "tax.tax_pages.check"),
    Route("GET", "/operator/vat", OPERATOR, "tax.operator_pages.overview"),
    Route("GET", "/operator/vat/oss/{year}", OPERATOR, "tax.operator_pages.oss_csv"),
    Route("GET", "/operator/vat/{account_id}", OPERATOR, "tax.operator_pages.account"),
    Route("POST", "/operator/vat/{account_id}/check", OPERATOR, "tax.operator_pages.check"),
    Route("POST", "/operator/vat/{account_id}/proofs", OPERATOR, "tax.operator_pages.record_proof"),
)
