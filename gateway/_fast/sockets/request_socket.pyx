"""The ROUTER socket: strategies' messages in, answers out."""
from gateway._fast.base.clock cimport monotonic_ns, realtime_ns
from gateway._fast.base.enums cimport MESSAGE_MAX
from gateway._fast.ports.libzmq cimport ZMQ_DONTWAIT, ZMQ_SNDMORE, api_of, zmq
from gateway._fast.sockets.session_table cimport SessionSlot

cdef enum:
    TURN_MAX = 64  # messages in one turn of the loop, so that OKX's frames are not kept waiting behind a flood of requests


cdef class RequestSocket(ReplySink):
    """Reads a bound pyzmq ROUTER socket. `attach` gives it the pipeline; the event loop calls `on_readable` when ZMQ_FD is readable."""

    def __init__(self, socket):
        self.socket = socket
        self.api = api_of(socket)
        self.sessions = SessionTable()

    def attach(self, OrderPipeline pipeline not None, control):
        self.pipeline = pipeline
        self.control = control

    def close(self):
        """Nothing is read or answered from here on; the caller closes the pyzmq socket."""
        self.api = NULL

    def on_readable(self):
        """Takes up to TURN_MAX messages. True if more may be there: then it must be called again without waiting for the FD.

        A receive that finds nothing has read all of libzmq's signals, so that the next message makes the FD readable again.
        """
        cdef ZmqMessage routing_id
        cdef int taken = 0
        cdef bint is_drained = False
        self.reading = True
        self.check_is_due = False
        while self.api != NULL and taken < TURN_MAX:
            zmq.msg_init(&routing_id)
            if zmq.msg_recv(&routing_id, self.api, ZMQ_DONTWAIT) < 0:
                zmq.msg_close(&routing_id)
                is_drained = True
                break
            self.take_message(&routing_id)
            zmq.msg_close(&routing_id)
            taken += 1
        self.reading = False
        return self.api != NULL and not is_drained

    cdef bint has_more(self, ZmqMessage* frame) noexcept:
        return zmq.msg_more(frame) != 0

    cdef void skip_rest(self) noexcept:
        """Reads the frames of this message that nobody wants."""
        cdef ZmqMessage frame
        cdef bint more = True
        while more:
            zmq.msg_init(&frame)
            if zmq.msg_recv(&frame, self.api, ZMQ_DONTWAIT) < 0:
                more = False
            else:
                more = self.has_more(&frame)
            zmq.msg_close(&frame)

    cdef void take_message(self, ZmqMessage* routing_id) noexcept:
        """One message whose routing id has been read: [delimiter] payload."""
        cdef ZmqMessage payload
        cdef SessionSlot* session
        cdef int32_t slot
        cdef bint has_delimiter = False
        cdef bint too_many
        cdef Py_ssize_t n
        if not self.has_more(routing_id):
            return
        zmq.msg_init(&payload)
        zmq.msg_recv(&payload, self.api, ZMQ_DONTWAIT)
        if zmq.msg_size(&payload) == 0 and self.has_more(&payload):
            has_delimiter = True
            zmq.msg_close(&payload)
            zmq.msg_init(&payload)
            zmq.msg_recv(&payload, self.api, ZMQ_DONTWAIT)
        too_many = self.has_more(&payload)
        slot = self.sessions.find_or_add(
            <const char*>zmq.msg_data(routing_id), <uint32_t>zmq.msg_size(routing_id), zmq.msg_gets(&payload, b"Peer-Address")
        )
        session = &self.sessions.sessions[slot]
        session.has_delimiter = has_delimiter
        n = <Py_ssize_t>zmq.msg_size(&payload)
        if too_many:
            self.skip_rest()
            self.control.on_bad_frames(slot, session.generation)
        elif n > MESSAGE_MAX:
            self.control.on_too_large(slot, session.generation, n)
        elif session.owner < 0:
            self.control.on_unauthenticated(slot, session.generation, (<const char*>zmq.msg_data(&payload))[:n])
        else:
            self.pipeline.on_request(
                slot, session.generation, session.owner, has_delimiter, <const char*>zmq.msg_data(&payload), n, monotonic_ns(), realtime_ns()
            )
        zmq.msg_close(&payload)

    cdef void reply(self, int32_t slot, uint32_t generation, const char* body, Py_ssize_t n) noexcept:
        """Answers the connection, if it is still the one that asked. A peer that is gone is no error: ROUTER drops for it."""
        cdef SessionSlot* session = &self.sessions.sessions[slot]
        if self.api == NULL or session.generation != generation:
            return
        if not self.reading and not self.check_is_due:
            # A send may swallow the edge of ZMQ_FD that announces a request.
            self.check_is_due = True
            self.control.check_requests_soon()
        if zmq.send(self.api, session.routing_id.p, session.routing_id.n, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0:
            self.unsent_replies += 1
            return
        if session.has_delimiter:
            zmq.send(self.api, b"", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT)
        if zmq.send(self.api, body, n, ZMQ_DONTWAIT) < 0:
            self.unsent_replies += 1

    def answer(self, int32_t slot, uint32_t generation, bytes body not None):
        """`reply` for the control plane."""
        self.reply(slot, generation, body, len(body))
