# The numbers of the journal's format. What they mean stands in docs/journal.md.

cdef extern from *:
    """
    #define JOURNAL_HEADER 512
    """
    enum:
        JOURNAL_HEADER   # bytes before a segment's first record

# Types of records, as docs/journal.md shows them; never renumber.
cdef enum:
    RECORD_SESSION = 1
    RECORD_REQUEST = 2
    RECORD_INTENT = 3
    RECORD_EVENT = 4
    RECORD_SEGMENT_END = 5
    RECORD_LOST = 6
    RECORD_RESUMED = 7
    RECORD_SESSION_END = 8
    RECORD_STATE = 9

cdef enum:
    RECORD_HEAD = 32
