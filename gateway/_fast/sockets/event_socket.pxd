from gateway._fast.ports.ports cimport EventSink

cdef class EventSocket(EventSink):
    cdef object socket
    cdef void* api
    cdef readonly long long dropped
