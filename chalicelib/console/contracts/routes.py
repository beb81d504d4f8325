"""Routes of negotiated contracts."""

from chalicelib.console.framework.access import BILLING, MANAGER, OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/contract", BILLING, "contracts.contract_pages.contracts"),
    Route("POST", "/contract/{contract_id}/acceptance", MANAGER, "contracts.contract_pages.accept"),
    Route("POST", "/contract/{contract_id}/refusal", MANAGER, "contracts.contract_pages.refuse"),
    Route("GET", "/operator/contracts", OPERATOR, "contracts.operator_pages.contracts"),
    Route(
        "GET",
        "/operator/accounts/{account_id}/contracts",
        OPERATOR,
        "contracts.operator_pages.account",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/contracts",
        OPERATOR,
        "contracts.operator_pages.propose",
    ),
    Route(
        "GET",
        "/operator/accounts/{account_id}/contracts/{contract_id}",
        OPERATOR,
        "contracts.operator_pages.contract",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/contracts/{contract_id}/signature",
        OPERATOR,
        "contracts.operator_pages.sign",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/contracts/{contract_id}/withdrawal",
        OPERATOR,
        "contracts.operator_pages.withdraw",
    ),
    Route(
        "POST",
        "/operator/accounts/{account_id}/contracts/{contract_id}/termination",
        OPERATOR,
        "contracts.operator_pages.terminate",
    ),
)
