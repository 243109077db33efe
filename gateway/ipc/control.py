"""The control plane of the strategy side: greetings, the gateway's own ops, refusals in words, heartbeats.

`OrderPipeline` and `RequestReader` call the `on_*` methods, by their ports, for whatever is off the two paths.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol

import orjson

from gateway._fast.base.wire_names import reason_text
from gateway._fast.control.algos import AlgoControl
from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.events.bus import EventBus
from gateway._fast.sockets.request_socket import RequestSocket
from gateway.ipc import answers
from gateway.ipc.answers import BadArgs, Json
from gateway.ipc.cancel_all import cancel_all
from gateway.ipc.grants import Grants, Refusal, parse_peer
from gateway.ipc.order_lookup import find_named
from gateway.ipc.replay import Replays
from gateway.ipc.startup_queue import StartupQueue
from gateway.ipc.unrecognised_frames import UnrecognisedFrames

log = logging.getLogger(__name__)

PROTOCOL_VERSION: Final = 1
HEARTBEAT_MS: Final = 1_000
NONCE_LIFETIME_S: Final = 10
# Families of `enums.pxd`.
OWNER_ACCOUNT: Final = 0
OWNER_GATEWAY: Final = 1
TOPIC_STATE: Final = 7
TOPIC_ALARM: Final = 8
# A subscription to one strategy's events.
UNCLAIMED_PREFIX: Final = re.compile(rb"([A-Za-z0-9_-]{1,32})\.")
CANCEL_ALL_ID_MAX: Final = 58


class Guard(Protocol):
    """What reacts to OKX's codes: see `gateway.process.housekeeping.Housekeeping`."""

    def on_okx_code(
        self, code: int, mono_ns: int, limit_key: int, ord_id: bytes, cl_ord_id: bytes, msg: bytes
    ) -> None: ...
    def on_fills_missing(self, ord_id: bytes) -> None: ...
    def resume(self) -> bool: ...
    def reconnect(self) -> bool: ...
    def status(self) -> Json: ...


