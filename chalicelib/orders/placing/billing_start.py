"""From when an order's desktops are billed (CGV art. 9, 16; P2).

The terms count a desktop as created when the client validates it, which would bill for what the
company has not accepted yet: an unclear clause is read for the client.
"""

from datetime import datetime

from chalicelib.foundation.civil_time import paris_day


def billing_start(
    placed_at: datetime, confirmed_at: datetime, *, at_confirmation: bool
) -> datetime:
    """Give the UTC instant from which the desktops of a confirmed order are billed (P2).

    That of the order when the company confirms it the same Paris day, else that of the
    confirmation.  ``at_confirmation`` off is the former reading: that of the order, always.
    """
    if at_confirmation and paris_day(confirmed_at) > paris_day(placed_at):
        return confirmed_at
    return placed_at
