"""The control plane in Python, behind its ports.

An exception of a callee is a defect: `sys.unraisablehook` gets it, the call counts as one that did nothing (a request
is not queued, a row is not kept), and the path goes on.
"""
from libc.stdint cimport int32_t, int64_t, uint32_t

from gateway._fast.base.clock cimport Moment
from gateway._fast.base.records cimport Peer, RowSlot
from gateway._fast.base.span cimport Span
from gateway._fast.ports.ports cimport ControlPort, SessionPort


cdef class PythonControl(ControlPort):
    """Each call of the paths is one of these callables. Each must return at once."""

    cdef object queues_request
    cdef object words_refusal
    cdef object notes_frame
    cdef object reacts_to_code
    cdef object notes_missing_fills
    cdef object keeps_linked
    cdef bytes message

    def __init__(
            self, queue_request, refusal_message, on_unrecognised_frame, on_okx_code, on_fills_missing,
            keep_linked_order):
        self.queues_request = queue_request
        self.words_refusal = refusal_message
        self.notes_frame = on_unrecognised_frame
        self.reacts_to_code = on_okx_code
        self.notes_missing_fills = on_fills_missing
        self.keeps_linked = keep_linked_order

    cdef bint queue_request(
            self, bint is_cancel, int64_t deadline_ns, Peer peer, const char* p, Py_ssize_t n, Moment read) noexcept:
        return self.queues_request(
            is_cancel, deadline_ns, peer.session, peer.generation, peer.owner, peer.is_req, p[:n], read.mono_ns,
            read.real_ns)

    cdef Span refusal_message(
            self, int32_t reason, const char* expected, const Span* key, int32_t row, const Span* op) noexcept:
        cdef Span text
        self.message = b"the request is refused"
        self.word_refusal(reason, expected, key, row, op)
        text.p = self.message
        text.n = <uint32_t>len(self.message)
        return text

    cdef void word_refusal(
            self, int32_t reason, const char* expected, const Span* key, int32_t row, const Span* op) noexcept:
        self.message = self.words_refusal(reason, <bytes>expected, key.p[:key.n], row, op.p[:op.n])

    cdef void on_unrecognised_frame(self, const char* kind, const Span* excerpt) noexcept:
        self.notes_frame(kind.decode("ascii"), excerpt.p[:excerpt.n])

    cdef void on_okx_code(self, int32_t code, int64_t mono_ns, const RowSlot* row) noexcept:
        self.reacts_to_code(
            code, mono_ns, row.limit_key, row.ord_id.p[:row.ord_id.n], row.cl_ord_id.p[:row.cl_ord_id.n],
            row.msg.p[:row.msg.n])

    cdef void on_fills_missing(self, const Span* ord_id) noexcept:
        self.notes_missing_fills(ord_id.p[:ord_id.n])

    cdef bint keep_linked_order(self, const Span* algo_id, const Span* row) noexcept:
        return self.keeps_linked(algo_id.p[:algo_id.n], row.p[:row.n])


cdef class PythonSessions(SessionPort):
    """`callee` answers what comes by the request socket and is no request for orders."""

    cdef object callee

    def __init__(self, callee):
        self.callee = callee

    cdef void on_gateway_op(self, Peer peer, const char* p, Py_ssize_t n) noexcept:
        self.callee.on_gateway_op(peer.session, peer.generation, peer.owner, p[:n])

    cdef void on_unauthenticated(self, Peer peer, const char* p, Py_ssize_t n) noexcept:
        self.callee.on_unauthenticated(peer.session, peer.generation, p[:n])

    cdef void on_bad_frames(self, Peer peer) noexcept:
        self.callee.on_bad_frames(peer.session, peer.generation)

    cdef void on_too_large(self, Peer peer, Py_ssize_t n) noexcept:
        self.callee.on_too_large(peer.session, peer.generation, n)
