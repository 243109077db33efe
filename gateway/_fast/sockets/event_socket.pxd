from gateway._fast.ports.ports cimport EventSink

cdef class EventSocket(EventSink):
    cdef object socket
    cdef void* handle
    cdef readonly long long dropped