class Control:
    """One per gateway. `describe` gives the account's part of `hello`; `attach` joins handle and socket later."""

    def __init__(
        self,
        bus: EventBus,
        grants: Grants,
        describe: Callable[[], Json],
        limits: Json,
        *,
        max_wait_ms: int,
        epoch: int,
        describe_journal: Callable[[], Json] = dict,
        replays: Replays,
        keep_numbers: Callable[[dict[str, int]], None],
    ) -> None:
        self._bus = bus
        self._grants = grants
        self._describe = describe
        self._epoch = epoch
        self._describe_journal = describe_journal
        self._keep_numbers = keep_numbers
        self._replays = replays
        self._limits = limits
        self._max_wait_ms = max_wait_ms
        self._owners: dict[int, str] = {OWNER_ACCOUNT: "account", OWNER_GATEWAY: "gateway"}
        self._nonces: dict[int, list[tuple[float, str]]] = {}
        self._unrecognised_frames = UnrecognisedFrames()
        self._api: PipelineControl
        self._guard: Guard | None = None
        self.held: StartupQueue
        self._requests: RequestSocket
        self.state = "connecting"
        self.ready = False
        self._ops: dict[str, Callable[[int, int, int, str, Json], None]] = {
            "hello": self._hello,
            "ping": self._ping,
            "status": self._status,
            "snapshot": self._snapshot,
            "get-order": self._get_order,
            "replay": self._replay,
            "cancel-all": self._cancel_all,
            "resume": self._resume,
            "reconnect": self._reconnect,
        }

    def guard_by(self, guard: Guard) -> None:
        """From here on codes that ask for more than a result, and missing fills, have somebody who hears of them."""
        self._guard = guard

    def on_okx_code(self, code: int, mono_ns: int, limit_key: int, ord_id: bytes, cl_ord_id: bytes, msg: bytes) -> None:
        """A code that asks for more than a row's result."""
        if self._guard is not None:
            self._guard.on_okx_code(code, mono_ns, limit_key, ord_id, cl_ord_id, msg)

    def on_fills_missing(self, ord_id: bytes) -> None:
        """A state was published with more filled than the published fills are."""
        if self._guard is not None:
            self._guard.on_fills_missing(ord_id)

    def queue_request(self, is_cancel: bool, deadline_ns: int, *rest: Any) -> bool:
        """A request that comes before the instruments are loaded. False: it is to be refused now."""
        return self.held.hold(is_cancel, deadline_ns, *rest)

    def attach(
        self,
        api: PipelineControl,
        algos: AlgoControl,
        requests: RequestSocket,
        add_strategy: Callable[[str, int, int], int],
    ) -> None:
        self._api, self._algos, self._requests, self._add_strategy = api, algos, requests, add_strategy
        self.held = StartupQueue(api.on_request)

    def add_known(self, name: str, number: int, since_epoch: int) -> None:
        """A strategy known at start gets its owner, so that its orders find it before it says hello.

        Orders minted before `since_epoch` are not its own: its number may then have been another's.
        """
        self._owners[self._add_strategy(name, number, since_epoch)] = name

    # ------------------------------------------------------------ from the request socket

    def on_unauthenticated(self, session: int, generation: int, message: bytes) -> None:
        """A message on a connection that nothing is granted to: only `hello` is heard."""
        request_id, op = "", ""
        try:
            parsed = answers.read_message(message)
            request_id, op = answers.ids_of(parsed)
        except BadArgs as error:
            self._refuse(session, generation, "", "", "not_json", str(error))
            return
        if op == "hello" and request_id:
            self.on_gateway_op(session, generation, -1, message)
        elif op == "hello":
            self._refuse(session, generation, "", op, "bad_request", "id must be a string of 1 to 64 characters")
        else:
            msg = 'say hello first: {"id":"h1","op":"hello","args":[{"strategy":"name"}]}'
            self._refuse(session, generation, request_id, op, "hello_required", msg)

    def on_bad_frames(self, session: int, generation: int) -> None:
        msg = "a message must have one frame (or an empty delimiter and one)"
        self._refuse(session, generation, "", "", "bad_frames", msg)

    def on_too_large(self, session: int, generation: int, size: int) -> None:
        self._refuse(
            session, generation, "", "", "too_large", f"the message has {size} bytes; it must have at most 65536"
        )

    # ------------------------------------------------------------ from the pipeline

    def refusal_message(self, reason: int, expected: bytes, key: bytes, row: int, op: bytes) -> bytes:
        decoded = (part.decode("utf-8", "replace") for part in (expected, key, op))
        expected_text, key_text, op_text = decoded
        return answers.refusal_message(reason_text(reason), expected_text, key_text, row, op_text)

    def on_unrecognised_frame(self, kind: str, excerpt: bytes) -> None:
        """Something of OKX's that fits nowhere."""
        alarm = self._unrecognised_frames.note(kind, excerpt)
        if alarm:
            self.alarm(kind, alarm)

    def on_gateway_op(self, session: int, generation: int, owner: int, message: bytes) -> None:
        request_id, op = "", ""
        try:
            parsed = answers.read_message(message)
            request_id, op = answers.ids_of(parsed)
            self._ops[op](session, generation, owner, request_id, parsed)
        except BadArgs as error:
            self._refuse(session, generation, request_id, op, "bad_request", str(error))
        except OSError as error:
            self._refuse(session, generation, request_id, op, "capacity", f"the gateway cannot keep this: {error}")

    # ------------------------------------------------------------ the gateway's own ops

    def _answer(self, session: int, generation: int, request_id: str, op: str, data: Json) -> None:
        self._requests.answer(session, generation, answers.answer(request_id, op, [data]))

    def _refuse(self, session: int, generation: int, request_id: str, op: str, reason: str, msg: str) -> None:
        self._requests.answer(session, generation, answers.refusal(request_id, op, reason, msg))

    def _owner_named(self, name: str, number: int) -> int:
        owner = self._bus.number_of(name)
        if owner is None:
            owner = self._add_strategy(name, number, self._epoch)
            self._owners[owner] = name
        return owner

    def _hello(self, session: int, generation: int, owner: int, request_id: str, message: Json) -> None:
        arg = answers.first_arg(message, frozenset({"strategy", "nonce"}))
        name, nonce = arg.get("strategy"), answers.text(arg, "nonce")
        granted = self._grants.number_for(name, parse_peer(self._requests.sessions.peer_of(session)))
        if isinstance(granted, Refusal):
            log.warning("hello refused", extra={"strategy": str(name)[:64], "why": granted.msg})
            self._refuse(session, generation, request_id, "hello", "not_allowed", granted.msg)
            return
        assert isinstance(name, str)
        try:
            if self._bus.number_of(name) is None:
                self._keep_numbers(self._grants.given)
            owner = self._owner_named(name, granted)
        except OverflowError as error:
            self._refuse(session, generation, request_id, "hello", "capacity", str(error))
            return
        self._requests.sessions.grant(session, generation, owner)
        if nonce:
            self._nonces.setdefault(owner, []).append((time.monotonic(), nonce))
        log.info("hello", extra={"strategy": name, "peer": self._requests.sessions.peer_of(session)})
        data = {
            "strategy": name,
            "number": granted,
            "session": self._bus.session,
            "protocol": PROTOCOL_VERSION,
            "seq": self._bus.last_seq(owner),
            "lastId": self._api.last_request_id(owner),
            "ready": self.ready,
            "state": self.state,
            **self._describe(),
            "limits": self._limits,
            "maxWaitMs": self._max_wait_ms,
            "heartbeatMs": HEARTBEAT_MS,
        }
        self._answer(session, generation, request_id, "hello", data)
        self.heartbeat(owner)

    def _ping(self, session: int, generation: int, owner: int, request_id: str, message: Json) -> None:
        answers.first_arg(message, frozenset())
        self._answer(session, generation, request_id, "ping", {"ns": str(time.time_ns())})

    def _status(self, session: int, generation: int, owner: int, request_id: str, message: Json) -> None:
        answers.first_arg(message, frozenset())
        unknown = [
            {key: row[key] for key in ("id", "row", "op", "clOrdId", "ageMs")} for row in self._api.unknown_rows(owner)
        ]
        data = {
            "state": self.state,
            "ready": self.ready,
            "session": self._bus.session,
            "seq": self._bus.last_seq(owner),
            **self._api.status(),
            "held": self.held.count(owner),
            "algos": self._algos.open_count(),
            "unknown": unknown,
            "limits": self._limits,
            "journal": self._describe_journal(),
            **({} if self._guard is None else self._guard.status()),
        }
        self._answer(session, generation, request_id, "status", data)

    def _snapshot(self, session: int, generation: int, owner: int, request_id: str, message: Json) -> None:
        arg = answers.first_arg(message, frozenset({"from", "limit"}))
        orders, algos = self._api.open_orders(owner), self._algos.open_algos(owner)
        rows, start, more = answers.page([*map(answers.public_order, orders), *map(answers.public_order, algos)], arg)
        split = max(len(orders) - start, 0)
        parts = {"orders": rows[:split], "algos": rows[split:]}
        data = {"seq": self._bus.last_seq(owner), **parts, "from": start, "more": more}
        self._answer(session, generation, request_id, "snapshot", data)

    def _get_order(self, session: int, generation: int, owner: int, request_id: str, message: Json) -> None:
        order = find_named(self._api, self._algos, owner, message)
        if order is None:
            self._refuse(
                session, generation, request_id, "get-order", "unknown_order", "the gateway knows no such order"
            )
        elif order["owner"] not in (owner, OWNER_ACCOUNT):
            self._refuse(
                session, generation, request_id, "get-order", "not_owner", "the order belongs to another strategy"
            )
        else:
            self._answer(session, generation, request_id, "get-order", answers.public_order(order))

    def _replay(self, session: int, generation: int, owner: int, request_id: str, message: Json) -> None:
        arg = answers.first_arg(message, frozenset({"owner", "fromSeq", "limit"}))
        name = answers.text(arg, "owner") or self._owners[owner]
        wanted = self._bus.number_of(name)
        if wanted is None or wanted not in (owner, OWNER_ACCOUNT, OWNER_GATEWAY):
            raise BadArgs("args[0].owner must be the own strategy, account or gateway")
        from_seq = answers.integer(arg, "fromSeq", 1, 1 << 53)
        limit = answers.integer(arg, "limit", answers.PAGE_LIMIT_DEFAULT, answers.PAGE_LIMIT_MAX)
        self._replays.ask(
            lambda body: self._requests.answer(session, generation, body), request_id, name, wanted, from_seq, limit
        )

    def _cancel_all(self, session: int, generation: int, owner: int, request_id: str, message: Json) -> None:
        arg = answers.first_arg(message, frozenset({"instId"}))
        inst_id = answers.text(arg, "instId")
        if len(request_id) > CANCEL_ALL_ID_MAX:
            raise BadArgs(
                f"the id of cancel-all must have at most {CANCEL_ALL_ID_MAX} characters: its cancels add to it"
            )
        again = partial(self._cancel_all, session, generation, owner, request_id, message)
        if self.held.defer(owner, again):
            return
        data = cancel_all(self._api, self._algos, owner, request_id, inst_id, int(self._limits["maxWaitCapMs"]))
        self._answer(session, generation, request_id, "cancel-all", data)

    def _resume(self, session: int, generation: int, owner: int, request_id: str, message: Json) -> None:
        answers.first_arg(message, frozenset())
        resumed = self._guard is not None and self._guard.resume()
        log.warning("resume", extra={"strategy": self._owners[owner], "resumed": resumed})
        self._answer(session, generation, request_id, "resume", {"resumed": resumed})

    def _reconnect(self, session: int, generation: int, owner: int, request_id: str, message: Json) -> None:
        answers.first_arg(message, frozenset())
        begun = self._guard is not None and self._guard.reconnect()
        self._answer(session, generation, request_id, "reconnect", {"begun": begun})

    # ------------------------------------------------------------ events of the gateway's own

    def set_state(self, state: str, ready: bool, reason: str = "") -> None:
        """A new state of the gateway, told at once on `gateway.state` and by heartbeats."""
        if (state, ready) == (self.state, self.ready) and not reason:
            return
        self.state, self.ready = state, ready
        self._publish(TOPIC_STATE, {"state": state, "ready": ready, "reason": reason})
        self.heartbeat_all()

    def alarm(self, reason: str, msg: str) -> None:
        log.error("alarm", extra={"reason": reason, "why": msg})
        self._publish(TOPIC_ALARM, {"reason": reason, "msg": msg})

    def _publish(self, topic: int, members: Json) -> None:
        self._bus.publish_cold(OWNER_GATEWAY, topic, orjson.dumps(members)[1:-1])

    def on_subscription(self, prefix: bytes) -> None:
        """A reader has subscribed: a heartbeat of each owner that it will hear shows it that it is connected."""
        for owner, name in list(self._owners.items()):
            topic = f"{name}.heartbeat".encode()
            if topic.startswith(prefix) or prefix.startswith(f"{name}.".encode()):
                self.heartbeat(owner)
        stranger = UNCLAIMED_PREFIX.match(prefix)
        if stranger is not None and self._bus.number_of(stranger[1].decode()) is None:
            self._bus.publish_unclaimed(stranger[0] + b"heartbeat", self._heartbeat_body(0, []))

    def heartbeat_all(self) -> None:
        for owner in list(self._owners):
            self.heartbeat(owner)

    def heartbeat(self, owner: int) -> None:
        now = time.monotonic()
        nonces = [pair for pair in self._nonces.get(owner, []) if now - pair[0] < NONCE_LIFETIME_S]
        self._nonces[owner] = nonces
        body = self._heartbeat_body(self._bus.last_seq(owner), [nonce for _, nonce in nonces])
        self._bus.publish_heartbeat(owner, body)

    def _heartbeat_body(self, seq: int, nonces: list[str]) -> bytes:
        return orjson.dumps(
            {
                "event": "heartbeat",
                "session": self._bus.session,
                "seq": seq,
                "ready": self.ready,
                "state": self.state,
                "nonces": nonces,
                "ns": str(time.time_ns()),
            }
        )
