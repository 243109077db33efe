"""Pure. The gateway's messages as immutable objects: results, events, heartbeats, answers.

Names are OKX's and the protocol's in snake case. Sizes, prices and fees are text, as OKX writes them; `Decimal` reads
them. Times are integers: `_ns` in Unix nanoseconds, OKX's own (`fill_time`, `c_time`, `u_time`) text in milliseconds.
"""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stamps:
    """The gateway's clock, Unix ns, at each stage; None if a stage does not apply to the event."""

    recv_ns: int | None = None  # the request was read
    sent_ns: int | None = None  # it was handed to the connection to OKX
    venue_ns: int | None = None  # OKX's frame was read
    pub_ns: int | None = None  # the event was published


@dataclass(frozen=True, slots=True)
class Event:
    """The members of every event. `seq` is contiguous per owner within one `session`; `raw` is the JSON object.

    Kinds without a subclass, such as `account.positions`, are plain `Event`s: see `topic` and `raw`.
    """

    topic: str
    session: str
    seq: int
    gw: Stamps
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class RowResult:
    """The result of one row of a request.

    `result` is `accepted`, `rejected`, `unknown` (open until a `Resolved` arrives), or `pending` in the answer
    to a repeated request. `origin` is `okx` or `gateway`; `reason` the gateway's stable word, `s_code` OKX's code, ""
    if there is none. `okx` is OKX's own item, empty if OKX sent none.
    """

    row: int
    result: str
    origin: str
    reason: str
    msg: str
    cl_ord_id: str
    ord_id: str
    s_code: str
    okx: Json = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Ack(Event):
    """The result of one request, row by row: `<strategy>.ack`.

    `code` and `msg` are OKX's own for the request, "" if OKX has not answered. A refusal that arrived first on
    the orders socket has `seq` 0, the topic `""` and the gateway's text; then `retry_after_ms` is set if it gave a
    time. `duplicate`: the recorded result of a request whose `id` was used before; nothing was sent for it.
    """

    id: str
    op: str
    code: str
    msg: str
    rows: tuple[RowResult, ...]
    duplicate: bool = False
    retry_after_ms: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether OKX accepted every row. (For an order this is not its end.)"""
        return all(row.result == "accepted" for row in self.rows)


@dataclass(frozen=True, slots=True)
class Resolved(Event):
    """The proof that settles a row whose result was `unknown`: `result` is `accepted` or `rejected`."""

    id: str
    op: str
    row: int
    result: str
    proof: str
    cl_ord_id: str
    ord_id: str


@dataclass(frozen=True, slots=True)
class Fill(Event):
    """One execution, delivered once; its key is (`inst_id`, `ord_id`, `trade_id`). Only fills count quantity."""

    source: str  # "stream", or "reconcile" if found by a REST question
    id: str  # the request that placed the order, "" if unknown
    row: int
    inst_id: str
    ord_id: str
    cl_ord_id: str
    trade_id: str
    side: str
    pos_side: str
    fill_px: str
    fill_sz: str
    fill_time: str
    fill_fee: str
    fill_fee_ccy: str
    exec_type: str  # "T" taker, "M" maker
    acc_fill_sz: str


@dataclass(frozen=True, slots=True)
class OrderEvent(Event):
    """A state of an order. Each accepted order has exactly one event with `terminal`. `data` is OKX's own push."""

    source: str
    id: str
    row: int
    inst_id: str
    ord_id: str
    cl_ord_id: str
    state: str
    acc_fill_sz: str
    terminal: bool
    reason: str
    data: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class AlgoEvent(Event):
    """A state of an algo order; `ord_id_list` has the orders that it placed. `data` is OKX's own push."""

    source: str
    id: str
    row: int
    inst_id: str
    algo_id: str
    algo_cl_ord_id: str
    ord_type: str
    state: str
    ord_id_list: tuple[str, ...]
    terminal: bool
    fail_code: str
    data: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class GatewayState(Event):
    """`gateway.state`: the state of the gateway's session with OKX, and its reason."""

    state: str
    ready: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Alarm(Event):
    """`gateway.alarm`: a condition that needs an operator or a decision."""

    reason: str
    msg: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request was sent to OKX; its result follows. `cl_ord_ids` has one per row, in order."""

    id: str
    op: str
    cl_ord_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Events `from_seq` to `to_seq` of an owner are lost to this client: take a `snapshot`.

    `reason` is `gone` (the gateway no longer has them), `session_over` (the gateway restarted before they were read),
    `unread` (this program left more events unread than the client keeps) or the reason of a refused `replay`.
    """

    owner: str
    session: str
    from_seq: int
    to_seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """The gateway restarted: take a `snapshot`. The client sends `hello` by itself.

    `unanswered` are the ids of requests without a result until now. They may or may not have been executed; a result
    that still arrives is delivered as usual.
    """

    session: str
    previous: str
    unanswered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """No heartbeat for three times its period: the gateway is gone, hangs, or was restarted without knowing this name.

    Delivered once; the client sends hello until it is answered. `last_ns` is the clock (Unix ns) of the last heartbeat.
    """

    last_ns: int


