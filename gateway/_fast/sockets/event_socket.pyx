"""The XPUB socket that events leave by."""
from gateway._fast.ports.libzmq cimport ZMQ_DONTWAIT, ZMQ_SNDMORE, api_of, zmq


cdef class EventSocket(EventSink):
    """Publishes on a bound pyzmq XPUB socket. libzmq drops for a reader whose queue (SNDHWM) is full: the reader sees
    it by `seq`."""

    def __init__(self, socket):
        self.socket = socket
        self.api = api_of(socket)

    cdef void publish(self, const char* topic, Py_ssize_t topic_n, const char* body, Py_ssize_t body_n) noexcept:
        if self.api == NULL or zmq.send(self.api, topic, topic_n, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0:
            self.dropped += 1
            return
        if zmq.send(self.api, body, body_n, ZMQ_DONTWAIT) < 0:
            self.dropped += 1

    def close(self):
        """Nothing is published from here on; the caller closes the pyzmq socket."""
        self.api = NULL
