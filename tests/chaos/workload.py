"""Pure. The requests of a strategy of the campaign: every kind of order, amends, cancels, batches, repeats and garbage, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

ORD_TYPES = ("limit", "limit", "limit", "limit", "post_only", "ioc", "fok", "market")
BULK = 60_000
GARBAGE = (
    b"{", b"[]", b"nonsense", b"\xff\xfe", b'{"id":"g1"}', b'{"id":"g2","op":"order"}', b'{"op":"order","args":[{}]}',
    b'{"id":"g3","id":"g3","op":"order","args":[{}]}', b'{"id":"g4","op":"dance","args":[{}]}', b'{"id":5,"op":"order","args":[{}]}',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Product:
    """A traded instrument, and the steps that the exchange allows."""

    inst_id: str
    td_mode: str
    px: Decimal
    tick: Decimal
    lot: Decimal
    lots_max: int


PRODUCTS = (
    Product("BTC-USDT", "cash", Decimal(100_000), Decimal("0.1"), Decimal("0.001"), 20),
    Product("ETH-USDT", "cash", Decimal(4_000), Decimal("0.01"), Decimal("0.01"), 50),
    Product("BTC-USDT-SWAP", "cross", Decimal(100_000), Decimal("0.1"), Decimal(1), 5),
    Product("ETH-USDT-SWAP", "cross", Decimal(4_000), Decimal("0.01"), Decimal(1), 5),
)
BY_INST_ID = {product.inst_id: product for product in PRODUCTS}


class Workload:
    """One strategy's requests. `live` maps the ordId of each of its open orders to {instId, clOrdId, side, px, sz}."""

    def __init__(self, seed: str, name: str, run: int, *, algos: bool = False) -> None:
        self._random = random.Random(f"{seed}/{name}/{run}")
        self._prefix = f"{name}{run}"
        self._count = 0
        self._sent: list[Json] = []
        self._actions: tuple[tuple[int, Callable[[dict[str, Json]], Json | None]], ...] = (
            (34, self._order),
            (8, self._batch_orders),
            (14, self._cancel),
            (4, self._batch_cancel),
            (4, self._cancel_by_request),
            (14, self._amend),
            (4, self._batch_amend),
            (6, self._repeat),
            (5, self._wrong_order),
            (1, self._cancel_all),
            *(((5, self._algo), (3, self._cancel_algo)) if algos else ()),
        )

    def next_request(self, live: dict[str, Json]) -> Json | None:
        """A request, without `gw.sentNs`; None if the drawn action fits no order."""
        weights = [weight for weight, _ in self._actions]
        ((_, action),) = self._random.choices(self._actions, weights)
        request = action(live)
        if request is not None and request["op"] != "cancel-all" and request not in self._sent:
            self._sent.append(request)
        return request

    def wants_garbage(self) -> bool:
        return self._random.random() < 0.02

    def garbage(self) -> bytes:
        return self._random.choice(GARBAGE)

    def pause_s(self) -> float:
        """Mostly a trickle, now and then a burst."""
        return 0.0 if self._random.random() < 0.2 else self._random.expovariate(25)

    def next_id(self) -> str:
        self._count += 1
        return f"{self._prefix}-{self._count}"

    def _request(self, op: str, rows: list[Json]) -> Json:
        gw: Json = {"maxWaitMs": self._random.choice((0, 200, 1_000, 3_000, 3_000))}
        if self._random.random() < 0.2:
            gw["receipt"] = True
        return {"id": self.next_id(), "op": op, "args": rows, "gw": gw}

    # --- placing

    def _row(self, product: Product | None = None) -> Json:
        """Now and then with a stop-loss, far away: such an order goes by REST."""
        draw = self._random
        product = product or draw.choice(PRODUCTS)
        side, ord_type = draw.choice(("buy", "sell")), draw.choice(ORD_TYPES)
        row = {
            "instId": product.inst_id,
            "tdMode": product.td_mode,
            "side": side,
            "ordType": ord_type,
            "sz": str(product.lot * draw.randint(1, product.lots_max)),
        }
        if ord_type != "market":
            row["px"] = self._px(product, side)
        elif product.td_mode == "cash":
            row["tgtCcy"] = "base_ccy"
        if draw.random() < 0.2:
            row["clOrdId"] = self._name("c")
        if draw.random() < 0.04:
            row["attachAlgoOrds"] = [
                {"slTriggerPx": str(product.px / 2 if side == "buy" else product.px * 2), "slOrdPx": "-1"}
            ]
        return row

    def _px(self, product: Product, side: str) -> str:
        """Far from the market, near it, or through it."""
        away = self._random.choice(
            (self._random.randint(500, 4_000), self._random.randint(0, 25), -self._random.randint(0, 60))
        )
        ticks = -away if side == "buy" else away
        return str(product.px + product.tick * ticks)

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._prefix}x{self._count}"

    def _order(self, live: dict[str, Json]) -> Json:
        return self._request("order", [self._row()])

    def _batch_orders(self, live: dict[str, Json]) -> Json:
        return self._request("batch-orders", [self._row() for _ in range(self._random.randint(2, 6))])

    def _wrong_order(self, live: dict[str, Json]) -> Json:
        """Refused by the gateway or by the exchange, alone or among good ones."""
        row = self._row(BY_INST_ID["BTC-USDT"])
        spoil: Json = self._random.choice(
            ({"ordType": "limit", "px": "99000.123"}, {"sz": "0.0000001"}, {"instId": "NO-SUCH"}, {"side": "up"}, {"sz": ""},
             {"ordType": "limit", "px": "1"}, {"sz": "9000000"})
        )  # fmt: skip
        rows = [self._row(), {**row, **spoil}] if self._random.random() < 0.3 else [{**row, **spoil}]
        return self._request("batch-orders" if len(rows) > 1 else "order", rows)

    def bulky_order(self) -> Json:
        """Near the size limit of requests; the exchange refuses its price."""
        row = {**self._row(BY_INST_ID["BTC-USDT"]), "ordType": "limit", "px": "-1", "note": "x" * BULK}
        return {**self._request("order", [row]), "gw": {"maxWaitMs": 0}}

    # --- algo orders

    def _algo(self, live: dict[str, Json]) -> Json:
        """Of every type; some trigger at the next trades, some never."""
        draw = self._random
        product = draw.choice([one for one in PRODUCTS if one.td_mode == "cross"])
        side = draw.choice(("buy", "sell"))
        row = {
            "instId": product.inst_id,
            "tdMode": product.td_mode,
            "side": side,
            "sz": str(product.lot * draw.randint(1, 3)),
        }
        off = product.tick * draw.choice((5, 20, 4_000))
        below, above = str(product.px - off), str(product.px + off)
        stop, profit = (below, above) if side == "sell" else (above, below)
        kinds: dict[str, Json] = {
            "conditional": {"slTriggerPx": stop, "slOrdPx": "-1"},
            "oco": {"slTriggerPx": stop, "slOrdPx": "-1", "tpTriggerPx": profit, "tpOrdPx": "-1"},
            "trigger": {"triggerPx": stop, "orderPx": draw.choice(("-1", profit))},
            "move_order_stop": {"callbackRatio": draw.choice(("0.001", "0.05"))},
        }
        kind = draw.choice(sorted(kinds))
        if draw.random() < 0.2:
            row["algoClOrdId"] = self._name("s")
        return self._request("order-algo", [{**row, "ordType": kind, **kinds[kind]}])

    def _cancel_algo(self, live: dict[str, Json]) -> Json | None:
        placed = [one for one in self._sent[-100:] if one["op"] == "order-algo"]
        if not placed:
            return None
        chosen = self._random.sample(placed, min(len(placed), self._random.randint(1, 3)))
        rows = [{"instId": one["args"][0]["instId"], "gw": {"id": one["id"]}} for one in chosen]
        return self._request("cancel-algos", rows)

    # --- about orders

    def _named(self, live: dict[str, Json], ord_id: str) -> Json:
        order = live[ord_id]
        if order["clOrdId"] and self._random.random() < 0.4:
            return {"instId": order["instId"], "clOrdId": order["clOrdId"]}
        return {"instId": order["instId"], "ordId": ord_id}

    def _some(self, live: dict[str, Json], most: int) -> list[str]:
        return self._random.sample(sorted(live), min(len(live), self._random.randint(1, most)))

    def _cancel(self, live: dict[str, Json]) -> Json | None:
        return self._request("cancel-order", [self._named(live, one) for one in self._some(live, 1)]) if live else None

    def _batch_cancel(self, live: dict[str, Json]) -> Json | None:
        return (
            self._request("batch-cancel-orders", [self._named(live, one) for one in self._some(live, 8)])
            if live
            else None
        )

    def _cancel_by_request(self, live: dict[str, Json]) -> Json | None:
        """Of an order just asked for, which can still wait inside the gateway or be in flight."""
        placed = next((one for one in reversed(self._sent[-3:]) if one["op"] in ("order", "batch-orders")), None)
        if placed is None:
            return None
        row = self._random.randrange(len(placed["args"]))
        return self._request(
            "cancel-order", [{"instId": placed["args"][row]["instId"], "gw": {"id": placed["id"], "row": row}}]
        )

    def _amendment(self, live: dict[str, Json], ord_id: str) -> Json:
        """Now and then to the order's current values."""
        order = live[ord_id]
        product = BY_INST_ID[order["instId"]]
        row = {**self._named(live, ord_id), "reqId": self._name("r")}
        px, lots = self._px(product, order["side"]), self._random.randint(1, product.lots_max)
        row["newPx"] = order["px"] if self._random.random() < 0.1 else px
        if self._random.random() < 0.4:
            row["newSz"] = order["sz"] if row["newPx"] == order["px"] else str(product.lot * lots)
        return row

    def _amend(self, live: dict[str, Json]) -> Json | None:
        return self._amends("amend-order", live, 1)

    def _batch_amend(self, live: dict[str, Json]) -> Json | None:
        return self._amends("batch-amend-orders", live, 5)

    def _amends(self, op: str, live: dict[str, Json], most: int) -> Json | None:
        priced = {ord_id: order for ord_id, order in live.items() if order["px"]}  # a market order has no price
        rows = [self._amendment(priced, one) for one in self._some(priced, most)]
        return self._request(op, rows) if rows else None

    def _cancel_all(self, live: dict[str, Json]) -> Json:
        return {"id": self.next_id(), "op": "cancel-all", "args": [{}]}

    def _repeat(self, live: dict[str, Json]) -> Json | None:
        """A request that was sent before, under its own id."""
        return self._random.choice(self._sent[-20:]) if self._sent else None
