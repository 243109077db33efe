"""Pure. The faults of a run and their times, drawn from the seed and the mix: a seed is a plan."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Draw = random.Random

TRADERS = ("alpha", "beta", "gamma")
SPOT_AND_SWAP = ("BTC-USDT", "ETH-USDT", "BTC-USDT-SWAP", "ETH-USDT-SWAP")
OPS = ("", "order", "batch-orders", "cancel-order", "batch-cancel-orders", "amend-order")
START_MS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """`kind` is a verb of the simulator's control, or one of the campaign's (see `campaign.py`)."""

    at_ms: int
    kind: str
    params: Json

    def __str__(self) -> str:
        return f"{self.at_ms:5} ms  {self.kind} {' '.join(f'{key}={value}' for key, value in self.params.items())}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. `window` is the exchange's limiter: sliding, fixed, or off; `settings` are the gateway's, by section."""

    seed: int
    mix: tuple[str, ...]
    window: str
    steps: tuple[Step, ...]
    safety_ms: int
    settings: Json = field(default_factory=dict)

    def __str__(self) -> str:
        head = f"seed {self.seed}, mix {','.join(self.mix)}, limiter {self.window}, {self.safety_ms} ms of faults"
        return "\n".join([head, str(self.settings), *map(str, self.steps)])


def _counted(draw: Draw) -> Json:
    return {"count": draw.randint(1, 4), "op": draw.choice(OPS)}


def _market(draw: Draw) -> Json:
    inst_id = draw.choice(SPOT_AND_SWAP)
    reference = 100_000 if inst_id.startswith("BTC") else 4_000
    side = draw.choice(("buy", "sell"))
    px = reference * (1.001 if side == "buy" else 0.999)
    return {"inst_id": inst_id, "side": side, "px": f"{px:.0f}", "sz": str(draw.randint(1, 8))}


# Codes with which OKX can answer although it acted (OKX docs, "Error Code"), and one that it does not document.
UNKNOWN_CODES = ("50001", "50004", "50013", "50026", "50042", "51054", "51149", "51412", "64007", "59999")


def _unknown(draw: Draw) -> Json:
    choices = {"code": draw.choice(UNKNOWN_CODES), "form": draw.choice(("frame", "rows"))}
    return {**_counted(draw), **choices, "acts": draw.random() < 0.5}


def _unrecognised(draw: Draw) -> Json:
    return {"count": draw.randint(1, 5), "kind": draw.choice(("unknown_field", "empty_strings", "unknown_enum"))}


def _one(draw: Draw) -> Json:
    return {"count": 1, "op": draw.choice(OPS)}


