from libc.stdint cimport int32_t, int64_t, uint32_t

from gateway._fast.base.enums cimport MESSAGE_MAX, ROWS_MAX
from gateway._fast.base.records cimport Text
from gateway._fast.base.span cimport Span
from gateway._fast.json.writer cimport Writer
from gateway._fast.requests.parsed_request cimport ParsedRequest

cdef enum:
    FRAME_MAX = MESSAGE_MAX + ROWS_MAX * 128   # a message, and what the gateway adds to each row

# What the gateway puts into a row beside the strategy's own values. Empty spans: nothing.
cdef struct RowAddition:
    int64_t inst_id_code   # 0: none (mass-cancel)
    Text named             # of the order that the row's `gw` names: its request may make room for this one
    Span cl_ord_id         # minted, or of the order that the row's `gw` names
    Span req_id            # minted
    int64_t attached_id    # of `attachAlgoOrds`: the first id minted for one of them; 0: they go as given
    int32_t instrument     # of the row; -1: none
    int32_t order          # that the row is about; -1: not known here

cdef struct FrameMap:
    uint32_t exp_time_at            # offset of the 13 digits of expTime; 0: none
    uint32_t row_at[ROWS_MAX]       # offset and length of each row's object
    uint32_t row_n[ROWS_MAX]

cdef int encode_request(
        Writer* w, const ParsedRequest* request, const char* okx_id, const RowAddition* additions, int64_t exp_time_ms,
        FrameMap* frame_map) noexcept nogil
cdef void write_exp_time(char* at, int64_t exp_time_ms) noexcept nogil
