"""Only the owner: nobody submits, amends or cancels for a strategy that is not theirs. And each row means one instrument."""

from __future__ import annotations

from typing import Any

import pytest


def one(op: str, inst_id: str = "BTC-USDT", **names: Any) -> dict[str, Any]:
    change = {"newPx": "1"} if op == "amend-order" else {}
    return {"id": "x1", "op": op, "args": [{"instId": inst_id, **names, **change}]}


@pytest.mark.parametrize("op", ["cancel-order", "amend-order"])
@pytest.mark.parametrize("name", [{"clOrdId": "A1"}, {"ordId": "801"}, {"ordId": "801", "clOrdId": "B2"}])
@pytest.mark.parametrize("stage", ["live", "filled"])
def test_not_owner(rig: Any, op: str, name: dict[str, str], stage: str) -> None:
    rig.place("A1", "801")
    rig.place("B2", "802", owner=rig.beta)
    if stage == "filled":
        rig.push(clOrdId="A1", ordId="801", state="filled", accFillSz="0.01")
    rig.forget()
    rig.send(one(op, **name), owner=rig.beta)
    assert rig.reply["reason"] == "not_owner"
    assert rig.sink.sent == []
    assert rig.row("x1", "beta")["reason"] == "not_owner"
    rig.forget()
    rig.send(one(op, **name) | {"id": "x2"})
    assert len(rig.frames) == 1, "the owner may"


def test_one_row_of_anothers_refuses_the_whole_batch(rig: Any) -> None:
    rig.place("A1", "801")
    rig.place("B2", "802", owner=rig.beta)
    rows = [{"instId": "BTC-USDT", "clOrdId": name} for name in ("A1", "B2")]
    rig.send({"id": "x1", "op": "batch-cancel-orders", "args": rows})
    assert rig.reply["reason"] == "not_owner"
    assert "args[1]" in rig.reply["msg"]
    assert rig.sink.sent == []


def test_an_order_that_waits_is_its_owners_too(new_rig: Any) -> None:
    rig = new_rig(ready=False)
    rig.send(rig.order("o1", clOrdId="A1", gw={"maxWaitMs": 5_000}))
    rig.send(one("cancel-order", clOrdId="A1"), owner=rig.beta)
    assert rig.reply["reason"] == "not_owner"
    assert rig.api.status()["waiting"] == 1


def test_orders_that_no_strategy_owns_may_be_cancelled_but_not_amended(rig: Any) -> None:
    rig.push(clOrdId="manual", ordId="801")
    for owner in (rig.alpha, rig.beta):
        rig.forget()
        rig.send(one("cancel-order", ordId="801"), owner=owner)
        assert rig.frames[0]["op"] == "cancel-order"
        rig.send(one("amend-order", ordId="801") | {"id": "x2"}, owner=owner)
        assert rig.reply["reason"] == "not_owner"


@pytest.mark.parametrize("op", ["cancel-order", "amend-order"])
def test_an_order_unknown_here_is_okx_s_to_judge(rig: Any, op: str) -> None:
    rig.send(one(op, ordId="999"))
    assert rig.frames[0]["args"][0]["ordId"] == "999"


def test_ord_id_wins_over_cl_ord_id(rig: Any) -> None:
    """OKX docs, Cancel order."""
    rig.place("A1", "801")
    rig.place("B2", "802", owner=rig.beta)
    rig.send(one("cancel-order", ordId="801", clOrdId="B2"))
    assert rig.frames[0]["args"][0] == {"instIdCode": 10001, "ordId": "801", "clOrdId": "B2"}


# ------------------------------------------------------------------ which instrument a row means


