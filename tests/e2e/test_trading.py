"""A strategy trades through the gateway: every op, every result, every fill, compared with the exchange's own ledger."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.auditor import audit
from tests.e2e.processes import Exchange
from tests.e2e.strategy import Strategy, spot, swap

OPTIONS = {"account": {"inst_types": ["SPOT", "SWAP", "FUTURES", "OPTION"], "inst_families": ["BTC-USD"]}}


@pytest.fixture(scope="module")
def exchange(module_stage: Any) -> Exchange:
    started: Exchange = module_stage.exchange()
    return started


@pytest.fixture(scope="module")
def alpha(module_stage: Any, exchange: Exchange) -> Iterator[Strategy]:
    """One strategy for the complete module. All its events are compared with the exchange's ledger at the end."""
    strategy: Strategy = module_stage.trader(module_stage.gateway(exchange, OPTIONS))
    yield strategy
    strategy.wait(lambda: strategy.data("status")["inFlight"] == 0, "nothing in flight")
    audit(exchange, [strategy])


def test_place_amend_cancel(alpha: Strategy, exchange: Exchange) -> None:
    placed = alpha.place(spot(px="90000.1"))
    assert (placed["origin"], placed["sCode"], placed["reason"]) == ("okx", "0", "")
    assert placed["okx"]["ordId"] == placed["ordId"] and placed["msg"] == "Order successfully placed."
    live = alpha.event("order", ordId=placed["ordId"], state="live")
    assert (live["clOrdId"], live["accFillSz"], live["terminal"]) == (placed["clOrdId"], "0", False)
    assert live["data"]["px"] == "90000.1" and live["data"]["instType"] == "SPOT"

    (amended,) = alpha.ack(
        "amend-order", {"instId": "BTC-USDT", "ordId": placed["ordId"], "newPx": "90001", "newSz": "0.02"}
    )
    assert amended["result"] == "accepted" and amended["ordId"] == placed["ordId"]
    moved = alpha.wait(
        lambda: [e for e in alpha.events_of("order") if e["data"]["px"] == "90001"], "the amended order"
    )[0]
    assert (moved["state"], moved["data"]["sz"], moved["data"]["amendResult"]) == ("live", "0.02", "0")
    assert moved["data"]["reqId"] == amended["okx"]["reqId"] != ""

    (cancelled,) = alpha.ack("cancel-order", {"instId": "BTC-USDT", "clOrdId": placed["clOrdId"]})
    assert cancelled["result"] == "accepted"
    end = alpha.event("order", ordId=placed["ordId"], terminal=True)
    assert (end["state"], end["reason"], end["source"]) == ("canceled", "user", "stream")


def test_a_minted_cl_ord_id_shows_the_strategy_by_its_number(alpha: Strategy) -> None:
    number = alpha.hello()["number"]
    first, second = (alpha.place(spot())["clOrdId"] for _ in range(2))
    assert first != second
    for cl_ord_id in (first, second):
        assert cl_ord_id.isdigit() and int(cl_ord_id) < 2**63 and cl_ord_id[:-16] == str(number)


def test_a_market_order_fills(alpha: Strategy, exchange: Exchange) -> None:
    exchange.command("quote", inst_id="ETH-USDT", side="sell", px="4000.5", sz="1")
    market = spot(instId="ETH-USDT", ordType="market", sz="0.25", tgtCcy="base_ccy")
    del market["px"]
    placed = alpha.place(market)
    fill = alpha.event("fill", ordId=placed["ordId"])
    assert (fill["fillPx"], fill["fillSz"], fill["side"], fill["execType"]) == ("4000.5", "0.25", "buy", "T")
    assert (fill["instId"], fill["clOrdId"], fill["accFillSz"]) == ("ETH-USDT", placed["clOrdId"], "0.25")
    assert Decimal(fill["fillFee"]) < 0 and fill["fillFeeCcy"] == "ETH" and fill["fillTime"].isdigit()
    end = alpha.event("order", ordId=placed["ordId"], terminal=True)
    assert (end["state"], end["accFillSz"], end["data"]["avgPx"]) == ("filled", "0.25", "4000.5")
    assert end["seq"] == fill["seq"] + 1  # the fill comes before the state that it led to


def test_a_resting_order_fills_in_parts(alpha: Strategy, exchange: Exchange) -> None:
    placed = alpha.place(spot(px="99000", sz="0.3"))
    for sz in ("0.1", "0.05", "0.15"):
        exchange.command("trade", inst_id="BTC-USDT", side="sell", px="99000", sz=sz)
    alpha.event("order", ordId=placed["ordId"], state="filled")
    fills = alpha.events_of("fill", ordId=placed["ordId"])
    assert [(one["fillSz"], one["accFillSz"]) for one in fills] == [("0.1", "0.1"), ("0.05", "0.15"), ("0.15", "0.3")]
    assert len({one["tradeId"] for one in fills}) == 3 and {one["execType"] for one in fills} == {"M"}
    states = [one["state"] for one in alpha.events_of("order", ordId=placed["ordId"])]
    assert states == ["live", "partially_filled", "partially_filled", "filled"]


def test_cancelled_after_a_part(alpha: Strategy, exchange: Exchange) -> None:
    placed = alpha.place(spot(px="98000", sz="0.3"))
    exchange.command("trade", inst_id="BTC-USDT", side="sell", px="98000", sz="0.1")
    alpha.event("order", ordId=placed["ordId"], state="partially_filled")
    alpha.ack("cancel-order", {"instId": "BTC-USDT", "ordId": placed["ordId"]})
    end = alpha.event("order", ordId=placed["ordId"], terminal=True)
    assert (end["state"], end["accFillSz"]) == ("canceled", "0.1")


