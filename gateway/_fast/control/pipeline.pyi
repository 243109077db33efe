from gateway._fast.control.reconcile_feed import ReconcileFeed
from gateway._fast.ports.ports import FrameSink

class PipelineControl(ReconcileFeed):
    def on_request(
        self,
        session: int,
        generation: int,
        owner: int,
        is_req: bool,
        message: bytes,
        mono_ns: int | None = None,
        real_ns: int | None = None,
    ) -> bool: ...
    def on_frame(
        self, frame: bytes, mono_ns: int | None = None, real_ns: int | None = None, socket: FrameSink | None = None
    ) -> int: ...
