"""Routes of desktops, of access codes and of machines."""

from chalicelib.console.framework.access import CLIENT, MANAGER, OPERATOR, Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/desktops", CLIENT, "desktops.desktop_pages.desktops"),
    Route("GET", "/desktops/states", CLIENT, "desktops.desktop_pages.states"),
    Route("GET", "/desktops/{desktop_id}", CLIENT, "desktops.desktop_pages.desktop"),
    Route("POST", "/desktops/{desktop_id}/start", CLIENT, "desktops.desktop_pages.start"),
    Route("POST", "/desktops/{desktop_id}/stop", CLIENT, "desktops.desktop_pages.stop"),
    Route("POST", "/desktops/{desktop_id}/restart", CLIENT, "desktops.desktop_pages.restart"),
    Route(
        "POST", "/desktops/{desktop_id}/access-code", CLIENT, "desktops.desktop_pages.renew_code"
    ),
    Route(
        "GET", "/desktops/{desktop_id}/connection", CLIENT, "desktops.desktop_pages.connection_file"
    ),
    Route("POST", "/desktops/{desktop_id}/name", MANAGER, "desktops.desktop_pages.rename"),
    Route("POST", "/desktops/{desktop_id}/user", MANAGER, "desktops.desktop_pages.assign"),
    Route(
        "GET",
        "/desktops/{desktop_id}/configuration",
        MANAGER,
        "desktops.change_pages.configuration_form",
    ),
    Route(
        "POST",
        "/desktops/{desktop_id}/configuration",
        MANAGER,
        "desktops.change_pages.change_configuration",
    ),
    Route(
        "POST",
        "/desktops/{desktop_id}/configuration/cancel",
        MANAGER,
        "desktops.change_pages.cancel_change",
    ),
    Route("GET", "/desktops/{desktop_id}/options", MANAGER, "desktops.change_pages.options_form"),
    Route(
        "POST", "/desktops/{desktop_id}/options", MANAGER, "desktops.change_pages.change_options"
    ),
    Route("GET", "/desktops/{desktop_id}/deletion", MANAGER, "desktops.change_pages.deletion_form"),
    Route("POST", "/desktops/{desktop_id}/deletion", MANAGER, "desktops.change_pages.delete"),
    Route(
        "GET",
        "/desktops/{desktop_id}/reinstallation",
        MANAGER,
        "desktops.renewal_pages.reinstallation_form",
    ),
    Route(
        "POST", "/desktops/{desktop_id}/reinstallation", MANAGER, "desktops.renewal_pages.reinstall"
    ),
    Route(
        "GET",
        "/desktops/{desktop_id}/restoration",
        MANAGER,
        "desktops.renewal_pages.restoration_form",
    ),
    Route("POST", "/desktops/{desktop_id}/restoration", MANAGER, "desktops.renewal_pages.restore"),
    Route(
        "POST",
        "/desktops/{desktop_id}/measures/{measure_id}/contest",
        CLIENT,
        "desktops.renewal_pages.contest",
    ),
    Route("GET", "/access/{token}", CLIENT, "desktops.access_pages.access_page"),
    Route("POST", "/access/{token}", CLIENT, "desktops.access_pages.reveal"),
    Route("GET", "/operator/desktops", OPERATOR, "desktops.operator_pages.desktops"),
    Route(
        "GET",
        "/operator/desktops/{account_id}/{desktop_id}",
        OPERATOR,
        "desktops.operator_pages.desktop",
    ),
    Route(
        "POST",
        "/operator/desktops/{account_id}/{desktop_id}/measures",
        OPERATOR,
        "desktops.operator_pages.take_measure",
    ),
    Route(
        "POST",
        "/operator/desktops/{account_id}/{desktop_id}/measures/{measure_id}/lift",
        OPERATOR,
        "desktops.operator_pages.lift_measure",
    ),
    Route(
        "POST",
        "/operator/desktops/{account_id}/{desktop_id}/measures/{measure_id}/uphold",
        OPERATOR,
        "desktops.operator_pages.uphold_measure",
    ),
    Route(
        "POST",
        "/operator/desktops/{account_id}/{desktop_id}/machine",
        OPERATOR,
        "desktops.operator_pages.make_again",
    ),
    Route("GET", "/operator/measures", OPERATOR, "desktops.operator_pages.measures"),
    Route("GET", "/operator/machines", OPERATOR, "desktops.operator_machine_pages.findings"),
    Route("POST", "/operator/machines", OPERATOR, "desktops.operator_machine_pages.compare"),
    Route(
        "POST",
        "/operator/machines/{finding_id}/close",
        OPERATOR,
        "desktops.operator_machine_pages.close",
    ),
)
