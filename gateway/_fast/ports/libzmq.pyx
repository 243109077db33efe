"""libzmq's C functions, taken by `dlsym` from the library that pyzmq has already loaded (its wheel ships no header)."""
from libc.stdint cimport uintptr_t

import zmq.backend.cython._zmq as pyzmq_extension

cdef extern from "<dlfcn.h>" nogil:
    void* dlopen(const char* path, int mode)
    void* dlsym(void* library, const char* name)
    int RTLD_NOW
    int RTLD_NOLOAD


cdef void* symbol(void* library, bytes name) except NULL:
    cdef void* found = dlsym(library, name)
    if found == NULL:
        raise ImportError(f"the libzmq that pyzmq {pyzmq_extension.__name__} loaded has no {name.decode()}")
    return found


cdef int load() except -1:
    """dlsym on the extension's handle also searches what it depends on: the very libzmq that its sockets live in."""
    cdef bytes path = pyzmq_extension.__file__.encode()
    cdef void* library = dlopen(path, RTLD_NOW | RTLD_NOLOAD)
    if library == NULL:
        raise ImportError(f"pyzmq's extension {pyzmq_extension.__file__} is not loaded as a shared library")
    zmq.msg_init = <msg_call>symbol(library, b"zmq_msg_init")
    zmq.msg_init_size = <msg_size_call>symbol(library, b"zmq_msg_init_size")
    zmq.msg_recv = <msg_socket_call>symbol(library, b"zmq_msg_recv")
    zmq.msg_send = <msg_socket_call>symbol(library, b"zmq_msg_send")
    zmq.msg_close = <msg_call>symbol(library, b"zmq_msg_close")
    zmq.msg_more = <msg_call>symbol(library, b"zmq_msg_more")
    zmq.msg_data = <msg_data_call>symbol(library, b"zmq_msg_data")
    zmq.msg_size = <msg_length_call>symbol(library, b"zmq_msg_size")
    zmq.msg_gets = <msg_gets_call>symbol(library, b"zmq_msg_gets")
    zmq.send = <send_call>symbol(library, b"zmq_send")
    return 0


load()


cdef void* api_of(object socket) except NULL:
    """The libzmq socket behind an open pyzmq socket; the caller keeps the pyzmq socket alive and open."""
    cdef uintptr_t api = socket.underlying
    if api == 0:
        raise ValueError("the socket is closed")
    return <void*>api
