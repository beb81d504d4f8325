"""What a deployment chooses, what follows from it, and the rule that keeps it in Paris."""

from typing import Any

from chalicelib.foundation.aws import REGION

PARAMETERS: dict[str, dict[str, Any]] = {
    "Stage": {
        "Type": "String",
        "AllowedValues": ["dev", "prod"],
        "Description": "Starts every name: omny-{stage}-...",
    },
    "CompanyName": {
        "Type": "String",
        "Default": "Omny",
        "AllowedPattern": '[^<>&"$]{1,60}',
        "Description": "Name shown on the pages API Gateway answers by itself",
    },
    "MailDomain": {
        "Type": "String",
        "AllowedPattern": r"([a-z0-9-]+\.)+[a-z]{2,}",
        "Description": "Domain that mails are sent from; SES checks it through DNS records",
    },
    "MailFrom": {
        "Type": "String",
        "AllowedPattern": r"[^@\s]+@([a-z0-9-]+\.)+[a-z]{2,}",
        "Description": "Sender of every mail, an address of MailDomain",
    },
    "DomainName": {
        "Type": "String",
        "Default": "",
        "AllowedPattern": r"(([a-z0-9-]+\.)+[a-z]{2,})?",
        "Description": "The console's own host name; empty: API Gateway's",
    },
    "CertificateArn": {
        "Type": "String",
        "Default": "",
        "AllowedPattern": f"(arn:aws:acm:{REGION}:[0-9]{{12}}:certificate/[a-f0-9-]+)?",
        "Description": "Certificate of DomainName, in the same region",
    },
    "DesktopNetwork": {
        "Type": "String",
        "Default": "10.40.0.0/16",
        "AllowedPattern": r"10\.\d{1,3}\.0\.0/16",
        "Description": "Addresses of the desktops' network",
    },
    "WorkspacesDirectory": {
        "Type": "String",
        "Default": "",
        "AllowedPattern": "(d-[0-9a-f]{10})?",
        "Description": "Directory of WorkSpaces desktops; empty: only EC2 desktops",
    },
}

CONDITIONS: dict[str, Any] = {
    "HasDomain": {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]},
    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
}

RULES: dict[str, Any] = {
    "OnlyParis": {
        "Assertions": [
            {
                "Assert": {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]},
                "AssertDescription": f"Everything is processed in France: deploy in {REGION} "
                "(PRI-6).",
            }
        ]
    },
    "DomainHasItsCertificate": {
        "RuleCondition": {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]},
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]},
                "AssertDescription": "DomainName needs CertificateArn.",
            }
        ],
    },
}

# Where the console is seen from outside, without a final slash.
CONSOLE_URL: dict[str, Any] = {
    "Fn::If": [
        "HasDomain",
        {"Fn::Sub": "https://${DomainName}"},
        {"Fn::Sub": "https://${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/api"},
    ]
}
