"""An acceptance: who bound themselves to which version of which document (ACC-2, LEG-2)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.foundation.ids import AccountId, UserId


@dataclass(frozen=True)
class Acceptance:
    """An account bound itself, through a user, to one version of a document."""

    account_id: AccountId
    user_id: UserId
    kind: str
    version: str
    sha256: str
    accepted_at: datetime
