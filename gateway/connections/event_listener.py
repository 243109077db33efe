"""The picows listener of streams off the hot path."""

from __future__ import annotations

import time

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from gateway.connections.stream_hooks import ListenerOwner


class ColdListener(WSListener):
    """Whole text messages to the owner, put together where they come in fragments."""

    def __init__(self, owner: ListenerOwner) -> None:
        super().__init__()
        self._owner = owner
        self._fragments = bytearray()
        self.last_frame_ns = time.monotonic_ns()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._owner.on_connected(self, transport, None)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self.last_frame_ns = time.monotonic_ns()
        if frame.msg_type in (WSMsgType.TEXT, WSMsgType.CONTINUATION):
            self._fragments += frame.get_payload_as_memoryview()
            if frame.fin:
                message = bytes(self._fragments)
                self._fragments.clear()
                if message == b"pong":
                    self._owner.on_pong(self)
                else:
                    self._owner.on_cold_frame(self, message)
        elif frame.msg_type == WSMsgType.CLOSE:
            self._owner.on_close_frame(self, int(frame.get_close_code().value), frame.get_close_reason() or "")
            transport.send_close(frame.get_close_code())
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._owner.on_closed(self)
