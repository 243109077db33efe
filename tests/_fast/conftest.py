"""The whole data plane without any socket: a trading state, its pipeline and control APIs, the strategy side, and recorders at every port."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from gateway._fast.control.algos import AlgoControl
from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.events.bus import EventBus
from gateway._fast.limits.instruments import InstrumentTable
from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.orders.trading_state import TradingState
from gateway._fast.ports.control_port import PythonControl
from gateway._fast.ports.recorders import RecordingEventSink, RecordingFrameSink, RecordingJournal, RecordingReplySink
from gateway._fast.sockets.session_table import SessionTable
from gateway.config.model import DefaultStrategyConfig, StrategyConfig
from gateway.ipc.alarms import Alarms
from gateway.ipc.answers import refusal_message_of
from gateway.ipc.gateway_ops import GatewayOps, OpPorts
from gateway.ipc.gateway_state import GatewayState
from gateway.ipc.grants import Grants
from gateway.ipc.hello import Hello
from gateway.ipc.owners import Owners
from gateway.ipc.replay import Replays
from gateway.ipc.sessions import Replies, Sessions
from gateway.ipc.startup_queue import StartupQueue
from gateway.ipc.unrecognised_frames import UnrecognisedFrames

MS = 1_000_000
# OKX's clock at the moment that a rig calls `now`, in ms. Every expected expTime in the tests is a literal that starts from it.
OKX_NOW_MS = 1_700_000_000_000
EPOCH = 123_456_789
OWN_UID = 1000
ALPHA_NUMBER, BETA_NUMBER = 900, 7
# Wall clock of every request unless a test says otherwise.
REAL_NS = 1_700_000_000_000_000_000

# (instType, instId, instIdCode, instFamily). SPOT and MARGIN of ADA differ in code, those of ETH do not.
INSTRUMENTS: tuple[tuple[str, str, int | None, str], ...] = (
    ("SPOT", "BTC-USDT", 10001, ""),
    ("SPOT", "ETH-USDT", 10002, ""),
    ("MARGIN", "ETH-USDT", 10002, ""),
    ("SPOT", "ADA-USDT", 10003, ""),
    ("MARGIN", "ADA-USDT", 20003, ""),
    ("SWAP", "BTC-USDT-SWAP", 10459, "BTC-USDT"),
    ("SWAP", "XRP-USDT-SWAP", 2021032601102993, "XRP-USDT"),
    ("OPTION", "BTC-USD-261225-50000-C", 320001, "BTC-USD"),
    ("OPTION", "BTC-USD-261225-50000-P", 320002, "BTC-USD"),
    ("SPOT", "NEW-USDT", None, ""),
)

_LOOP = asyncio.new_event_loop()


class Requests:
    """What the control plane needs of the request socket: the connections, and a way to answer."""

    def __init__(self, replies: list[tuple[int, bytes]]) -> None:
        self.sessions = SessionTable()
        self._replies = replies

    def answer(self, session: int, generation: int, body: bytes) -> None:
        self._replies.append((session, body))


def strict(text: bytes) -> Any:
    """JSON by Python's parser, which here refuses a repeated key and anything that is not UTF-8."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs), pairs
        return dict(pairs)

    return json.loads(text.decode("utf-8"), object_pairs_hook=once)


