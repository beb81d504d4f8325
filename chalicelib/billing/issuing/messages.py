"""The steps of a month-end run, as what its workers are asked."""

from typing import ClassVar

from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.messages import Queue, Task


class ListAccounts(Task):
    """Put the next accounts in the run of a month, each with its draft to make (BIL-4)."""

    queue: ClassVar[Queue] = Queue.DRAFTS

    month: BillingMonth
    after: str = ""


class DraftMonth(Task):
    """Draft an account's month and hand it over for issue (BIL-1)."""

    queue: ClassVar[Queue] = Queue.DRAFTS

    account_id: AccountId
    month: BillingMonth


class IssueDraft(Task):
    """Number an account's draft and issue it (BIL-3)."""

    queue: ClassVar[Queue] = Queue.ISSUE

    account_id: AccountId
    month: BillingMonth
