"""kill -9 of the gateway and its restart: the strategies' streams continue as if nothing had happened."""

from __future__ import annotations

from typing import Any

from tests.e2e.processes import UNLIMITED, wait_until
from tests.e2e.strategy import Strategy, spot


def replayed(strategy: Strategy, owner: str, from_seq: int = 1, limit: int = 3) -> list[tuple[str, dict[str, Any]]]:
    """All that `replay` returns of an owner, page by page."""
    events: list[tuple[str, dict[str, Any]]] = []
    more = True
    while more:
        page = strategy.data("replay", {"owner": owner, "fromSeq": from_seq + len(events), "limit": limit})
        events += [(one["topic"], one["event"]) for one in page["events"]]
        more = page["more"]
    return events


def received(strategy: Strategy, owner: str) -> list[tuple[str, dict[str, Any]]]:
    topics = [(topic, event) for topic, event in strategy.events if topic.rpartition(".")[0] == owner]
    return [(topic, event) for topic, event in topics if not topic.endswith(".heartbeat")]


def test_streams_continue_over_restarts_and_replay_reaches_back_beyond_them(stage: Any) -> None:
    exchange, gateway = stage.unlimited()
    alpha = stage.trader(gateway, topics=("gateway.",))
    sessions = []
    for run in range(3):
        for _ in range(4):
            order = alpha.place(spot())
            alpha.event("order", ordId=order["ordId"], state="live")
        sessions.append(alpha.data("status")["session"])
        last = alpha.data("status")["seq"]
        gateway.kill()
        gateway = stage.gateway(exchange, UNLIMITED, name=f"next{run}")
        hello = alpha.hello()
        assert hello["session"] not in sessions and hello["seq"] >= last
        alpha.wait_ready()
    published = replayed(alpha, "alpha")
    assert [event["seq"] for _, event in published] == list(range(1, len(published) + 1))
    by_seq = dict(enumerate(published, 1))
    assert all(by_seq[event["seq"]] == (topic, event) for topic, event in received(alpha, "alpha"))
    assert {event["session"] for _, event in published} >= set(sessions)
    assert replayed(alpha, "alpha", 1, 500) == published
    assert replayed(alpha, "alpha", 7) == published[6:]
    states = replayed(alpha, "gateway", 1, 500)
    assert [event["seq"] for _, event in states] == list(range(1, len(states) + 1))
    assert sum(topic == "gateway.state" and event["state"] == "ready" for topic, event in states) == 4
    end = alpha.data("replay", {"fromSeq": len(published) + 1})
    assert (end["events"], end["more"]) == ([], False)
    assert alpha.ask("replay", {"fromSeq": len(published) + 2})["reason"] == "bad_request"


def test_replay_from_the_journal_while_live_events_continue(stage: Any) -> None:
    """Orders are placed and published between the pages, in order and without a hole."""
    exchange, gateway = stage.unlimited()
    alpha = stage.trader(gateway)
    for _ in range(30):
        alpha.place(spot())
    gateway.kill()
    stage.gateway(exchange, UNLIMITED, name="second")
    beta = stage.trader(gateway, "beta")
    alpha.hello()
    alpha.wait_ready()
    asked = [alpha.submit("replay", {"fromSeq": 1 + 5 * n, "limit": 5}) for n in range(6)]
    (row,) = beta.ack("order", spot())
    assert row["result"] == "accepted"
    pages = [alpha.answer(request_id)["data"][0] for request_id in asked]
    assert [one["event"]["seq"] for page in pages for one in page["events"]] == list(range(1, 31))


def all_published(strategy: Strategy) -> list[dict[str, Any]]:
    """Everything ever published to the strategy, without a hole and each number once."""
    events = [event for _, event in replayed(strategy, strategy.name, 1, 500)]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return events


