"""Pure. A strategy's requests and their results: rows and results, orders and ends, fills, latencies.

The same bookkeeping serves any strategy that follows the protocol: a row has one result, an accepted order one
terminal event, and only fills count quantity.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from gateway.client import Ack, Event, Fill, Gap, HelloRefused, Item, NewSession, OrderEvent, Resolved, Silence

RowKey = tuple[str, int]  # request id, row

PLACES = ("order", "batch-orders")


@dataclass(slots=True)
class SentRow:
    """One row of a request. `result` is "" until there is one; `may_fail`: a refusal is expected."""

    id: str
    row: int
    op: str
    may_fail: bool
    result: str = ""
    origin: str = ""
    reason: str = ""
    s_code: str = ""
    ord_id: str = ""


@dataclass(slots=True)
class KnownOrder:
    """An order that was accepted or has an event; `state` is "" until the first event."""

    ord_id: str
    inst_id: str = ""
    state: str = ""
    acc_fill_sz: str = "0"
    reason: str = ""
    terminal_events: int = 0


@dataclass(frozen=True, slots=True)
class Latency:
    """The stamps of one acknowledged request, Unix ns by this machine's clock."""

    op: str
    client_sent_ns: int
    recv_ns: int
    sent_ns: int
    venue_ns: int
    pub_ns: int
    client_recv_ns: int


@dataclass(slots=True)
class OrderRecords:
    """Everything that one run of a strategy has sent and received."""

    rows: dict[RowKey, SentRow] = field(default_factory=dict)
    orders: dict[str, KnownOrder] = field(default_factory=dict)
    fills: dict[tuple[str, str, str], Fill] = field(default_factory=dict)
    latencies: list[Latency] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    _sent_ns: dict[str, int] = field(default_factory=dict)

    def sent(self, request_id: str, op: str, rows: int, sent_ns: int, may_fail: bool = False) -> None:
        """Note a request that is being sent; `sent_ns` is Unix ns just before it was sent."""
        self._sent_ns[request_id] = sent_ns
        for row in range(rows):
            self.rows[request_id, row] = SentRow(request_id, row, op, may_fail)

    def on(self, item: Item, now_ns: int) -> None:
        """Take one item of the client, read at `now_ns`."""
        if isinstance(item, Ack):
            self._on_ack(item, now_ns)
        elif isinstance(item, Resolved):
            self._on_result(item.id, item.row, item.result, item.ord_id)
        elif isinstance(item, Fill):
            self._on_fill(item)
        elif isinstance(item, OrderEvent):
            self._on_order(item)
        elif isinstance(item, Gap | NewSession | Silence | HelloRefused):
            self.troubles.append(str(item))

    def waiting_rows(self) -> list[SentRow]:
        """Rows without a result, or with one that is not proven yet."""
        return [row for row in self.rows.values() if row.result in ("", "unknown")]

    def open_orders(self) -> list[str]:
        """Orders (`ordId`) that have not ended."""
        return [ord_id for ord_id, order in self.orders.items() if not order.terminal_events]

    def ord_id(self, request_id: str, row: int = 0) -> str:
        """Return the `ordId` of a placed row, "" if it has none yet."""
        return self.rows[request_id, row].ord_id

    def report(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "rows": [asdict(row) for row in self.rows.values()],
            "orders": [asdict(order) for order in self.orders.values()],
            "fills": [_without_raw(fill) for fill in self.fills.values()],
            "latencies": [asdict(latency) for latency in self.latencies],
            "troubles": self.troubles,
        }

    def _on_ack(self, ack: Ack, now_ns: int) -> None:
        for row in ack.rows:
            known = self._on_result(ack.id, row.row, row.result, row.ord_id)
            if known is not None:
                known.origin, known.reason, known.s_code = row.origin, row.reason, row.s_code
        gw, client_sent_ns = ack.gw, self._sent_ns.get(ack.id)
        if client_sent_ns and gw.recv_ns and gw.sent_ns and gw.venue_ns and gw.pub_ns:
            stamps = (client_sent_ns, gw.recv_ns, gw.sent_ns, gw.venue_ns, gw.pub_ns, now_ns)
            self.latencies.append(Latency(ack.op, *stamps))

    def _on_result(self, request_id: str, row: int, result: str, ord_id: str) -> SentRow | None:
        known = self.rows.get((request_id, row))
        if known is None:  # a cancel of cancel-all, whose requests the gateway makes
            return None
        if known.result not in ("", "unknown"):
            self.troubles.append(f"second result for {request_id} row {row}: {result} after {known.result}")
        known.result, known.ord_id = result, ord_id or known.ord_id
        if result == "accepted" and known.op in PLACES:
            self._order(known.ord_id)
        return known

    def _on_fill(self, fill: Fill) -> None:
        key = (fill.inst_id, fill.ord_id, fill.trade_id)
        if key in self.fills:
            self.troubles.append(f"fill published twice: {key}")
        self.fills[key] = fill
        self._order(fill.ord_id)

    def _on_order(self, event: OrderEvent) -> None:
        order = self._order(event.ord_id)
        if order.terminal_events:
            self.troubles.append(f"order {event.ord_id} went on after its end: {event.state}")
        order.inst_id, order.state, order.acc_fill_sz = event.inst_id, event.state, event.acc_fill_sz
        order.reason = event.reason
        order.terminal_events += event.terminal

    def _order(self, ord_id: str) -> KnownOrder:
        return self.orders.setdefault(ord_id, KnownOrder(ord_id))


def _without_raw(event: Event) -> dict[str, Any]:
    values = asdict(event)
    del values["raw"]
    return values
