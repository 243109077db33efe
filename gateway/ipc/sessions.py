"""Messages on the orders socket that are no requests for orders: read, and handed to the op that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from gateway._fast.base.enums import MESSAGE_MAX
from gateway._fast.control.pipeline import PipelineControl
from gateway._fast.sockets.session_table import SessionTable
from gateway.ipc import answers
from gateway.ipc.answers import BadArgs, Json
from gateway.ipc.startup_queue import QueuedRequest


class GatewayRequest(NamedTuple):
    """A request for one of the gateway's own ops. `owner` is -1 before `hello`; `text` is the message as it came."""

    session: int
    generation: int
    owner: int
    id: str
    op: str
    message: Json
    text: bytes


Op = Callable[[GatewayRequest], None]


class OrdersSocket(Protocol):
    """What is asked of the orders socket: see `gateway._fast.sockets.request_socket.RequestSocket`."""

    @property
    def sessions(self) -> SessionTable: ...
    def answer(self, slot: int, generation: int, body: bytes) -> None: ...


class Replies:
    """Answers to requests for the gateway's own ops."""

    def __init__(self, socket: OrdersSocket) -> None:
        self._socket = socket

    def answer(self, request: GatewayRequest, data: Json) -> None:
        self.send(request, answers.answer(request.id, request.op, [data]))

    def refuse(self, request: GatewayRequest, reason: str, msg: str) -> None:
        self.send(request, answers.refusal(request.id, request.op, reason, msg))

    def send(self, request: GatewayRequest, body: bytes) -> None:
        self._socket.answer(request.session, request.generation, body)


class Sessions:
    """One per gateway, behind the request socket's `SessionPort`. `ops` by name; `hello` is one of them."""

    def __init__(self, replies: Replies, ops: Mapping[str, Op], api: PipelineControl) -> None:
        self._replies = replies
        self._ops = ops
        self._api = api

    def on_unauthenticated(self, session: int, generation: int, message: bytes) -> None:
        """A message on a connection that nothing is granted to: only `hello` is taken."""
        request = GatewayRequest(session, generation, -1, "", "", {}, message)
        try:
            parsed = answers.read_message(message)
        except BadArgs as error:
            self._replies.refuse(request, "not_json", str(error))
            return
        request_id, op = answers.ids_of(parsed)
        if op == "hello" and request_id:
            self.on_gateway_op(session, generation, -1, message)
        elif op == "hello":
            self._replies.refuse(request._replace(op=op), "bad_request", "id must be a string of 1 to 64 characters")
        else:
            msg = 'say hello first: {"id":"h1","op":"hello","args":[{"strategy":"name"}]}'
            self._replies.refuse(request._replace(id=request_id), "hello_required", msg)

    def on_bad_frames(self, session: int, generation: int) -> None:
        msg = "a message must have one frame (or an empty delimiter and one)"
        self._replies.refuse(GatewayRequest(session, generation, -1, "", "", {}, b""), "bad_frames", msg)

    def on_too_large(self, session: int, generation: int, size: int) -> None:
        msg = f"the message has {size} bytes; it must have at most {MESSAGE_MAX}"
        self._replies.refuse(GatewayRequest(session, generation, -1, "", "", {}, b""), "too_large", msg)

    def on_gateway_op(self, session: int, generation: int, owner: int, message: bytes) -> None:
        """One of the gateway's own ops. What it cannot do is refused: BadArgs, or OSError of a disk."""
        request = GatewayRequest(session, generation, owner, "", "", {}, message)
        try:
            parsed = answers.read_message(message)
            request_id, op = answers.ids_of(parsed)
            request = request._replace(id=request_id, op=op, message=parsed)
            self._ops[op](request)
        except BadArgs as error:
            self._replies.refuse(request, "bad_request", str(error))
        except OSError as error:
            self._replies.refuse(request, "capacity", f"the gateway cannot keep this: {error}")

    def read_queued(self, request: QueuedRequest) -> None:
        """A request of the startup queue, as if it had been read from the socket now."""
        if not self._api.on_request(*request.arguments):
            self.on_gateway_op(request.session, request.generation, request.owner, request.message)
