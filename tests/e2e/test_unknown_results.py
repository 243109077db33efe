"""Acknowledgements that are lost, late, early or prove nothing: `unknown` until there is proof, then resolved once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.auditor import audit
from tests.e2e.processes import UNLIMITED, Exchange
from tests.e2e.strategy import Json, Strategy, spot

# Long enough for a busy machine to answer in time.
REQUESTS = {"ack_timeout_ms": 600, "order_ttl_ms": 500}
# A sweep by chance would bring the proof that the query must bring.
SESSION = {"backoff_first_ms": 334, "backoff_max_ms": 400, "sweep_s": 3_600}


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange("--limiter-window", "off")
    return started


@pytest.fixture(scope="module")
def veteran(module_stage: Any, exchange: Exchange) -> Iterator[Strategy]:
    strategy: Strategy = module_stage.trader(
        module_stage.gateway(exchange, {**UNLIMITED, "requests": REQUESTS, "session": SESSION})
    )
    yield strategy
    audit(exchange, [strategy])


@pytest.fixture
def alpha(veteran: Strategy, exchange: Exchange) -> Iterator[Strategy]:
    """Each test begins and ends without faults, with nothing unknown and nothing in flight."""
    exchange.command("withdraw", inst_id="BTC-USDT")
    yield veteran
    exchange.command("clear")
    veteran.wait(lambda: is_quiet(veteran.data("status")), "nothing open")


def is_quiet(status: Json) -> bool:
    return bool(status["ready"]) and status["inFlight"] == 0 and status["unknown"] == []


def unknown_row(alpha: Strategy, op: str, *rows: Json) -> tuple[str, Json]:
    """The id and the one row of a request that ends in `unknown`."""
    request_id = alpha.submit(op, *rows)
    row = alpha.event("ack", id=request_id, event="ack")["data"][0]
    assert (row["result"], row["origin"]) == ("unknown", "okx"), row
    return request_id, row


def resolution(alpha: Strategy, request_id: str) -> tuple[str, str]:
    """Result and proof, published once."""
    event = alpha.event("ack", id=request_id, event="resolved")
    alpha.ask("ping")
    assert len(alpha.events_of("ack", id=request_id, event="resolved")) == 1
    return event["result"], event["proof"]


def live_order(alpha: Strategy, **members: Any) -> Json:
    (row,) = alpha.ack("order", spot(**members))
    alpha.event("order", ordId=row["ordId"], state="live")
    return row


# --- placements


def test_a_push_proves_a_placement_whose_ack_is_lost(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("swallow_acks")
    (row,) = alpha.ack("order", spot())
    assert row["result"] == "accepted" and row["ordId"] == alpha.event("order", clOrdId=row["clOrdId"])["ordId"]


def test_a_query_proves_it_where_the_push_is_lost_too(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("swallow_acks")
    exchange.command("lose_pushes")
    request_id, row = unknown_row(alpha, "order", spot())
    assert row["reason"] == "ack_timeout" and row["ordId"] == ""
    assert resolution(alpha, request_id) == ("accepted", "order_query")
    assert alpha.event("order", clOrdId=row["clOrdId"])["source"] == "reconcile"


def test_unknown_is_shown_in_status_and_in_a_repeat_until_it_is_resolved(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("rest_delay", ms=1_500)
    exchange.command("swallow_acks")
    exchange.command("lose_pushes")
    request_id, row = unknown_row(alpha, "order", spot())
    (shown,) = alpha.data("status")["unknown"]
    assert {key: shown[key] for key in ("id", "row", "op", "clOrdId")} == {
        "id": request_id, "row": 0, "op": "order", "clOrdId": row["clOrdId"]
    }  # fmt: skip
    assert 600 <= shown["ageMs"] < 5_000
    assert alpha.ask("order", spot(), id=request_id)["data"][0]["result"] == "unknown"
    assert resolution(alpha, request_id)[0] == "accepted"
    repeat = alpha.ask("order", spot(), id=request_id)["data"][0]
    assert repeat["result"] == "accepted" and repeat["ordId"] == alpha.event("order", clOrdId=row["clOrdId"])["ordId"]


def test_a_late_ack_is_proof(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("rest_delay", ms=2_500)
    exchange.command("delay_acks", ms=1_200)
    exchange.command("lose_pushes")
    request_id, _ = unknown_row(alpha, "order", spot())
    assert resolution(alpha, request_id) == ("accepted", "late_ack")


def test_a_late_refusal_is_proof(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("rest_delay", ms=2_500)
    exchange.command("delay_acks", ms=1_200)
    request_id, _ = unknown_row(alpha, "order", spot(px="90000.123"))
    assert resolution(alpha, request_id) == ("rejected", "late_ack")


def test_codes_that_prove_nothing(alpha: Strategy, exchange: Exchange) -> None:
    """Not executed: proven only when OKX does not know the order after its expTime. 59999 is an undocumented code."""
    requests = {}
    for code in ("64007", "51054", "59999"):
        exchange.command("outcome_unknown", code=code)
        requests[code] = unknown_row(alpha, "order", spot())
    for code, (request_id, row) in requests.items():
        assert (row["reason"], row["sCode"]) == ("okx_unknown", code)
        assert resolution(alpha, request_id) == ("rejected", "not_found_after_exp_time")
        assert alpha.data("get-order", {"clOrdId": row["clOrdId"]})["state"] == "rejected"


def test_a_code_that_proves_nothing_of_an_order_that_exists(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("outcome_unknown", acts=True)
    request_id, row = unknown_row(alpha, "order", spot())
    assert resolution(alpha, request_id) == ("accepted", "order_push")
    assert alpha.event("order", clOrdId=row["clOrdId"])["state"] == "live"


def test_a_batch_without_ack(alpha: Strategy, exchange: Exchange) -> None:
    """Row by row: one was refused, so no push of it will arrive."""
    exchange.command("swallow_acks")
    exchange.command("lose_pushes", count=2)
    request_id = alpha.submit("batch-orders", spot(), spot(px="90000.123"), spot(px="90001"))
    rows = alpha.event("ack", id=request_id)["data"]
    assert [one["result"] for one in rows] == ["unknown"] * 3
    found = {}
    for number in range(3):
        event = alpha.event("ack", id=request_id, event="resolved", row=number)
        found[number] = (event["result"], event["proof"])
    assert found == {
        0: ("accepted", "order_query"),
        1: ("rejected", "not_found_after_exp_time"),
        2: ("accepted", "order_query"),
    }


# --- the connection is lost


def test_placed_and_then_cut_off(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("drop_after_act")
    request_id, row = unknown_row(alpha, "order", spot())
    assert row["reason"] == "connection_lost"
    assert resolution(alpha, request_id) == ("accepted", "order_query")
    assert alpha.event("order", clOrdId=row["clOrdId"])["state"] == "live"


def test_cut_off_before_it_was_placed(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("drop_before_act")
    request_id, row = unknown_row(alpha, "order", spot())
    assert row["reason"] == "connection_lost"
    assert resolution(alpha, request_id) == ("rejected", "not_found_after_exp_time")


def test_filled_while_disconnected(alpha: Strategy, exchange: Exchange) -> None:
    """Each fill once, before the state that it led to, from REST."""
    for px in ("100000", "100001"):
        exchange.command("quote", inst_id="BTC-USDT", side="sell", px=px, sz="0.1")
    exchange.command("drop_after_act")
    request_id, row = unknown_row(alpha, "order", spot(ordType="ioc", px="100001", sz="0.2"))
    assert resolution(alpha, request_id) == ("accepted", "order_query")
    end = alpha.event("order", clOrdId=row["clOrdId"], terminal=True)
    fills = alpha.events_of("fill", clOrdId=row["clOrdId"])
    assert [(one["fillPx"], one["fillSz"], one["source"]) for one in fills] == [
        ("100000", "0.1", "reconcile"), ("100001", "0.1", "reconcile")
    ]  # fmt: skip
    assert end["state"] == "filled" and end["seq"] > fills[-1]["seq"]


# --- cancels


def test_a_push_proves_a_cancel_whose_ack_is_lost(alpha: Strategy, exchange: Exchange) -> None:
    order = live_order(alpha)
    exchange.command("swallow_acks")
    request_id = alpha.submit("cancel-order", {"instId": "BTC-USDT", "ordId": order["ordId"]})
    assert alpha.event("order", ordId=order["ordId"], terminal=True)["state"] == "canceled"
    row = alpha.event("ack", id=request_id)["data"][0]
    assert row["result"] == "accepted" or resolution(alpha, request_id) == ("accepted", "terminal")


def test_a_query_proves_a_cancel(alpha: Strategy, exchange: Exchange) -> None:
    order = live_order(alpha)
    exchange.command("swallow_acks")
    exchange.command("lose_pushes")
    request_id, _ = unknown_row(alpha, "cancel-order", {"instId": "BTC-USDT", "ordId": order["ordId"]})
    assert resolution(alpha, request_id) == ("accepted", "terminal")
    assert alpha.event("order", ordId=order["ordId"], terminal=True)["source"] == "reconcile"


def test_cancelled_and_then_cut_off(alpha: Strategy, exchange: Exchange) -> None:
    order = live_order(alpha)
    exchange.command("drop_after_act")
    request_id, _ = unknown_row(alpha, "cancel-order", {"instId": "BTC-USDT", "ordId": order["ordId"]})
    assert resolution(alpha, request_id) == ("accepted", "terminal")


def test_a_lost_cancel_stays_unknown_until_its_order_ends(alpha: Strategy, exchange: Exchange) -> None:
    order = live_order(alpha)
    exchange.command("drop_before_act")
    request_id, _ = unknown_row(alpha, "cancel-order", {"instId": "BTC-USDT", "ordId": order["ordId"]})
    alpha.wait(lambda: alpha.data("status")["ready"], "ready again")
    assert [one["id"] for one in alpha.data("status")["unknown"]] == [request_id]
    (again,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": order["ordId"]})
    assert again["result"] == "accepted"
    assert resolution(alpha, request_id) == ("accepted", "terminal")


def test_a_lost_cancel_of_an_order_that_filled(alpha: Strategy, exchange: Exchange) -> None:
    order = live_order(alpha, px="99000")
    exchange.command("drop_before_act")
    request_id, _ = unknown_row(alpha, "cancel-order", {"instId": "BTC-USDT", "ordId": order["ordId"]})
    exchange.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.01")
    assert resolution(alpha, request_id) == ("rejected", "terminal")
    assert len(alpha.events_of("fill", ordId=order["ordId"])) == 1


# --- amends


def amend_of(order: Json) -> Json:
    return {"instId": "BTC-USDT", "ordId": order["ordId"], "newPx": "91000"}


def test_a_push_proves_an_amend_whose_ack_is_lost(alpha: Strategy, exchange: Exchange) -> None:
    order = live_order(alpha)
    exchange.command("swallow_acks")
    request_id = alpha.submit("amend-order", amend_of(order))
    alpha.wait(
        lambda: [e for e in alpha.events_of("order", ordId=order["ordId"]) if e["data"]["px"] == "91000"],
        "the amended order",
    )
    row = alpha.event("ack", id=request_id)["data"][0]
    assert row["result"] == "accepted" or resolution(alpha, request_id) == ("accepted", "order_push")


@pytest.mark.parametrize(("fault", "result"), [("drop_after_act", "accepted"), ("drop_before_act", "rejected")])
def test_an_amend_that_nothing_proves_is_resolved_by_the_end_of_its_order(
    alpha: Strategy, exchange: Exchange, fault: str, result: str
) -> None:
    """By the price that the order had at last."""
    order = live_order(alpha)
    exchange.command(fault)
    request_id, _ = unknown_row(alpha, "amend-order", amend_of(order))
    alpha.wait(lambda: alpha.data("status")["ready"], "ready again")
    px = "91000" if fault == "drop_after_act" else "90000"
    alpha.wait(lambda: alpha.data("get-order", {"ordId": order["ordId"]})["px"] == px, "the amended price")
    alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": order["ordId"]})
    alpha.event("order", ordId=order["ordId"], terminal=True)
    assert resolution(alpha, request_id) in ((result, "terminal"), (result, "order_query"))


# --- pushes that never come, while the connection is healthy


def test_a_sweep_finds_the_losses_of_the_stream(stage: Any) -> None:
    """A fill and an end that nothing else would show."""
    exchange, gateway = stage.unlimited({"session": {"sweep_s": 1}})
    alpha = stage.trader(gateway)
    order = live_order(alpha, px="99000", sz="0.02")
    exchange.command("lose_pushes", count=2)
    exchange.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.01")
    (cancelled,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": order["ordId"]})
    assert cancelled["result"] == "accepted"
    end = alpha.event("order", ordId=order["ordId"], terminal=True)
    (fill,) = alpha.events_of("fill", ordId=order["ordId"])
    assert (end["state"], end["accFillSz"], end["source"], fill["source"]) == ("canceled", "0.01", *["reconcile"] * 2)
    assert fill["seq"] < end["seq"]
    audit(exchange, [alpha])


# --- order of arrival, repeats, pieces


def test_pushes_before_their_acks(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("quote", inst_id="BTC-USDT", side="sell", px="100000", sz="1")
    exchange.command("push_first", count=3)
    (taken,) = alpha.ack("order", spot(ordType="ioc", px="100000"))
    end = alpha.event("order", ordId=taken["ordId"], terminal=True)
    assert (
        end["seq"] < alpha.events_of("ack", id=end["id"])[0]["seq"]
        and len(alpha.events_of("fill", ordId=taken["ordId"])) == 1
    )
    (resting,) = alpha.ack("order", spot())
    (cancelled,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": resting["ordId"]})
    assert cancelled["result"] == "accepted"
    assert [one["state"] for one in alpha.events_of("order", ordId=resting["ordId"])] == ["live", "canceled"]


def test_repeated_pushes_are_dropped(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("duplicate_pushes", count=100)
    order = live_order(alpha, px="99000", sz="0.02")
    alpha.ack("amend-order", {"instId": "BTC-USDT", "ordId": order["ordId"], "newSz": "0.03"})
    for _ in range(3):
        exchange.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz="0.01")
    alpha.event("order", ordId=order["ordId"], terminal=True)
    assert [one["fillSz"] for one in alpha.events_of("fill", ordId=order["ordId"])] == ["0.01"] * 3
    states = [(one["state"], one["data"]["sz"]) for one in alpha.events_of("order", ordId=order["ordId"])]
    assert states == [("live", "0.02"), ("live", "0.03"), *[("partially_filled", "0.03")] * 2, ("filled", "0.03")]


@pytest.mark.parametrize(
    ("verb", "params", "count"),
    [("fragment", {"frames": 7}, 20), ("one_byte_segments", {}, 2)],
    ids=["frames", "bytes"],
)
def test_frames_in_pieces(alpha: Strategy, exchange: Exchange, verb: str, params: Json, count: int) -> None:
    """Byte by byte a frame takes the simulator so long that a few rows must do before the acks time out."""
    exchange.command(verb, **params)
    rows = alpha.ack("batch-orders", *(spot(px=str(80_000 + n)) for n in range(count)))
    assert [one["result"] for one in rows] == ["accepted"] * count
    ended = alpha.ack("batch-cancel-orders", *({"instId": "BTC-USDT", "ordId": one["ordId"]} for one in rows))
    assert [one["result"] for one in ended] == ["accepted"] * count
    for one in rows:
        alpha.event("order", ordId=one["ordId"], terminal=True)
