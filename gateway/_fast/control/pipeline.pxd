from gateway._fast.control.reconcile_feed cimport ReconcileFeed

cdef class PipelineControl(ReconcileFeed):
    pass
