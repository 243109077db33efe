"""Transfers between funding and trading account: conserving, billed on both sides, refused as OKX refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.configuration import AccountSpec, ApiKey
from gateway.sim.rest import asset as rest_asset
from gateway.sim.rest import transfer as rest_transfer
from gateway.sim.rest.bills import bills

UID_1, UID_2 = "1000000000000001", "1000000000000002"
SWAP = 10_459


def move(bench: Any, **body: Any) -> Any:
    return bench.rest(rest_transfer.transfer, {"ccy": "USDT", "amt": "1500.5", "from": "18", "to": "6", **body})


def test_money_goes_over_and_comes_back(bench: Any) -> None:
    published = bench.listen(UID_1, "balance_and_position")
    (done,) = move(bench, clientId="there1")["data"]
    assert {**done, "transId": ""} == {
        "amt": "1500.5", "ccy": "USDT", "clientId": "there1", "from": "18", "to": "6", "transId": ""
    }  # fmt: skip
    assert bench.cash("USDT") == Decimal("9998499.5")
    assert [(one["eventType"], one["balData"][0]["cashBal"]) for one in published] == [("transferred", "9998499.5")]
    assert bench.rest(rest_asset.balances)["data"] == [
        {"availBal": "1500.5", "bal": "1500.5", "ccy": "USDT", "frozenBal": "0"}
    ]
    (back,) = move(bench, amt="500.5", **{"from": "6", "to": "18"})["data"]
    assert bench.cash("USDT") == 9_999_000 and int(back["transId"]) > int(done["transId"])
    into, out = bench.rest(bills, type="1")["data"]
    names = "subType", "ccy", "balChg", "bal", "from", "to", "notes", "instId", "ordId"
    assert [out[name] for name in names] == [
        "12", "USDT", "-1500.5", "9998499.5", "18", "6", "To Funding Account", "", ""
    ]  # fmt: skip
    assert [into[name] for name in names[:6]] == ["11", "USDT", "500.5", "9999000", "6", "18"]
    newest, oldest = bench.rest(rest_transfer.asset_bills)["data"]
    assert [(one["type"], one["balChg"], one["bal"]) for one in (oldest, newest)] == [
        ("130", "1500.5", "1500.5"),
        ("131", "-500.5", "1000"),
    ]


def test_a_transfer_is_found_by_either_id(bench: Any) -> None:
    (done,) = move(bench, clientId="mine")["data"]
    (state,) = bench.rest(rest_transfer.transfer_state, transId=done["transId"])["data"]
    assert " ".join(state) == "amt ccy clientId from instId state subAcct to toInstId transId type"
    assert (state["state"], state["type"], state["amt"]) == ("success", "0", "1500.5")
    assert bench.rest(rest_transfer.transfer_state, clientId="mine")["data"] == [state]
    assert bench.rest(rest_transfer.transfer_state, transId="1")["data"] == []
    assert bench.rest(rest_transfer.transfer_state)["code"] == "50015"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"amt": "10000000.1"}, "58350"),
        ({"from": "6", "to": "18"}, "58350"),
        ({"amt": "0"}, "58114"),
        ({"amt": "-1"}, "51000"),
        ({"amt": 5}, "51000"),
        ({"amt": ""}, "50014"),
        ({"ccy": "NOCOIN"}, "51000"),
        ({"to": "18"}, "51000"),
        ({"from": "1"}, "51000"),
        ({"type": "1", "subAcct": "mine"}, "58115"),
        ({"type": "3"}, "58127"),
        ({"type": "9"}, "51000"),
        ({"clientId": "not an id"}, "51000"),
    ],
)
def test_refused(bench: Any, body: dict[str, Any], code: str) -> None:
    assert move(bench, **body)["code"] == code
    assert bench.cash("USDT") == 10_000_000


def test_the_money_of_orders_and_positions_stays(bench: Any) -> None:
    """100 contracts at 100,000 take 10,000 USDT of margin and 50 of fee, an order to buy at 50,000 half of it."""
    bench.place(UID_2, instIdCode=SWAP, tdMode="cross", side="sell", px="100000", sz="100")
    bench.place(instIdCode=SWAP, tdMode="cross", px="100000", sz="100")
    bench.place(instIdCode=SWAP, tdMode="cross", px="90000", sz="100")
    (row,) = [one for one in bench.rest(rest_transfer.max_withdrawal)["data"] if one["ccy"] == "USDT"]
    # 10,000,000 less 50 fee, 10,000 margin, 9,000 and 45 of the order.
    assert row["maxWd"] == "9980905"
    assert move(bench, amt="9980905.01")["code"] == "58350"
    assert move(bench, amt="9980905")["code"] == "0"


def test_a_read_only_key_moves_nothing(new_bench: Any) -> None:
    key = ApiKey("reader", permissions=("read_only",))
    bench = new_bench(accounts=(AccountSpec(UID_1, (key,)), AccountSpec(UID_2, ())))
    assert move(bench)["code"] == "50120"


def test_addresses_are_of_the_account_and_the_currency(bench: Any) -> None:
    (btc,) = bench.rest(rest_transfer.deposit_address, ccy="BTC")["data"]
    (eth,) = bench.rest(rest_transfer.deposit_address, ccy="ETH")["data"]
    assert btc["addr"] != eth["addr"] and btc["addr"].startswith("simulated-") and btc["chain"] == "BTC-Simulated"
    assert bench.rest(rest_transfer.deposit_address, ccy="BTC")["data"] == [btc]
    assert bench.rest(rest_transfer.deposit_address)["code"] == "50014"
    assert bench.rest(rest_transfer.sub_accounts)["data"] == []


@pytest.mark.asyncio
async def test_deposits_and_withdrawals_can_be_listened_for(world: Any) -> None:
    client = await world.connect("business")
    args = [{"channel": "deposit-info"}, {"channel": "withdrawal-info", "ccy": "BTC"}]
    await client.send(id="early", op="subscribe", args=args[:1])
    assert (await client.until(lambda one: one.get("event") == "error"))["code"] == "60011"
    assert (await client.login())["code"] == "0"
    await client.subscribe(*args)
    assert client.rows("deposit-info") == []
