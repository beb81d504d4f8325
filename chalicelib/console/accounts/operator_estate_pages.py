"""What a client has, for operators: its desktops, its OmnyPods, its orders (OPS-1)."""

from chalice.app import Response

from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.ids import AccountId


def estate(visit: Visit, account_id: str) -> Response:
    """Show what an account rents, holds and ordered, each with its own page.

    Desktops that are over come last, orders newest first.
    """
    services = visit.services
    account = services.accounts.service.account(AccountId(account_id))
    desktops = services.desktops.service.of_account(account.id)
    return visit.page(
        "accounts/operator_estate.html",
        account=account,
        desktops=sorted(desktops, key=lambda each: not each.is_active),
        people={user.id: user.full_name for user in services.accounts.service.users_of(account.id)},
        pods=services.equipment.custody.pods_of(account.id),
        orders=services.orders.service.of_account(account.id),
        names=services.catalogue.current().names,
    )
