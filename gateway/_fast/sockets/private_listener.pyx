"""The private stream's picows listener: frames straight into the pipeline, and the pipeline's frames straight to the
socket.

picows answers an exception in `on_ws_frame` by closing the connection, so that nothing here raises.
"""
import picows
from libc.stdint cimport int32_t
from picows.picows cimport WSFrame, WSListener, WSMsgType, WSTransport

from gateway._fast.base.clock cimport moment_at, monotonic_ns, realtime_ns
from gateway._fast.frames.scanner cimport FRAME_OTHER, FRAME_PING, FRAME_PONG
from gateway._fast.order_pipeline cimport OrderPipeline
from gateway._fast.ports.ports cimport FrameSink

BUILT_FOR_PICOWS = "2.3.1"
if picows.__version__ != BUILT_FOR_PICOWS:
    raise ImportError(
        f"gateway was built for picows {BUILT_FOR_PICOWS}, but {picows.__version__} is installed; "
        f"its C layout may differ. Install picows=={BUILT_FOR_PICOWS}"
    )

cdef enum:
    ASSEMBLY_MAX = 4194304  # bytes of a message in fragments; OKX's own limit is far below


cdef class StreamSocket(FrameSink):
    """The open connection as the pipeline's port."""

    cdef WSTransport transport
    cdef bint paused

    def __init__(self, WSTransport transport not None):
        self.transport = transport

    cdef bint is_writable(self) noexcept:
        return not self.paused and not self.transport.is_disconnected and not self.transport.is_close_frame_sent

    cdef int send(self, char* frame, Py_ssize_t n) noexcept:
        if self.transport.is_disconnected or self.transport.is_close_frame_sent:
            return -1
        try:
            self.transport.send_reuse_external_buffer(WSMsgType.TEXT, frame, n)
        except BaseException:
            # Part of it may be out: the request counts as sent, and the lost connection makes it unknown.
            self.transport.underlying_transport.abort()
        return 0


cdef class PrivateListener(WSListener):
    """`owner` is a `gateway.connections.stream_hooks.ListenerOwner`: it gets the connection, event frames, `pong` and
    the end."""

    cdef OrderPipeline pipeline
    cdef object owner
    cdef StreamSocket socket
    cdef bytearray fragments
    cdef readonly long long last_frame_ns  # monotonic

    def __init__(self, OrderPipeline pipeline not None, owner):
        self.pipeline = pipeline
        self.owner = owner
        self.fragments = bytearray()
        self.last_frame_ns = monotonic_ns()

    cpdef on_ws_connected(self, WSTransport transport):
        self.socket = StreamSocket(transport)
        self.owner.on_connected(self, transport, self.socket)

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        self.last_frame_ns = monotonic_ns()
        if frame.msg_type == WSMsgType.TEXT and frame.fin:
            self.take_message(transport, frame.payload_ptr, frame.payload_size)
        elif frame.msg_type == WSMsgType.TEXT or frame.msg_type == WSMsgType.CONTINUATION:
            self.take_fragment(transport, frame)
        elif frame.msg_type == WSMsgType.CLOSE:
            self.owner.on_close_frame(self, int(frame.get_close_code()), frame.get_close_reason())
            transport.send_close(frame.get_close_code())
            transport.disconnect()

    cdef take_message(self, WSTransport transport, const char* message, Py_ssize_t n):
        cdef int32_t kind = self.pipeline.on_frame(
            self.socket.number, message, n, moment_at(self.last_frame_ns, realtime_ns()))
        if kind == FRAME_OTHER:
            self.owner.on_cold_frame(self, message[:n])
        elif kind == FRAME_PONG:
            self.owner.on_pong(self)
        elif kind == FRAME_PING:
            transport.send(WSMsgType.TEXT, b"pong")

    cdef take_fragment(self, WSTransport transport, WSFrame frame):
        """A message in several frames: put together, then treated as one."""
        cdef bytes whole
        if frame.msg_type == WSMsgType.TEXT:
            self.fragments.clear()
        if len(self.fragments) + frame.payload_size > ASSEMBLY_MAX:
            transport.disconnect(False)
            return
        self.fragments += frame.payload_ptr[:frame.payload_size]
        if not frame.fin:
            return
        whole = bytes(self.fragments)
        self.fragments.clear()
        self.take_message(transport, whole, len(whole))

    cpdef pause_writing(self):
        if self.socket is not None:
            self.socket.paused = True

    cpdef resume_writing(self):
        if self.socket is not None:
            self.socket.paused = False

    cpdef on_ws_disconnected(self, WSTransport transport):
        self.owner.on_closed(self)