# By part of a mix: its faults and their parameters.
FAULTS: dict[str, dict[str, Callable[[Draw], Json]]] = {
    "acks": {
        "swallow_acks": _counted,
        "delay_acks": lambda draw: {**_counted(draw), "ms": draw.choice((50, 300, 700))},
        "outcome_unknown": _unknown,
        "push_first": _counted,
        "drop_after_act": lambda draw: {**_one(draw), "pushes": draw.random() < 0.5},
        "drop_before_act": _one,
    },
    "pushes": {
        "duplicate_pushes": lambda draw: {"count": draw.randint(1, 20)},
        "fragment": lambda draw: {"frames": draw.choice((1, 2, 7)), "pings": draw.random() < 0.5},
    },
    "lost-pushes": {
        "lose_pushes": lambda draw: {"count": draw.randint(1, 5)},
    },
    "connections": {
        "drop": lambda draw: {"path": "private"},
        "close": lambda draw: {"path": "private", "code": draw.choice((4006, 1000, 1001, 1011))},
        "notice": lambda draw: {"path": "private", "close_s": draw.choice((0.1, 0.4))},
        "refuse_logins": lambda draw: {"count": 1, "code": "63999"},
    },
    "rest": {
        "rest_delay": lambda draw: {"ms": draw.choice((0, 100, 400))},
        "rest_errors": lambda draw: {
            "count": draw.randint(1, 4),
            "status": draw.choice((500, 502, 503)),
            "acts": draw.random() < 0.5,
            "body": draw.choice(("empty", "html", "text", "json")),
        },
    },
    "processes": {
        "stop_gateway": lambda draw: {"ms": draw.choice((20, 150, 600))},
        "stop_strategy": lambda draw: {"name": draw.choice(TRADERS), "ms": draw.choice((100, 600))},
        "kill_strategy": lambda draw: {"name": draw.choice(TRADERS)},
        "slow_reader": lambda draw: {"topic": draw.choice(("", *TRADERS))},
    },
    "market": {
        "trade": _market,
        "cancel_some_order": lambda draw: {"cancel_source": draw.choice(("2", "6", "20"))},
        "suspend": lambda draw: {"inst_id": draw.choice(SPOT_AND_SWAP), "ms": draw.choice((100, 500))},
    },
    "refusals": {
        "delay_requests": lambda draw: {**_counted(draw), "ms": draw.choice((20, 300, 700))},
        "refuse_requests": lambda draw: {**_counted(draw), "code": "51008", "form": draw.choice(("frame", "rows"))},
        "fail_rows": lambda draw: {"count": 1, "rows": draw.randint(1, 3)},
        "fill_first": lambda draw: {"count": draw.randint(1, 4)},
        "drop_after_ack": _one,
    },
    "unrecognised": {
        "unrecognised_pushes": _unrecognised,
        "rest_unrecognised": lambda draw: {
            **_unrecognised(draw),
            "op": draw.choice(("trade/order", "trade/orders-pending")),
        },
        "relist": lambda draw: {"inst_id": draw.choice(SPOT_AND_SWAP), "inst_id_code": draw.randint(500_000, 2**31)},
    },
    "deaf": {
        "half_open": lambda draw: {"path": "private", "ms": draw.choice((200, 1_000, 3_000))},
        "read_slowly": lambda draw: {"path": "private", "ms": draw.choice((50, 300)), "every_ms": draw.choice((0, 10))},
        "cut_frame": lambda draw: {"count": 1, "bytes": draw.randint(1, 200)},
        "swallow_logins": lambda draw: {"count": 1},
        "refuse_subscriptions": lambda draw: {"count": 1, "path": "private"},
        "swallow_subscriptions": lambda draw: {"count": 1, "path": "private"},
        "kill_subscriptions": lambda draw: {"count": 1, "path": "private"},
    },
    "rest-lies": {
        "rest_refuse": lambda draw: {
            "count": draw.randint(1, 3),
            "code": draw.choice(("50001", "50026")),
            "acts": draw.random() < 0.5,
        },
        "rest_stale": lambda draw: {"for_ms": draw.choice((100, 400, 1_500))},
        "rest_not_found": lambda draw: {"count": draw.randint(1, 4)},
        "rest_empty": lambda draw: {"count": draw.randint(1, 3), "form": draw.choice(("data", "object", "body"))},
        "rest_reset": lambda draw: {
            "count": draw.randint(1, 3),
            "when": draw.choice(("before", "after")),
            "bytes": draw.randint(0, 300),
            "rst": draw.random() < 0.5,
        },
    },
    "crash": {
        "kill_gateway": lambda draw: {},
    },
    "disk": {
        "fill_disk": lambda draw: {"ms": draw.choice((800, 1_500, 2_200)), "name": draw.choice(TRADERS)},
    },
    "late-pushes": {
        "delay_pushes": lambda draw: {"count": draw.randint(1, 10), "ms": draw.choice((20, 200, 600))},
        "reorder_pushes": lambda draw: {"count": draw.randint(1, 5), "behind": draw.randint(1, 4)},
    },
    "algos": {
        "drop": lambda draw: {"path": "business"},
        "half_open": lambda draw: {"path": "business", "ms": draw.choice((200, 1_000))},
    },
}
# With this part the strategies place algo orders, too. Only on request: the proof that one does not exist takes 32 s (docs/protocol.md).
ALGOS = "algos"
DEFAULT_MIX = tuple(part for part in FAULTS if part != ALGOS)
# Mean time between two faults of a part.
GAPS_MS = {
    "acks": 250, "pushes": 300, "lost-pushes": 500, "late-pushes": 400, "connections": 1_800, "rest": 500, "processes": 700, "market": 250,
    "refusals": 400, "unrecognised": 500, "deaf": 2_500, "rest-lies": 800, "crash": 2_000, "disk": 2_500,
    "algos": 2_000,
}  # fmt: skip
# Density of a part in a run: too many faults at once leave no events that could be wrong.
THINNED = (1, 2, 4)


# By section of the gateway's configuration: the values that a seed chooses from.
MODES: dict[str, dict[str, tuple[Any, ...]]] = {
    "rest_orders": {"fallback": ("none", "cancels", "all")},
    "journal": {"durability": ("process", "disk")},
    "session": {"hot_standby": (False, True), "separate_order_entry": (False, True)},
}


def make_plan(seed: int, mix: tuple[str, ...] = DEFAULT_MIX, safety_ms: int = 3_000) -> Plan:
    """ValueError for an unknown part of a mix."""
    for part in mix:
        if part not in FAULTS:
            raise ValueError(f"{part!r} is no part of a mix: there are {', '.join(FAULTS)}")
    draw = random.Random(f"plan/{seed}")
    window = draw.choice(("off", "sliding", "fixed"))
    first_ms = START_MS if window == "off" else START_MS + 2_000  # until then the gateway waits for its first tokens
    steps = []
    for part in mix:
        gap_ms = GAPS_MS[part] * draw.choice(THINNED)
        at = first_ms + draw.expovariate(1 / gap_ms)
        while at < first_ms + safety_ms:
            kind = draw.choice(sorted(FAULTS[part]))
            steps.append(Step(int(at), kind, FAULTS[part][kind](draw)))
            at += draw.expovariate(1 / gap_ms)
    steps.sort(key=lambda step: step.at_ms)
    settings = {
        section: {key: draw.choice(values) for key, values in choices.items()} for section, choices in MODES.items()
    }
    return Plan(seed, mix, window, tuple(steps), first_ms + safety_ms, settings)
