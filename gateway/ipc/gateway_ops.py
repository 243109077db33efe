"""The gateway's own ops besides `hello`: what it knows, what it has published, and what a strategy may have it do."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from gateway._fast.base.enums import OWNER_ACCOUNT, OWNER_GATEWAY
from gateway._fast.control.algos import AlgoControl
from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.events.bus import EventBus
from gateway.ipc import answers
from gateway.ipc.answers import BadArgs, Json
from gateway.ipc.cancel_all import cancel_all
from gateway.ipc.gateway_state import GatewayState
from gateway.ipc.order_lookup import find_named
from gateway.ipc.owners import Owners
from gateway.ipc.replay import Replays
from gateway.ipc.sessions import GatewayRequest, Op, Replies
from gateway.ipc.startup_queue import StartupQueue

log = logging.getLogger(__name__)

# `cancel-all` adds to its id for each of its cancels; an id has at most 64 characters.
CANCEL_ALL_ID_MAX: Final = 58


class Operations(Protocol):
    """What runs beside the order path: see `gateway.process.housekeeping.Housekeeping`."""

    def resume(self) -> bool: ...
    def reconnect(self) -> bool: ...
    def status(self) -> Json: ...


class JournalStatus(Protocol):
    """See `gateway.journal.monitor.JournalMonitor`."""

    def status(self) -> Json: ...


@dataclass(frozen=True, slots=True)
class OpPorts:
    """What the ops read and use. `limits` as `hello` and `status` show them."""

    bus: EventBus
    owners: Owners
    state: GatewayState
    api: PipelineControl
    algos: AlgoControl
    replays: Replays
    startup_queue: StartupQueue
    journal: JournalStatus
    operations: Operations
    limits: Mapping[str, int]


class GatewayOps:
    """`by_name` are the ops."""

    def __init__(self, ports: OpPorts, replies: Replies) -> None:
        self._ports = ports
        self._replies = replies
        self.by_name: dict[str, Op] = {
            "ping": self._ping,
            "status": self._status,
            "snapshot": self._snapshot,
            "get-order": self._get_order,
            "replay": self._replay,
            "cancel-all": self._cancel_all,
            "resume": self._resume,
            "reconnect": self._reconnect,
        }

    def _ping(self, request: GatewayRequest) -> None:
        answers.first_arg(request.message, frozenset())
        self._replies.answer(request, {"ns": str(time.time_ns())})

    def _status(self, request: GatewayRequest) -> None:
        answers.first_arg(request.message, frozenset())
        ports, owner = self._ports, request.owner
        unknown = [
            {key: row[key] for key in ("id", "row", "op", "clOrdId", "ageMs")} for row in ports.api.unknown_rows(owner)
        ]
        data = {
            "state": ports.state.state,
            "ready": ports.state.ready,
            "session": ports.bus.session,
            "seq": ports.bus.last_seq(owner),
            **ports.api.status(),
            "startupQueue": ports.startup_queue.count(owner),
            "algos": ports.algos.open_count(),
            "unknown": unknown,
            "limits": dict(ports.limits),
            "journal": ports.journal.status(),
            **ports.operations.status(),
        }
        self._replies.answer(request, data)

    def _snapshot(self, request: GatewayRequest) -> None:
        arg = answers.first_arg(request.message, frozenset({"from", "limit"}))
        ports, owner = self._ports, request.owner
        orders, algos = ports.api.open_orders(owner), ports.algos.open_algos(owner)
        rows, start, more = answers.page([*map(answers.public_order, orders), *map(answers.public_order, algos)], arg)
        split = max(len(orders) - start, 0)
        parts = {"orders": rows[:split], "algos": rows[split:]}
        self._replies.answer(request, {"seq": ports.bus.last_seq(owner), **parts, "from": start, "more": more})

    def _get_order(self, request: GatewayRequest) -> None:
        order = find_named(self._ports.api, self._ports.algos, request.owner, request.message)
        if order is None:
            self._replies.refuse(request, "unknown_order", "the gateway knows no such order")
        elif order["owner"] not in (request.owner, OWNER_ACCOUNT):
            self._replies.refuse(request, "not_owner", "the order belongs to another strategy")
        else:
            self._replies.answer(request, answers.public_order(order))

    def _replay(self, request: GatewayRequest) -> None:
        ports = self._ports
        arg = answers.first_arg(request.message, frozenset({"owner", "fromSeq", "limit"}))
        name = answers.text(arg, "owner") or ports.owners.name_of(request.owner)
        wanted = ports.owners.number_of(name)
        if wanted is None or wanted not in (request.owner, OWNER_ACCOUNT, OWNER_GATEWAY):
            raise BadArgs("args[0].owner must be the own strategy, account or gateway")
        last_seq = ports.bus.last_seq(wanted)
        from_seq = answers.integer(arg, "fromSeq", 1, 1, 1 << 53)
        if from_seq > last_seq + 1:
            raise BadArgs(f"args[0].fromSeq must be at most {last_seq + 1}: the last seq of {name} is {last_seq}")
        limit = answers.limit_of(arg)
        ports.replays.ask(partial(self._replies.send, request), request.id, name, wanted, from_seq, limit)

    def _cancel_all(self, request: GatewayRequest) -> None:
        ports = self._ports
        inst_id = answers.text(answers.first_arg(request.message, frozenset({"instId"})), "instId")
        if len(request.id) > CANCEL_ALL_ID_MAX:
            raise BadArgs(
                f"the id of cancel-all must have at most {CANCEL_ALL_ID_MAX} characters: its cancels add to it"
            )
        if ports.startup_queue.queue_gateway_op(request.session, request.generation, request.owner, request.text):
            return
        wait_ms = ports.limits["maxWaitCapMs"]
        self._replies.answer(request, cancel_all(ports.api, ports.algos, request.owner, request.id, inst_id, wait_ms))

    def _resume(self, request: GatewayRequest) -> None:
        answers.first_arg(request.message, frozenset())
        resumed = self._ports.operations.resume()
        log.warning("resume", extra={"strategy": self._ports.owners.name_of(request.owner), "resumed": resumed})
        self._replies.answer(request, {"resumed": resumed})

    def _reconnect(self, request: GatewayRequest) -> None:
        answers.first_arg(request.message, frozenset())
        self._replies.answer(request, {"begun": self._ports.operations.reconnect()})
