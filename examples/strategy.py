"""A sample strategy: it rests, amends and cancels orders, takes, makes, and is refused, through the gateway's client.

    python examples/strategy.py SOCKETS_DIR --inst-id BTC-USDT --sz 0.0001

It trades for real if the gateway does: about ten times `--sz` each way. Prices come from OKX's public REST ticker.
"""

import argparse
import json
import sys
import time
import urllib.request
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

# These modules are beside this file, so it can run from any directory.
from event_table import EventTable, row_name
from order_records import OrderRecords

from gateway.client import GatewayClient

# Longest wait of a request inside the gateway for OKX's rate limit; right after its start the gateway counts the
# limit as used.
MAX_WAIT_MS = 5_000
CONNECT_S = 15.0
RESULT_S = 8.0
FILL_S = 1.0
MAKE_TURNS = 3
MAKE_TURNS_MAX = 6  # stop then, even if the market has taken nothing
HTTP_S = 5.0


class Strategy:
    """One run of the sample. Raises `TimeoutError` if an expected event does not arrive."""

    def __init__(self, client: GatewayClient, table: EventTable, rest_url: str, inst_id: str, sz: str) -> None:
        self.records = OrderRecords()
        self._client = client
        self._table = table
        self._rest_url = rest_url
        self._inst_id = inst_id
        self._sz = sz
        self._tick = Decimal(self._public("instruments", instType="SPOT")["tickSz"])

    def run(self) -> None:
        """Trade, then leave nothing behind."""
        self._until(lambda: self._client.ready, "the gateway to be ready", RESULT_S)
        self._rest_amend_cancel()
        self._batches()
        self._take()
        self._make()
        self._be_refused()
        self.clean_up()

    def clean_up(self) -> None:
        """Cancel all open orders and wait until every row has its result and every order its end."""
        self._table.note("Cancel all open orders")
        result = self._client.cancel_all()
        self._table.note(f"cancel-all: {result.cancelled} cancels sent, {result.withdrawn} withdrawn")
        self._until(lambda: not self.records.waiting_rows() and not self.records.open_orders(), "all ends", RESULT_S)

    def _rest_amend_cancel(self) -> None:
        self._table.note("Rest an order far from the market, move it, halve it, cancel it")
        bid, _ = self._best()
        for step in range(4):
            px = self._px(bid * Decimal("0.95") - step)
            order = self._send("order", **self._order("buy", px))
            self._results()
            self._send("amend", instId=self._inst_id, gw={"id": order}, newPx=self._px(Decimal(px) - 10))
            self._results()
            self._send("amend", instId=self._inst_id, ordId=self.records.ord_id(order), newSz=self._part(2))
            self._results()
            self._send("cancel", instId=self._inst_id, ordId=self.records.ord_id(order))
            self._results()

    def _batches(self) -> None:
        self._table.note("The same with a batch of four, in one request each")
        _, ask = self._best()
        rows = [self._order("sell", self._px(ask * Decimal("1.05") + step)) for step in range(4)]
        batch = self._send_rows("batch_orders", rows)
        self._results()
        named = [{"instId": self._inst_id, "ordId": self.records.ord_id(batch, row)} for row in range(4)]
        self._send_rows("batch_amend", [{**row, "newSz": self._part(2)} for row in named])
        self._results()
        self._send_rows("batch_cancel", named[:3])  # cancel-all cancels the fourth
        self._results()

    def _take(self) -> None:
        self._table.note("Take from the book: limit orders through the spread, and a market order")
        for side in ("buy", "sell", "buy"):
            bid, ask = self._best()
            px = self._px(ask * Decimal("1.001") if side == "buy" else bid * Decimal("0.999"))
            self._send("order", **self._order(side, px, "ioc"))
            self._results()
        self._send("order", instId=self._inst_id, tdMode="cash", side="sell", ordType="market", sz=self._sz)
        self._results()

    def _make(self) -> None:
        self._table.note("Rest inside the spread on both sides, for the market to take")
        for turn in range(MAKE_TURNS_MAX):
            if turn >= MAKE_TURNS and self._made():
                return
            bid, ask = self._best()
            buy = self._send("order", **self._order("buy", self._px(bid + self._tick), "post_only"))
            sell = self._send("order", **self._order("sell", self._px(ask - self._tick), "post_only"))
            self._results()
            ids = [self.records.ord_id(request_id) for request_id in (buy, sell)]
            self._wait_for_ends(ids)

    def _made(self) -> bool:
        return any(fill.exec_type == "M" for fill in self.records.fills.values())

    def _wait_for_ends(self, ids: list[str]) -> None:
        """Give the market a while to take resting orders; one that the market left behind is cancelled."""
        try:
            self._until(lambda: not set(ids) & set(self.records.open_orders()), "fills", FILL_S)
        except TimeoutError:
            for ord_id in set(ids) & set(self.records.open_orders()):
                self._send("cancel", instId=self._inst_id, ordId=ord_id, may_fail=True)
            self._results()

    def _be_refused(self) -> None:
        self._table.note("Be refused: by the gateway, by OKX; and a post-only order that would take")
        _, ask = self._best()
        self._send("order", **{**self._order("buy", "1"), "instId": "BTC-NOWHERE"}, may_fail=True)
        self._send("order", **{**self._order("buy", self._px(ask)), "sz": "0.000000001"}, may_fail=True)
        self._send("order", **self._order("buy", self._px(ask * Decimal("1.001")), "post_only"))
        self._results()

    def _order(self, side: str, px: str, ord_type: str = "limit") -> dict[str, Any]:
        row = {"instId": self._inst_id, "tdMode": "cash", "side": side, "ordType": ord_type}
        return {**row, "px": px, "sz": self._sz}

    def _send(self, name: str, may_fail: bool = False, **row: Any) -> str:
        sent_ns = time.time_ns()
        request_id: str = getattr(self._client, name)(**row, max_wait_ms=MAX_WAIT_MS)
        self.records.sent(request_id, name, 1, sent_ns, may_fail)
        self._table.sent(name, row_name(request_id, 0), row)
        return request_id

    def _send_rows(self, name: str, rows: list[dict[str, Any]]) -> str:
        sent_ns = time.time_ns()
        request_id: str = getattr(self._client, name)(rows, max_wait_ms=MAX_WAIT_MS)
        op = name.replace("_", "-")
        self.records.sent(request_id, op, len(rows), sent_ns)
        for number, row in enumerate(rows):
            self._table.sent(op, row_name(request_id, number, len(rows)), row)
        return request_id

    def _results(self) -> None:
        self._until(lambda: not self.records.waiting_rows(), "a result for every row", RESULT_S)

    def _until(self, condition: Callable[[], bool], goal: str, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            remaining_s = deadline - time.monotonic()
            if remaining_s <= 0:
                raise TimeoutError(f"waited {timeout_s} s without result for {goal}")
            item = self._client.next_event(min(remaining_s, 0.2))
            if item is not None:
                self.records.on(item, time.time_ns())
                self._table.on(item)

    def _best(self) -> tuple[Decimal, Decimal]:
        ticker = self._public("ticker")
        return Decimal(ticker["bidPx"]), Decimal(ticker["askPx"])

    def _px(self, px: Decimal) -> str:
        return format(px // self._tick * self._tick, "f")

    def _part(self, divisor: int) -> str:
        return format(Decimal(self._sz) / divisor, "f")

    def _public(self, goal: str, **query: str) -> dict[str, Any]:
        path = "market/ticker" if goal == "ticker" else "public/instruments"
        text = "&".join(f"{key}={value}" for key, value in {"instId": self._inst_id, **query}.items())
        with urllib.request.urlopen(f"{self._rest_url}/api/v5/{path}?{text}", timeout=HTTP_S) as response:
            row: dict[str, Any] = json.load(response)["data"][0]
            return row


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A sample strategy that trades through the gateway.")
    parser.add_argument("directory", type=Path, help="the gateway's sockets directory")
    parser.add_argument("--strategy", default="sample", help="name to trade under (default: %(default)s)")
    parser.add_argument("--rest", default="https://openapi.okx.com", help="OKX's public REST (default: %(default)s)")
    parser.add_argument("--inst-id", default="BTC-USDT", help="a spot instrument (default: %(default)s)")
    parser.add_argument("--sz", default="0.0001", help="size of each order (default: %(default)s)")
    parser.add_argument("--report", type=Path, help="write all sent and received messages to this file, as JSON")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    with GatewayClient.connect(
        arguments.directory, strategy=arguments.strategy, owners=["gateway"], timeout_s=CONNECT_S
    ) as client:
        strategy = Strategy(client, EventTable(sys.stdout), arguments.rest, arguments.inst_id, arguments.sz)
        try:
            strategy.run()
        except TimeoutError as error:
            print(f"strategy: {error}", file=sys.stderr)
            strategy.clean_up()
            return 1
        finally:
            if arguments.report is not None:
                arguments.report.write_text(json.dumps(strategy.records.report()))
    return 1 if strategy.records.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
