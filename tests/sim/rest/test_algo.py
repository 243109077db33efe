"""REST endpoints of algo orders: limits and queries (OKX docs, "Cancel algo order", "Get algo order details")."""

from __future__ import annotations

from typing import Any

from gateway.sim.rest import algo as rest_algo

SELL_SWAP = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "sell", "sz": "1"}
STOP = {**SELL_SWAP, "ordType": "conditional", "slTriggerPx": "95000", "slOrdPx": "-1"}
BUY_TRIGGER = {
    "instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "buy", "sz": "1", "ordType": "trigger",
    "triggerPx": "101000", "orderPx": "-1",
}  # fmt: skip


def place(bench: Any, **row: Any) -> dict[str, Any]:
    sent = {name: value for name, value in row.items() if value is not None}
    return bench.rest(rest_algo.place_algo, sent)["data"][0]


def test_twenty_cancels_in_two_seconds(bench: Any) -> None:
    rows = [{"instId": "BTC-USDT-SWAP", "algoId": "1"}] * 10
    codes = []
    for _ in range(3):
        bench.now_ns -= 3_000_000_000  # all at one time
        codes.append(bench.rest(rest_algo.cancel_algos, rows)["code"])
    assert codes == ["1", "1", "50011"]


def test_queries(bench: Any) -> None:
    ids = [place(bench, **STOP)["algoId"] for _ in range(3)]
    trigger = place(bench, **BUY_TRIGGER, algoClOrdId="t1")["algoId"]
    pending = lambda **params: [row["algoId"] for row in bench.rest(rest_algo.algos_pending, **params)["data"]]  # noqa: E731
    assert pending(ordType="conditional,oco") == ids[::-1]
    assert pending(ordType="conditional", after=ids[2], limit="1") == [ids[1]]
    assert pending(ordType="conditional", before=ids[1]) == [ids[2]]
    assert pending(ordType="conditional", instId="BTC-USDT") == []
    assert pending(ordType="trigger", algoClOrdId="t1") == [trigger]
    bench.rest(rest_algo.cancel_algos, [{"instId": "BTC-USDT-SWAP", "algoId": one} for one in ids])
    history = lambda **params: bench.rest(rest_algo.algos_history, **params)  # noqa: E731
    assert [row["algoId"] for row in history(ordType="conditional", state="canceled")["data"]] == ids[::-1]
    assert [row["algoId"] for row in history(ordType="conditional", algoId=ids[0])["data"]] == [ids[0]]
    codes = [
        bench.rest(rest_algo.algos_pending)["code"],
        bench.rest(rest_algo.algos_pending, ordType="conditional,trigger")["code"],
        history(ordType="conditional")["code"],
        history(ordType="conditional", state="canceled", algoId="1")["code"],
        history(ordType="conditional", state="live")["code"],
        bench.rest(rest_algo.algo_order)["code"],
        bench.rest(rest_algo.algo_order, algoId="1")["code"],
    ]
    assert codes == ["50014", "51000", "51602", "51601", "51000", "50015", "51603"]