def results(strategy: Strategy, request_id: str) -> list[str]:
    """The published results of a request of one row, in order."""
    found = []
    for event in all_published(strategy):
        if event["event"] == "ack" and event["id"] == request_id:
            found.append(event["data"][0]["result"])
        elif event["event"] == "resolved" and event["id"] == request_id:
            found.append(event["result"])
    return found


def recorded(strategy: Strategy, request_id: str) -> list[dict[str, Any]]:
    """The rows that a repeated id is answered with."""
    strategy.answers.clear()
    answer = strategy.ask("order", spot(), id=request_id)
    assert answer["code"] == "0" and answer["duplicate"], answer
    rows: list[dict[str, Any]] = answer["data"]
    return rows


def test_results_owners_and_fills_come_back(stage: Any) -> None:
    """The same ids get the recorded results and nothing is sent; an order with the strategy's own clOrdId keeps its owner."""
    exchange, gateway = stage.unlimited()
    alpha, beta = stage.trader(gateway), stage.trader(gateway, "beta")
    (own,) = alpha.ack("order", spot(clOrdId="mine1"), id="own")
    alpha.event("order", id="own", state="live")
    alpha.ack("order", spot(px="-1"), id="bad")
    alpha.ack("order", spot(sz=""), id="malformed")
    alpha.ack("batch-orders", spot(), spot(clOrdId="mine2"), id="two")
    alpha.wait_for_events("order", 3, state="live")
    before = {name: recorded(alpha, name) for name in ("own", "bad", "malformed", "two")}
    exchange.command("trade", inst_id="BTC-USDT", side="sell", sz="0.01", px="89000")
    since = exchange.next_record()
    gateway.kill()
    gateway = stage.gateway(exchange, UNLIMITED, name="second")
    for trader in (alpha, beta):
        trader.hello()
        trader.wait_ready()
    assert {name: recorded(alpha, name) for name in before} == before
    assert [len(rows) for rows in before.values()] == [1, 1, 1, 2]
    assert not [one for one in exchange.ledger("request", since) if one.get("op") in ("order", "batch-orders")]
    assert beta.ask("cancel-order", {"instId": "BTC-USDT", "clOrdId": "mine1"})["reason"] == "not_owner"
    assert alpha.data("hello", {"strategy": "alpha"})["lastId"] == "two"
    orders = alpha.data("snapshot")["orders"]
    assert {(one["id"], one["row"]) for one in orders} <= {("own", 0), ("two", 0), ("two", 1)}
    assert {one["ordId"] for one in orders} == {one["ordId"] for one in exchange.live_orders()}
    for order in orders:
        named = {"instId": "BTC-USDT", "gw": {"id": order["id"], "row": order["row"]}}
        (cancelled,) = alpha.ack("cancel-order", named)
        assert cancelled["result"] == "accepted", cancelled
    assert gateway.terminate() == 0
    stage.gateway(exchange, UNLIMITED, name="third")
    alpha.hello()
    alpha.wait_ready()
    assert recorded(alpha, "own") == before["own"]
    events = all_published(alpha)
    ended = [event["ordId"] for event in events if event["event"] == "order" and event["terminal"]]
    assert len(ended) == len(set(ended)) == 3 and own["ordId"] in ended
    fills = [event["tradeId"] for event in events if event["event"] == "fill"]
    assert len(fills) == len(set(fills))


def test_an_order_without_an_ack_is_unknown_after_a_kill_and_resolved_once(stage: Any) -> None:
    exchange, gateway = stage.unlimited({"requests": {"ack_timeout_ms": 30_000}})
    alpha = stage.trader(gateway)
    exchange.command("swallow_acks", count=1)
    exchange.command("lose_pushes", count=1)
    alpha.submit("order", spot(), id="o1")
    wait_until(exchange.live_orders, "the order is there")
    gateway.kill()
    stage.gateway(exchange, UNLIMITED, name="second")
    alpha.hello()
    alpha.wait_ready()
    alpha.wait(lambda: len(results(alpha, "o1")) == 2, "its proof")
    assert results(alpha, "o1") == ["unknown", "accepted"]
    (row,) = recorded(alpha, "o1")
    (live,) = exchange.live_orders()
    assert (row["result"], row["ordId"]) == ("accepted", live["ordId"])


