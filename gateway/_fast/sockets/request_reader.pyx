"""What strategies send: requests for orders straight into the pipeline, all else to the control plane."""
from libc.stdint cimport int32_t, uint32_t

from gateway._fast.base.clock cimport moment_now
from gateway._fast.base.enums cimport MESSAGE_MAX
from gateway._fast.base.records cimport peer_of
from gateway._fast.ports.libzmq cimport ZMQ_DONTWAIT, zmq
from gateway._fast.sockets.session_table cimport SessionSlot

cdef enum:
    # messages in one turn of the loop, so that OKX's frames are not kept waiting behind a flood of requests
    TURN_MAX = 64


cdef bint has_more(ZmqMessage* frame) noexcept:
    return zmq.msg_more(frame) != 0


cdef class RequestReader:
    """The event loop calls `on_readable` when ZMQ_FD is readable."""

    def __init__(self, RequestSocket socket not None, OrderPipeline pipeline not None, SessionPort sessions not None):
        self.socket = socket
        self.pipeline = pipeline
        self.sessions = sessions

    def on_readable(self):
        """Takes up to TURN_MAX messages. True if more may be there: then it must be called again without waiting for
        the FD.

        A receive that finds nothing has read all of libzmq's signals, so that the next message makes the FD readable
        again.
        """
        cdef ZmqMessage routing_id
        cdef RequestSocket socket = self.socket
        cdef int taken = 0
        cdef bint is_drained = False
        socket.is_reading = True
        socket.is_wake_due = False
        while socket.api != NULL and taken < TURN_MAX:
            zmq.msg_init(&routing_id)
            if zmq.msg_recv(&routing_id, socket.api, ZMQ_DONTWAIT) < 0:
                zmq.msg_close(&routing_id)
                is_drained = True
                break
            self.take_message(&routing_id)
            zmq.msg_close(&routing_id)
            taken += 1
        socket.is_reading = False
        return socket.api != NULL and not is_drained

    cdef void take_message(self, ZmqMessage* routing_id) noexcept:
        """One message whose routing id has been read: [delimiter] payload."""
        cdef ZmqMessage payload
        cdef SessionSlot* session
        cdef int32_t slot
        cdef bint has_delimiter = False
        cdef bint too_many
        if not has_more(routing_id):
            return
        zmq.msg_init(&payload)
        zmq.msg_recv(&payload, self.socket.api, ZMQ_DONTWAIT)
        if zmq.msg_size(&payload) == 0 and has_more(&payload):
            has_delimiter = True
            zmq.msg_close(&payload)
            zmq.msg_init(&payload)
            zmq.msg_recv(&payload, self.socket.api, ZMQ_DONTWAIT)
        too_many = has_more(&payload)
        slot = self.socket.sessions.find_or_add(
            <const char*>zmq.msg_data(routing_id), <uint32_t>zmq.msg_size(routing_id),
            zmq.msg_gets(&payload, b"Peer-Address")
        )
        session = &self.socket.sessions.sessions[slot]
        session.has_delimiter = has_delimiter
        if too_many:
            self.skip_rest()
        self.hand_on(
            peer_of(slot, session.generation, session.owner, has_delimiter), too_many,
            <const char*>zmq.msg_data(&payload), <Py_ssize_t>zmq.msg_size(&payload)
        )
        zmq.msg_close(&payload)

    cdef void hand_on(self, Peer peer, bint too_many, const char* p, Py_ssize_t n) noexcept:
        if too_many:
            self.sessions.on_bad_frames(peer)
        elif n > MESSAGE_MAX:
            self.sessions.on_too_large(peer, n)
        elif peer.owner < 0:
            self.sessions.on_unauthenticated(peer, p, n)
        elif not self.pipeline.on_request(peer, p, n, moment_now()):
            self.sessions.on_gateway_op(peer, p, n)

    cdef void skip_rest(self) noexcept:
        """Reads the frames of this message that nobody wants."""
        cdef ZmqMessage frame
        cdef bint more = True
        while more:
            zmq.msg_init(&frame)
            if zmq.msg_recv(&frame, self.socket.api, ZMQ_DONTWAIT) < 0:
                more = False
            else:
                more = has_more(&frame)
            zmq.msg_close(&frame)
