"""Recorded frames of OKX's private channels through a running gateway: the published values are those of the files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.exchange_thread import ExchangeThread
from tests.e2e.processes import ROOT, UNLIMITED
from tests.e2e.strategy import Json, Strategy, spot

SAMPLES = ROOT.parent / "shared" / "okx-samples"
PASSED_ON = ("account", "positions", "balance_and_position")
ENDED = ("filled", "canceled", "mmp_canceled")
FILL_KEYS = (
    "instId",
    "ordId",
    "clOrdId",
    "tradeId",
    "side",
    "posSide",
    "fillPx",
    "fillSz",
    "fillTime",
    "fillFee",
    "fillFeeCcy",
    "execType",
    "accFillSz",
)

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the folder of recorded frames is not beside this checkout"
)


def frames_of(*channels: str) -> list[Any]:
    """The files that hold a push of one of the channels; all other pushes where none is named."""
    found = []
    for path in sorted(SAMPLES.glob("*.json")):
        frame = json.loads(path.read_text())
        channel = frame["arg"]["channel"] if isinstance(frame, dict) and "arg" in frame else ""
        if channel in channels or (channel and not channels and channel not in ("orders", *PASSED_ON)):
            found.append(pytest.param(path, id=path.stem))
    return found


@pytest.fixture(scope="module")
def exchange() -> Iterator[ExchangeThread]:
    with ExchangeThread() as started:
        yield started


@pytest.fixture(scope="module")
def alpha(module_stage: Any, exchange: ExchangeThread) -> Strategy:
    strategy: Strategy = module_stage.trader(module_stage.gateway(exchange, UNLIMITED), topics=("account.",))
    return strategy


def check_order(row: Json, event: Json) -> None:
    assert event["data"] == row
    for key in ("instId", "ordId", "clOrdId", "accFillSz", "state"):
        assert event[key] == row[key], key
    assert event["terminal"] == (row["state"] in ENDED) and event["source"] == "stream"


def check_fill(row: Json, event: Json) -> None:
    for key in FILL_KEYS:
        assert event[key] == row.get(key, ""), key


def events_about(alpha: Strategy, owner: str, ord_id: str) -> list[tuple[str, Json]]:
    kinds = (f"{owner}.fill", f"{owner}.order")
    return [(topic, event) for topic, event in alpha.events if topic in kinds and event["ordId"] == ord_id]


@pytest.mark.parametrize("path", frames_of("orders"))
def test_order_pushes(alpha: Strategy, exchange: ExchangeThread, path: Path) -> None:
    """An external order: its fill, then its state. The same frame in another form publishes nothing."""
    frame = json.loads(path.read_text())
    exchange.push(path.read_bytes(), json.dumps(frame).encode(), json.dumps(frame, separators=(",", ":")).encode())
    for row in frame["data"]:
        alpha.event("account.order", ordId=row["ordId"])
    alpha.ask("ping")
    for row in frame["data"]:
        (fill_topic, fill), (order_topic, order) = events_about(alpha, "account", row["ordId"])
        assert (fill_topic, order_topic) == ("account.fill", "account.order")
        assert order["seq"] == fill["seq"] + 1 and order["id"] == fill["id"] == ""
        check_fill(row, fill)
        check_order(row, order)


@pytest.mark.parametrize("path", frames_of("orders"))
def test_order_pushes_about_an_order_of_ours(alpha: Strategy, exchange: ExchangeThread, path: Path) -> None:
    """The same rows under the ids of an order placed here go to its strategy, with the id of the request."""
    frame = json.loads(path.read_text())
    request_id = alpha.submit("batch-orders", *(spot() for _ in frame["data"]))
    placed = alpha.event("ack", id=request_id)["data"]
    for row, order in zip(frame["data"], placed, strict=True):
        alpha.event("order", ordId=order["ordId"])
        row.update(ordId=order["ordId"], clOrdId=order["clOrdId"])
    exchange.push(json.dumps(frame).encode())
    for row, order in zip(frame["data"], placed, strict=True):
        event = alpha.event("order", ordId=order["ordId"], state=row["state"])
        assert (event["id"], event["row"]) == (request_id, order["row"])
        check_order(row, event)
        (fill,) = alpha.events_of("fill", ordId=order["ordId"])
        assert fill["id"] == request_id
        check_fill(row, fill)


def test_all_order_pushes_in_one_frame(alpha: Strategy, exchange: ExchangeThread) -> None:
    """Rows of all files, three times with separate ids: more than one pass over a frame can hold."""
    rows = [row for param in frames_of("orders") for row in json.loads(param.values[0].read_text())["data"]]
    rows = [{**row, "ordId": f"{number}{row['ordId'][2:]}", "clOrdId": ""} for number in (91, 92, 93) for row in rows]
    exchange.push(json.dumps({"arg": {"channel": "orders", "instType": "ANY"}, "data": rows}).encode())
    for row in rows:
        check_order(row, alpha.event("account.order", ordId=row["ordId"]))
        check_fill(row, alpha.event("account.fill", ordId=row["ordId"]))


@pytest.mark.parametrize("path", frames_of(*PASSED_ON))
def test_account_pushes_are_passed_on_unchanged(alpha: Strategy, exchange: ExchangeThread, path: Path) -> None:
    frame = json.loads(path.read_text())
    topic = f"account.{frame['arg']['channel']}"
    exchange.push(path.read_bytes())
    alpha.wait(lambda: [event for event in alpha.events_of(topic) if event["data"] == frame], f"{path.name} on {topic}")


@pytest.mark.parametrize("path", frames_of())
def test_pushes_of_other_channels_change_nothing(alpha: Strategy, exchange: ExchangeThread, path: Path) -> None:
    """They are ignored: nobody asked for them, and a stray one must not end the connection."""
    frame = json.loads(path.read_text())
    seen = len([topic for topic, _ in alpha.events if topic.endswith((".order", ".fill"))])
    exchange.push(path.read_bytes())
    (row,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": "1"})
    assert row["sCode"] == "51400"  # its ack came after the push
    assert len([topic for topic, _ in alpha.events if topic.endswith((".order", ".fill"))]) == seen, frame["arg"]
    assert alpha.data("status")["ready"]


def test_broken_frames_change_nothing(alpha: Strategy, exchange: ExchangeThread) -> None:
    """Every sample cut short, text that is no JSON, and JSON that is no push: the connection and the next order survive."""
    complete = [param.values[0].read_bytes() for param in frames_of("orders", *PASSED_ON)]
    cut = [frame[: len(frame) * tenth // 10] for frame in complete for tenth in range(1, 10)]
    malformed = [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b'{"arg":{"channel":"orders"}}',
        b'{"arg":{"channel":"orders"},"data":{}}',
        b'{"arg":{"channel":"orders"},"data":[1,null,{}]}',
    ]
    malformed += [
        b'{"id":"nobody","op":"order","code":"0","msg":"","data":[]}',
        b'{"event":"surprise"}',
        b'{"event":"error","code":"1","msg":""}',
        b"\xff\xfe",
    ]
    session = alpha.data("status")["session"]
    events = len([topic for topic, _ in alpha.events if topic.endswith((".order", ".fill"))])
    exchange.push(*cut, *malformed[:-1])
    (row,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": "1"})
    assert row["sCode"] == "51400"
    assert len([topic for topic, _ in alpha.events if topic.endswith((".order", ".fill"))]) == events
    status = alpha.data("status")
    assert status["ready"] and status["session"] == session and status["counters"]["frames_malformed"] >= len(cut)
    assert alpha.ack("order", spot())[0]["result"] == "accepted"


def test_events_beyond_the_memory_come_from_the_journal(alpha: Strategy, exchange: ExchangeThread) -> None:
    """The ring for replay holds 32 MiB; after a dozen huge pushes the first events are read from the journal instead."""

    def replayed(**of: Any) -> list[Json]:
        events: list[Json] = alpha.data("replay", {"fromSeq": 1, "limit": 1, **of})["events"]
        return events

    mine, account = replayed(), replayed(owner="account")
    assert [one[0]["event"]["seq"] for one in (mine, account)] == [1, 1]
    for number in range(12):
        push = {"arg": {"channel": "account"}, "data": [{"uTime": str(number), "totalEq": "1" * 3_000_000}]}
        exchange.push(json.dumps(push).encode())
        alpha.wait(lambda: any(len(str(event)) > 3_000_000 for _, event in alpha.events), "a huge push")
        alpha.events.clear()
    assert (replayed(), replayed(owner="account")) == (mine, account)
    assert alpha.ack("order", spot())[0]["result"] == "accepted"