def placed(rig: Any, **fields: Any) -> Any:
    """The instIdCode that went out, or the reason that it did not."""
    rig.forget()
    message = rig.order(f"o{rig.bus.last_seq(rig.alpha)}x{len(str(fields))}", **fields)
    message["args"][0] = {key: value for key, value in message["args"][0].items() if value is not None}
    rig.send(message)
    return rig.frames[0]["args"][0]["instIdCode"] if rig.frames else rig.reply["reason"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"instId": "BTC-USDT", "tdMode": "cash"}, 10001),
        ({"instId": "BTC-USDT", "tdMode": "cross"}, 10001),
        ({"instId": "ETH-USDT", "tdMode": "cash"}, 10002),
        ({"instId": "ETH-USDT", "tdMode": "isolated"}, 10002),
        ({"instId": "ADA-USDT", "tdMode": "cash"}, 10003),
        ({"instId": "ADA-USDT", "tdMode": "cross"}, "ambiguous_instrument"),
        ({"instId": "ADA-USDT", "tdMode": "isolated"}, "ambiguous_instrument"),
        ({"instId": "ADA-USDT", "tdMode": "cross", "instIdCode": 10003}, 10003),
        ({"instId": "ADA-USDT", "tdMode": "isolated", "instIdCode": 20003}, 20003),
        ({"instId": "ADA-USDT", "tdMode": "cash", "instIdCode": 20003}, "unknown_instrument"),
        ({"instId": "BTC-USDT", "instIdCode": 10002}, "unknown_instrument"),
        ({"instId": "XRP-USDT-SWAP", "tdMode": "cross"}, 2021032601102993),
        ({"instId": "XRP-USDT-SWAP", "tdMode": "cross", "instIdCode": 2021032601102993}, 2021032601102993),
        ({"instId": "BTC-USD-261225-50000-C", "tdMode": "cross"}, 320001),
        ({"instId": "NEW-USDT"}, "instrument_has_no_code"),
        ({"instId": "btc-usdt"}, "unknown_instrument"),
        ({"instId": "BTC-USDT "}, "unknown_instrument"),
        ({"instId": "NEW-USDT", "instIdCode": 77}, "unknown_instrument"),
        # the code alone
        ({"instId": None, "instIdCode": 10459, "tdMode": "cross"}, 10459),
        ({"instId": None, "instIdCode": 20003, "tdMode": "cross"}, 20003),
        ({"instId": None, "instIdCode": 10003, "tdMode": "cash"}, 10003),
        ({"instId": None, "instIdCode": 5}, "unknown_instrument"),
        ({"instId": "", "instIdCode": 10459, "tdMode": "cross"}, 10459),
    ],
)
def test_the_instrument_of_a_new_order(rig: Any, fields: dict[str, Any], expected: Any) -> None:
    assert placed(rig, **fields) == expected


@pytest.mark.parametrize("op", ["cancel-order", "amend-order"])
@pytest.mark.parametrize(("td_mode", "code"), [("cash", 10003), ("cross", 20003)])
def test_a_cancel_or_amend_takes_the_instrument_of_the_order_that_it_names(
    rig: Any, op: str, td_mode: str, code: int
) -> None:
    """It bears no tdMode; where the instId alone is ambiguous, the order tells."""
    rig.send(rig.order("o1", instId="ADA-USDT", tdMode=td_mode, clOrdId="A1", instIdCode=code))
    rig.accept(0, "801")
    for name in ({"clOrdId": "A1"}, {"ordId": "801"}, {"gw": {"id": "o1"}}):
        rig.forget()
        rig.send(one(op, "ADA-USDT", **name) | {"id": f"x{len(str(name))}"})
        assert rig.frames[0]["args"][0]["instIdCode"] == code


def test_an_ambiguous_cancel_of_an_order_unknown_here(rig: Any) -> None:
    rig.send(one("cancel-order", "ADA-USDT", ordId="999"))
    assert rig.reply["reason"] == "ambiguous_instrument"
    rig.send(one("cancel-order", "ADA-USDT", ordId="999", instIdCode=20003) | {"id": "x2"})
    assert rig.frames[0]["args"][0] == {"instIdCode": 20003, "ordId": "999"}


def test_an_instrument_that_gets_its_code_later(rig: Any) -> None:
    rig.send(rig.order("o1", instId="NEW-USDT"))
    assert rig.reply["reason"] == "instrument_has_no_code"
    rig.instruments.put("SPOT", "NEW-USDT", 10099)
    rig.send(rig.order("o2", instId="NEW-USDT"))
    assert rig.frames[0]["args"][0]["instIdCode"] == 10099
