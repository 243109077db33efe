"""Pages of more than 250 rows: none is lost, none comes twice, also while new rows come in.

The rules are those of OKX's docs, "Overview", pagination: newest first, `after` older, `before` newer, both exclusive.
"""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from gateway.sim.base.configuration import Switches

pytestmark = pytest.mark.asyncio

UID_1 = "1000000000000001"
COUNT = 257
ORDER = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.001"}
DAY_MS = 86_400_000


@pytest_asyncio.fixture
async def world(start: Any) -> Any:
    return await start(switches=Switches(limiter_window="off"), rest_limits=False)


async def place(world: Any, count: int, **change: Any) -> list[str]:
    ids: list[str] = []
    while len(ids) < count:
        body = [{**ORDER, **change}] * min(20, count - len(ids))
        _, answer = await world.rest.call("POST", "/api/v5/trade/batch-orders", body)
        assert answer["code"] == "0"
        ids += [one["ordId"] for one in answer["data"]]
    return ids


async def walk(world: Any, path: str, id_name: str, query: str, limit: int) -> list[str]:
    """From the newest row to the oldest."""
    seen: list[str] = []
    edge = ""
    while True:
        rows = await world.rest.get(f"/api/v5/{path}?{query}&limit={limit}{edge}")
        seen += [one[id_name] for one in rows]
        if len(rows) < limit:
            return seen
        edge = f"&after={seen[-1]}"


async def climb(world: Any, path: str, id_name: str, query: str, limit: int) -> list[str]:
    """From the oldest row to the newest; each page is newest first."""
    seen: list[str] = []
    edge = "&before=1"
    while True:
        rows = await world.rest.get(f"/api/v5/{path}?{query}&limit={limit}{edge}")
        seen += [one[id_name] for one in reversed(rows)]
        if len(rows) < limit:
            return seen
        edge = f"&before={seen[-1]}"


@pytest.mark.parametrize("limit", [100, 99])
async def test_open_orders(world: Any, limit: int) -> None:
    ids = await place(world, COUNT)
    assert await walk(world, "trade/orders-pending", "ordId", "instType=SPOT", limit) == ids[::-1]
    assert await climb(world, "trade/orders-pending", "ordId", "instType=SPOT", limit) == ids
    # A page without `limit` has a hundred rows, and rows that come in meanwhile move no page.
    first = await world.rest.get("/api/v5/trade/orders-pending")
    assert [one["ordId"] for one in first] == ids[:-101:-1]
    await place(world, 7)
    second = await world.rest.get(f"/api/v5/trade/orders-pending?after={first[-1]['ordId']}")
    assert [one["ordId"] for one in second] == ids[-101:-201:-1]
    newer = await world.rest.get(f"/api/v5/trade/orders-pending?before={ids[-1]}")
    assert len(newer) == 7


async def test_exactly_full_pages(world: Any) -> None:
    ids = await place(world, 200)
    pages = [await world.rest.get("/api/v5/trade/orders-pending")]
    for _ in range(2):
        pages.append(await world.rest.get(f"/api/v5/trade/orders-pending?after={pages[-1][-1]['ordId']}"))
    assert [len(one) for one in pages] == [100, 100, 0]
    assert [row["ordId"] for one in pages for row in one] == ids[::-1]


async def test_finished_orders_and_fills(world: Any) -> None:
    ids = await place(world, COUNT, ordType="post_only")
    for _ in range(COUNT):
        world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.001")
    for path in ("trade/orders-history", "trade/orders-history-archive"):
        assert await walk(world, path, "ordId", "instType=SPOT", 100) == ids[::-1]
    bills = [one["bill_id"] for one in world.sim.ledger.fills if one["uid"] == UID_1]
    assert len(bills) == COUNT
    for path in ("trade/fills", "trade/fills-history"):
        assert await walk(world, path, "billId", "instType=SPOT", 100) == bills[::-1]
        assert await climb(world, path, "billId", "instType=SPOT", 100) == bills
    one = (await world.rest.get(f"/api/v5/trade/fills?ordId={ids[130]}"))[0]
    assert one["billId"] == bills[130]
    # Times are inclusive on both ends.
    ts = one["ts"]
    same = await world.rest.get(f"/api/v5/trade/fills?begin={ts}&end={ts}")
    assert one["billId"] in [row["billId"] for row in same] and {row["ts"] for row in same} == {ts}
    # A lone begin: of orders those nearest to it, of fills the newest.
    orders = await world.rest.get("/api/v5/trade/orders-history?instType=SPOT&begin=1&limit=3")
    assert [row["ordId"] for row in orders] == ids[2::-1]
    rows = await world.rest.get("/api/v5/trade/fills?begin=1&limit=3")
    assert [row["billId"] for row in rows] == bills[:-4:-1]
    rows = await world.rest.get(f"/api/v5/trade/fills?after={bills[200]}&before={bills[50]}")
    assert [row["billId"] for row in rows] == bills[199:99:-1]


async def test_retention_of_orders_and_fills(world: Any) -> None:
    """Seven days of orders, three of fills, three months in the archives; two hours of unfilled cancelled ones."""
    (filled,), (canceled,) = await place(world, 1), await place(world, 1, px="98000")
    world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.001")
    await world.rest.call("POST", "/api/v5/trade/cancel-order", {"instId": "BTC-USDT", "ordId": canceled})
    account = world.sim.accounts[UID_1]

    async def found() -> list[int]:
        paths = ("orders-history", "orders-history-archive", "fills", "fills-history")
        return [len(await world.rest.get(f"/api/v5/trade/{one}?instType=SPOT")) for one in paths]

    assert await found() == [2, 2, 1, 1]
    account.orders[canceled].u_time_ms -= DAY_MS // 12 + 1000
    assert await found() == [1, 1, 1, 1]
    for days, left in ((3, [1, 1, 1, 1]), (4, [1, 1, 0, 1]), (6, [1, 1, 0, 1]), (8, [0, 1, 0, 1]), (91, [0, 0, 0, 0])):
        # The clock would let the signatures expire, so the past is moved instead.
        moved = world.sim.exchange.clock.now_ms() - days * DAY_MS + 60_000
        account.orders[filled].u_time_ms = moved
        account.fills[0] = account.fills[0]._replace(time_ms=moved)
        assert await found() == left, days
    _, answer = await world.rest.call("GET", f"/api/v5/trade/order?instId=BTC-USDT&ordId={filled}")
    assert answer["code"] == "51603"


async def test_unknown_parameters_are_ignored(world: Any) -> None:
    (ord_id,) = await place(world, 1)
    rows = await world.rest.get("/api/v5/trade/orders-pending?foo=1&instType=&limit=&after=")
    assert [one["ordId"] for one in rows] == [ord_id]
