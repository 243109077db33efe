"""A line per event, in columns that a trader can read; coloured if the output is a terminal."""

from datetime import UTC, datetime
from typing import Any, TextIO

from gateway.client import (
    Ack,
    Alarm,
    Fill,
    Gap,
    GatewayState,
    HelloRefused,
    Item,
    NewSession,
    OrderEvent,
    Resolved,
    Silence,
)

LABEL_WIDTH = 18  # "< partially_filled"
HEADER = f"{'time':12}  {'event':{LABEL_WIDTH}}  {'request':9}  {'order':20}  details"

GREEN, RED, YELLOW, CYAN, DIM = "32", "31", "33", "36", "2"
STATE_COLOURS = {"filled": GREEN, "partially_filled": GREEN, "canceled": DIM}
RESULT_COLOURS = {"accepted": "", "rejected": RED, "unknown": YELLOW}


class EventTable:
    """Prints to `stream`: requests as they are sent, events as they arrive."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colours = stream.isatty()
        self._print("", HEADER)
        self._print("", "-" * len(HEADER) + "-" * 30)

    def sent(self, op: str, name: str, row: dict[str, Any]) -> None:
        """Show one row of a request that is sent now; `name` is its `row_name`."""
        details = " ".join(
            str(row[key]) for key in ("side", "newSz", "sz", "instId", "ordType") if row.get(key) is not None
        )
        px = row.get("newPx") or row.get("px")
        self._line(f"> {op}", name, "", details + (f" at {px}" if px else ""), CYAN)

    def on(self, item: Item) -> None:
        """Show one item of the client."""
        if isinstance(item, Ack):
            for row in item.rows:
                why = " ".join(filter(None, (row.reason, row.s_code if row.s_code != "0" else "", row.msg)))
                details = f"{row.result} by {row.origin}" + (f": {why}" if row.result != "accepted" else "")
                name = row_name(item.id, row.row, len(item.rows))
                self._line("< ack", name, row.ord_id, details, RESULT_COLOURS.get(row.result, ""))
        elif isinstance(item, Resolved):
            details = f"{item.result}, proven by {item.proof}"
            self._line("< resolved", row_name(item.id, item.row), item.ord_id, details, YELLOW)
        elif isinstance(item, Fill):
            who = {"M": "maker", "T": "taker"}.get(item.exec_type, item.exec_type)
            details = f"{item.side} {item.fill_sz} at {item.fill_px}, {who}, fee {item.fill_fee} {item.fill_fee_ccy}"
            self._line("< fill", row_name(item.id, item.row), item.ord_id, details, GREEN)
        elif isinstance(item, OrderEvent):
            details = f"filled {item.acc_fill_sz}" + (f", {item.reason}" if item.reason else "")
            colour = STATE_COLOURS.get(item.state, "")
            self._line(f"< {item.state}", row_name(item.id, item.row), item.ord_id, details, colour)
        elif isinstance(item, GatewayState):
            self._line("< gateway", "", "", f"{item.state} {item.reason}".rstrip(), DIM)
        elif isinstance(item, Gap | NewSession | Silence | HelloRefused | Alarm):
            self._line("! trouble", "", "", str(item), RED)

    def note(self, text: str) -> None:
        """Show the next step of the strategy."""
        self._print("1", f"\n{text}")

    def _line(self, label: str, name: str, ord_id: str, details: str, colour: str) -> None:
        now = datetime.now(UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
        self._print(colour, f"{now:12}  {label:{LABEL_WIDTH}}  {name:9}  {ord_id:20}  {details}")

    def _print(self, colour: str, text: str) -> None:
        if self._colours and colour:
            text = f"\x1b[{colour}m{text}\x1b[0m"
        print(text, file=self._stream, flush=True)


def row_name(request_id: str, row: int, rows: int = 1) -> str:
    """Return the short name of a row: its request's number in this process, and its row unless that is the first."""
    number = request_id.rpartition("-")[2]
    if not number:
        return ""
    return f"#{number}.{row}" if rows > 1 or row > 0 else f"#{number}"
