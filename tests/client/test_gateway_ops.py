"""The gateway's own ops: requests, results, refusals."""

import json
from typing import Any

import pytest

from gateway.client import gateway_ops
from gateway.client.errors import ClientError, MalformedError, RefusedError
from gateway.client.gateway_ops import Asking
from gateway.client.messages import CancelAll
from gateway.client.parsing import parse_answer


def reply(*data: Any, code: str = "0", reason: str = "", **more: Any) -> Any:
    body = {"id": "x7", "op": "ping", "code": code, "reason": reason, "msg": "why", "data": list(data), **more}
    return parse_answer(json.dumps(body).encode())


def run(asking: Asking[Any], *answers: Any) -> tuple[list[Any], Any]:
    """Return the requests, and the result."""
    asked = [next(asking)]
    for answer in answers:
        try:
            asked.append(asking.send(answer))
        except StopIteration as end:
            return asked, end.value
    raise AssertionError("asks for more")


def order(number: int) -> dict[str, Any]:
    return {"instId": "BTC-USDT", "ordId": str(number), "state": "live", "side": "buy", "sz": "1", "accFillSz": "0"}


def algo(number: int) -> dict[str, Any]:
    return {"instId": "BTC-USDT", "algoId": str(number), "state": "live", "side": "sell", "sz": "0.5"}


def test_ping() -> None:
    assert run(gateway_ops.ping(), reply({"ns": "17"})) == ([("ping", [])], 17)


def test_get_order() -> None:
    asked, found = run(gateway_ops.get_order({"id": "o1", "row": 1}), reply(order(5)))
    assert asked == [("get-order", [{"id": "o1", "row": 1}])]
    assert found.ord_id == "5"


def test_get_algo_order() -> None:
    asked, found = run(gateway_ops.get_algo_order({"algoId": "7"}), reply(algo(7)))
    assert asked == [("get-order", [{"algoId": "7"}])]
    assert (found.algo_id, found.state) == ("7", "live")


def test_snapshot_takes_all_pages() -> None:
    pages = [
        reply({"seq": 9, "orders": [order(1), order(2)], "algos": [], "from": 0, "more": True}),
        reply({"seq": 9, "orders": [order(3)], "algos": [], "from": 2, "more": False}),
    ]
    asked, snapshot = run(gateway_ops.snapshot(), *pages)
    assert asked == [("snapshot", [{"from": 0, "limit": 500}]), ("snapshot", [{"from": 2, "limit": 500}])]
    assert (snapshot.seq, [one.ord_id for one in snapshot.orders]) == (9, ["1", "2", "3"])


def test_snapshot_counts_algo_orders_after_the_others() -> None:
    pages = [
        reply({"seq": 9, "orders": [order(1)], "algos": [algo(2)], "from": 0, "more": True}),
        reply({"seq": 9, "orders": [], "algos": [algo(3)], "from": 2, "more": False}),
    ]
    asked, snapshot = run(gateway_ops.snapshot(), *pages)
    assert [rows[0]["from"] for _, rows in asked] == [0, 2]
    assert [one.ord_id for one in snapshot.orders] == ["1"]
    assert [(one.algo_id, one.state, one.sz) for one in snapshot.algos] == [("2", "live", "0.5"), ("3", "live", "0.5")]


def test_snapshot_during_which_an_order_ended_is_taken_again() -> None:
    pages = [
        reply({"seq": 9, "orders": [order(1), order(2)], "algos": [], "from": 0, "more": True}),
        reply(
            {"seq": 10, "orders": [], "algos": [], "from": 2, "more": False}
        ),  # order 1 ended, so order 3 became the second
        reply({"seq": 10, "orders": [order(2), order(3)], "algos": [], "from": 0, "more": False}),
    ]
    asked, snapshot = run(gateway_ops.snapshot(), *pages)
    assert [rows[0]["from"] for _, rows in asked] == [0, 2, 0]
    assert (snapshot.seq, [one.ord_id for one in snapshot.orders]) == (10, ["2", "3"])


def test_snapshot_of_ever_changing_orders() -> None:
    pages = [reply({"seq": seq, "orders": [order(seq)], "algos": [], "from": 0, "more": True}) for seq in range(40)]
    with pytest.raises(ClientError, match="changed during each of 10"):
        run(gateway_ops.snapshot(), *pages)


def test_snapshot_of_nothing() -> None:
    _, snapshot = run(gateway_ops.snapshot(), reply({"seq": 0, "orders": [], "algos": [], "from": 0, "more": False}))
    assert (snapshot.seq, snapshot.orders) == (0, ())


def test_snapshot_stops_asking() -> None:
    with pytest.raises(MalformedError):
        run(gateway_ops.snapshot(), reply({"seq": 0, "orders": [], "algos": [], "from": 0, "more": True}))


def test_replay() -> None:
    asked, page = run(gateway_ops.replay("account", 5, 10), reply({"events": [], "more": False, "first": 3}))
    assert asked == [("replay", [{"owner": "account", "fromSeq": 5, "limit": 10}])]
    assert (page.events, page.more, page.first) == ((), False, 3)


@pytest.mark.parametrize(
    ("op", "member"),
    [("resume", "resumed"), ("reconnect", "begun")],  # docs/protocol.md, the gateway's own ops
)
@pytest.mark.parametrize("is_done", [True, False])
def test_resume_and_reconnect(op: str, member: str, is_done: bool) -> None:
    assert run(getattr(gateway_ops, op)(), reply({member: is_done})) == ([(op, [])], is_done)


def test_cancel_all() -> None:
    asked, result = run(gateway_ops.cancel_all({"instId": "BTC-USDT"}), reply({"cancelled": 2, "withdrawn": 1}))
    assert asked == [("cancel-all", [{"instId": "BTC-USDT"}])]
    assert result == CancelAll("x7", 2, 1)


@pytest.mark.parametrize(
    "asking",
    [
        gateway_ops.ping,
        gateway_ops.status,
        gateway_ops.snapshot,
        lambda: gateway_ops.get_order({}),
        lambda: gateway_ops.replay("alpha", 1, 1),
        lambda: gateway_ops.cancel_all({}),
    ],
)
def test_refusals_and_malformed_answers(asking: Any) -> None:
    with pytest.raises(RefusedError, match="ping refused, stopping: why") as caught:
        run(asking(), reply(code="1", reason="stopping", retryAfterMs=5))
    assert (caught.value.op, caught.value.reason, caught.value.msg) == ("ping", "stopping", "why")
    assert caught.value.retry_after_ms == 5
    with pytest.raises(MalformedError):
        run(asking(), reply({"unexpected": 1}))
    with pytest.raises(MalformedError):
        run(asking(), reply())
