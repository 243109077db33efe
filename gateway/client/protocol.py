"""Pure. The protocol between one strategy and the gateway: its rules, without sockets, clock or waiting.

`on_answer` and `on_publication` take received bytes. `outbox` has the messages to send, `inbox` the items for the
strategy, `acks` and `answers` the results that a caller can wait for. Both clients are shells around this.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .errors import MalformedError
from .heartbeat_watch import HeartbeatWatch
from .inbox import Inbox
from .messages import (
    Ack,
    Answer,
    Event,
    Gap,
    Heartbeat,
    Hello,
    HelloRefused,
    NewSession,
    Receipt,
    RowResult,
    Silence,
    Stamps,
)
from .parsing import (
    UNREADABLE,
    first_of,
    parse_answer,
    parse_event,
    parse_heartbeat,
    parse_hello,
    parse_json,
    parse_row,
)
from .requests import ORDER_OPS, Row, build_request
from .sequence import SeqCheck
from .streams import EventStreams

# Results kept for `wait_ack`, and ids kept whose refusal was already delivered.
RESULTS_MAX = 10_000
# Rows of one page of a long answer: the gateway's maximum.
PAGE_ROWS = 500


class StrategyProtocol:
    """The state between a strategy and the gateway.

    `prefix` begins every request id and must be new at every start of the process. `on_settled` receives the id
    of each request with a new entry in `acks` or `answers`.
    """

    def __init__(
        self, strategy: str, prefix: str, others: Iterable[str] = (), on_settled: Callable[[str], None] | None = None
    ) -> None:
        self.strategy = strategy
        self.inbox = Inbox()
        self.outbox: deque[bytes] = deque()
        self.acks: OrderedDict[str, Ack] = OrderedDict()
        self.answers: dict[str, Answer] = {}
        self.hello: Hello | None = None
        self.hello_refusal: Answer | None = None
        self.heartbeat: Heartbeat | None = None
        self.malformed = 0  # messages that broke the protocol and were dropped
        self._streams = EventStreams(strategy, others, self)
        self._on_settled = on_settled
        self._prefix = prefix
        self._counter = 0
        self._hello_id = ""  # of the hello in flight
        self._open_before_hello: frozenset[str] = frozenset()
        self._watch = HeartbeatWatch()
        self._lost: tuple[str, ...] = ()  # requests of the last session without a result, not yet delivered
        self._nonces: set[str] = set()
        self._live_session = ""
        self._granted: set[str] = set()  # sessions
        self._asked: set[str] = set()
        self._open: dict[str, int] = {}  # requests without a result: id -> rows
        self._refused: OrderedDict[str, None] = OrderedDict()  # delivered from the orders socket; an .ack can follow

    @property
    def live(self) -> bool:
        """Whether the hello is granted and the subscription proven: nothing published from here on is missed."""
        return self.hello is not None and self._live_session == self.hello.session

    @property
    def ready(self) -> bool:
        """Whether the last heartbeat reports that the gateway takes new orders, and is not too old."""
        return self.heartbeat is not None and self.heartbeat.ready and not self._watch.silent

    def send_hello(self) -> None:
        """Put a hello with a fresh nonce into `outbox`."""
        nonce = self._next_id()
        self._nonces.add(nonce)
        self._hello_id = self._put("hello", [{"strategy": self.strategy, "nonce": nonce}])
        self._open_before_hello = frozenset(self._open)

    def submit(self, op: str, rows: Sequence[Row], request_id: str | None, **envelope: Any) -> tuple[str, bytes]:
        """Build an OKX op and count it as open; return its id and its bytes, which the caller sends.

        `envelope` are the keyword arguments of `build_request`, which raises if they cannot be sent.
        """
        request_id = self._next_id() if request_id is None else request_id
        frame = build_request(request_id, op, rows, **envelope)
        self._open[request_id] = len(rows)
        self._refused.pop(request_id, None)
        return request_id, frame

    def withdraw(self, request_id: str) -> None:
        """Forget a request whose bytes could not be sent."""
        self._open.pop(request_id, None)

    def ask(self, op: str, rows: Sequence[Row]) -> str:
        """Put a gateway op into `outbox`; return its id. Its answer stays in `answers` until `forget`."""
        request_id = self._put(op, rows)
        self._asked.add(request_id)
        return request_id

    def forget(self, request_id: str) -> None:
        """Drop the answer to `ask`, received or not."""
        self._asked.discard(request_id)
        self.answers.pop(request_id, None)

    def last(self, owner: str) -> tuple[str, int]:
        """Return session and seq reached in `owner`; raises `KeyError` for one without a subscription."""
        return self._streams.last(owner)

    def on_clock(self, now_ns: int) -> bool:
        """Check the gateway for silence; return whether there is something to send or to read.

        `now_ns` is monotonic. Call it only when all messages are read.
        """
        begins, greet = self._watch.on_clock(now_ns)
        if begins:
            self.inbox.put(Silence(0 if self.heartbeat is None else self.heartbeat.ns))
        if greet:
            self.send_hello()
        return begins or greet

    def on_answer(self, frame: bytes) -> None:
        """Take one message of the orders socket."""
        try:
            answer = parse_answer(frame)
            if answer.reason == "hello_required":
                self._on_hello_required(answer)
            if answer.op == "hello":
                self._on_hello(answer)
            elif answer.id in self._asked:
                self._asked.discard(answer.id)
                self.answers[answer.id] = answer
                self._settled(answer.id)
            elif answer.op in ORDER_OPS:
                self._on_order_answer(answer)
            else:
                self._streams.on_replay(answer)
        except MalformedError:
            self.malformed += 1

    def on_publication(self, topic: str, body: bytes) -> None:
        """Take one message of the events socket."""
        try:
            raw = parse_json(body)
            owner, _, kind = topic.rpartition(".")
            if kind != "heartbeat":
                self._streams.on_event(parse_event(topic, raw))
            elif owner == self.strategy:
                self._on_own_heartbeat(parse_heartbeat(raw))
            else:
                heartbeat = parse_heartbeat(raw)
                self._streams.on_heartbeat(owner, heartbeat.session, heartbeat.seq)
        except (MalformedError, KeyError):
            self.malformed += 1

    # The interface that the streams use.

    def deliver(self, item: Event | Gap) -> None:
        """Take the next item of a stream, in order."""
        if isinstance(item, Ack):
            if item.id in self._refused:
                del self._refused[item.id]
                return
            self._settle(item)
        else:
            self.inbox.put(item)

    def ask_replay(self, owner: str, from_seq: int) -> str:
        """Ask for one page of missing events."""
        return self._put("replay", [{"owner": owner, "fromSeq": from_seq, "limit": PAGE_ROWS}])

    def enter_session(self, owner: str, session: str, previous: str) -> None:
        """Deliver that the gateway restarted. (Its heartbeats, if they still arrive, make the client send hello.)"""
        self.hello_refusal = None
        if owner != self.strategy:
            if session not in self._granted:
                self.send_hello()
            return
        self._live_session = ""
        self.inbox.put(NewSession(session, previous, (*self._lost, *self._open)))
        self._lost = ()

    def _on_hello_required(self, answer: Answer) -> None:
        # Answers keep the order of the requests: an answer to one sent after an unanswered hello proves the hello lost.
        lost = answer.id not in self._open_before_hello
        if self.hello_refusal is None and (not self._hello_id or lost):
            self.send_hello()

    def _on_hello(self, answer: Answer) -> None:
        self._hello_id = ""
        if answer.code != "0":
            self.hello_refusal = answer
            if self.hello is not None:
                self.inbox.put(HelloRefused(answer.reason, answer.msg))
                self._streams.give_up_all("hello_required")
            return
        hello = first_of(answer, parse_hello)
        if self.hello is not None and self.hello.session != hello.session:
            # Requests sent before this hello were refused by now, or the new gateway never received them.
            lost = tuple(request_id for request_id in self._open if request_id in self._open_before_hello)
            for request_id in lost:
                del self._open[request_id]
            if self.last(self.strategy)[0] != hello.session:  # else they have been delivered
                self._lost = lost
        self.hello, self.hello_refusal = hello, None
        self._granted.add(hello.session)
        self._watch.start(hello.heartbeat_ms)
        self._streams.on_hello(hello.session, hello.seq)

    def _on_own_heartbeat(self, heartbeat: Heartbeat) -> None:
        check = self._streams.on_heartbeat(self.strategy, heartbeat.session, heartbeat.seq)
        if check is SeqCheck.DUPLICATE:  # from a previous session
            return
        self.heartbeat = heartbeat
        self._watch.on_heartbeat()
        if not self._nonces.isdisjoint(heartbeat.nonces):
            self._live_session = heartbeat.session
        if self.hello is not None and heartbeat.session not in self._granted and self.hello_refusal is None:
            self.send_hello()

    def _on_order_answer(self, answer: Answer) -> None:
        rows = self._open.get(answer.id)
        if answer.code == "0" and not answer.duplicate:
            ids = tuple(str(row.get("clOrdId", row.get("algoClOrdId", ""))) for row in answer.data)
            self.inbox.put(Receipt(answer.id, answer.op, ids))
        elif rows is not None and answer.duplicate:
            self._on_recorded(answer)
        elif rows is not None:
            self._on_refusal(answer, rows)

    def _on_recorded(self, answer: Answer) -> None:
        try:
            rows = tuple(parse_row(row) for row in answer.data)
        except UNREADABLE as error:
            raise MalformedError(f"rows of {answer.id}: {error!r}") from error
        if all(row.result != "pending" for row in rows):
            self._settle(self._ack_of(answer, rows))

    def _on_refusal(self, answer: Answer, rows: int) -> None:
        # A refused request was not sent; the result of an id too old to be remembered is unknown.
        result = "unknown" if answer.reason == "duplicate_id" else "rejected"
        row_results = tuple(
            RowResult(row, result, "gateway", answer.reason, answer.msg, "", "", "") for row in range(rows)
        )
        self._refused[answer.id] = None
        if len(self._refused) > RESULTS_MAX:
            self._refused.popitem(last=False)
        self._settle(self._ack_of(answer, row_results))

    def _ack_of(self, answer: Answer, rows: tuple[RowResult, ...]) -> Ack:
        session = self.hello.session if self.hello is not None else ""
        return Ack(
            "",
            session,
            0,
            Stamps(),
            answer.raw,
            answer.id,
            answer.op,
            answer.code,
            answer.msg,
            rows,
            answer.duplicate,
            answer.retry_after_ms,
        )

    def _settle(self, ack: Ack) -> None:
        ours = self._open.pop(ack.id, None) is not None or ack.id.startswith(self._prefix)
        self.inbox.put(ack)
        if ours:
            self.acks[ack.id] = ack
            if len(self.acks) > RESULTS_MAX:
                self.acks.popitem(last=False)
            self._settled(ack.id)

    def _settled(self, request_id: str) -> None:
        if self._on_settled is not None:
            self._on_settled(request_id)

    def _put(self, op: str, rows: Sequence[Row]) -> str:
        request_id = self._next_id()
        self.outbox.append(build_request(request_id, op, rows))
        return request_id

    def _next_id(self) -> str:
        self._counter += 1
        return f"{self._prefix}{self._counter}"
