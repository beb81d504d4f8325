"""When a contract's end is announced: three to one months before (CGV art. 17; BIL-6, P17)."""

from datetime import date

from chalicelib.billing.contracts.contract import Contract, ContractState, Phase
from chalicelib.foundation.civil_time import BillingMonth

FIRST_NOTICE_MONTHS, LAST_NOTICE_MONTHS = 3, 1


def reminder_window(contract: Contract) -> tuple[date, date]:
    """Give the Paris days between which the end is announced, both included.

    Terms end with a month: three months before 31 May is the last day of February.
    """
    month = BillingMonth.of(contract.last_on)
    last = month.previous
    first = last
    for _ in range(FIRST_NOTICE_MONTHS - LAST_NOTICE_MONTHS):
        first = first.previous
    return first.last_day, last.last_day


def reminder_due(contract: Contract, day: date) -> bool:
    """Tell whether the client is to be written to on a Paris day: once, and late if need be.

    One that was ended by agreement has its end in that agreement.
    """
    return (
        contract.state is ContractState.ACCEPTED
        and contract.reminded_at is None
        and contract.phase(day) is Phase.IN_FORCE
        and day >= reminder_window(contract)[0]
    )
