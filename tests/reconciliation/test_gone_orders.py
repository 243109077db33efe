"""OKX reports an order as gone: REST is asked for its end if no push brought it, and only then."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.reconciliation.gone_orders import GoneOrders


def test_an_order_that_is_open_here_is_asked_about_once(scene: Any) -> None:
    scene.rig.place("A1", "12")
    scene.rig.place("A2", "13")
    scene.rig.push(clOrdId="A2", ordId="13", state="canceled", uTime="1700000000999")
    scene.rig.forget()
    gone = GoneOrders(scene.rig.api, scene.reconciler)
    for ord_id, cl_ord_id in (("12", ""), ("12", ""), ("13", ""), ("", "A2"), ("99", "")):
        gone.note(ord_id, cl_ord_id)
    scene.rest.orders["12"] = scene.row(ordId="12", clOrdId="A1", state="canceled", cancelSource="20")
    asyncio.run(gone.ask())
    asyncio.run(gone.ask())
    assert scene.rest.asked == [("order", ("BTC-USDT", "12", ""))]
    (published,) = scene.rig.on("alpha.order")
    assert (published["state"], published["reason"], published["source"]) == (
        "canceled",
        "cancel_all_after",
        "reconcile",
    )
