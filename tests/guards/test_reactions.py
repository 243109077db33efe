"""Row by row over OKX's codes, through the pipeline: the row's result, and the gateway's reaction."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.okx.error_codes import Effect, Reaction
from tests._fast.conftest import MS, item
from tests.guards.conftest import make_scene
from tests.okx.test_error_codes import CELLS, EFFECTS

WINDOW_NS = 2_000 * MS


def answer(scene: SimpleNamespace, code: str, form: str, op: str = "order", **fields: Any) -> str:
    """OKX answers a new request with this code: in the row, or for the complete frame. Returns the request's id."""
    rig = scene.rig
    request_id = f"{form}{len(rig.frames)}-{op}"
    rig.send({"order": rig.order, "cancel-order": rig.cancel}[op](request_id, **fields))
    sent = rig.frames[-1]
    if form == "row":
        rig.ack(sent["id"], op, item(sent["args"][0].get("clOrdId", ""), "", code, "OKX's words"), code="1")
    else:
        rig.ack(sent["id"], op, code=code, msg="OKX's words")
    return request_id


def new_order(scene: SimpleNamespace) -> str:
    """`sent`, or the reason and text with which a new order is refused."""
    before = len(scene.rig.frames)
    scene.rig.send(scene.rig.order(f"next{before}-{len(scene.rig.replies)}"))
    if len(scene.rig.frames) > before:
        return "sent"
    reply = scene.rig.replies[-1]
    return f"{reply['reason']}: {reply['msg']}"


def alarms(scene: SimpleNamespace) -> list[str]:
    return [event["reason"] for event in scene.rig.on("gateway.alarm")]


@pytest.mark.parametrize("form", ["row", "frame"])
@pytest.mark.parametrize(("code", "reaction"), CELLS)
def test_every_code(code: str, reaction: Reaction, form: str) -> None:
    effect = EFFECTS.get(code, Effect.NONE)
    rests = effect in (Effect.REST_LIMIT, Effect.REST_SUB_ACCOUNT)
    scene = make_scene(window_ns=WINDOW_NS) if rests else make_scene()
    scene.rig.now += WINDOW_NS  # a cold start counts as a fully used window
    inst = {"instId": "BTC-USDT-SWAP", "tdMode": "cross"} if effect is Effect.REST_SUB_ACCOUNT else {}
    request_id = answer(scene, code, form, **inst)
    row = scene.rig.row(request_id)
    assert (row["result"], row["sCode"]) == ("unknown" if reaction is Reaction.UNK else "rejected", code)
    assert row["reason"] == ("okx_unknown" if reaction is Reaction.UNK else "")
    asked = {Effect.LOG_IN: "log_in", Effect.CLOCK: "clock", Effect.INSTRUMENTS: "instruments"}
    expected = {Effect.ASK_ORDER: ["ask_order"], Effect.HALT: ["halt_changed"], Effect.HALT_SERVICE: ["halt_changed"]}
    wanted = expected.get(effect, [asked[effect]] if effect in asked else [])
    assert [one[0] for one in scene.done] == wanted
    expected = {Effect.HALT: ["halted"], Effect.HALT_SERVICE: ["halted"], Effect.LOG_IN: ["credentials"]}
    own = [f"okx_{code}"] if effect in (Effect.ALARM, Effect.REST_LIMIT, Effect.REST_SUB_ACCOUNT) else []
    assert alarms(scene) == expected.get(effect, own)
    halts = effect in (Effect.HALT, Effect.HALT_SERVICE)
    if halts:
        assert new_order(scene).startswith(f'not_ready: halted: OKX {code} "OKX\'s words": ')
    elif effect is Effect.REST_LIMIT:
        assert new_order(scene).startswith("rate_limited: ")
        assert scene.rig.replies[-1]["retryAfterMs"] == 2_000
    else:
        assert new_order(scene) == "sent"
    before = len(scene.rig.frames)
    scene.rig.send(scene.rig.cancel("c1", ordId="77"))
    assert len(scene.rig.frames) == before + 1, "cancels are still sent"


# ---------------------------------------------------------------- limits


def test_one_limit_pauses_for_one_window_and_no_other_does() -> None:
    scene = make_scene(window_ns=WINDOW_NS)
    scene.rig.now += WINDOW_NS
    answer(scene, "50011", "frame")
    scene.rig.send(scene.rig.order("eth", instId="ETH-USDT"))
    scene.rig.send(scene.rig.amend("a1", ordId="77"))
    assert [frame["op"] for frame in scene.rig.frames] == ["order", "order", "amend-order"]
    scene.rig.now += WINDOW_NS - MS
    assert new_order(scene).startswith("rate_limited")
    scene.rig.now += MS
    assert new_order(scene) == "sent"


def test_the_sub_accounts_limit_pauses_for_derivatives_of_every_instrument_and_not_for_spot() -> None:
    scene = make_scene(window_ns=WINDOW_NS)
    rig = scene.rig
    rig.now += WINDOW_NS
    answer(scene, "50061", "row", instId="BTC-USDT-SWAP", tdMode="cross")
    rig.send(rig.order("x1", instId="XRP-USDT-SWAP", tdMode="cross"))
    assert rig.replies[-1]["reason"] == "rate_limited"
    assert new_order(scene) == "sent"
    rig.now += WINDOW_NS
    rig.send(rig.order("x2", instId="XRP-USDT-SWAP", tdMode="cross"))
    assert len(rig.frames) == 3


