from typing import Protocol

from gateway._fast.ports.ports import ControlPort, SessionPort

class _QueueRequest(Protocol):
    def __call__(
        self,
        is_cancel: bool,
        deadline_ns: int,
        session: int,
        generation: int,
        owner: int,
        is_req: bool,
        message: bytes,
        mono_ns: int,
        real_ns: int,
        /,
    ) -> bool: ...

class _RefusalMessage(Protocol):
    def __call__(self, reason: int, expected: bytes, key: bytes, row: int, op: bytes, /) -> bytes: ...

class _OnUnrecognisedFrame(Protocol):
    def __call__(self, kind: str, excerpt: bytes, /) -> None: ...

class _OnOkxCode(Protocol):
    def __call__(
        self, code: int, mono_ns: int, limit_key: int, ord_id: bytes, cl_ord_id: bytes, msg: bytes, /
    ) -> None: ...

class _OnFillsMissing(Protocol):
    def __call__(self, ord_id: bytes, /) -> None: ...

class _KeepLinkedOrder(Protocol):
    def __call__(self, algo_id: bytes, row: bytes, /) -> bool: ...

class PythonControl(ControlPort):
    def __init__(
        self,
        queue_request: _QueueRequest,
        refusal_message: _RefusalMessage,
        on_unrecognised_frame: _OnUnrecognisedFrame,
        on_okx_code: _OnOkxCode,
        on_fills_missing: _OnFillsMissing,
        keep_linked_order: _KeepLinkedOrder,
    ) -> None: ...

class _Sessions(Protocol):
    def on_gateway_op(self, session: int, generation: int, owner: int, message: bytes) -> None: ...
    def on_unauthenticated(self, session: int, generation: int, message: bytes) -> None: ...
    def on_bad_frames(self, session: int, generation: int) -> None: ...
    def on_too_large(self, session: int, generation: int, size: int) -> None: ...

class PythonSessions(SessionPort):
    def __init__(self, callee: _Sessions) -> None: ...
