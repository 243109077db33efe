from gateway._fast.control.connections cimport ConnectionControl

cdef class ReadinessControl(ConnectionControl):
    pass
