"""The limit holds, and nothing stale leaves: what waits inside, in which order it goes, and when it is given up.

The clock of these tests is `rig.now` and what they add to it; the ack timeout is far away, so that only the tests' own time counts.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests._fast.order_out.conftest import MS, WINDOW_MS, ack_all, at, place, sent_names, tick

# ------------------------------------------------------------------ refused at once


def test_without_a_wait_it_is_refused_with_the_time_until_the_next_token(limited: Any) -> None:
    rig = limited
    place(rig, "A", "B")
    rig.send(rig.order("o3"), at=at(rig, 1))
    assert rig.reply["reason"] == "rate_limited"
    assert rig.reply["retryAfterMs"] == 2_000, "no ack yet: a window from now at the earliest"
    assert rig.row("o3")["reason"] == "rate_limited"
    (ack,) = [body for body in rig.on("alpha.ack") if body["id"] == "o3"]
    assert (ack["code"], ack["retryAfterMs"]) == ("1", 2_000)
    ack_all(rig, 5)
    rig.send(rig.order("o4"), at=at(rig, 105.5))
    assert rig.replies[-1]["retryAfterMs"] == 1_900, "rounded up"
    rig.send(rig.order("o5"), at=at(rig, 2_004.999_999))
    assert rig.replies[-1]["retryAfterMs"] == 1
    rig.send(rig.order("o6"), at=at(rig, 2_005))
    assert len(rig.frames) == 3


def test_a_batch_over_the_whole_limit_never_goes(limited: Any) -> None:
    limited.send(limited.batch("o1", *"ABCDEFGHI"), at=at(limited, 0))
    assert limited.reply["reason"] == "rate_limited"
    assert "retryAfterMs" not in limited.reply


def test_a_socket_that_is_full_is_not_written_to(rig: Any) -> None:
    rig.sink.writable = False
    rig.send(rig.order("o1"))
    rig.send(rig.order("o2", gw={"maxWaitMs": 10}))
    assert rig.reply["reason"] == "not_ready"
    rig.sink.writable = True
    tick(rig, 1)
    assert len(rig.frames) == 1


# ------------------------------------------------------------------ order of waiting


def test_what_waits_goes_in_order_as_tokens_come_back(limited: Any) -> None:
    rig = limited
    place(rig, *"ABCDE")
    assert sent_names(rig) == ["A", "B"]
    assert rig.api.status()["waiting"] == 3
    rig.accept(0, "1", at=at(rig, 5))
    rig.accept(1, "2", at=at(rig, 30))
    assert tick(rig, 2_004.9)
    assert sent_names(rig) == ["A", "B"]
    assert tick(rig, 2_005)
    assert sent_names(rig) == ["A", "B", "C"]
    assert tick(rig, 2_031)
    assert sent_names(rig) == ["A", "B", "C", "D"]
    ack_all(rig, 2_040)
    assert not tick(rig, 4_040)
    assert sent_names(rig) == ["A", "B", "C", "D", "E"]
    assert rig.replies == []


def test_a_newcomer_does_not_overtake_what_waits(limited: Any) -> None:
    rig = limited
    place(rig, *"ABC")
    ack_all(rig, 5)
    place(rig, "D", ms=2_010)
    assert sent_names(rig) == ["A", "B"], "a token is free, but C was first"
    tick(rig, 2_010)
    assert sent_names(rig) == ["A", "B", "C", "D"]
    rig.send(rig.order("o9"), at=at(rig, 2_011))
    assert rig.reply["reason"] == "rate_limited"


def test_a_small_one_behind_a_large_one_keeps_its_place(limited: Any) -> None:
    rig = limited
    rig.send(rig.batch("b1", *"ABCDE", gw={"maxWaitMs": 60_000}), at=at(rig, 0))
    rig.send(rig.batch("b2", *"FGHIJ", gw={"maxWaitMs": 60_000}), at=at(rig, 0))
    rig.send(rig.batch("b3", *"KL", gw={"maxWaitMs": 60_000}), at=at(rig, 0))
    tick(rig, 10)
    assert sent_names(rig) == list("ABCDE"), "three tokens are free; b2 needs five and b3 does not overtake it"
    ack_all(rig, 20)
    tick(rig, 2_020)
    assert sent_names(rig) == list("ABCDEFGHIJKL")


def test_budgets_do_not_hold_each_other_up(limited: Any) -> None:
    rig = limited
    place(rig, *"ABC")
    place(rig, "X", instId="ETH-USDT")
    rig.send(rig.cancel("c1", ordId="5"), at=at(rig, 1))
    rig.send(rig.amend("a1", ordId="5"), at=at(rig, 1))
    rig.send(rig.batch("b1", "E", "F"), at=at(rig, 1))
    rig.send(rig.order("o1", clOrdId="Z"), owner=rig.beta, at=at(rig, 1))
    ops = [frame["op"] for frame in rig.frames]
    assert ops == ["order", "order", "order", "cancel-order", "amend-order", "batch-orders"]
    assert rig.reply["reason"] == "rate_limited", "a limit is the account's: another strategy shares it"


# ------------------------------------------------------------------ what counts where (OKX docs, "Rate limit" of each operation)


def test_a_cold_start_counts_as_a_window_spent_for_cancels_too(new_rig: Any) -> None:
    """Cancels may go from the login on, before the account is reconciled: who ran before us may have spent their limit as well."""
    rig = new_rig(ready=False, window_ns=WINDOW_MS * MS, ack_timeout_ms=3_600_000)
    rig.api.connection_opened(rig.sink)
    rig.send(rig.cancel("c1", ordId="5"), at=rig.started + 100 * MS)
    rig.api.set_ready(True)
    rig.send(rig.order("o1"), at=rig.started + 100 * MS)
    assert [reply["reason"] for reply in rig.replies] == ["rate_limited"] * 2
    assert all(1_899 <= reply["retryAfterMs"] <= 2_000 for reply in rig.replies)
    rig.send(rig.cancel("c2", ordId="5"), at=rig.now)
    rig.send(rig.order("o2"), at=rig.now)
    assert len(rig.frames) == 2


# ------------------------------------------------------------------ giving up


@pytest.mark.parametrize("wait_ms", [1, 300])
def test_it_waits_as_long_as_it_may_and_no_longer(limited: Any, wait_ms: int) -> None:
    rig = limited
    place(rig, "A", "B")
    place(rig, "C", wait_ms=wait_ms)
    tick(rig, wait_ms - 0.001)
    assert rig.replies == []
    assert not tick(rig, wait_ms)
    assert (rig.reply["id"], rig.reply["reason"]) == ("pC", "rate_limited")
    assert rig.reply["retryAfterMs"] == 2_000
    assert rig.row("pC")["reason"] == "rate_limited"
    ack_all(rig, 5)
    tick(rig, 10_000)
    assert sent_names(rig) == ["A", "B"]


def test_the_default_wait_is_the_configured_one(new_rig: Any) -> None:
    rig = new_rig(ready=False, max_wait_ms=250, ack_timeout_ms=3_600_000)
    rig.send(rig.order("o1"))
    tick(rig, 249)
    assert rig.replies == []
    tick(rig, 250)
    assert rig.reply["reason"] == "not_ready"


def test_the_wait_counts_from_the_clients_sending(new_rig: Any) -> None:
    rig = new_rig(ready=False, ack_timeout_ms=3_600_000)
    real_ns = 1_700_000_000_500_000_000
    rig.send(rig.order("o1", gw={"maxWaitMs": 600, "sentNs": "1700000000000000000"}), real_ns=real_ns)
    rig.send(rig.order("o2", gw={"maxWaitMs": 400, "sentNs": 1700000000000000000}), real_ns=real_ns)
    assert [(reply["id"], reply["reason"]) for reply in rig.replies] == [("o2", "not_ready")], (
        "its wait is over on arrival"
    )
    tick(rig, 99)
    assert len(rig.replies) == 1
    tick(rig, 100)
    assert rig.replies[1]["id"] == "o1"


@pytest.mark.parametrize(
    ("age_ns", "wait_ms", "reason"),
    [
        (1_000_000_000, 0, "not_ready"),
        (1_000_000_001, 0, "stale"),
        (1_300_000_000, 300, "not_ready"),
        (1_300_000_001, 300, "stale"),
        (-1_000_000_000, 0, "not_ready"),
        (-1_000_000_001, 0, "bad_request"),
    ],
)
def test_nothing_stale(new_rig: Any, age_ns: int, wait_ms: int, reason: str) -> None:
    """Older than max_age_ms (1,000) + maxWaitMs on arrival."""
    rig = new_rig(ready=False)
    sent_ns = 1_700_000_000_000_000_000
    rig.send(rig.order("o1", gw={"maxWaitMs": wait_ms, "sentNs": str(sent_ns)}), real_ns=sent_ns + age_ns)
    if wait_ms and reason != "stale":
        tick(rig, wait_ms)
    assert rig.reply["reason"] == reason


def test_each_is_given_up_for_its_own_cause(new_rig: Any) -> None:
    """One that stands behind another that waits longer is not told that it lacked a token."""
    rig = new_rig(ready=False, ack_timeout_ms=3_600_000)
    rig.send(rig.order("o1", gw={"maxWaitMs": 500}))
    rig.send(rig.order("o2", gw={"maxWaitMs": 100}))
    rig.api.connection_opened(rig.sink)
    tick(rig, 100)
    assert (rig.reply["id"], rig.reply["reason"]) == ("o2", "not_ready")
    assert "retryAfterMs" not in rig.reply


def test_one_given_up_behind_others_hears_when_a_token_will_be_free(limited: Any) -> None:
    rig = limited
    place(rig, "A", "B", "C")
    ack_all(rig, 5)
    place(rig, "D", wait_ms=100, ms=10)
    tick(rig, 110)
    assert rig.reply["retryAfterMs"] == 1_895


def test_an_exp_time_of_its_own_ends_the_waiting(limited: Any) -> None:
    rig = limited
    place(rig, "A", "B")
    rig.send(rig.order("o3", clOrdId="C", gw={"maxWaitMs": 60_000}) | {"expTime": "1700000000700"}, at=at(rig, 0))
    rig.send(rig.order("o4", clOrdId="D", gw={"maxWaitMs": 60_000}) | {"expTime": "1700000003000"}, at=at(rig, 0))
    ack_all(rig, 5)
    tick(rig, 699.9)
    assert rig.replies == []
    tick(rig, 700)
    assert (rig.reply["id"], rig.reply["reason"], rig.row("o3")["result"]) == ("o3", "expired", "rejected")
    tick(rig, 2_005)
    assert rig.frames[-1]["expTime"] == "1700000003000", "as the strategy gave it"


def test_an_exp_time_of_the_gateways_counts_from_the_sending(limited: Any) -> None:
    rig = limited
    place(rig, "A", "B", "C")
    ack_all(rig, 5)
    tick(rig, 2_500)
    assert [frame["expTime"] for frame in rig.frames] == ["1700000005000", "1700000005000", "1700000007500"]
    assert rig.api.find_order(cl_ord_id="C")["expTimeMs"] == 1_700_000_007_500


def test_so_many_may_wait_and_no_more(new_rig: Any) -> None:
    rig = new_rig(ready=False, waiting_capacity=3)
    place(rig, *"ABCD")
    assert (rig.reply["id"], rig.reply["reason"]) == ("pD", "capacity")
    assert "waiting_capacity" in rig.reply["msg"]
    rig.api.connection_opened(rig.sink)
    rig.api.set_ready(True)
    tick(rig, 1)
    assert sent_names(rig) == ["A", "B", "C"]


def test_stopping_ends_the_waiting_and_takes_nothing_new(new_rig: Any) -> None:
    rig = new_rig(ready=False)
    place(rig, "A", "B")
    rig.api.set_stopping()
    rig.send(rig.order("o3"))
    rig.send(rig.cancel("c1", ordId="5"))
    assert [(reply["id"], reply["reason"]) for reply in rig.replies] == [
        ("pA", "stopping"),
        ("pB", "stopping"),
        ("o3", "stopping"),
        ("c1", "stopping"),
    ]
    assert [row["reason"] for name in ("pA", "pB", "o3", "c1") for row in rig.rows(name)] == ["stopping"] * 4


# ------------------------------------------------------------------ orders that wait, and what is asked of them


def test_an_amend_of_an_unsent_order_waits_for_it(limited: Any) -> None:
    rig = limited
    place(rig, "A", "B", "C")
    rig.send(rig.amend("a1", clOrdId="C", gw={"maxWaitMs": 60_000}), at=at(rig, 1))
    rig.send(rig.amend("a2", clOrdId="C"), at=at(rig, 1))
    assert (rig.reply["id"], rig.reply["reason"]) == ("a2", "not_ready")
    tick(rig, 2)
    assert len(rig.frames) == 2
    ack_all(rig, 5)
    tick(rig, 2_005)
    tick(rig, 2_006)
    assert [frame["op"] for frame in rig.frames] == ["order", "order", "order", "amend-order"]


@pytest.mark.parametrize("end", ["withdrawn", "given up", "stopping"])
def test_an_amend_of_an_order_that_is_refused_inside_is_refused_too(limited: Any, end: str) -> None:
    rig = limited
    place(rig, "A", "B")
    place(rig, "C", wait_ms=100)
    rig.send(rig.amend("a1", clOrdId="C", gw={"maxWaitMs": 60_000}), at=at(rig, 1))
    if end == "withdrawn":
        rig.send(rig.cancel("c1", clOrdId="C"), at=at(rig, 2))
    if end == "stopping":
        rig.api.set_stopping()
    tick(rig, 100)
    tick(rig, 101)
    assert rig.row("a1")["reason"] == "unknown_order" if end != "stopping" else rig.row("a1")["result"] == "rejected"
    assert rig.api.status()["waiting"] == 0
    assert len(rig.frames) == 2


def test_an_amend_that_waits_for_its_order_stands_in_nobodys_way(limited: Any) -> None:
    rig = limited
    place(rig, "A", "B", "C")
    rig.send(rig.amend("a1", clOrdId="C", gw={"maxWaitMs": 60_000}), at=at(rig, 1))
    rig.send(rig.amend("a2", clOrdId="A", reqId="R2"), at=at(rig, 2))
    assert [frame["op"] for frame in rig.frames] == ["order", "order", "amend-order"]
    ack_all(rig, 5)
    tick(rig, 2_005)
    tick(rig, 2_006)
    assert [frame["op"] for frame in rig.frames[3:]] == ["order", "amend-order"]


def test_nothing_leaves_after_its_wait_though_a_token_is_free(limited: Any) -> None:
    """No turn of the loop came in between."""
    rig = limited
    place(rig, "A", "B")
    place(rig, "C", wait_ms=2_100)
    ack_all(rig, 5)
    tick(rig, 2_101)
    assert sent_names(rig) == ["A", "B"]
    assert rig.reply["id"] == "pC"


@pytest.mark.parametrize("receipt", [False, True])
@pytest.mark.parametrize("by", ["clOrdId", "gw"])
def test_a_cancel_withdraws_an_order_that_waits(limited: Any, receipt: bool, by: str) -> None:
    rig = limited
    place(rig, "A", "B", "C", "D")
    message = rig.cancel("c1", **({"clOrdId": "C"} if by == "clOrdId" else {}), gw={"receipt": receipt})
    if by == "gw":
        message["args"][0]["gw"] = {"id": "pC"}
    rig.send(message, at=at(rig, 1))
    assert (rig.row("pC")["result"], rig.row("pC")["origin"], rig.row("pC")["reason"]) == (
        "rejected",
        "gateway",
        "cancelled_before_send",
    )
    assert (rig.row("c1")["result"], rig.row("c1")["origin"], rig.row("c1")["clOrdId"]) == ("accepted", "gateway", "C")
    assert [(reply["id"], reply["reason"]) for reply in rig.replies] == [("pC", "cancelled_before_send")] + [
        ("c1", "")
    ] * receipt
    assert not any(reply.get("duplicate") for reply in rig.replies)
    ack_all(rig, 5)
    tick(rig, 2_005)
    assert sent_names(rig) == ["A", "B", "D"]
    assert [frame["op"] for frame in rig.frames] == ["order"] * 3
    assert rig.api.find_order(cl_ord_id="C")["state"] == "rejected"


@pytest.mark.parametrize(
    "gone", [combination for n in (1, 2, 3) for combination in itertools.combinations("ABC", n)], ids="".join
)
def test_rows_are_withdrawn_out_of_a_waiting_batch(limited: Any, wire: Any, gone: tuple[str, ...]) -> None:
    rig = limited
    rig.send(rig.batch("b0", *"STUVWXYZ"), at=at(rig, 0))
    rig.send(rig.batch("b1", *"ABC", gw={"maxWaitMs": 60_000}), at=at(rig, 0))
    ack_all(rig, 5)
    rig.forget()
    cancel = {
        "id": "c1",
        "op": "batch-cancel-orders",
        "args": [{"instId": "BTC-USDT", "clOrdId": name} for name in gone],
    }
    rig.send(cancel, at=at(rig, 6))
    assert [(row["result"], row["origin"]) for row in rig.rows("c1")] == [("accepted", "gateway")] * len(gone)
    tick(rig, 2_005)
    kept = [name for name in "ABC" if name not in gone]
    assert sent_names(rig) == kept
    if kept:
        assert rig.frames[0]["op"] == "batch-orders"
        items = [wire.item("", ord_id, s_code) for ord_id, s_code in (("801", "0"), ("", "51008"))][: len(kept)]
        rig.ack(rig.frames[0]["id"], "batch-orders", *items, code="2")
    rows = rig.rows("b1")
    expected = iter([("accepted", "0"), ("rejected", "51008")])
    assert [(row["result"], row["sCode"]) for row in rows] == [
        ("rejected", "") if name in gone else next(expected) for name in "ABC"
    ]
    assert [row["reason"] for row in rows] == ["cancelled_before_send" if name in gone else "" for name in "ABC"]


def test_a_cancel_of_a_sent_order_goes_to_okx(limited: Any) -> None:
    rig = limited
    place(rig, "A")
    rig.send(rig.cancel("c1", clOrdId="A"), at=at(rig, 1))
    assert [frame["op"] for frame in rig.frames] == ["order", "cancel-order"]


def test_a_request_that_waits_is_pending_to_whoever_asks(limited: Any) -> None:
    rig = limited
    place(rig, "A", "B", "C")
    place(rig, "C", ms=1)
    assert rig.reply["duplicate"] is True
    assert rig.reply["data"][0]["result"] == "pending"
    assert rig.api.find_placed(rig.alpha, "pC", 0)["state"] == "pending"