def test_tokens_in_use_when_a_limit_pauses_come_back_too() -> None:
    scene = make_scene(window_ns=WINDOW_NS, limits=(3, 60, 60, 300, 5, 1000))
    rig = scene.rig
    rig.now += WINDOW_NS
    rig.send(rig.order("o1"))
    answer(scene, "50011", "frame")
    assert new_order(scene).startswith("rate_limited")
    rig.now += WINDOW_NS
    rig.ack(rig.frames[0]["id"], "order", item(rig.frames[0]["args"][0]["clOrdId"], "1"))
    assert [new_order(scene), new_order(scene), new_order(scene)[:12]] == ["sent", "sent", "rate_limited"]
    rig.now += WINDOW_NS
    assert new_order(scene) == "sent"


# ---------------------------------------------------------------- halts


def test_a_halt_raises_one_alarm_and_ends_by_resume(scene: Any) -> None:
    for _ in range(2):
        scene.rig.send(scene.rig.order(f"o{_}"))
    for sent in list(scene.rig.frames):
        scene.rig.ack(
            sent["id"], "order", item(sent["args"][0]["clOrdId"], "", "50027", 'a "restricted" account'), code="1"
        )
    assert alarms(scene) == ["halted"]
    assert scene.rig.ask("status")["data"][0]["halted"].startswith("OKX 50027")
    assert 'halted: OKX 50027 "a "restricted" account": ' in new_order(scene)
    assert scene.rig.ask("resume")["data"] == [{"resumed": True}]
    assert scene.rig.ask("resume")["data"] == [{"resumed": False}]
    assert scene.rig.ask("status")["data"][0]["halted"] == ""
    assert new_order(scene) == "sent"


def test_a_halt_outlives_a_new_connection(scene: Any) -> None:
    answer(scene, "51009", "row")
    scene.rig.api.connection_lost()
    assert "halted" not in new_order(scene), "not connected is the first cause"
    scene.rig.api.connection_opened(scene.rig.sink)
    scene.rig.api.set_ready(True)
    assert "halted: OKX 51009" in new_order(scene)


def test_a_request_waiting_while_halted_is_refused_at_its_deadline_with_the_cause(scene: Any) -> None:
    answer(scene, "50012", "row")
    scene.rig.send(scene.rig.order("w1", gw={"maxWaitMs": 100}))
    scene.rig.api.tick_at(scene.rig.now + 101 * MS)
    row = scene.rig.row("w1")
    assert (row["result"], row["reason"]) == ("rejected", "not_ready")
    assert row["msg"].startswith("halted: OKX 50012")


def test_waiting_requests_are_sent_when_the_halt_is_lifted(scene: Any) -> None:
    answer(scene, "50012", "row")
    before = len(scene.rig.frames)
    scene.rig.send(scene.rig.order("w1", gw={"maxWaitMs": 9_000}))
    scene.reactions.resume()
    scene.rig.api.tick_at(scene.rig.now)
    assert len(scene.rig.frames) == before + 1


def test_a_function_switched_off_is_tried_again_by_itself(scene: Any) -> None:
    answer(scene, "50062", "frame")
    (timer,) = scene.timers
    assert timer.delay_s == 30.0
    assert "halted" in new_order(scene)
    timer.call()
    assert new_order(scene) == "sent"


def test_a_halt_of_the_account_outlasts_one_of_a_function(scene: Any) -> None:
    scene.rig.send(scene.rig.order("o1"))
    answer(scene, "50062", "frame")
    scene.rig.ack(scene.rig.frames[0]["id"], "order", code="50007", msg="")
    assert scene.timers[0].is_cancelled
    assert alarms(scene) == ["halted", "halted"]
    assert "halted: OKX 50007" in new_order(scene)


# ---------------------------------------------------------------- credentials


def test_a_refused_login_on_a_live_op_is_answered_by_one_new_login(scene: Any) -> None:
    scene.rig.send(scene.rig.order("o1"))
    answer(scene, "50113", "frame")
    scene.rig.ack(scene.rig.frames[0]["id"], "order", code="50113", msg="")
    assert [one[0] for one in scene.done] == ["log_in"]


def test_credentials_refused_again_after_the_new_login_halt(scene: Any) -> None:
    """No loop of logins: a key without Trade permission can log in."""
    answer(scene, "50120", "frame")
    scene.reactions.on_ready()
    scene.clock[0] += 59
    answer(scene, "50120", "frame")
    assert alarms(scene) == ["credentials", "halted"]
    assert "again after a new login" in new_order(scene)


def test_credentials_refused_long_after_the_last_login_are_tried_anew(scene: Any) -> None:
    answer(scene, "60011", "frame")
    scene.reactions.on_ready()
    scene.clock[0] += 60
    answer(scene, "60011", "frame")
    assert [one[0] for one in scene.done] == ["log_in", "log_in"]


# ---------------------------------------------------------------- not too often


def test_clock_instruments_and_alarms_are_not_repeated_for_every_row(scene: Any) -> None:
    for code in ("50036", "51001", "54109") * 2:
        answer(scene, code, "row")
    assert [one[0] for one in scene.done] == ["clock", "instruments"]
    assert alarms(scene) == ["okx_54109"]
    scene.clock[0] += 60
    for code in ("50036", "51001", "54109"):
        answer(scene, code, "row")
    assert [one[0] for one in scene.done] == ["clock", "instruments"] * 2
    assert alarms(scene) == ["okx_54109"] * 2


def test_a_gone_order_is_named(scene: Any) -> None:
    answer(scene, "51400", "row", op="cancel-order", ordId="77")
    assert scene.done == [("ask_order", "77", "")]
