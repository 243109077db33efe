"""kill -9 of the gateway and the next one behind it: what strategies are told goes on as if nothing had been."""

from __future__ import annotations

from typing import Any

from tests.e2e.processes import UNLIMITED
from tests.e2e.strategy import Strategy, spot


def replayed(strategy: Strategy, family: str, from_seq: int = 1, limit: int = 3) -> list[tuple[str, dict[str, Any]]]:
    """All that `replay` gives of a family, page by page."""
    events: list[tuple[str, dict[str, Any]]] = []
    more = True
    while more:
        page = strategy.data("replay", {"family": family, "fromSeq": from_seq + len(events), "limit": limit})
        events += [(one["topic"], one["event"]) for one in page["events"]]
        more = page["more"]
    return events


def heard(strategy: Strategy, family: str) -> list[tuple[str, dict[str, Any]]]:
    topics = [(topic, event) for topic, event in strategy.events if topic.rpartition(".")[0] == family]
    return [(topic, event) for topic, event in topics if not topic.endswith(".heartbeat")]


def test_streams_go_on_over_restarts_and_replay_reaches_behind_them(stage: Any) -> None:
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
    told = replayed(alpha, "alpha")
    assert [event["seq"] for _, event in told] == list(range(1, len(told) + 1))
    by_seq = dict(enumerate(told, 1))
    assert all(by_seq[event["seq"]] == (topic, event) for topic, event in heard(alpha, "alpha"))
    assert {event["session"] for _, event in told} >= set(sessions)
    assert replayed(alpha, "alpha", 1, 500) == told
    assert replayed(alpha, "alpha", 7) == told[6:]
    states = replayed(alpha, "gateway", 1, 500)
    assert [event["seq"] for _, event in states] == list(range(1, len(states) + 1))
    assert sum(topic == "gateway.state" and event["state"] == "ready" for topic, event in states) == 4
    beyond = alpha.data("replay", {"fromSeq": len(told) + 5})
    assert (beyond["events"], beyond["more"]) == ([], False)


def test_replay_from_the_journal_while_live_events_go_on(stage: Any) -> None:
    """Orders are placed and told between the pages, in order and without a hole."""
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
