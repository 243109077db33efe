# The records of the fixed tables. A text is one byte of length, then the characters; that is also how indexes find it.
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from gateway._fast.base.decimals cimport Quantity
from gateway._fast.base.span cimport Span

cdef enum:
    TEXT_MAX = 32         # clOrdId, reqId, ordId: OKX allows 32 characters
    NUMBER_TEXT_MAX = 39  # px, sz and the like; OKX refuses prices over 32 characters (51514)
    MSG_MAX = 119         # of an sMsg, for the recorded result of a repeated id
    REQUEST_KEY_MAX = 66  # two bytes of strategy, then the id

cdef struct Text:
    uint8_t n
    char p[TEXT_MAX]

cdef struct NumberText:
    uint8_t n
    char p[NUMBER_TEXT_MAX]

cdef struct MsgText:
    uint8_t n
    char p[MSG_MAX]

cdef struct RequestKey:
    uint8_t n
    char p[REQUEST_KEY_MAX]

# The connection of a strategy that a request came by, and whom it speaks for.
cdef struct Peer:
    int32_t session          # its slot in the session table; -1: the gateway itself, which waits for no answer
    uint32_t generation      # of that slot: another connection may have taken it since
    int32_t owner            # granted by `hello`; -1: none
    bint is_req              # a REQ socket: each request gets an answer

cdef struct RequestSlot:
    RequestKey key
    uint8_t op
    uint8_t row_count
    bint wants_receipt
    bint exp_time_is_ours
    bint ack_published
    bint counts_as_waiting   # for its limiter keys: later requests must not overtake it
    bint by_rest_only        # OKX takes it by REST alone
    uint8_t route            # a ROUTE_*: by which it was sent, or would go as things stand
    int32_t connection       # number of the socket that it goes by
    int32_t strategy
    int32_t session
    uint32_t session_generation
    uint32_t generation
    int32_t first_row
    int32_t rows_open        # rows without a final result
    int32_t prev
    int32_t next
    int32_t list_id          # a LIST_*: where it stands on its way
    int64_t recv_ns          # wall clock
    int64_t sent_ns          # wall clock
    int64_t sent_mono_ns
    int64_t sent_okx_ms      # OKX's clock
    bint sent_by_own_clock   # `sent_okx_ms` is this machine's: an earlier run did not write down OKX's
    int64_t deadline_ns      # monotonic
    int64_t exp_time_ms      # OKX's clock; 0: none
    int64_t segment          # of the journal, in which its first record stands; 0: none
    char* frame              # while it waits, or a REST call is under way: the frame as for the socket
    uint32_t frame_n
    uint32_t exp_time_at     # where in the frame the 13 digits of expTime stand; 0: nowhere

cdef struct RowSlot:
    int32_t next
    int32_t request
    uint8_t row
    uint8_t result
    uint8_t origin
    uint8_t reason
    bint withdrawn           # taken out of the frame before it was sent
    bint answered            # by OKX, in words of its own
    uint8_t sent_row         # its place in the frame that went out
    int32_t order
    uint32_t order_generation
    int32_t instrument       # -1: none
    int32_t limit_key        # the limiter keys that count this row; -1: none
    int32_t sub_account_key
    bint holds_tokens
    bint is_in_flight        # a cancel or an amend that its order counts among those without a result
    uint32_t frame_at
    uint32_t frame_n
    int32_t s_code
    Text cl_ord_id
    Text ord_id
    Text req_id
    NumberText new_px        # what an amend asked for; empty: that was to stay
    NumberText new_sz
    NumberText inst_family   # of a mass-cancel
    MsgText msg

cdef struct OrderSlot:
    Text cl_ord_id
    Text ord_id
    bint cl_ord_id_indexed
    bint ord_id_indexed
    bint unsent
    bint in_use
    bint is_algo             # ids, state and prices are those of an algo order
    uint8_t state
    uint8_t row
    uint16_t amends_in_flight   # sent, and without a result
    NumberText awaited_px    # of the newest accepted amend, until a row shows it; empty: nothing is awaited
    NumberText awaited_sz
    NumberText base_px       # as it stood when the first of the amends was sent that have no result
    NumberText base_sz
    uint64_t accepted_px     # a Bloom filter of what amends have asked for that were accepted since
    uint64_t accepted_sz
    bint amended_elsewhere   # since then, by somebody or something else
    uint16_t cancels_in_flight
    bint counts_fills        # `published` is the sum of all fills that are to be published
    bint ended_by_venue      # canceled, and not by a user's cancel
    bint fills_requested     # the control plane knows that fills are missing
    Quantity published       # the sum of the fills that have been published
    int64_t segment          # of the journal, in which its first record stands; 0: none
    int32_t owner
    int32_t instrument       # -1: not among the loaded
    int32_t request          # that placed it; -1: none that we know
    uint32_t request_generation
    int32_t last_request     # that was sent about it; only of this run, and by the sockets
    uint32_t last_generation
    uint32_t generation
    int32_t prev
    int32_t next
    int32_t list_id
    NumberText inst_id
    NumberText side
    NumberText ord_type
    NumberText td_mode
    NumberText px
    NumberText sz
    NumberText acc_fill_sz
    NumberText avg_px        # of an algo order: the trigger price of its take-profit
    uint64_t terms           # of an algo order: a fingerprint of what OKX shows of it beside its state
    Text c_time
    Text u_time


cdef inline void set_text(Text* text, const Span* span) noexcept nogil:
    text.n = <uint8_t>(span.n if span.n <= TEXT_MAX else 0)
    memcpy(text.p, span.p, text.n)


cdef inline void set_number(NumberText* text, const Span* span) noexcept nogil:
    text.n = <uint8_t>(span.n if span.n <= NUMBER_TEXT_MAX else 0)
    memcpy(text.p, span.p, text.n)


cdef inline Span span_of(const Text* text) noexcept nogil:
    cdef Span span
    span.p = text.p
    span.n = text.n
    return span


cdef inline Peer peer_of(int32_t session, uint32_t generation, int32_t owner, bint is_req) noexcept nogil:
    cdef Peer peer
    peer.session = session
    peer.generation = generation
    peer.owner = owner
    peer.is_req = is_req
    return peer
