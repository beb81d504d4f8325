"""What is told of OmnyPods: mails to the client, and what has them billed (POD-1 to POD-3)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from chalicelib.accounts.account import Account
from chalicelib.equipment.cases import Cause, Decision, PodCase
from chalicelib.equipment.dispatch import Dispatch
from chalicelib.equipment.pod import Pod
from chalicelib.foundation.messages import Message, Queue
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName

# What invoices call these charges, in French and English.
LABELS = {
    Cause.LOSS: ("OmnyPod perdu", "Lost OmnyPod"),
    Cause.THEFT: ("OmnyPod volé", "Stolen OmnyPod"),
    Cause.DAMAGE: ("OmnyPod endommagé", "Damaged OmnyPod"),
    Cause.NOT_RETURNED: ("Indemnité pour OmnyPod non rendu", "Charge for an OmnyPod not returned"),
}
FAILED_DELIVERY = ("Livraison empêchée par une adresse erronée", "Delivery failed: wrong address")


def pods_mail(
    template: MailName, account: Account, pods: Iterable[Pod], *, key: str, **more: Any
) -> Message:
    """Make the mail that tells of some pods."""
    context = {
        "serials": [pod.serial for pod in pods],
        "is_consumer": not account.is_professional,
        **more,
    }
    return mail(template, account.email, account.language, context, key=key)


def shipped_mail(account: Account, dispatch: Dispatch, pods: list[Pod]) -> Message:
    """Make the mail of a parcel that left, with its tracking number."""
    first = pods[0]
    return pods_mail(
        MailName.POD_SHIPPED,
        account,
        pods,
        key=f"pod_shipped:{dispatch.id}:{first.serial}:{first.movement_count}",
        carrier=first.carrier,
        tracking=first.tracking,
        address=_one_line(dispatch),
    )


def billing_message(  # noqa: PLR0913 - what a charge is made of
    account_id: str,
    kind: str,
    label: tuple[str, str],
    cents: int,
    *,
    on: date,
    reason: str,
    evidence: str,
    by: str,
    key: str,
) -> Message:
    """Make the message that has something billed once; ``key`` names the fact (BIL-9)."""
    body = {
        "do": "bill",
        "account_id": account_id,
        "kind": kind,
        "label": list(label),
        "cents": cents,
        "on": on.isoformat(),
        "reason": reason,
        "evidence": evidence,
        "by": by,
        "charge": key,
    }
    return Message(Queue.EQUIPMENT, f"bill:{key}", body)


def decision_mail(account: Account, case: PodCase, decision: Decision) -> Message:
    """Make the mail that tells what was decided of a case, and why."""
    context = {
        "serial": case.serial,
        "cause": case.cause.value,
        "outcome": case.outcome,
        "reason": case.reason,
        "amount_excl_vat_cents": case.amount_excl_vat_cents,
        "replaced": decision.replace_it,
    }
    key = f"pod_decision:{case.id}"
    return mail(MailName.POD_DECISION, account.email, account.language, context, key=key)


def fill_message(key: str) -> Message:
    """Make the message that has what is in stock reserved for whoever waits."""
    return Message(Queue.EQUIPMENT, f"fill:{key}", {"do": "fill"})


def _one_line(dispatch: Dispatch) -> str:
    address = dispatch.address
    parts = (address.line1, address.line2, f"{address.postal_code} {address.city}")
    return ", ".join(part for part in parts if part)
