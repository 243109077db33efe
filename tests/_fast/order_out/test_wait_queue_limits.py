"""The limit holds: the whole order path against an exchange that counts, by OKX's documents alone, what it gets."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pytest

MS = 1_000_000
WINDOW_MS = 2_000
BATCH_LIMIT = 8
OPTION = "BTC-USD-261225-50000-C"
OTHER_OPTION = "BTC-USD-261225-50000-P"


def at(rig: Any, ms: float) -> int:
    return int(rig.now + ms * MS)


class Counting:
    """What OKX counts, by its documents alone: moments and weights for each of its budgets."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)

    def count(self, frame: dict[str, Any], moment: int) -> None:
        rows = frame["args"]
        kind = frame["op"].replace("batch-", "").replace("orders", "order")
        if kind == "mass-cancel":
            self.counted[("mass",)].append((moment, 1))
            return
        form = "batch" if frame["op"].startswith("batch-") and len(rows) > 1 else "single"
        for row in rows:
            scope = {320001: "BTC-USD", 320002: "BTC-USD"}.get(row["instIdCode"], str(row["instIdCode"]))
            self.counted[form, kind, scope].append((moment, 1))
            if kind != "cancel-order" and row["instIdCode"] not in (10001, 10002):
                self.counted[("sub_account",)].append((moment, 1))

    def check(self) -> set[str]:
        """The kinds of budgets that were used up to their limit."""
        limits = {"order": 2, "cancel-order": 3, "amend-order": 2}
        full = set()
        for budget, moments in self.counted.items():
            limit = {"mass": 1, "sub_account": 4, "batch": BATCH_LIMIT}.get(budget[0]) or limits[budget[1]]
            for start, _ in moments:
                inside = sum(weight for moment, weight in moments if start <= moment < start + WINDOW_MS * MS)
                assert inside <= limit, (budget, inside)
                full |= {budget[0]} if inside == limit else set()
        return full


def random_request(rig: Any, rng: random.Random, number: int) -> dict[str, Any]:
    inst_id = rng.choice(["BTC-USDT", "BTC-USDT-SWAP", OPTION, OTHER_OPTION])
    gw = {"maxWaitMs": rng.choice([0, 500, 5_000, 60_000])}
    count = rng.choice([1, 1, 2, 4])
    kind = rng.choice(["place", "place", "place", "cancel", "amend", "mass"])
    if kind == "mass":
        return {
            "id": f"r{number}",
            "op": "mass-cancel",
            "args": [{"instType": "OPTION", "instFamily": "BTC-USD"}],
            "gw": gw,
        }
    if kind == "place":
        rows = [rig.order("", instId=inst_id, clOrdId=f"n{number}x{row}")["args"][0] for row in range(count)]
        return {
            "id": f"r{number}",
            "op": rng.choice(["batch-orders"] if count > 1 else ["order", "batch-orders"]),
            "args": rows,
            "gw": gw,
        }
    names = [f"n{rng.randrange(max(number, 1))}x{rng.randrange(3)}" for _ in range(count)]
    change = {"newPx": "1"} if kind == "amend" else {}
    op = f"{kind}-order" if count == 1 else f"batch-{kind}-orders"
    return {
        "id": f"r{number}",
        "op": op,
        "args": [{"instId": inst_id, "clOrdId": name, **change} for name in names],
        "gw": gw,
    }


@pytest.mark.parametrize("seed", range(12))
def test_no_window_of_okx_s_sees_more_than_its_limit(new_rig: Any, seed: int) -> None:
    """Random requests of all ops, cancels that withdraw, acks after 1 to 80 ms, counted anywhere between sending and ack."""
    rng = random.Random(seed)
    rig = new_rig(
        window_ns=WINDOW_MS * MS,
        limits=(2, 3, 2, BATCH_LIMIT, 1, 4),
        ack_timeout_ms=3_600_000,
        request_capacity=512,
        order_capacity=512,
        waiting_capacity=256,
    )
    okx, in_flight, known = Counting(), [], 0
    ms, number = 0, 0
    while number < 120 or rig.api.status()["waiting"]:
        ms += rng.choice([1, 5, 40])
        if number < 120 and rng.random() < 0.3:
            rig.send(random_request(rig, rng, number), at=at(rig, ms))
            number += 1
        rig.api.tick_at(at(rig, ms))
        for index in range(known, len(rig.sink.sent)):
            ack_ms = max(ms + rng.randrange(1, 80), in_flight[-1][0] if in_flight else 0)
            in_flight.append((ack_ms, index))
            okx.count(rig.frames[index], at(rig, rng.randrange(ms, ack_ms + 1)))
        known = len(rig.sink.sent)
        while in_flight and in_flight[0][0] <= ms:
            rig.accept(in_flight.pop(0)[1], at=at(rig, ms))
    assert okx.check() >= {"single", "mass", "sub_account"}, "the load was heavy enough to use budgets up"
    told = [body["id"] for body in rig.on("alpha.ack")]
    assert len(told) == len(set(told)) == number - len(in_flight), (
        "every request has its one result, but for those in flight"
    )
