# libzmq as pyzmq has loaded it, by function pointers: neither header nor linking is needed.
cdef struct ZmqMessage:   # zmq_msg_t: 64 bytes, aligned as a pointer (libzmq's ABI since 4.1)
    void* opaque[8]

ctypedef int (*msg_call)(ZmqMessage*) noexcept nogil
ctypedef int (*msg_size_call)(ZmqMessage*, size_t) noexcept nogil
ctypedef int (*msg_socket_call)(ZmqMessage*, void*, int) noexcept nogil
ctypedef void* (*msg_data_call)(ZmqMessage*) noexcept nogil
ctypedef size_t (*msg_length_call)(ZmqMessage*) noexcept nogil
ctypedef const char* (*msg_gets_call)(ZmqMessage*, const char*) noexcept nogil
ctypedef int (*send_call)(void*, const void*, size_t, int) noexcept nogil

cdef struct ZmqCalls:
    msg_call msg_init
    msg_size_call msg_init_size
    msg_socket_call msg_recv
    msg_socket_call msg_send
    msg_call msg_close
    msg_call msg_more
    msg_data_call msg_data
    msg_length_call msg_size
    msg_gets_call msg_gets
    send_call send

cdef ZmqCalls zmq

cdef enum:
    ZMQ_DONTWAIT = 1
    ZMQ_SNDMORE = 2

cdef void* api_of(object socket) except NULL