def test_a_request_that_still_waited_is_rejected_and_never_sent(stage: Any) -> None:
    exchange = stage.exchange()
    gateway = stage.gateway(exchange, {"limits": {"place_per_2s": 1}})
    alpha = stage.trader(gateway)
    alpha.place(spot())
    for name in ("w1", "w2"):
        alpha.submit("order", spot(), id=name, gw={"maxWaitMs": 60_000})
    alpha.wait(lambda: alpha.data("status")["waiting"] == 2, "both wait")
    gateway.kill()
    stage.gateway(exchange, name="second")
    alpha.hello()
    alpha.wait_ready()
    assert results(alpha, "w1") == results(alpha, "w2") == ["rejected"]
    (row,) = recorded(alpha, "w1")
    assert (row["result"], row["origin"], row["reason"]) == ("rejected", "gateway", "send_failed")
    assert len(exchange.live_orders()) == 1


def test_lost_records_stop_new_orders_until_resume_and_no_used_id_makes_an_order(stage: Any) -> None:
    """A stretch in the middle of the journal is gone: an order, its results, a fill and a cancel of another order were there."""
    exchange, gateway = stage.unlimited()
    alpha = stage.trader(gateway, topics=("gateway.",))
    kept = alpha.place(spot())
    alpha.event("order", ordId=kept["ordId"], state="live")
    directory = gateway.sockets / "journal"
    path = directory / "0000000001.journal"
    begin = len(path.read_bytes().rstrip(b"\0"))
    alpha.submit("order", spot(px="89999"), id="lost")
    alpha.event("order", id="lost", state="live")
    exchange.command("trade", inst_id="BTC-USDT", side="sell", sz="0.002", px="89000")
    published = alpha.event("fill")
    end = len(path.read_bytes().rstrip(b"\0"))
    alpha.place(spot(px="80000"))
    gateway.kill()
    with path.open("r+b") as file:
        file.seek((begin + 63) // 8 * 8)
        file.write(bytes(end - begin - 128))
    gateway = stage.gateway(exchange, UNLIMITED, name="second")
    alpha.hello()
    assert "records are lost" in alpha.event("gateway.alarm", reason="journal_damaged")["msg"]
    assert "send the op resume" in alpha.event("gateway.alarm", reason="halted")["msg"]
    alpha.event("gateway.state", state="halted")
    orders = len(exchange.ledger("request"))
    for name in ("lost", "new"):
        refused = alpha.ask("order", spot(), id=name, gw={"maxWaitMs": 5_000})
        assert (refused["code"], refused["reason"]) == ("1", "journal") and "duplicate" not in refused
    assert len(exchange.ledger("request")) == orders
    fills = [
        event
        for event in alpha.events_of("fill", tradeId=published["tradeId"])
        if event["session"] != published["session"]
    ]
    assert [(event["source"], event["mayRepeat"]) for event in fills] == [("reconcile", True)]
    assert alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": kept["ordId"]})[0]["result"] == "accepted"
    alpha.event("order", ordId=kept["ordId"], terminal=True)
    assert {one["ordId"] for one in alpha.data("snapshot")["orders"]} == {
        one["ordId"] for one in exchange.live_orders()
    }
    assert alpha.data("resume") == {"resumed": True}
    alpha.place(spot())
    gateway.kill()
    stage.gateway(exchange, UNLIMITED, name="third")
    hello = alpha.hello()
    alpha.wait_ready()
    assert alpha.place(spot()) and alpha.data("status")["halted"] == ""
    assert not [one for one in alpha.events_of("gateway.alarm", reason="halted") if one["session"] == hello["session"]]
