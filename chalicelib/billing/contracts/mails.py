"""What clients are written about their contracts (BIL-6, P17)."""

from chalicelib.accounts.clients.account import Account
from chalicelib.billing.contracts.contract import Contract
from chalicelib.foundation.messages import Message
from chalicelib.notifications.mails import mail
from chalicelib.texts.mails import MailName


def proposal_mail(account: Account, contract: Contract) -> Message:
    """Tell that a contract waits for an answer."""
    return _mail(MailName.CONTRACT_PROPOSED, account, contract, contract.proposed_at.isoformat())


def agreement_mail(account: Account, contract: Contract) -> Message:
    """Confirm the terms agreed, on a durable medium."""
    return _mail(MailName.CONTRACT_AGREED, account, contract, "agreed")


def reminder_mail(account: Account, contract: Contract) -> Message:
    """Announce the end, and that desktops go on at monthly rates (P17)."""
    return _mail(MailName.CONTRACT_ENDING, account, contract, contract.last_on.isoformat())


def termination_mail(unused_cents: int, account: Account, contract: Contract) -> Message:
    """Confirm an end agreed before the term; what was paid ahead and is given back, incl. VAT."""
    fact = contract.last_on.isoformat()
    return _mail(MailName.CONTRACT_ENDED, account, contract, fact, unused_cents=unused_cents)


def _mail(
    template: MailName, account: Account, contract: Contract, fact: str, **more: object
) -> Message:
    language = account.language
    context = {
        "name": f"{account.first_name} {account.last_name}".strip() or account.name,
        "reference": contract.reference,
        "starts_on": contract.starts_on.isoformat(),
        "last_on": contract.last_on.isoformat(),
        "months": contract.months,
        "billing": contract.billing.value,
        "discount_percent": str(contract.discount_percent),
        "monthly_cents": contract.monthly_cents,
        "term_cents": contract.term_cents,
        "commitments": [
            {
                "name": each.label[language],
                "quantity": each.quantity,
                "unit_cents": contract.unit_cents(each),
            }
            for each in contract.commitments
        ],
        "end_reason": contract.end_reason,
        **more,
    }
    return mail(template, account.email, language, context, key=f"{template}:{contract.id}:{fact}")
