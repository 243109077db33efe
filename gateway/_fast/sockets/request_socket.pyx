"""The ROUTER socket and the connections of strategies on it. Answers leave here; `request_reader` reads."""
from gateway._fast.ports.libzmq cimport ZMQ_DONTWAIT, ZMQ_SNDMORE, api_of, zmq
from gateway._fast.sockets.session_table cimport SessionSlot


cdef class RequestSocket(ReplySink):
    """Over a bound pyzmq ROUTER socket.

    A send can swallow the edge of ZMQ_FD that announces a request: `wake` is called after one, and must see to it that
    the socket is read soon. It is not called again before that.
    """

    def __init__(self, socket, wake):
        self.socket = socket
        self.api = api_of(socket)
        self.sessions = SessionTable()
        self.wake = wake

    def close(self):
        """Nothing is read or answered from here on; the caller closes the pyzmq socket."""
        self.api = NULL

    cdef void reply(self, int32_t session, uint32_t generation, const char* body, Py_ssize_t n) noexcept:
        """Answers the connection, if it is still the one that asked.
        A peer that is gone is no error: ROUTER drops for it."""
        cdef SessionSlot* slot = &self.sessions.sessions[session]
        if self.api == NULL or slot.generation != generation:
            return
        if not self.is_reading and not self.is_wake_due:
            self.is_wake_due = True
            self.wake()
        if zmq.send(self.api, slot.routing_id.p, slot.routing_id.n, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0:
            self.unsent_replies += 1
            return
        if slot.has_delimiter:
            zmq.send(self.api, b"", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT)
        if zmq.send(self.api, body, n, ZMQ_DONTWAIT) < 0:
            self.unsent_replies += 1

    def answer(self, int32_t slot, uint32_t generation, bytes body not None):
        """`reply` for the control plane."""
        self.reply(slot, generation, body, len(body))