@dataclass(frozen=True, slots=True)
class HelloRefused:
    """The restarted gateway no longer grants this strategy's name: nothing can be submitted."""

    reason: str
    msg: str


Item = Event | Receipt | Gap | NewSession | Silence | HelloRefused


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The strategy's last heartbeat. `ns` is the gateway's clock (Unix ns): its age shows whether the gateway lives."""

    session: str
    seq: int
    ready: bool
    state: str
    nonces: tuple[str, ...]
    ns: int


@dataclass(frozen=True, slots=True)
class Hello:
    """The granted `hello`. `limits` has OKX's limits in requests (batches: rows) per 2 s, times are milliseconds."""

    strategy: str
    number: int
    session: str
    protocol: int
    seq: int
    last_id: str
    ready: bool
    state: str
    acct_lv: str
    pos_mode: str
    environment: str
    limits: dict[str, int]
    max_wait_ms: int
    heartbeat_ms: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One message of the orders socket; `code` is `"0"`, or `"1"` if refused. `data` has the op's rows."""

    id: str
    op: str
    code: str
    reason: str
    msg: str
    data: tuple[Json, ...]
    duplicate: bool
    retry_after_ms: int | None
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Status:
    """The answer to `status`. `in_flight` and `waiting` count requests, `orders` live orders."""

    state: str
    ready: bool
    session: str
    seq: int
    in_flight: int
    waiting: int
    unknown: tuple[Json, ...]  # {id, row, op, clOrdId, ageMs} per row without a proof yet
    orders: int
    counters: dict[str, int]
    limits: dict[str, int]


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the gateway knows it. Sizes and prices are text; `c_time`, `u_time` are OKX's, text in ms."""

    id: str
    row: int
    inst_id: str
    cl_ord_id: str
    ord_id: str
    state: str
    side: str
    ord_type: str
    td_mode: str
    px: str
    sz: str
    acc_fill_sz: str
    avg_px: str
    c_time: str
    u_time: str
    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlgoOrder:
    """An algo order as the gateway knows it. The size is text; `c_time`, `u_time` are OKX's, text in ms."""

    id: str
    row: int
    inst_id: str
    algo_cl_ord_id: str
    algo_id: str
    state: str
    side: str
    ord_type: str
    td_mode: str
    sz: str
    c_time: str
    u_time: str
    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """This strategy's orders that are not terminal. It includes events up to `seq`; apply later ones."""

    seq: int
    orders: tuple[Order, ...]
    algos: tuple[AlgoOrder, ...]


@dataclass(frozen=True, slots=True)
class ReplayPage:
    """Past events of one owner. `more`: ask again after the last; `first`: the oldest seq that is kept."""

    events: tuple[Event, ...]
    more: bool
    first: int


@dataclass(frozen=True, slots=True)
class CancelAll:
    """The result of `cancel-all`: `cancelled` orders had a cancel sent, `withdrawn` requests were never sent."""

    id: str  # the cancels' acks have this id + ".1", ".2", …
    cancelled: int
    withdrawn: int
