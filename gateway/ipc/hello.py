"""The op `hello`: grants a strategy's name to a connection, and tells the strategy where it stands."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.events.bus import EventBus
from gateway._fast.sockets.session_table import SessionTable
from gateway.ipc import answers
from gateway.ipc.answers import Json
from gateway.ipc.gateway_state import HEARTBEAT_MS, GatewayState
from gateway.ipc.grants import Grants, Refusal, parse_peer, wrong_name
from gateway.ipc.owners import Owners
from gateway.ipc.sessions import GatewayRequest, Replies

log = logging.getLogger(__name__)

PROTOCOL_VERSION: Final = 1


class Hello:
    """`describe` gives the parts of the answer that are about the account and the configuration."""

    def __init__(
        self,
        bus: EventBus,
        grants: Grants,
        owners: Owners,
        state: GatewayState,
        api: PipelineControl,
        sessions: SessionTable,
        replies: Replies,
        describe: Callable[[], Json],
    ) -> None:
        self._bus = bus
        self._grants = grants
        self._owners = owners
        self._state = state
        self._api = api
        self._sessions = sessions
        self._replies = replies
        self._describe = describe

    def answer(self, request: GatewayRequest) -> None:
        arg = answers.first_arg(request.message, frozenset({"strategy", "nonce"}))
        name, nonce = arg.get("strategy"), answers.text(arg, "nonce")
        peer = self._sessions.peer_of(request.session)
        granted = self._other_name(request.owner, name) or self._grants.number_for(name, parse_peer(peer))
        if isinstance(granted, Refusal):
            log.warning("hello refused", extra={"strategy": str(name)[:64], "why": granted.msg})
            self._replies.refuse(request, granted.reason, granted.msg)
            return
        assert isinstance(name, str)
        try:
            owner = self._owners.granted(name, granted)
        except OverflowError as error:
            self._replies.refuse(request, "capacity", str(error))
            return
        self._sessions.grant(request.session, request.generation, owner)
        log.info("hello", extra={"strategy": name, "peer": peer})
        data = {
            "strategy": name,
            "number": granted,
            "session": self._bus.session,
            "protocol": PROTOCOL_VERSION,
            "seq": self._bus.last_seq(owner),
            "lastId": self._api.last_request_id(owner),
            "ready": self._state.ready,
            "state": self._state.state,
            **self._describe(),
            "heartbeatMs": HEARTBEAT_MS,
        }
        self._replies.answer(request, data)
        self._state.greet(owner, nonce)

    def _other_name(self, owner: int, name: object) -> Refusal | None:
        """A connection speaks for one name. Asked before a number is given to another."""
        if owner < 0 or wrong_name(name) is not None or self._owners.name_of(owner) == name:
            return None
        return Refusal(f"this connection speaks for {self._owners.name_of(owner)!r}: open another one for {name!r}")
