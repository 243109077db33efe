"""What counts where: OKX docs, "Rate limit" of each operation; Overview, "Sub-account rate limit"."""

from __future__ import annotations

from typing import Any

from tests._fast.order_out.conftest import OPTION, OTHER_OPTION, at, place, sent_names, tick


def taken(rig: Any, *scopes: str) -> dict[tuple[str, str], int]:
    ops = ("order", "cancel-order", "amend-order")
    return {(scope, op): rig.api.usage(scope, op)[0] for scope in scopes for op in ops if rig.api.usage(scope, op)[0]}


def test_a_batch_of_one_counts_in_the_single_budget(limited: Any) -> None:
    rig = limited
    rig.send(rig.batch("b1", "A"), at=at(rig, 0))
    rig.send({"id": "b2", "op": "batch-cancel-orders", "args": [{"instId": "BTC-USDT", "ordId": "5"}]}, at=at(rig, 0))
    rig.send(
        {"id": "b3", "op": "batch-amend-orders", "args": [{"instId": "BTC-USDT", "ordId": "5", "newPx": "1"}]},
        at=at(rig, 0),
    )
    rig.send(rig.batch("b4", "B", "C"), at=at(rig, 0))
    assert len(rig.frames) == 4
    assert taken(rig, "BTC-USDT") == {
        ("BTC-USDT", "order"): 1,
        ("BTC-USDT", "cancel-order"): 1,
        ("BTC-USDT", "amend-order"): 1,
    }


def test_options_count_by_their_family(limited: Any) -> None:
    rig = limited
    place(rig, "A", instId=OPTION)
    place(rig, "B", instId=OTHER_OPTION)
    place(rig, "C", instId=OPTION, wait_ms=0)
    assert sent_names(rig) == ["A", "B"]
    assert taken(rig, "BTC-USD") == {("BTC-USD", "order"): 2}


def test_the_sub_account_counts_new_and_amended_orders_but_spot_and_margin(limited: Any) -> None:
    rig = limited
    place(rig, "A", "B", instId="BTC-USDT-SWAP")
    rig.send(
        {"id": "a1", "op": "amend-order", "args": [{"instId": "BTC-USDT-SWAP", "ordId": "5", "newPx": "1"}]},
        at=at(rig, 0),
    )
    place(rig, "C", "D")
    rig.send({"id": "c1", "op": "cancel-order", "args": [{"instId": "BTC-USDT-SWAP", "ordId": "5"}]}, at=at(rig, 0))
    place(rig, "E", instId="XRP-USDT-SWAP")
    assert sent_names(rig) == ["A", "B", "", "C", "D", "", "E"]
    place(rig, "F", instId="XRP-USDT-SWAP", wait_ms=0)
    assert rig.reply["reason"] == "rate_limited", "the fifth of four for the sub-account"
    place(rig, "G", instId="ETH-USDT", wait_ms=0)
    assert sent_names(rig)[-1] == "G", "SPOT does not count"


def test_mass_cancel_has_one_budget_for_all_families(limited: Any) -> None:
    rig = limited
    for number, owner in enumerate(("BTC-USD", "ETH-USD")):
        message = {"id": f"m{number}", "op": "mass-cancel", "args": [{"instType": "OPTION", "instFamily": owner}]}
        rig.send(message, at=at(rig, number))
    assert len(rig.frames) == 1
    assert rig.reply["reason"] == "rate_limited"


def test_a_batch_of_which_one_row_is_left_counts_in_the_single_budget(limited: Any) -> None:
    """OKX counts by what it gets: a batch with exactly one order is a single order to it."""
    rig = limited
    rig.send(rig.batch("b0", *"STUVWXYZ"), at=at(rig, 0))
    rig.send(rig.batch("b1", "A", "B", gw={"maxWaitMs": 60_000}), at=at(rig, 0))
    rig.send(rig.cancel("c1", clOrdId="A"), at=at(rig, 1))
    tick(rig, 2)
    assert sent_names(rig)[-1] == "B", "the single budget is free"
    assert taken(rig, "BTC-USDT") == {("BTC-USDT", "order"): 1}
    place(rig, "C", "D", wait_ms=0)
    assert sent_names(rig)[-1] == "C"
    assert rig.replies[-1]["reason"] == "rate_limited"


def test_a_batch_cancel_of_which_one_row_is_left_counts_in_the_single_budget(limited: Any) -> None:
    rig = limited
    place(rig, "A", "B", "C")
    rows = [{"instId": "BTC-USDT", "clOrdId": name} for name in "AC"]
    rig.send({"id": "c1", "op": "batch-cancel-orders", "args": rows, "gw": {"receipt": True}}, at=at(rig, 1))
    assert rig.frames[-1]["args"] == [{"instIdCode": 10001, "clOrdId": "A"}]
    assert taken(rig, "BTC-USDT") == {("BTC-USDT", "order"): 2, ("BTC-USDT", "cancel-order"): 1}
    rig.ack(rig.frames[-1]["id"], "batch-cancel-orders", {"sCode": "0", "ordId": "1", "clOrdId": ""})
    assert [(row["result"], row["origin"]) for row in rig.rows("c1")] == [("accepted", "okx"), ("accepted", "gateway")]
