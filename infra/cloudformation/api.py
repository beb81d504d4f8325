"""The API's part beyond Chalice's: addresses, errors as pages, limits, logs, own domain."""

from dataclasses import MISSING, fields
from typing import Any

from chalicelib.foundation.settings import Company
from infra.cloudformation.functions import log_group
from infra.cloudformation.names import (
    API_FUNCTION,
    PREFIX,
    Resource,
    Resources,
    assumed_by,
    get,
    named,
    ref,
    sub,
)

API, API_STAGE = "RestAPI", "api"
# A console for some hundred clients; beyond that, somebody tries something.
REQUESTS_PER_SECOND, BURST = 50, 100
NOT_FOUND = 404
# Who did what is in the evidence journal (EVD-1); here stands what it takes to see an attack, to
# stop it and to follow one request (docs/operations.md, "An attack").  The route, not the path: a
# link of a mail carries its token there.  No user agent: it is the sender's word, quotes included.
_LOGGED = {
    "requestId": "$context.requestId",
    "function": "$context.integration.requestId",  # the correlation id of our own logs
    "address": "$context.identity.sourceIp",
    "at": "$context.requestTime",
    "route": "$context.resourcePath",
    "method": "$context.httpMethod",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "integration": "$context.integration.status",
    "error": "$context.error.responseType",
}
_HTML = "text/html; charset=utf-8"
_INTEGRATION = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    f"{PREFIX}{API_FUNCTION}/invocations"
)


def api() -> Resources:
    """Give what is merged into Chalice's API, and what stands beside it."""
    return {
        API: {"Properties": _properties()},
        "ApiLogs": log_group("/aws/apigateway/omny-${Stage}-api"),
        **_account(),
        **_domain(),
    }


def _properties() -> Resource:
    return {
        "Name": named("console"),
        "EndpointConfiguration": {"Type": "REGIONAL"},
        "DefinitionBody": {
            # Every type is binary: fonts reach a browser whole, and pages stay text, for Lambda's
            # answer says of itself whether it is encoded (console/framework/static_pages.py).
            "x-amazon-apigateway-binary-media-types": ["*/*"],
            "paths": _paths(),
            "x-amazon-apigateway-gateway-responses": gateway_responses(),
        },
        "AccessLogSetting": {"DestinationArn": get("ApiLogs"), "Format": _log_format()},
        "MethodSettings": [
            {
                "ResourcePath": "/*",
                "HttpMethod": "*",
                "ThrottlingRateLimit": REQUESTS_PER_SECOND,
                "ThrottlingBurstLimit": BURST,
                "MetricsEnabled": True,
                "LoggingLevel": "ERROR",
                "DataTraceEnabled": False,  # it would log forms, passwords included
            }
        ],
        "AlwaysDeploy": False,
        "Tags": {"omny:stage": ref("Stage")},
    }


def _log_format() -> str:
    return "{" + ",".join(f'"{name}":"{value}"' for name, value in _LOGGED.items()) + "}"


def _paths() -> dict[str, Any]:
    """Name the API's function instead of referring to it.

    A reference would close a circle: the function's environment holds the API's address.
    """
    import app as application

    integration = {"uri": sub(_INTEGRATION)}
    return {
        path: {
            method.lower(): {"x-amazon-apigateway-integration": dict(integration)}
            for method in methods
        }
        for path, methods in application.app.routes.items()
    }


# --- Errors that API Gateway answers by itself ---------------------------------------------------


def gateway_responses() -> dict[str, Any]:
    """Give our pages to API Gateway for the errors it answers itself (CON-1)."""
    return {
        "MISSING_AUTHENTICATION_TOKEN": _answer(NOT_FOUND),  # its words for an unknown path
        "RESOURCE_NOT_FOUND": _answer(NOT_FOUND),
        "DEFAULT_4XX": _answer(400),
        "DEFAULT_5XX": _answer(500),
    }


def _answer(status: int) -> Resource:
    pages = [error_page(status, base) for base in ("", f"/{API_STAGE}")]
    return {
        **({"statusCode": str(status)} if status == NOT_FOUND else {}),
        "responseParameters": {
            f"gatewayresponse.header.{name}": value for name, value in _headers().items()
        },
        "responseTemplates": {
            "application/json": {"Fn::If": ["HasDomain", sub(pages[0]), sub(pages[1])]}
        },
    }


def error_page(status: int, base: str) -> str:
    """Render the page of an error met outside any view; ``${CompanyName}`` is left to fill in."""
    from chalicelib.console.framework.rendering import plain_error

    unsaid = {field.name: "" for field in fields(Company) if field.default is MISSING}
    company = Company(**{**unsaid, "name": "${CompanyName}"})
    # API Gateway fills its own id in, which its access logs hold.
    reference = "$context.requestId" if status >= 500 else ""  # noqa: PLR2004
    return " ".join(plain_error(company, base, "fr", status, reference).split("\n"))


def _headers() -> dict[str, Any]:
    """Give the security headers of those pages.

    API Gateway writes a fixed value between single quotes and knows no way to have one inside:
    so the policy names our host where the console's own says 'self', and about: where it says
    'none'.
    """
    policy = (
        "default-src about:; style-src {host}; img-src {host} data:; font-src {host}; "
        "script-src {host}; base-uri about:; form-action about:; frame-ancestors about:"
    )
    own = policy.format(host="https://${DomainName}")
    default = policy.format(host="https://*.execute-api.${AWS::Region}.${AWS::URLSuffix}")
    fixed = {
        "Content-Type": _HTML,
        "Cache-Control": "no-store",
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    return {
        "Content-Security-Policy": {"Fn::If": ["HasDomain", sub(f"'{own}'"), sub(f"'{default}'")]},
        **{name: f"'{value}'" for name, value in fixed.items()},
    }


# --- Beside the API ------------------------------------------------------------------------------


def _account() -> Resources:
    """Let API Gateway write its logs: a setting of the account and region, the same for all."""
    return {
        "ApiLogRole": {
            "Type": "AWS::IAM::Role",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "AssumeRolePolicyDocument": assumed_by("apigateway"),
                "ManagedPolicyArns": [
                    sub(
                        "arn:${AWS::Partition}:iam::aws:policy/service-role/"
                        "AmazonAPIGatewayPushToCloudWatchLogs"
                    )
                ],
            },
        },
        "ApiAccount": {
            "Type": "AWS::ApiGateway::Account",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {"CloudWatchRoleArn": get("ApiLogRole")},
        },
    }


def _domain() -> Resources:
    return {
        "ConsoleDomain": {
            "Type": "AWS::ApiGateway::DomainName",
            "Condition": "HasDomain",
            "Properties": {
                "DomainName": ref("DomainName"),
                "RegionalCertificateArn": ref("CertificateArn"),
                "EndpointConfiguration": {"Types": ["REGIONAL"]},
                "SecurityPolicy": "TLS_1_2",
            },
        },
        "ConsoleDomainMapping": {
            "Type": "AWS::ApiGateway::BasePathMapping",
            "Condition": "HasDomain",
            "Properties": {
                "DomainName": ref("ConsoleDomain"),
                "RestApiId": ref(API),
                # What SAM names the stage: the mapping waits for it.
                "Stage": ref(f"{API}.Stage"),
            },
        },
    }