class Rig:
    """One gateway's data plane, logged in and ready, with the strategies `alpha` (number 900) and `beta` (7).

    The limiter's window is 1 ns unless a test is about it. `now` is a moment of the monotonic clock, at which OKX's clock shows OKX_NOW_MS.
    """

    def __init__(
        self,
        *,
        ready: bool = True,
        window_ns: int = 1,
        limits: tuple[int, int, int, int, int, int] = (60, 60, 60, 300, 5, 1000),
        request_capacity: int = 64,
        order_capacity: int = 64,
        waiting_capacity: int = 32,
        ring_bytes: int = 1 << 20,
        proving_codes: tuple[int, ...] = (50011, 50036, 50061, 51008, 51016, 51020, 51400, 51503, 60012, 60013),
        reacting_codes: tuple[int, ...] = (),
        epoch: int = EPOCH,
        max_wait_ms: int = 0,
        ack_timeout_ms: int = 3_000,
        default_strategy: bool = True,
        given: dict[str, int] | None = None,
        journal: Any = None,
        instruments: InstrumentTable | None = None,
    ) -> None:
        self._ack_timeout_ns = ack_timeout_ms * MS
        self.events_sink, self.reply_sink = RecordingEventSink(), RecordingReplySink()
        self.journal = RecordingJournal() if journal is None else journal
        self.bus = EventBus(self.events_sink, self.journal, "5e5510n", ring_bytes)
        self.instruments = instruments or InstrumentTable(len(INSTRUMENTS) + 2, window_ns, *limits)
        for inst_type, inst_id, code, owner in INSTRUMENTS if instruments is None else ():
            self.instruments.put(inst_type, inst_id, code, owner)
        settings = SimpleNamespace(
            request_capacity=request_capacity,
            order_capacity=order_capacity,
            waiting_capacity=waiting_capacity,
            ack_timeout_ms=ack_timeout_ms,
            order_ttl_ms=5_000,
            max_age_ms=1_000,
            max_wait_ms=max_wait_ms,
            max_wait_cap_ms=60_000,
        )
        self.trading = TradingState(
            self.instruments, self.bus, self.reply_sink, self.journal, settings, epoch, proving_codes, reacting_codes
        )
        strategies = [
            StrategyConfig(name="alpha", number=ALPHA_NUMBER, users=[OWN_UID]),
            StrategyConfig(name="beta", number=BETA_NUMBER, users=[OWN_UID, OWN_UID + 1]),
        ]
        default = DefaultStrategyConfig(enabled=default_strategy, number_first=901, number_last=902)
        self.grants = Grants(strategies, default, OWN_UID, given or {})
        self.kept_numbers: list[dict[str, int]] = []
        self.disk_full = False
        self.owners = Owners(self.bus, self.trading, epoch, self._keep_names)
        for strategy in strategies:
            self.owners.add_known(strategy.name, strategy.number, 0)
        for name, number in (given or {}).items():
            self.owners.add_known(name, number, 100_000_000)
        self.state, self.alarms = GatewayState(self.bus, self.owners), Alarms(self.bus)
        # A test that is about one of these puts its own in its place.
        self.on_okx_code: Callable[..., None] = lambda *row: None
        self.on_fills_missing: Callable[[bytes], None] = lambda ord_id: None
        self.keep_linked_order: Callable[[bytes, bytes], bool] = lambda algo_id, row: False
        self.startup_queue = StartupQueue()
        self.pipeline = OrderPipeline(self.trading, self._control_port())
        self.api = PipelineControl(self.pipeline)
        self.algos = AlgoControl(self.pipeline)
        self.requests = Requests(self.reply_sink.replies)
        self.pages: Any = SimpleNamespace()
        self.operations = SimpleNamespace(resume=lambda: False, reconnect=lambda: False, status=dict)
        self.loop = _LOOP
        self.sessions = _LOOP.run_until_complete(self._make_sessions())
        self.alpha, self.beta = self.bus.number_of("alpha"), self.bus.number_of("beta")
        self.sink = RecordingFrameSink()
        self.started = time.monotonic_ns()
        self.now = self.started + 10_000 * MS
        self.api.set_okx_clock(OKX_NOW_MS * MS - self.now)
        if ready:
            self.api.connection_opened(self.sink)
            self.api.set_ready(True)

    def _control_port(self) -> PythonControl:
        return PythonControl(
            queue_request=self.startup_queue.queue_request,
            refusal_message=refusal_message_of,
            on_unrecognised_frame=UnrecognisedFrames(self.alarms.publish).note,
            on_okx_code=self._on_okx_code,
            on_fills_missing=self._on_fills_missing,
            keep_linked_order=self._keep_linked_order,
        )

    def _on_okx_code(self, *row: Any) -> None:
        self.on_okx_code(*row)

    def _on_fills_missing(self, ord_id: bytes) -> None:
        self.on_fills_missing(ord_id)

    def _keep_linked_order(self, algo_id: bytes, row: bytes) -> bool:
        return self.keep_linked_order(algo_id, row)

    def _keep_names(self) -> None:
        if self.disk_full:
            raise OSError("No space left on device")
        self.kept_numbers.append(self.grants.given)

    async def _make_sessions(self) -> Sessions:
        """`hello` and the gateway's own ops, over the recorded answers."""
        limits = {"placePer2s": 60, "cancelPer2s": 60, "amendPer2s": 60, "batchRowsPer2s": 300, "maxWaitCapMs": 60_000}
        account = {"acctLv": "2", "posMode": "net_mode", "environment": "simulator", "limits": limits, "maxWaitMs": 0}
        replies = Replies(self.requests)
        hello = Hello(
            self.bus,
            self.grants,
            self.owners,
            self.state,
            self.api,
            self.requests.sessions,
            replies,
            lambda: dict(account),
        )
        ports = OpPorts(
            self.bus,
            self.owners,
            self.state,
            self.api,
            self.algos,
            Replays(self.bus, self.pages, every_s=0),
            self.startup_queue,
            SimpleNamespace(status=dict),
            self.operations,
            limits,
        )
        return Sessions(replies, {"hello": hello.answer, **GatewayOps(ports, replies).by_name}, self.api)

    # ---------------------------------------------------------------- what goes in

    def send(
        self,
        message: dict[str, Any] | bytes,
        *,
        owner: int | None = None,
        session: int = 1,
        is_req: bool = False,
        at: int | None = None,
        real_ns: int = REAL_NS,
    ) -> None:
        """A strategy's message (alpha's, unless `owner` says otherwise), read at the monotonic time `at`."""
        text = message if isinstance(message, bytes) else json.dumps(message).encode()
        moment = self.now if at is None else at
        self.read(session, 1, self.alpha if owner is None else owner, is_req, text, moment, real_ns)

    def read(self, session: int, generation: int, owner: int, is_req: bool, text: bytes, at: int, real_ns: int) -> None:
        """As the request reader does."""
        if not self.api.on_request(session, generation, owner, is_req, text, at, real_ns):
            self.sessions.on_gateway_op(session, generation, owner, text)

    def order(self, request_id: str, *, gw: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """A place request for one resting BTC-USDT order."""
        row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "20000", "sz": "0.01"}
        message: dict[str, Any] = {"id": request_id, "op": "order", "args": [{**row, **fields}]}
        return message if gw is None else {**message, "gw": gw}

    def batch(self, request_id: str, *cl_ord_ids: str, gw: dict[str, Any] | None = None) -> dict[str, Any]:
        rows = [self.order("", clOrdId=cl_ord_id)["args"][0] for cl_ord_id in cl_ord_ids]
        message: dict[str, Any] = {"id": request_id, "op": "batch-orders", "args": rows}
        return message if gw is None else {**message, "gw": gw}

    def cancel(self, request_id: str, *, gw: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        message: dict[str, Any] = {"id": request_id, "op": "cancel-order", "args": [{"instId": "BTC-USDT", **fields}]}
        return message if gw is None else {**message, "gw": gw}

    def amend(self, request_id: str, *, gw: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        row = {"instId": "BTC-USDT", "newPx": "20001", **fields}
        message: dict[str, Any] = {"id": request_id, "op": "amend-order", "args": [row]}
        return message if gw is None else {**message, "gw": gw}

    def frame(self, frame: dict[str, Any] | bytes, *, at: int | None = None) -> int:
        """A frame of OKX's, read at `at`."""
        text = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
        return int(self.api.on_frame(text, self.now if at is None else at, REAL_NS + 7))

    def ack(
        self, okx_id: str, op: str, *items: dict[str, Any], code: str = "0", msg: str = "", at: int | None = None
    ) -> None:
        """OKX's answer, in the key order that it writes today (2026)."""
        stamps = {"inTime": "1700000000120345", "outTime": "1700000000121955"}
        self.frame({"id": okx_id, "op": op, "code": code, "msg": msg, "data": list(items), **stamps}, at=at)

    def accept(self, index: int = -1, *ord_ids: str, at: int | None = None) -> None:
        """OKX accepts every row of the frame `index`: with `ord_ids`, or "1", "2", …, for new orders."""
        sent = self.frames[index]
        items = []
        for number, row in enumerate(sent["args"]):
            given = ord_ids[number] if number < len(ord_ids) else str(number + 1)
            items.append(item(row.get("clOrdId", ""), row.get("ordId", given)))
        self.ack(sent["id"], sent["op"], *items, at=at)

    def push(self, *, at: int | None = None, **changes: Any) -> None:
        """A push of the orders channel."""
        self.frame(orders_push(order_row(**changes)), at=at)

    def give_up_waiting(self) -> None:
        """The acks of all that was sent are late."""
        self.api.tick_at(self.now + self._ack_timeout_ns)

    def place(
        self,
        cl_ord_id: str,
        ord_id: str,
        *,
        request_id: str | None = None,
        live: bool = True,
        owner: int | None = None,
    ) -> None:
        """An order placed and accepted, and (if `live`) shown on the orders channel; what it published is forgotten."""
        self.send(self.order(request_id or f"p{cl_ord_id}", clOrdId=cl_ord_id), owner=owner)
        self.accept(-1, ord_id)
        if live:
            self.push(clOrdId=cl_ord_id, ordId=ord_id)
        self.forget()

    # ---------------------------------------------------------------- what comes out

    @property
    def frames(self) -> list[dict[str, Any]]:
        """What was handed to the socket."""
        return [strict(frame) for frame in self.sink.sent]

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was published, without heartbeats."""
        shown = [(topic.decode(), strict(body)) for topic, body in self.events_sink.events]
        return [(topic, body) for topic, body in shown if not topic.endswith(".heartbeat")]

    @property
    def heartbeats(self) -> list[tuple[str, dict[str, Any]]]:
        shown = [(topic.decode(), strict(body)) for topic, body in self.events_sink.events]
        return [(topic, body) for topic, body in shown if topic.endswith(".heartbeat")]

    def on(self, topic: str, event: str | None = None) -> list[dict[str, Any]]:
        """The events of one topic, and of one kind (by default the topic's own)."""
        kind = topic.rpartition(".")[2] if event is None else event
        return [body for shown, body in self.events if shown == topic and body["event"] == kind]

    def rows(self, request_id: str, owner: str = "alpha") -> list[dict[str, Any]]:
        """The rows of a request's one `.ack`."""
        (ack,) = [body for body in self.on(f"{owner}.ack") if body["id"] == request_id]
        return list(ack["data"])

    def row(self, request_id: str, owner: str = "alpha") -> dict[str, Any]:
        (row,) = self.rows(request_id, owner)
        return row

    @property
    def replies(self) -> list[dict[str, Any]]:
        """What was answered on the orders socket."""
        return [strict(body) for _, body in self.reply_sink.replies]

    @property
    def reply(self) -> dict[str, Any]:
        """The one answer."""
        (reply,) = self.replies
        return reply

    def forget(self) -> None:
        """Empties the recorders; what the gateway knows stays."""
        self.sink.sent.clear()
        self.events_sink.events.clear()
        self.reply_sink.replies.clear()
        self.journal.records.clear()

    def ask(self, op: str, *args: dict[str, Any], owner: int | None = None, **members: Any) -> dict[str, Any]:
        """The answer to one of the gateway's own ops."""
        before = len(self.reply_sink.replies)
        self.send({"id": "g1", "op": op, "args": list(args), **members}, owner=owner)
        (answer,) = [strict(body) for _, body in self.reply_sink.replies[before:] if strict(body)["id"] == "g1"]
        return answer


def item(cl_ord_id: str = "", ord_id: str = "", s_code: str = "0", s_msg: str = "") -> dict[str, Any]:
    """One item of an ack's `data`, with the keys of a place ack of 2026."""
    stamp = "1700000000120"
    named = {"tag": "", "ts": stamp, "ordId": ord_id, "clOrdId": cl_ord_id}
    return {**named, "sCode": s_code, "sMsg": s_msg, "subCode": ""}


def order_row(**changes: Any) -> dict[str, Any]:
    """One row of the orders channel: the keys and the order of OKX's documented push (WS / Order channel)."""
    return {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "tgtCcy": "",
        "ccy": "",
        "tradeQuoteCcy": "USDT",
        "ordId": "1234567890123456789",
        "clOrdId": "",
        "tag": "",
        "px": "20000",
        "sz": "0.01",
        "notionalUsd": "200.1",
        "ordType": "limit",
        "side": "buy",
        "posSide": "",
        "tdMode": "cash",
        "accFillSz": "0",
        "fillNotionalUsd": "",
        "avgPx": "0",
        "state": "live",
        "lever": "0",
        "pnl": "0",
        "feeCcy": "BTC",
        "fee": "0",
        "rebateCcy": "USDT",
        "rebate": "0",
        "category": "normal",
        "uTime": "1700000000120",
        "cTime": "1700000000120",
        "source": "",
        "reduceOnly": "false",
        "cancelSource": "",
        "fillPx": "",
        "tradeId": "",
        "fillSz": "0",
        "fillTime": "",
        "fillPnl": "0",
        "fillFee": "0",
        "fillFeeCcy": "",
        "execType": "",
        "amendSource": "",
        "reqId": "",
        "amendResult": "",
        "code": "0",
        "msg": "",
        "linkedAlgoOrd": {"algoId": ""},
        "attachAlgoOrds": [],
        **changes,
    }


def filled(trade_id: str, size: str, acc: str, **changes: Any) -> dict[str, Any]:
    """The members by which a push tells an execution."""
    told = {"tradeId": trade_id, "fillSz": size, "fillPx": "20000", "fillTime": "1700000000123", "accFillSz": acc}
    paid = {"fillFee": "-0.00001", "fillFeeCcy": "BTC", "execType": "M", "state": "partially_filled"}
    return {**told, **paid, **changes}


def rest_row(cl_ord_id: str, ord_id: str, **changes: Any) -> dict[str, Any]:
    """What the gateway reads of an order row of REST's (OKX docs, Get order details)."""
    named = {"instId": "BTC-USDT", "ordId": ord_id, "clOrdId": cl_ord_id}
    return {**named, "state": "live", "accFillSz": "0", "px": "20000", "sz": "0.01", **changes}


def orders_push(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"arg": {"channel": "orders", "instType": "ANY", "uid": "1000000000000001"}, "data": list(rows)}


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture(scope="session")
def new_rig() -> Callable[..., Rig]:
    """Makes a rig of other settings, or one for each example of a property."""
    return Rig


@pytest.fixture(scope="session")
def wire() -> SimpleNamespace:
    """OKX's frames, by hand."""
    return SimpleNamespace(
        item=item, order_row=order_row, rest_row=rest_row, filled=filled, orders_push=orders_push, strict=strict
    )


@pytest.fixture(scope="session")
def wait_for() -> Callable[[Callable[[], Any], str], None]:
    """Waits until a thread in C has done something."""

    def wait(wanted: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + 10
        while not wanted():
            assert time.monotonic() < deadline, what
            time.sleep(0.001)

    return wait


@pytest.fixture(autouse=True)
def nothing_raises() -> Iterator[None]:
    """The data plane swallows exceptions of callbacks; in a test each is a failure."""
    raised: list[str] = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda one: raised.append(f"{one.exc_value!r} in {one.object!r}")
    yield
    sys.unraisablehook = before
    assert not raised
