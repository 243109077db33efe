"""A stale snapshot keeps the state of accounts while they trade on."""

from __future__ import annotations

from typing import Any

from gateway.sim.faults.stale_snapshot import frozen

UID_1 = "1000000000000001"


def test_later_orders_fills_and_money_do_not_touch_it(bench: Any) -> None:
    bench.place(clOrdId="a1", px="100000", sz="1")
    snapshot = frozen(bench.exchange.accounts)[UID_1]
    before = snapshot.cash["USDT"]
    bench.command("trade", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    bench.place(clOrdId="a2")
    now = bench.exchange.accounts[UID_1]
    assert [one.cl_ord_id for one in now.live.values()] == ["a2"] and now.cash["USDT"] == before - 100_000
    assert [(one.cl_ord_id, one.state) for one in snapshot.live.values()] == [("a1", "live")]
    assert snapshot.cash["USDT"] == before and not snapshot.fills


def test_positions_stay_too(bench: Any) -> None:
    bench.hold("2")
    snapshot = frozen(bench.exchange.accounts)[UID_1]
    bench.hold("3")
    (stale,), (now,) = snapshot.positions.values(), bench.exchange.accounts[UID_1].positions.values()
    assert (stale.pos, now.pos) == (2, 5)