@pytest.mark.parametrize(
    ("ord_type", "reason", "accepted"),
    [("post_only", "post_only_would_take", "0"), ("ioc", "ioc_remainder", "0.1"), ("fok", "fok_not_filled", "0")],
)
def test_orders_that_do_not_rest(
    alpha: Strategy, exchange: Exchange, ord_type: str, reason: str, accepted: str
) -> None:
    """Accepted, and ended at once with a reason."""
    exchange.command("withdraw", inst_id="BTC-USDT")
    exchange.command("quote", inst_id="BTC-USDT", side="sell", px="100100", sz="0.1")
    placed = alpha.place(spot(ordType=ord_type, px="100100", sz="0.2"))
    end = alpha.event("order", ordId=placed["ordId"], terminal=True)
    assert (end["state"], end["reason"], end["accFillSz"]) == ("canceled", reason, accepted)


def test_batches(alpha: Strategy) -> None:
    """20 rows of several instruments; one of them is refused by OKX alone."""
    rows = [spot(px=str(80_100 + n), tag=f"t{n}") for n in range(10)] + [swap(px=str(80_100 + n)) for n in range(10)]
    rows[3]["px"] = "80103.123"  # off tick
    placed = alpha.ack("batch-orders", *rows)
    assert [row["result"] for row in placed] == ["accepted"] * 3 + ["rejected"] + ["accepted"] * 16
    refused = placed[3]
    assert refused["origin"] == "okx" and int(refused["sCode"]) > 0 and refused["msg"] == refused["okx"]["sMsg"] != ""
    good = [(row["instId"], ack["ordId"]) for row, ack in zip(rows, placed, strict=True) if ack["result"] == "accepted"]
    assert [ack["okx"]["tag"] for ack in placed[:10]] == [f"t{n}" for n in range(10)]

    changes = [{"instId": inst_id, "ordId": ord_id, "newPx": "80050"} for inst_id, ord_id in good]
    changes[5]["ordId"] = "1"
    amended = alpha.ack("batch-amend-orders", *changes)
    assert [row["result"] for row in amended].count("accepted") == 18
    assert (amended[5]["result"], amended[5]["sCode"]) == ("rejected", "51503")

    cancels = [{"instId": inst_id, "ordId": ord_id} for inst_id, ord_id in good]
    ended = alpha.ack("batch-cancel-orders", *cancels)
    assert [row["result"] for row in ended] == ["accepted"] * 19
    for _, ord_id in good:
        alpha.event("order", ordId=ord_id, terminal=True)


def test_a_batch_of_one(alpha: Strategy) -> None:
    (placed,) = alpha.ack("batch-orders", spot())
    (ended,) = alpha.ack("batch-cancel-orders", {"instId": "BTC-USDT", "ordId": placed["ordId"]})
    assert placed["result"] == ended["result"] == "accepted"


def test_mass_cancel_gets_okx_s_own_refusal(alpha: Strategy) -> None:
    (row,) = alpha.ack("mass-cancel", {"instType": "OPTION", "instFamily": "BTC-USD"})
    assert (row["result"], row["origin"], row["sCode"]) == ("rejected", "okx", "51411")


def test_orders_are_named_by_the_request_that_placed_them(alpha: Strategy) -> None:
    rows = [spot(px="70001"), spot(px="70002")]
    request_id = alpha.submit("batch-orders", *rows, gw={"maxWaitMs": 10_000})
    placed = alpha.event("ack", id=request_id)["data"]
    (amended,) = alpha.ack("amend-order", {"instId": "BTC-USDT", "gw": {"id": request_id, "row": 1}, "newSz": "0.03"})
    assert amended["ordId"] == placed[1]["ordId"]
    moved = alpha.wait(lambda: [e for e in alpha.events_of("order") if e["data"]["sz"] == "0.03"], "the amended order")[
        0
    ]
    assert (moved["id"], moved["row"]) == (request_id, 1)
    alpha.ack("cancel-order", {"instId": "BTC-USDT", "gw": {"id": request_id}})
    end = alpha.event("order", ordId=placed[0]["ordId"], terminal=True)
    assert (end["id"], end["row"]) == (request_id, 0)


def test_derivatives_and_flags(alpha: Strategy, exchange: Exchange) -> None:
    """A flag given as text arrives as a boolean, a number given for a text as text, unknown keys unchanged."""
    inst_id = next(one["instId"] for one in exchange.instruments("FUTURES") if one["settleCcy"] == "USDT")
    exchange.command("quote", inst_id="BTC-USDT-SWAP", side="sell", px="100000", sz="5")
    bought = alpha.place(swap(px=100000, sz=5, somethingNew={"a": [1, "é"]}))
    alpha.event("order", ordId=bought["ordId"], state="filled")
    resting = alpha.place(swap(side="sell", px="110000", sz="2", reduceOnly="true"))
    assert alpha.event("order", ordId=resting["ordId"])["data"]["reduceOnly"] == "true"
    assert alpha.place(spot(instId=inst_id, tdMode="cross", sz="1"))["ordId"]
    call = next(one["instId"] for one in exchange.instruments("OPTION&instFamily=BTC-USD") if one["optType"] == "C")
    assert alpha.place(spot(instId=call, tdMode="isolated", px="0.0495", sz="1"))["ordId"]
    sent = {row["clOrdId"]: row for one in exchange.ledger("request") for row in one["args"] if "clOrdId" in row}
    assert sent[bought["clOrdId"]]["px"] == "100000" and sent[bought["clOrdId"]]["sz"] == "5"
    assert sent[bought["clOrdId"]]["somethingNew"] == {"a": [1, "é"]}
    assert sent[resting["clOrdId"]]["reduceOnly"] is True
