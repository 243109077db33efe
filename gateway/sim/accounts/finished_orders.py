"""Pure. How many ended orders an account remembers, and how long.

OKX answers for orders cancelled without any fill for two hours, and for all others for three months (OKX docs, "Get
order details", "Get order history").
"""

from __future__ import annotations

from collections import deque

from gateway.sim.market.orders import CANCELED, Order

UNFILLED_CANCELED_KEPT_MS = 2 * 3_600_000
# Of those with fills and of those without, per account: about 1 kB each, so 50 MB; more than seven orders a second for
# the two hours of an unfilled one.
ORDERS_KEPT = 50_000
BACKGROUND_KEPT = 1_000  # of another participant's orders and fills: nobody can ask for them


def is_unfilled_cancel(order: Order) -> bool:
    return order.state == CANCELED and not order.acc_fill_sz


def file_away(order: Order, finished: deque[Order], unfilled: deque[Order], limit: int) -> list[Order]:
    """Add an order that has just ended to the list of its kind. Returns the orders that are forgotten in its place."""
    kept = unfilled if is_unfilled_cancel(order) else finished
    kept.append(order)
    forgotten = [kept.popleft()] if len(kept) > limit else []
    oldest_ms = order.u_time_ms - UNFILLED_CANCELED_KEPT_MS
    while unfilled and unfilled[0].u_time_ms < oldest_ms:
        forgotten.append(unfilled.popleft())
    return forgotten
