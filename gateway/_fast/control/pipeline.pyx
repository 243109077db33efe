"""The control API on the pipeline, one object for all of it.

Each base class adds one concern: `ConnectionControl`, `ReadinessControl`, `QueryControl`, `ReconcileFeed`.
"""
from libc.stdint cimport int32_t, uint32_t

from gateway._fast.base.clock cimport moment_at, monotonic_ns, realtime_ns
from gateway._fast.base.records cimport peer_of
from gateway._fast.ports.ports cimport FrameSink


cdef class PipelineControl(ReconcileFeed):
    """One per pipeline."""

    def on_request(
            self, int32_t session, uint32_t generation, int32_t owner, bint is_req, bytes message not None,
            mono_ns=None, real_ns=None):
        """A message as if read from the socket: `cancel-all` makes its cancels so, and tests drive the path by it.

        False: it is an op of the gateway's own, and nothing was done.
        """
        return bool(self.pipeline.on_request(
            peer_of(session, generation, owner, is_req), message, len(message),
            moment_at(monotonic_ns() if mono_ns is None else mono_ns, realtime_ns() if real_ns is None else real_ns),
        ))

    def on_frame(self, bytes frame not None, mono_ns=None, real_ns=None, FrameSink socket=None):
        """A frame as if read from OKX, where nothing else is said on the connection by which requests go.
        Returns its kind."""
        return self.pipeline.on_frame(
            (self.trading.socket if socket is None else socket).number, frame, len(frame),
            moment_at(monotonic_ns() if mono_ns is None else mono_ns, realtime_ns() if real_ns is None else real_ns),
        )
