"""Lines of the table."""

import io

from event_table import EventTable, row_name

from gateway.client import Ack, GatewayState, NewSession, OrderEvent, Receipt, Resolved, RowResult, Stamps

HEAD = ("alpha.x", "s1", 1, Stamps(), {})


def lines(*items: object) -> list[str]:
    stream = io.StringIO()
    table = EventTable(stream)
    for item in items:
        table.on(item)  # type: ignore[arg-type]
    return [line[14:].rstrip() for line in stream.getvalue().splitlines()[2:]]


def test_rows_are_named_shortly() -> None:
    assert row_name("19ab-7", 0) == "#7"
    assert row_name("19ab-7", 0, 4) == "#7.0"
    assert row_name("19ab-7", 2) == "#7.2"
    assert row_name("", 0) == ""


def test_results() -> None:
    rows = (
        RowResult(0, "accepted", "okx", "", "Order successfully placed.", "9", "123", "0"),
        RowResult(1, "rejected", "okx", "", "Order quantity must be a multiple of the lot size.", "9", "", "51121"),
        RowResult(2, "rejected", "gateway", "rate_limited", "no token", "9", "", ""),
    )
    assert lines(Ack(*HEAD, "p-7", "order", "2", "", rows)) == [
        "< ack               #7.0       123                   accepted by okx",
        "< ack               #7.1                             rejected by okx: 51121 Order quantity must be a multiple "
        "of the lot size.",
        "< ack               #7.2                             rejected by gateway: rate_limited no token",
    ]


def test_orders_and_others() -> None:
    end = OrderEvent(*HEAD, "stream", "p-7", 0, "BTC-USDT", "123", "9", "partially_filled", "0.01", False, "user", {})
    assert lines(
        end,
        Resolved(*HEAD, "p-7", "order", 1, "accepted", "late_ack", "9", "123"),
        GatewayState(*HEAD, "ready", True, ""),
        NewSession("s2", "s1", ()),
        Receipt("p-7", "order", ("9",)),
    ) == [
        "< partially_filled  #7         123                   filled 0.01, user",
        "< resolved          #7.1       123                   accepted, proven by late_ack",
        "< gateway                                            ready",
        "! trouble                                            NewSession(session='s2', previous='s1', unanswered=())",
    ]


def test_plain_lines_without_a_terminal_and_colours_with_one() -> None:
    plain = io.StringIO()
    EventTable(plain).note("x")
    assert "\x1b" not in plain.getvalue()
    coloured = io.StringIO()
    coloured.isatty = lambda: True  # type: ignore[method-assign]
    EventTable(coloured).sent("order", "#1", {"side": "buy", "sz": "1", "instId": "BTC-USDT", "px": "2"})
    assert coloured.getvalue().endswith("buy 1 BTC-USDT at 2\x1b[0m\n")
