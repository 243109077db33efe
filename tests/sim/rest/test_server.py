"""REST on the wire: auth, envelopes, routes, pages."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sim.base.configuration import Switches

pytestmark = pytest.mark.asyncio

UID_1 = "1000000000000001"
ORDER = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.01"}


async def place(world: Any, **change: Any) -> str:
    _, answer = await world.rest.call("POST", "/api/v5/trade/order", {**ORDER, **change})
    assert answer["code"] == "0", answer
    return str(answer["data"][0]["ordId"])


async def test_time_needs_no_key_and_follows_the_commanded_clock(world: Any) -> None:
    _, first = await world.rest.call("GET", "/api/v5/public/time", key=None)
    world.sim.command("clock", skew_ms=3_600_000)
    _, second = await world.rest.call("GET", "/api/v5/public/time", key=None)
    assert int(second["data"][0]["ts"]) - int(first["data"][0]["ts"]) >= 3_600_000
    status, answer = await world.rest.call("GET", "/api/v5/account/config")
    assert (status, answer) == (401, {"msg": "Timestamp request expired.", "code": "50102"})


@pytest.mark.parametrize(
    ("key", "headers", "code"),
    [
        (None, {}, "50103"),
        ("nobody", {}, "50119"),
        ("sim-api-key-0001", {"OK_ACCESS_PASSPHRASE": "wrong"}, "50105"),
        ("sim-api-key-0001", {"OK_ACCESS_SIGN": "wrong"}, "50113"),
        ("sim-api-key-0001", {"x_simulated_trading": "1"}, "50101"),
    ],
)
async def test_auth_failures_have_no_data(world: Any, key: str | None, headers: dict[str, str], code: str) -> None:
    status, answer = await world.rest.call("GET", "/api/v5/account/config", key=key, **headers)
    assert status == 401 and list(answer) == ["msg", "code"] and answer["code"] == code


@pytest.mark.parametrize(
    "target",
    [
        "GET account/bills",
        "GET account/positions-history",
        "GET account/max-loan",
        "GET asset/bills",
        "POST asset/transfer",
    ],
)
async def test_an_account_is_for_its_key(world: Any, target: str) -> None:
    method, path = target.split()
    status, answer = await world.rest.call(method, f"/api/v5/{path}", {} if method == "POST" else None, key=None)
    assert (status, answer["code"]) == (401, "50103")


async def test_unknown_routes_and_methods(world: Any) -> None:
    status, answer = await world.rest.call("GET", "/api/v5/trade/nothing")
    assert status == 404 and isinstance(answer, dict)
    status, answer = await world.rest.call("POST", "/api/v5/account/config", {})
    assert (status, answer["code"]) == (405, "50115")


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (None, {}, 400, "50000"),
        ("{", {}, 400, "50002"),
        ("[]", {}, 400, "50002"),
        ("{}", {"Content_Type": "text/plain"}, 400, "50006"),
    ],
)
async def test_bad_bodies(world: Any, body: Any, headers: dict[str, str], status: int, code: str) -> None:
    got, answer = await world.rest.call("POST", "/api/v5/trade/order", body, **headers)
    assert (got, answer["code"]) == (status, code)


async def test_an_order_from_place_to_cancel(world: Any) -> None:
    rest = world.rest
    status, answer = await rest.call("POST", "/api/v5/trade/order", {**ORDER, "clOrdId": "a1"})
    assert status == 200 and list(answer) == ["code", "data", "inTime", "msg", "outTime"]
    (row,) = answer["data"]
    assert list(row) == ["clOrdId", "ordId", "sCode", "sMsg", "subCode", "tag", "ts"]
    assert (row["sMsg"], answer["msg"]) == ("Order placed", "")
    (found,) = await rest.get("/api/v5/trade/order?instId=BTC-USDT&clOrdId=a1")
    assert (found["ordId"], found["state"], found["avgPx"], found["fillSz"]) == (row["ordId"], "live", "", "0")
    _, answer = await rest.call(
        "POST", "/api/v5/trade/amend-order", {"instId": "BTC-USDT", "clOrdId": "a1", "newSz": "0.02", "reqId": "r"}
    )
    assert (answer["code"], answer["data"][0]["reqId"]) == ("0", "r")
    assert (await rest.get("/api/v5/trade/orders-pending"))[0]["sz"] == "0.02"
    _, answer = await rest.call("POST", "/api/v5/trade/cancel-order", {"instId": "BTC-USDT", "ordId": row["ordId"]})
    assert answer["code"] == "0"
    assert await rest.get("/api/v5/trade/orders-pending") == []
    (done,) = await rest.get("/api/v5/trade/orders-history?instType=SPOT")
    assert (done["state"], done["cancelSource"]) == ("canceled", "1") and done["cancelSourceReason"]
    _, answer = await rest.call("POST", "/api/v5/trade/cancel-order", {"instId": "BTC-USDT", "ordId": row["ordId"]})
    assert (answer["code"], answer["msg"], answer["data"][0]["sCode"]) == ("1", "All operations failed", "51400")


async def test_batches_are_bare_arrays(world: Any) -> None:
    rest = world.rest
    _, answer = await rest.call("POST", "/api/v5/trade/batch-orders", [ORDER, {**ORDER, "sz": "0"}])
    assert (answer["code"], [one["sCode"] for one in answer["data"]]) == ("2", ["0", "51000"])
    ord_id = answer["data"][0]["ordId"]
    named = {"instId": "BTC-USDT", "ordId": ord_id}
    _, answer = await rest.call("POST", "/api/v5/trade/amend-batch-orders", [{**named, "newPx": "98000"}])
    assert answer["code"] == "0"
    _, answer = await rest.call("POST", "/api/v5/trade/cancel-batch-orders", [named])
    assert answer["code"] == "0"
    status, answer = await rest.call("POST", "/api/v5/trade/batch-orders", [ORDER] * 21)
    assert (status, answer["code"], answer["msg"]) == (200, "51111", "Maximum 20 orders can be placed in bulk.")


async def test_unset_parameters_may_be_empty_or_null(world: Any) -> None:
    unset = {name: "" for name in ("ccy", "clOrdId", "tag", "posSide", "reduceOnly", "tgtCcy", "banAmend", "stpMode")}
    await place(world, **unset, attachAlgoOrds=None)


async def test_exp_time_header(world: Any) -> None:
    status, answer = await world.rest.call("POST", "/api/v5/trade/order", ORDER, expTime="1")
    assert (status, answer["code"], answer["data"]) == (200, "50036", [])


async def test_a_read_only_key_reads(world: Any) -> None:
    status, answer = await world.rest.call("POST", "/api/v5/trade/order", ORDER, key="sim-read-only")
    assert (status, answer["code"]) == (200, "50120")
    (config,) = await world.rest.get("/api/v5/account/config", key="sim-read-only")
    assert config["perm"] == "read_only"


async def test_pages_of_orders(world: Any) -> None:
    ids = [await place(world) for _ in range(6)]
    newest = ids[::-1]

    async def got(query: str) -> list[str]:
        rows = await world.rest.get(f"/api/v5/trade/orders-pending?{query}")
        return [one["ordId"] for one in rows]

    assert await got("instType=SPOT") == newest
    assert await got("limit=2") == newest[:2]
    assert await got(f"limit=2&after={newest[1]}") == newest[2:4]
    assert await got(f"after={newest[3]}") == newest[4:]
    assert await got(f"before={newest[3]}") == newest[:3]
    assert await got(f"limit=2&before={newest[3]}") == newest[1:3]
    assert await got(f"limit=2&after={newest[0]}&before={newest[5]}") == newest[1:3]
    assert await got("instType=SWAP") == [] and await got("state=partially_filled") == []
    assert await got("ordType=limit,post_only") == newest and await got("ordType=fok") == []
    for query in ("limit=101", "limit=0", "limit=x", "after=x", "instType=SHARES"):
        status, answer = await world.rest.call("GET", f"/api/v5/trade/orders-pending?{query}")
        assert (status, answer["code"]) == (400, "51000"), query


async def test_pages_of_fills(world: Any) -> None:
    ord_id = await place(world, sz="0.05")
    for _ in range(5):
        world.sim.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.01")
    rows = await world.rest.get("/api/v5/trade/fills?instType=SPOT")
    assert len(rows) == 5 and {one["ordId"] for one in rows} == {ord_id}
    bills = [int(one["billId"]) for one in rows]
    assert bills == sorted(bills, reverse=True)
    page = await world.rest.get(f"/api/v5/trade/fills?after={bills[1]}&limit=2")
    assert [int(one["billId"]) for one in page] == bills[2:4]
    one = rows[-1]
    assert (one["execType"], one["feeCcy"], one["fee"], one["feeRate"]) == ("M", "BTC", "-0.000008", "-0.0008")
    assert (one["side"], one["subType"], one["fillPx"]) == ("buy", "1", "99000")
    assert await world.rest.get("/api/v5/trade/fills?instId=ETH-USDT") == []
    begin = rows[0]["ts"]
    assert await world.rest.get(f"/api/v5/trade/fills-history?instType=SPOT&begin={begin}&end={begin}")


async def test_order_queries_that_find_nothing(world: Any) -> None:
    for query, code in [
        ("instId=BTC-USDT&ordId=1", "51603"),
        ("instId=BTC-USDT", "51003"),
        ("instId=NO-SUCH&ordId=1", "51001"),
        ("ordId=1", "50014"),
    ]:
        _, answer = await world.rest.call("GET", f"/api/v5/trade/order?{query}")
        assert (answer["code"], answer["data"]) == (code, []), query


async def test_of_several_orders_with_one_client_id_the_latest_is_found(world: Any) -> None:
    first = await place(world, clOrdId="a1")
    await world.rest.call("POST", "/api/v5/trade/cancel-order", {"instId": "BTC-USDT", "ordId": first})
    second = await place(world, clOrdId="a1")
    (found,) = await world.rest.get("/api/v5/trade/order?instId=BTC-USDT&clOrdId=a1")
    assert found["ordId"] == second


async def test_an_unfilled_cancelled_order_is_forgotten_after_two_hours(world: Any) -> None:
    ord_id = await place(world)
    await world.rest.call("POST", "/api/v5/trade/cancel-order", {"instId": "BTC-USDT", "ordId": ord_id})
    order = world.sim.accounts[UID_1].orders[ord_id]
    assert await world.rest.get("/api/v5/trade/orders-history?instType=SPOT")
    order.u_time_ms -= 2 * 3_600_000 + 1
    assert await world.rest.get("/api/v5/trade/orders-history?instType=SPOT") == []
    _, answer = await world.rest.call("GET", f"/api/v5/trade/order?instId=BTC-USDT&ordId={ord_id}")
    assert answer["code"] == "51603"


async def test_account_reads(world: Any) -> None:
    rest = world.rest
    (config,) = await rest.get("/api/v5/account/config")
    assert (config["uid"], config["acctLv"], config["posMode"], config["perm"]) == (
        UID_1, "2", "net_mode", "read_only,trade",
    )  # fmt: skip
    (balance,) = await rest.get("/api/v5/account/balance?ccy=BTC,USDT")
    assert [one["ccy"] for one in balance["details"]] == ["BTC", "USDT"]
    assert await rest.get("/api/v5/account/positions") == []
    swap = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "px": "100000", "sz": "1"}
    await place(world, **swap)
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="1")
    (position,) = await rest.get("/api/v5/account/positions?instType=SWAP")
    assert (position["pos"], position["avgPx"]) == ("1", "100000") and "pTime" not in position
    await place(world, **{**swap, "side": "sell", "px": "99000"})
    world.sim.command("trade", inst_id="BTC-USDT-SWAP", side="buy", px="100000", sz="1")
    assert await rest.get("/api/v5/account/positions") == []
    (closed,) = await rest.get(f"/api/v5/account/positions?posId={position['posId']}")
    assert (closed["pos"], closed["pnl"]) == ("0", "-10")
    (limit,) = await rest.get("/api/v5/trade/account-rate-limit")
    assert (limit["accRateLimit"], limit["fillRatio"]) == ("1000", "")


async def test_public_reads(world: Any) -> None:
    rest = world.rest
    for path in ("public", "account"):
        rows = await rest.get(f"/api/v5/{path}/instruments?instType=SWAP")
        codes = {one["instId"]: one["instIdCode"] for one in rows}
        known = {"BTC-USDT-SWAP": 10_459, "ETH-USDT-SWAP": 10_461, "BTC-USD-SWAP": 10_458}
        assert codes.items() >= known.items()
    world.sim.command("quote", inst_id="BTC-USDT", side="sell", px="100001", sz="0.5")
    (book,) = await rest.get("/api/v5/market/books?instId=BTC-USDT&sz=5")
    assert (book["asks"], book["bids"]) == ([["100001", "0.5", "0", "1"]], [])
    (ticker,) = await rest.get("/api/v5/market/ticker?instId=BTC-USDT")
    assert (ticker["askPx"], ticker["last"]) == ("100001", "100000")
    spot = await rest.get("/api/v5/market/tickers?instType=SPOT")
    assert {"BTC-USDT", "ETH-USDT"} < {one["instId"] for one in spot}
    assert await rest.get("/api/v5/market/trades?instId=BTC-USDT") == []
    (limit,) = await rest.get("/api/v5/public/price-limit?instId=BTC-USDT")
    assert (limit["buyLmt"], limit["sellLmt"], limit["enabled"]) == ("120000", "80000", True)
    (mark,) = await rest.get("/api/v5/public/mark-price?instType=SPOT&instId=BTC-USDT")
    assert mark["markPx"] == "100000"
    assert await rest.get("/api/v5/system/status") == []
    status, answer = await rest.call("GET", "/api/v5/market/ticker?instId=NO-SUCH", key=None)
    assert (status, answer["code"], answer["data"]) == (200, "51001", [])
    status, answer = await rest.call("GET", "/api/v5/public/instruments", key=None)
    assert (status, answer["code"]) == (400, "50014")


async def test_read_limits(world: Any) -> None:
    statuses = [(await world.rest.call("GET", "/api/v5/public/time", key=None))[0] for _ in range(11)]
    assert statuses == [200] * 10 + [429]


async def test_cancel_all_after(world: Any) -> None:
    rest = world.rest
    tagged, plain = await place(world, tag="t1"), await place(world)
    _, answer = await rest.call("POST", "/api/v5/trade/cancel-all-after", {"timeOut": "60", "tag": "t1"})
    (row,) = answer["data"]
    assert int(row["triggerTime"]) - int(row["ts"]) == 60 and row["tag"] == "t1"
    assert world.sim.command("fire_cancel_after", uid=UID_1, tag="t1") is True
    assert [one["ordId"] for one in await rest.get("/api/v5/trade/orders-pending")] == [plain]
    (done,) = await rest.get(f"/api/v5/trade/order?instId=BTC-USDT&ordId={tagged}")
    assert done["cancelSource"] == "20"
    _, answer = await rest.call("POST", "/api/v5/trade/cancel-all-after", {"timeOut": "10"})
    assert answer["code"] == "0"
    status, answer = await rest.call("POST", "/api/v5/trade/cancel-all-after", {"timeOut": "0"})
    assert (status, answer["code"]) == (429, "50011")
    world.sim.exchange.cancel_after.arm(world.sim.accounts[UID_1], "0", "")
    assert world.sim.command("fire_cancel_after", uid=UID_1) is False


async def test_cancel_all_after_parameters(start: Any) -> None:
    world = await start(rest_limits=False)
    for body, code in [
        ({}, "50014"),
        ({"timeOut": "9"}, "51000"),
        ({"timeOut": "121"}, "51000"),
        ({"timeOut": "x"}, "51000"),
    ]:
        status, answer = await world.rest.call("POST", "/api/v5/trade/cancel-all-after", body)
        assert (status, answer["code"]) == (400, code)
    for number in range(20):
        body = {"timeOut": "60", "tag": f"t{number}"}
        assert (await world.rest.call("POST", "/api/v5/trade/cancel-all-after", body))[1]["code"] == "0"
    body = {"timeOut": "60", "tag": "t20"}
    assert (await world.rest.call("POST", "/api/v5/trade/cancel-all-after", body))[1]["code"] == "51071"


async def test_rest_and_websocket_share_one_account(start: Any) -> None:
    world = await start(switches=Switches())
    client = await world.trader()
    ord_id = await place(world)
    (push,) = await client.pushed(1)
    assert push["ordId"] == ord_id
