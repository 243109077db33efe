"""The simulator's messages against all that was recorded at OKX, key by key; where recordings differ the newest counts.

The recordings lie beside the repository and may not be copied into it; without them these tests are skipped.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.sim.base.configuration import default_accounts
from tests.sim.shapes import Session

SAMPLES = Path(os.environ.get("OKX_SAMPLES", Path(__file__).parents[3] / "shared" / "okx-samples"))
RECORDED = SAMPLES / "recorded"

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(not (RECORDED / "manifest.json").exists(), reason=f"{RECORDED} is not here"),
]

# The names under which `Session` keeps our messages, by the kind of a recording. Others are compared by other tests.
KINDS = {
    "ws.orders": ("orders",),
    "ws.account": ("account",),
    "ws.balance_and_position": ("balance_and_position",),
    "ws.positions": ("positions",),
    "ws.instruments": ("instruments",),
    "rest.instrument": ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION"),
    "rest.balance": ("account/balance",),
    "rest.order": ("trade/order?",),
    "rest.fill": ("trade/fills",),
}
# Rows of an account in spot mode have these in 2026, with these values; `spotBal` where nothing was traded.
EMPTY_IN_SPOT_MODE = ("imr", "isoUpl", "mmr", "notionalLever", "rewardBal", "upl", "mgnRatio", "availEq")
# Members of a live order's push that have one value in all recordings since 2023.
LIVE_FORMS = ("accFillSz", "avgPx", "execType", "fee", "fillFee", "fillFeeCcy", "fillNotionalUsd", "fillPnl", "fillPx",
              "fillSz", "fillTime", "pnl", "rebate", "tradeId")  # fmt: skip


@dataclass(frozen=True)
class Recording:
    name: str
    date: str
    content: Any


def recordings(kind: str) -> list[Recording]:
    """Oldest first; those without a date before all others."""
    rows = [one for one in json.loads((RECORDED / "manifest.json").read_text()) if one["kind"] == kind]
    found = [Recording(one["file"], one["date"], json.loads((RECORDED / one["file"]).read_text())) for one in rows]
    return sorted(found, key=lambda one: one.date)


def objects(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with its path, all items of an array under one."""
    if isinstance(value, dict):
        yield path, value
        for key, member in value.items():
            yield from objects(member, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from objects(item, f"{path}[]")


def by_path(messages: list[Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in messages:
        for path, one in objects(message):
            found[path].append(one)
    return found


def kind_of(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


@pytest_asyncio.fixture
async def messages(world: Any) -> Any:
    found = await Session(world).run()
    world.sim.command("instrument_row", inst_id="NEWCOIN-USDT", fields={"instIdCode": None})  # as of some preopen rows
    for inst_type in ("SPOT", "MARGIN"):
        _, answer = await world.rest.call("GET", f"/api/v5/public/instruments?instType={inst_type}")
        found[inst_type].append(answer)
    return found


@pytest.mark.parametrize("kind", KINDS)
async def test_every_key_of_every_recording_is_in_ours_unless_the_newest_lacks_it(messages: Any, kind: str) -> None:
    ours = by_path([one for name in KINDS[kind] for one in messages[name]])
    newest: dict[str, dict[str, Any]] = {}
    missing: set[str] = set()
    for recording in reversed(recordings(kind)):
        for path, theirs in objects(recording.content):
            last = newest.setdefault(path, theirs)
            for key, value in theirs.items():
                mine = [one[key] for one in ours.get(path, ()) if key in one]
                if key in last and (not mine or kind_of(value) not in {kind_of(one) for one in mine}):
                    missing.add(f"{path}.{key} of {recording.name}")
    assert missing == set()


async def order_of_keys(kind: str, ours: list[Any], since: str, *paths: str) -> None:
    """Every object of the newest recordings has the keys of some of ours, in their order."""
    mine = by_path(ours)
    for recording in recordings(kind):
        if recording.date >= since:
            for path, theirs in objects(recording.content):
                if path in paths:
                    assert list(theirs) in [list(one) for one in mine[path]], (recording.name, path)


async def test_the_order_of_keys_is_that_of_the_newest_recordings(messages: Any) -> None:
    await order_of_keys("ws.orders", messages["orders"], "2026-09-30", "", ".arg", ".data[]", ".data[].linkedAlgoOrd")
    await order_of_keys("ws.orders", messages["orders"], "2026-09-12", ".data[].attachAlgoOrds[]")
    await order_of_keys("ws.account", messages["account"], "2026-09-12", "", ".arg", ".data[]", ".data[].details[]")
    await order_of_keys("rest.balance", messages["account/balance"], "2026-09-30", "", ".data[]", ".data[].details[]")
    names = messages["balance_and_position"]
    await order_of_keys("ws.balance_and_position", names, "2026-09-12", "", ".data[]", ".data[].balData[]")
    instruments = [*messages["SPOT"], *messages["SWAP"]]
    await order_of_keys("rest.instrument", instruments, "2026-09-26", "", ".data[]")


async def test_instruments_have_values_that_were_recorded_for_their_type(messages: Any) -> None:
    def forms(row: dict[str, Any]) -> tuple[Any, ...]:
        names = ("instType", "ctType", "ruleType", "openType")
        filled = (bool(row["instFamily"]), bool(row["uly"]), row["maxIcebergSz"].endswith(".0000000000000000"))
        return *(row[name] for name in names), *filled

    theirs = {forms(row) for one in recordings("rest.instrument") for row in one.content["data"] if "seriesId" in row}
    ours = {
        forms(row) for name in ("SPOT", "MARGIN", "SWAP", "FUTURES") for one in messages[name] for row in one["data"]
    }
    assert ours <= theirs


async def test_acks_have_the_keys_of_the_newest_recordings_in_their_order(world: Any) -> None:
    client = await world.trader()
    order = {"instIdCode": 10_001, "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "99000", "sz": "0.5"}
    placed = await client.op("order", order)
    amended = await client.op("amend-order", {**order, "ordId": placed["data"][0]["ordId"], "newPx": "98000"})
    for kind, mine in (("ack.order", placed), ("ack.amend-order", amended)):
        newest = recordings(kind)[-1].content
        assert list(mine) == list(newest)
        assert list(mine["data"][0])[: len(newest["data"][0])] == list(newest["data"][0])


async def test_a_live_order_has_the_recorded_zeros_and_empty_texts(messages: Any) -> None:
    def forms(rows: list[Any]) -> set[tuple[str, ...]]:
        return {tuple(row[key] for key in LIVE_FORMS) for row in rows if row["state"] == "live"}

    theirs = [row for one in recordings("ws.orders") if one.date >= "2023-09" for row in one.content["data"]]
    theirs = [row for row in theirs if set(LIVE_FORMS) <= set(row)]
    ours = [row for one in messages["orders"] for row in one["data"] if row["accFillSz"] == "0"]
    assert forms(ours) == forms(theirs) and len(forms(theirs)) == 1


async def test_a_reduce_only_market_order_has_its_own_order_and_values(new_bench: Any) -> None:
    bench = new_bench()
    bench.hold("1")
    swap = {"instIdCode": 10_459, "tdMode": "cross"}
    bench.place("1000000000000002", **swap, px="99000", sz="1")
    bench.place(**swap, side="sell", ordType="market", px=None, sz="1", reduceOnly=True)
    ours = {row["state"]: row for row in bench.pushes["1000000000000001"]}
    seen = set()
    for recording in recordings("ws.orders"):
        (row,) = recording.content["data"]
        if row["ordType"] == "market" and row.get("reduceOnly") == "true" and row["instType"] == "SWAP":
            mine = ours[row["state"]]
            added = ("outcome", "slippage", "riskBypassResult")
            assert [key for key in mine if key not in added] == list(row), recording.name
            names = [key for key in row if key.startswith(("tp", "sl"))]
            assert [mine[key] for key in names] == [row[key] for key in names], recording.name
            seen.add(row["state"])
    assert seen == {"live", "filled"}


async def test_an_account_in_spot_mode_has_the_recorded_empty_texts(start: Any) -> None:
    world = await start(accounts=tuple(replace(one, acct_lv="1") for one in default_accounts()))
    client = await world.trader("sim-api-key-0001", {"channel": "account"})
    frame = await client.until(lambda one: one.get("eventType") == "snapshot")
    (newest,) = (one.content for one in recordings("ws.account") if one.date == "2026-09-30")
    mine, theirs = frame["data"][0], newest["data"][0]
    values = {key: value for key, value in theirs.items() if key not in ("details", "totalEq", "uTime")}
    assert {key: mine[key] for key in values} == values
    for key in EMPTY_IN_SPOT_MODE:
        assert {one[key] for one in mine["details"]} == {one[key] for one in theirs["details"]} == {""}, key
    untraded = [one for one in theirs["details"] if one["ccy"] == "ETH"]
    assert {one["spotBal"] for one in mine["details"]} == {one["spotBal"] for one in untraded} == {""}
    assert (frame["curPage"], frame["lastPage"]) == (newest["curPage"], newest["lastPage"])


async def test_a_spot_order_names_the_currency_that_it_spends(bench: Any) -> None:
    bench.place()
    bench.place(side="sell", px="101000")
    assert [one["ccy"] for one in bench.pushes["1000000000000001"]] == ["USDT", "BTC"]
    for recording in recordings("ws.orders"):
        (row,) = recording.content["data"]
        if recording.date >= "2026-09" and row["instType"] == "SPOT":
            assert row["ccy"] == row["instId"].split("-")[row["side"] == "buy"], recording.name


async def test_texts_of_refusals_by_rest_are_the_recorded_ones(world: Any) -> None:
    """Where both have the same parameters."""
    theirs = {row["sCode"]: row["sMsg"] for one in recordings("rest.ack") for row in one.content["data"]}
    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "100000", "sz": "150"}
    swap = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "sell", "ordType": "market", "sz": "1"}
    ours = {}
    for row in (order, {**order, "sz": "0.000000001"}, {**order, "side": "up"}, {**swap, "reduceOnly": True}):
        _, answer = await world.rest.call("POST", "/api/v5/trade/order", row)
        ours[answer["data"][0]["sCode"]] = answer["data"][0]["sMsg"]
        assert list(answer) == sorted(answer)
    assert {code: ours[code] for code in ("51008", "51121", "51169")} == {
        code: theirs[code] for code in ("51008", "51121", "51169")
    }
    (no_id,) = (one.content for one in recordings("rest.error") if one.content["code"] == "51003")
    assert (await world.rest.call("GET", "/api/v5/trade/order?instId=BTC-USDT"))[1] == no_id
    world.sim.command("rest_refuse", code="50001")
    (unavailable,) = (one.content for one in recordings("rest.error") if one.content["code"] == "50001")
    assert (await world.rest.call("GET", "/api/v5/trade/fills"))[1]["msg"] == unavailable["msg"]
