"""What a run reads back from the journal is what the run before it knew: compared after random histories, member by member."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway._fast.control.rest import RestControl
from gateway._fast.journal.writer import Journal
from gateway._fast.ports.recorders import RecordingRestSink
from gateway.journal.format import header_template
from gateway.journal.recovery import recover
from gateway.journal.segments import only_records, read_journal

SEGMENT_BYTES = 1 << 20
LIMITS = (100_000,) * 6
BIG = {"limits": LIMITS, "request_capacity": 1_000, "order_capacity": 1_000}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    header = header_template("s", "main", "simulator", SEGMENT_BYTES)
    made = Journal(str(tmp_path), header, SEGMENT_BYTES, 10, False, 1, 1, 1)
    yield made
    made.close()


def recovered(new_rig: Callable[..., Any], directory: Path, **more: Any) -> Any:
    rig = new_rig(**{**BIG, **more})
    alarms: list[tuple[str, str]] = []
    recovery = recover(directory, rig.trading, ("alpha", "beta"), 1 << 40, lambda *one: alarms.append(one))
    recovery.find_instruments()
    rig.alarms, rig.lacking = alarms, recovery.lacking_fills()
    return rig


class History:
    """Orders, answers, pushes, cancels and amends as they come; every id is kept."""

    def __init__(self, rig: Any, seed: int) -> None:
        self.rig, self.rng = rig, random.Random(seed)
        self.ids: list[str] = []
        self.live: dict[str, dict[str, Any]] = {}  # by ordId
        self.trades = 0

    def step(self) -> None:
        self.rng.choice((self.place, self.place, self.batch, self.push, self.push, self.cancel, self.amend, self.odd))()

    def new_id(self) -> str:
        self.ids.append(f"r{len(self.ids)}")
        return self.ids[-1]

    def place(self) -> None:
        own = {"clOrdId": f"own{len(self.ids)}"} if self.rng.random() < 0.5 else {}
        self.rig.send(self.rig.order(self.new_id(), **own))
        self.answer()

    def batch(self) -> None:
        count = self.rng.randrange(2, 5)
        self.rig.send(self.rig.batch(self.new_id(), *(f"b{len(self.ids)}x{n}" for n in range(count))))
        self.answer()

    def answer(self) -> None:
        """Most are accepted, some refused, some never answered."""
        sent, fate = self.rig.frames[-1], self.rng.random()
        if fate < 0.15:
            return
        items = []
        for row in sent["args"]:
            cl_ord_id, ord_id = row["clOrdId"], str(10_000 + len(self.live) + len(self.ids) * 100 + len(items))
            if fate < 0.3:
                items.append(
                    {"clOrdId": cl_ord_id, "ordId": "", "sCode": "51008", "sMsg": "Insufficient balance", "tag": ""}
                )
                continue
            items.append({"clOrdId": cl_ord_id, "ordId": ord_id, "sCode": "0", "sMsg": "", "tag": ""})
            self.live[ord_id] = {"clOrdId": cl_ord_id, "filled": 0, "u": 1_700_000_000_000}
        self.rig.ack(sent["id"], sent["op"], *items, code="0" if fate >= 0.3 else "1")

    def push(self) -> None:
        if not self.live:
            return
        ord_id = self.rng.choice(sorted(self.live))
        order = self.live[ord_id]
        order["u"] += 1
        news = {"ordId": ord_id, "clOrdId": order["clOrdId"], "sz": "0.01", "uTime": str(order["u"])}
        kind = self.rng.choice(("live", "fill", "filled", "canceled"))
        if kind in ("fill", "filled"):
            self.trades += 1
            size = 1 if kind == "fill" and order["filled"] < 8 else 10 - order["filled"]
            order["filled"] += size
            news |= {"tradeId": str(self.trades), "fillSz": f"0.{size:03}", "fillPx": "20000"}
        state = "partially_filled" if order["filled"] else "live"
        if kind == "canceled" or order["filled"] == 10:
            state = "filled" if order["filled"] == 10 else "canceled"
            del self.live[ord_id]
        self.rig.push(state=state, accFillSz=f"0.{order['filled']:03}", **news)

    def cancel(self) -> None:
        if self.live:
            ord_id = self.rng.choice(sorted(self.live))
            self.rig.send(self.rig.cancel(self.new_id(), ordId=ord_id))
            if self.rng.random() < 0.7:
                self.rig.accept()

    def amend(self) -> None:
        if self.live:
            ord_id = self.rng.choice(sorted(self.live))
            named = {"ordId": ord_id} if self.rng.random() < 0.5 else {"clOrdId": self.live[ord_id]["clOrdId"]}
            self.rig.send(self.rig.amend(self.new_id(), **named))
            if self.rng.random() < 0.7:
                self.rig.accept()

    def odd(self) -> None:
        self.rig.send(self.rig.order(self.new_id(), sz=""))


def known(rig: Any, ids: list[str]) -> dict[str, Any]:
    """All that can be asked of the tables."""
    rig.reply_sink.replies.clear()
    for request_id in ids:
        rig.send(rig.order(request_id))
    return {
        # uTime: of a push that told nothing new there is no event
        "orders": [{k: v for k, v in order.items() if k != "uTime"} for order in rig.api.open_orders()],
        "unknown": [{k: v for k, v in row.items() if k not in ("ageMs", "sentMs")} for row in rig.api.unknown_rows()],
        "results": rig.replies,
        "last": rig.api.last_request_id(rig.alpha),
        "fills": [rig.api.knows_fill("BTC-USDT", order["ordId"], "1") for order in rig.api.open_orders()],
    }


@pytest.mark.parametrize("seed", range(12))
def test_after_any_history_the_next_run_knows_the_same(
    new_rig: Any, journal: Journal, tmp_path: Path, seed: int
) -> None:
    """What is still on its way is then unknown, as when the connection is lost."""
    before = new_rig(journal=journal, **BIG)
    history = History(before, seed)
    for _ in range(60):
        history.step()
    after = recovered(new_rig, tmp_path)
    before.api.connection_lost()
    expected, found = known(before, history.ids), known(after, history.ids)
    by_id = {"unknown": lambda row: (row["id"], row["row"]), "orders": lambda order: (order["id"], order["row"])}
    for name, key in by_id.items():
        assert sorted(found.pop(name), key=key) == sorted(expected.pop(name), key=key)
    assert found == expected
    assert all(answer["duplicate"] for answer in found["results"])
    assert after.alarms == []


def test_no_fill_and_no_end_is_told_again(new_rig: Any, journal: Journal, tmp_path: Path) -> None:
    before = new_rig(journal=journal, **BIG)
    before.send(before.order("o1", clOrdId="A1"))
    before.accept(-1, "801")
    part = {"state": "partially_filled", "accFillSz": "0.004", "fillSz": "0.004", "tradeId": "7", "fillPx": "20000"}
    end = {"state": "canceled", "accFillSz": "0.004"}
    before.push(clOrdId="A1", ordId="801", **part)
    after = recovered(new_rig, tmp_path)
    after.push(clOrdId="A1", ordId="801", **part)
    assert after.events == []
    after.push(clOrdId="A1", ordId="801", **end)
    before.push(clOrdId="A1", ordId="801", **end)
    assert [(topic, event["id"], event["state"]) for topic, event in after.events] == [
        ("alpha.order", "o1", "canceled")
    ]
    last = recovered(new_rig, tmp_path)
    last.push(clOrdId="A1", ordId="801", **end)
    assert last.events == [] and last.api.open_orders() == []


def test_what_was_told_while_the_journal_had_no_room_may_be_told_again_and_says_so(
    new_rig: Any, journal: Journal, tmp_path: Path, wire: Any
) -> None:
    """Also where there was room again before the end: the LOST and RESUMED records of docs/journal.md stand around it."""
    rig = new_rig(journal=journal, **BIG)
    rig.send(rig.order("o1", clOrdId="A1"))
    rig.accept(-1, "801")
    rig.send(rig.cancel("c1", ordId="801"))
    journal.note(6, (1).to_bytes(8, "little"))
    journal.note(7, (3).to_bytes(8, "little"))
    after = recovered(new_rig, tmp_path)
    assert [reason for reason, _ in after.alarms] == ["journal_lost"]
    (ack,) = after.on("alpha.ack")
    assert (ack["id"], ack["data"][0]["result"], ack["mayRepeat"]) == ("c1", "unknown", True)
    fill = {**wire.rest_row("A1", "801"), "tradeId": "7", "fillSz": "0.01", "fillPx": "20000", "side": "buy"}
    after.api.reconcile_fills(json.dumps([fill]).encode())
    assert after.on("alpha.fill")[0]["mayRepeat"] is True
    after.send(after.order("o9"))
    assert after.frames[-1]["op"] == "order", "it needs no resume: no new order was taken while there was no room"
    after.api.set_ready(True)
    after.api.reconcile_fills(json.dumps([{**fill, "tradeId": "8"}]).encode())
    assert "mayRepeat" not in after.on("alpha.fill")[1]


def test_what_a_run_told_that_never_had_room_may_be_told_again_and_says_so(
    new_rig: Any, journal: Journal, tmp_path: Path
) -> None:
    """Its journal has nothing of it: the lock file says so."""
    rig = new_rig(journal=journal, **BIG)
    rig.send(rig.order("o1", clOrdId="A1"))
    after, alarms = new_rig(**BIG), []
    recover(tmp_path, after.trading, ("alpha", "beta"), 1 << 40, lambda *one: alarms.append(one), unkept=True)
    assert [reason for reason, _ in alarms] == ["journal_lost"]
    (ack,) = after.on("alpha.ack")
    assert (ack["id"], ack["data"][0]["result"], ack["mayRepeat"]) == ("o1", "unknown", True)


@pytest.mark.parametrize("is_open", [True, False])
def test_fills_that_were_missing_are_missing_still(
    new_rig: Any, journal: Journal, tmp_path: Path, is_open: bool
) -> None:
    """Also of an order that has ended, about which no comparison with OKX asks."""
    before = new_rig(journal=journal, **BIG)
    before.send(before.batch("o1", "A1", "B2"))
    before.accept(-1, "801", "802")
    part = {"state": "partially_filled", "fillPx": "20000", "tradeId": "7", "fillSz": "0.001"}
    before.push(clOrdId="A1", ordId="801", **part, accFillSz="0.004")
    before.push(clOrdId="B2", ordId="802", **part | {"tradeId": "8"}, accFillSz="0.001")
    if not is_open:
        before.push(clOrdId="A1", ordId="801", state="canceled", accFillSz="0.004")
    after = recovered(new_rig, tmp_path)
    assert after.lacking == ["801"]
    assert after.api.find_order("801")["publishedFillSz"] == "0.001000000000000000"


@pytest.mark.parametrize(("px", "results"), [("20001", ["accepted"]), ("20000", [])])
def test_an_unknown_amend_of_an_earlier_run_needs_more_proof_than_this_machine_s_clock(
    new_rig: Any, journal: Journal, tmp_path: Path, px: str, results: list[str]
) -> None:
    """OKX's time of the end lies years before the machine's time of the amend. One that asked for what was stays unknown."""
    before = new_rig(journal=journal, **BIG)
    before.send(before.order("o1", clOrdId="A1"))
    before.accept(-1, "801")
    before.push(clOrdId="A1", ordId="801")
    before.send(before.amend("a1", clOrdId="A1", newPx=px))
    after = recovered(new_rig, tmp_path)
    after.push(clOrdId="A1", ordId="801", px=px, state="canceled")
    told = [event for topic, event in after.events if topic == "alpha.ack" and event["event"] == "resolved"]
    assert [event["result"] for event in told] == results


def test_a_late_ack_of_an_earlier_run_matches_nothing(new_rig: Any, journal: Journal, tmp_path: Path) -> None:
    before = new_rig(journal=journal, **BIG)
    before.send(before.order("o1"))
    sent = before.frames[-1]
    after = recovered(new_rig, tmp_path)
    assert [row["result"] for row in after.rows("o1")] == ["unknown"]
    after.ack(sent["id"], "order", {"clOrdId": sent["args"][0]["clOrdId"], "ordId": "1", "sCode": "0", "sMsg": ""})
    assert after.on("alpha.ack", "resolved") == []


def test_what_went_by_rest_is_unknown_after_a_crash(new_rig: Any, journal: Journal, tmp_path: Path) -> None:
    """Placed, amended and cancelled by REST, none answered: the next run knows their orders, ids and times."""
    before = new_rig(journal=journal, **BIG)
    RestControl(before.api).rest_opened(RecordingRestSink(), True)
    before.send(before.order("o0", clOrdId="A1"))
    before.accept(-1, "801")
    before.push(clOrdId="A1", ordId="801")
    before.send(before.order("o1", attachAlgoOrds=[{"slTriggerPx": "18000", "slOrdPx": "-1"}]))
    attached = [{"attachAlgoId": "5", "newSlTriggerPx": "18500"}]
    before.send(before.amend("a1", ordId="801", newPx="20005", attachAlgoOrds=attached))
    before.api.connection_lost()
    before.send({"id": "c1", "op": "batch-cancel-orders", "args": [{"instId": "BTC-USDT", "ordId": "801"}]})
    after = recovered(new_rig, tmp_path)
    keys = ("id", "op", "instId", "clOrdId", "ordId", "expTimeMs")
    now = [{key: row[key] for key in keys} for row in after.api.unknown_rows()]
    before.api.tick_at(before.now + 60_000_000_000)
    then = [{key: row[key] for key in keys} for row in before.api.unknown_rows()]
    assert sorted(now, key=str) == sorted(then, key=str) and len(now) == 3
    cl_ord_id = next(row["clOrdId"] for row in now if row["id"] == "o1")
    after.push(clOrdId=cl_ord_id, ordId="802")
    assert after.on("alpha.ack", "resolved")[0]["id"] == "o1"


def test_a_cancel_of_what_the_journal_does_not_know_keeps_the_names_under_which_it_went(
    new_rig: Any, journal: Journal, tmp_path: Path
) -> None:
    """Named by a request that was refused while the journal had no room; unanswered, then a crash."""
    before = new_rig(journal=journal, **BIG)
    before.send(before.order("o1", clOrdId="A1"))
    before.send({"id": "c1", "op": "cancel-order", "args": [{"instId": "BTC-USDT", "gw": {"id": "o1"}}]})
    kept = tmp_path / "kept"
    kept.mkdir()
    copy = Journal(
        str(kept), header_template("s", "main", "simulator", SEGMENT_BYTES), SEGMENT_BYTES, 10, False, 1, 1, 1
    )
    records = [
        record
        for record in only_records(read_journal(tmp_path))
        if b'"c1"' in record.payload or b"\x02c1" in record.payload
    ]
    for record in records:
        copy.note(record.kind, record.payload)
    after = recovered(new_rig, kept)
    copy.close()
    assert [(row["id"], row["clOrdId"]) for row in after.api.unknown_rows()] == [("c1", "A1")]


def test_what_has_no_room_is_told(new_rig: Any, journal: Journal, tmp_path: Path) -> None:
    before = new_rig(journal=journal, **BIG)
    for number in range(5):
        before.send(before.order(f"o{number}"))
    after = recovered(new_rig, tmp_path, request_capacity=3)
    ((reason, msg),) = after.alarms
    assert reason == "order_table_full" and msg.startswith("2 requests and orders")


def test_damage_is_passed_over(new_rig: Any, journal: Journal, tmp_path: Path) -> None:
    """Bits flipped anywhere: what is whole is taken, and nothing breaks."""
    before = new_rig(journal=journal, **BIG)
    history = History(before, 3)
    for _ in range(60):
        history.step()
    (file,) = [path for path in sorted(tmp_path.glob("*.journal")) if path.read_bytes().rstrip(b"\0")[512:]][:1]
    whole = file.read_bytes()
    size = len(whole.rstrip(b"\0"))
    rng = random.Random(11)
    for _ in range(20):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(512, size)] ^= 1 << rng.randrange(8)
        (tmp_path / "d").mkdir(exist_ok=True)
        (tmp_path / "d" / file.name).write_bytes(bytes(damaged[: rng.choice((len(damaged), rng.randrange(512, size)))]))
        after = recovered(new_rig, tmp_path / "d")
        assert {order["clOrdId"] for order in after.api.open_orders()}
