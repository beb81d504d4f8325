"""The identity mails are sent from, with its reputation apart."""

from infra.cloudformation.names import Resources, named, ref

CONFIGURATION_SET = "MailSettings"


def mail() -> Resources:
    """Give the SES identity of the domain and the settings of what it sends."""
    return {
        CONFIGURATION_SET: {
            "Type": "AWS::SES::ConfigurationSet",
            "Properties": {
                "Name": named("mails"),
                "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
                "ReputationOptions": {"ReputationMetricsEnabled": True},
                "SendingOptions": {"SendingEnabled": True},
                # An address that refuses a mail or complains of it is not written to again.
                "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
            },
        },
        "MailIdentity": {
            "Type": "AWS::SES::EmailIdentity",
            # Removing it with a stack would stop the mails of whoever shares the domain.
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "EmailIdentity": ref("MailDomain"),
                "ConfigurationSetAttributes": {"ConfigurationSetName": ref(CONFIGURATION_SET)},
                "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"},
                "MailFromAttributes": {
                    "MailFromDomain": {"Fn::Sub": "bounce.${MailDomain}"},
                    "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
                },
            },
        },
    }
