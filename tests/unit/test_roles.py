"""Which roles act for the account, asked in one place (ACC-4)."""

import pytest

from chalicelib.accounts.clients.account import Role, manages
from chalicelib.console.framework.access import ROLES, Access


@pytest.mark.contract("ACC-4")
def test_the_owner_and_administrators_act_for_the_account_and_nobody_else() -> None:
    assert {role for role in Role if manages(role)} == {Role.OWNER, Role.ADMINISTRATOR}
    assert ROLES[Access.MANAGER] == {"owner", "administrator"}
