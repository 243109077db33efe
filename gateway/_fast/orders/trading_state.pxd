from libc.stdint cimport int32_t, int64_t, uint8_t

from gateway._fast.base.records cimport RequestKey, Text
from gateway._fast.base.slot_index cimport SeenSet
from gateway._fast.base.span cimport Span
from gateway._fast.events.account_dedup cimport AccountPushes
from gateway._fast.events.bus cimport EventBus
from gateway._fast.limits.instruments cimport InstrumentTable
from gateway._fast.limits.window_limiter cimport WindowLimiter
from gateway._fast.orders.attached_ids cimport AttachedIds
from gateway._fast.orders.order_table cimport OrderTable
from gateway._fast.orders.request_table cimport RequestTable
from gateway._fast.ports.ports cimport FrameSink, JournalPort, ReplySink, RestSink

cdef struct Counters:
    int64_t requests
    int64_t refused
    int64_t repeated
    int64_t sent
    int64_t acks
    int64_t acks_unmatched
    int64_t acks_repeated
    int64_t unknown
    int64_t resolved
    int64_t pushes
    int64_t pushes_repeated
    int64_t pushes_unrecognised
    int64_t algo_pushes
    int64_t algo_corrections  # states of algo orders that REST has shown and the stream had not
    int64_t fills
    int64_t corrections   # fills and states that REST has shown and the stream had not
    int64_t frames_malformed
    int64_t frames_other

cdef struct StrategyState:
    int32_t number        # in the clOrdIds minted for it; 0: none
    int64_t since_epoch   # of the first ids that are its own: before, its number may have been another's
    int64_t minted
    RequestKey last_key   # of its last request read

# What the paths share. Everything is made at start; the paths take no memory but for requests that wait.
cdef class TradingState:
    cdef RequestTable requests
    cdef OrderTable orders
    cdef AttachedIds attached_ids
    cdef InstrumentTable instruments
    cdef WindowLimiter limiter
    cdef EventBus bus
    cdef FrameSink socket                # by which requests go
    cdef list old_sockets                # by which they went before, and which still answer
    cdef int32_t old_count
    cdef bint has_socket
    cdef int32_t stream_count            # connections that bring pushes
    cdef int64_t overlap_until_ns        # monotonic: until then a push may come by more than one connection
    cdef AccountPushes account_pushes
    cdef list account_frames             # published pushes of balances and positions, to be compared with REST
    cdef SeenSet order_rows              # of the orders channel, while several connections bring it
    cdef RestSink rest
    cdef int32_t rest_calls              # calls handed to the port, and not ended yet
    cdef ReplySink replies
    cdef JournalPort journal
    cdef Counters counters
    cdef StrategyState* strategies       # by owner
    cdef int32_t* waiting_on             # by limiter key: rows that wait for it
    cdef int32_t* blocked_in             # by limiter key: the last pass over the waiting in which it was blocked
    cdef int32_t dispatch_pass
    cdef uint8_t* proving_codes          # bitmap of the OKX codes that prove that nothing was executed
    cdef uint8_t* reacting_codes         # bitmap of the OKX codes that ask for more than a result
    cdef bint logged_in
    cdef bint reconciled
    cdef bint ready                      # reconciled, and not halted
    cdef bint algos_ready                # the business stream is complete: new algo orders may go
    cdef bytes halted                    # why no new orders are taken, as the inside of a JSON string; else None
    cdef bint cancels_by_rest            # while no socket is logged in
    cdef bint orders_by_rest             # while the stream is not complete: REST is compared again and again instead
    cdef bint ids_incomplete             # earlier requests may have been lost: none can be known to be new
    cdef bint may_repeat  # earlier events may have been lost: what REST shows may have been published before
    cdef bint algos_off                  # new algo orders are not offered
    cdef bint attaches                   # orders have had algo orders attached
    cdef bint stopping
    cdef int64_t okx_offset_ns           # OKX's clock less the monotonic one
    cdef int64_t okx_clock_error_ns       # it may be less or more by so much
    cdef int64_t epoch
    cdef int64_t ack_timeout_ns
    cdef int64_t order_ttl_ms
    cdef int64_t max_age_ns
    cdef int64_t default_wait_ms
    cdef int64_t wait_cap_ms
    cdef int32_t waiting_capacity

    cdef FrameSink socket_of(self, int32_t connection)
    cdef int64_t okx_now_ms(self, int64_t mono_ns) noexcept
    cdef int64_t ttl_end_ms(self, int64_t mono_ns) noexcept
    cdef int32_t owner_of_minted(self, const Span* cl_ord_id) noexcept
    cdef void mint_cl_ord_id(self, int32_t owner, Text* text) noexcept
    cdef int64_t mint_numbers(self, int32_t owner, int32_t count) noexcept
    cdef bint proves_nothing(self, int32_t code) noexcept
    cdef bint asks_for_more(self, int32_t code) noexcept
    cdef void set_reconciled(self, bint reconciled) noexcept
