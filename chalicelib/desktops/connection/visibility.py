"""Who inside an account may see and use which desktop (ACC-4, DSK-7)."""

from collections.abc import Iterable

from chalicelib.accounts.clients.account import Role, User, manages
from chalicelib.desktops.model.desktop import Desktop


def may_see(user: User, desktop: Desktop) -> bool:
    """Tell whether the user may see a desktop of the account: *user* only those assigned."""
    return user.role is not Role.USER or desktop.assigned_user_id == user.id


def may_use(user: User, desktop: Desktop) -> bool:
    """Tell whether the user may start, stop and connect, and read the access code.

    *billing* sees what is used and owed, not how to get in.
    """
    return manages(user.role) or desktop.assigned_user_id == user.id


def visible(user: User, desktops: Iterable[Desktop]) -> list[Desktop]:
    """Keep the desktops that the user may see."""
    return [desktop for desktop in desktops if may_see(user, desktop)]
