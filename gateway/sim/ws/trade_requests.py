"""The trade ops of one connection: envelope, run, ack and pushes in the order that switches and faults decide.

Source: OKX docs, "Order book trading" (WebSocket ops), "Error Code".
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import orjson

from gateway.sim.base.auth import Identity
from gateway.sim.base.codes import plain_text
from gateway.sim.base.formats import is_client_id, parse_decimal
from gateway.sim.exchange.exchange import Exchange
from gateway.sim.faults.faults import Occasion, Params
from gateway.sim.trading.order_entry import MASS_CANCEL, TRADE_OPS, Request, RequestResult, refused
from gateway.sim.ws.transport import FrameTransport

NEVER_RUN = RequestResult("", "", [])


class TradingSession(Protocol):
    """The connection that the requests come on."""

    exchange: Exchange
    path: str
    identity: Identity | None
    transport: FrameTransport

    @property
    def is_gone(self) -> bool: ...

    def occasion(self, op: str, n: int) -> Occasion: ...

    def send(self, payload: bytes) -> None: ...

    def refuse(self, code: str, request_id: object = None, **params: object) -> None: ...

    def illegal(self, text: str, arrival_ns: int) -> None: ...

    def abort(self) -> None: ...

    def record(self, frame: dict[str, Any], arrival_ns: int, result: RequestResult) -> None: ...


class TradeRequests:
    """One per connection. The n-th trade request of a session is an occasion for faults."""

    def __init__(self, session: TradingSession) -> None:
        self._session = session
        self._exchange = session.exchange
        self._count = 0
        self._unacked: set[str] = set()  # ids with delayed acks; as many as their timers

    def handle(self, op: str, frame: dict[str, Any], text: str, arrival_ns: int) -> None:
        session, switches, request_id = self._session, self._exchange.switches, frame.get("id", "")
        if session.path != "private":
            session.record(frame, arrival_ns, refused("60028"))
            session.refuse("60028")
            return
        form = self._id_form(request_id)
        if form != "serve":
            if form == "event":
                session.illegal(text, arrival_ns)
            else:
                session.record(frame, arrival_ns, refused("60013"))
                self._ack(op, request_id, refused("60013"), arrival_ns)
            return
        if session.identity is None:
            session.record(frame, arrival_ns, refused("60011"))
            if switches.login_required_form == "event":
                session.refuse("60011")
            else:
                self._ack(op, request_id, refused("60011"), arrival_ns)
            return
        self._count += 1
        at = session.occasion(op, self._count)
        faults = self._exchange.faults
        if not faults.quiet:
            faults.run_due(at)
            if session.is_gone:
                return
        if faults.take("drop_before_act", at) is not None:
            session.record(frame, arrival_ns, NEVER_RUN)
            session.abort()
            return
        late = faults.take("delay_requests", at)
        if late is None:
            self._serve(op, frame, arrival_ns, at)
        else:
            asyncio.get_running_loop().call_later(late["ms"] / 1000, self._serve, op, frame, arrival_ns, at)

    def _id_form(self, request_id: object) -> str:
        """Serve the request, or how to refuse it for its id. The docs require one; a client library in wide use
        sends none."""
        switches = self._exchange.switches
        if request_id == "":
            return switches.missing_id_form
        if not is_client_id(request_id):
            return switches.bad_id_form
        return switches.repeated_id_form if request_id in self._unacked else "serve"

    def _serve(self, op: str, frame: dict[str, Any], arrival_ns: int, at: Occasion) -> None:
        if self._session.identity is None:
            return
        result = self._run(op, frame, self._session.identity, arrival_ns, at)
        self._session.record(frame, arrival_ns, result)
        self._deliver(op, frame.get("id", ""), result, arrival_ns, at)

    def _run(self, op: str, frame: dict[str, Any], identity: Identity, arrival_ns: int, at: Occasion) -> RequestResult:
        exchange, faults = self._exchange, self._exchange.faults
        rows, exp_time = frame.get("args"), frame.get("expTime") or ""
        account = exchange.accounts[identity.uid]
        trade = TRADE_OPS.get(op)
        limit = 1 if trade is None else trade.rows_limit
        if not isinstance(rows, list) or not 1 <= len(rows) <= limit or not all(isinstance(one, dict) for one in rows):
            return refused("60013")
        commanded = faults.take("refuse_requests", at)
        if commanded is None:
            commanded = faults.take("outcome_unknown", at)
        if commanded is not None and not commanded.get("acts", False):
            return _commanded(commanded, rows)
        if trade is None:
            result = exchange.order_entry.mass_cancel(account, identity.may_trade, rows[0], arrival_ns)
        else:
            failing = _failing(faults.take("fail_rows", at), len(rows))
            result = exchange.order_entry.run(
                Request(trade, account, identity.may_trade, rows, str(exp_time), True, arrival_ns, failing)
            )
        return result if commanded is None else _commanded(commanded, rows)

    def _deliver(self, op: str, request_id: str, result: RequestResult, arrival_ns: int, at: Occasion) -> None:
        """By default the ack first, then the pushes."""
        session, exchange, faults = self._session, self._exchange, self._exchange.faults
        end = faults.take("drop_after_act", at)
        if end is not None:
            if end["pushes"]:
                exchange.flush()
                session.transport.finish()
            else:
                session.abort()
                exchange.flush()
            return
        if faults.take("drop_after_ack", at) is not None:
            self._ack(op, request_id, result, arrival_ns)
            session.transport.finish()
            exchange.flush()
            return
        if faults.take("swallow_acks", at) is not None:
            exchange.flush()
            return
        late = faults.take("delay_acks", at)
        delay_ms = exchange.switches.ack_delay_ms if late is None else late["ms"]
        filled = faults.take("fill_first", at)
        if filled is not None:
            self._fill(at.uid, result, filled)
        if delay_ms > 0:
            loop = asyncio.get_running_loop()
            self._unacked.add(request_id)
            loop.call_later(delay_ms / 1000, self._ack, op, request_id, result, arrival_ns)
        elif filled is not None or self._pushes_go_first(at):
            exchange.flush()
            self._ack(op, request_id, result, arrival_ns)
        else:
            self._ack(op, request_id, result, arrival_ns)
        exchange.flush()

    def _pushes_go_first(self, at: Occasion) -> bool:
        faults = self._exchange.faults
        return faults.take("push_first", at) is not None or faults.draw(
            self._exchange.switches.push_first_probability, at, "push-first"
        )

    def _fill(self, uid: str, result: RequestResult, params: Params) -> None:
        """Outside participants trade with the orders that were just placed."""
        account = self._exchange.accounts[uid]
        for row in result.rows:
            order = account.live.get(row.get("ordId", ""))
            if order is not None and row["sCode"] == "0":
                self._exchange.background_market.fill(order, parse_decimal(params["sz"]))

    def _ack(self, op: str, request_id: str, result: RequestResult, arrival_ns: int) -> None:
        self._unacked.discard(request_id)
        members = _ack_members(op, request_id, result)
        if op != MASS_CANCEL:
            skew_us = self._exchange.clock.skew_ms * 1000
            members["inTime"] = str(arrival_ns // 1000 + skew_us)
            members["outTime"] = str(self._exchange.clock.now_ns() // 1000)
        self._session.send(orjson.dumps(members))


def _ack_members(op: str, request_id: str, result: RequestResult) -> dict[str, Any]:
    """Key order of production traffic of 2026. mass-cancel's ack has no times (OKX docs, "Mass cancel")."""
    return {"id": request_id, "op": op, "code": result.code, "msg": result.msg, "data": result.rows}


def _failing(params: Params | None, rows: int) -> dict[int, str]:
    """The last rows of a batch, by number; at least the first row stays."""
    if params is None:
        return {}
    return {number: params["code"] for number in range(max(1, rows - params["rows"]), rows)}


def _commanded(params: Params, rows: list[dict[str, Any]]) -> RequestResult:
    """The answer that a fault commands: one code for the request or for every row."""
    code = params["code"]
    if params["form"] == "frame":
        return RequestResult(code, plain_text(code), [])
    answers = [
        {
            "ordId": _text(row, "ordId"),
            "clOrdId": _text(row, "clOrdId"),
            "tag": _text(row, "tag"),
            "sCode": code,
            "sMsg": plain_text(code),
            "subCode": "",
        }
        for row in rows
    ]
    return RequestResult("1", "", answers)


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""
