"""What the two paths share: tables, limits, ports, settings, counters."""
from libc.stdlib cimport free

from gateway._fast.base.enums cimport OWNER_ACCOUNT, OWNER_FIRST_STRATEGY
from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.minted_ids cimport (
    EPOCH_DIGITS, EPOCH_LIMIT, STRATEGY_NUMBER_MAX, MintedId, minted_value, read_minted, write_minted)
from gateway._fast.base.records cimport span_of

cdef enum:
    CODE_MAX = 100_000           # OKX's codes have five digits
    ORDER_ROWS_KEPT = 4_096      # one connection may be so far behind another


cdef class TradingState:
    """`settings` gives `request_capacity`, `order_capacity`, `waiting_capacity`, `ack_timeout_ms`, `order_ttl_ms`,
    `max_age_ms`, `max_wait_ms`, `max_wait_cap_ms`.

    `epoch` (seconds since 2020-01-01) must be greater than in any earlier run: it keeps minted ids apart.
    `proving_codes` are OKX's codes that prove that a request was not executed; any other, a new one too, leaves it
    open. `reacting_codes` are handed to `ControlPort.on_okx_code`.
    """

    def __init__(
            self, InstrumentTable instruments not None, EventBus bus not None, ReplySink replies not None,
            JournalPort journal not None, settings, int64_t epoch, proving_codes, reacting_codes=()):
        cdef int32_t code
        self.requests = RequestTable(settings.request_capacity)
        self.orders = OrderTable(settings.order_capacity)
        self.attached_ids = AttachedIds(self.orders)
        self.instruments = instruments
        self.limiter = instruments.limiter
        self.bus = bus
        self.socket = FrameSink()
        self.old_sockets = []
        self.account_pushes = AccountPushes()
        self.account_frames = []
        self.order_rows = SeenSet(ORDER_ROWS_KEPT)
        self.rest = RestSink()
        self.replies = replies
        self.journal = journal
        self.strategies = <StrategyState*>take_memory(bus.capacity, sizeof(StrategyState))
        self.waiting_on = <int32_t*>take_memory(self.limiter.key_capacity, sizeof(int32_t))
        self.blocked_in = <int32_t*>take_memory(self.limiter.key_capacity, sizeof(int32_t))
        self.proving_codes = <uint8_t*>take_memory(CODE_MAX // 8, 1)
        self.reacting_codes = <uint8_t*>take_memory(CODE_MAX // 8, 1)
        if (self.strategies == NULL or self.waiting_on == NULL or self.blocked_in == NULL or self.proving_codes == NULL
                or self.reacting_codes == NULL):
            raise MemoryError
        for code in proving_codes:
            self.proving_codes[code // 8] |= 1 << (code % 8)
        for code in reacting_codes:
            self.reacting_codes[code // 8] |= 1 << (code % 8)
        if not 0 < epoch < EPOCH_LIMIT:
            raise ValueError(f"epoch {epoch} is not 1 to {EPOCH_DIGITS} digits")
        self.epoch = epoch
        self.waiting_capacity = settings.waiting_capacity
        self.ack_timeout_ns = <int64_t>settings.ack_timeout_ms * 1_000_000
        self.order_ttl_ms = settings.order_ttl_ms
        self.max_age_ns = <int64_t>settings.max_age_ms * 1_000_000
        self.default_wait_ms = settings.max_wait_ms
        self.wait_cap_ms = settings.max_wait_cap_ms

    def __dealloc__(self):
        free(self.strategies)
        free(self.waiting_on)
        free(self.blocked_in)
        free(self.proving_codes)
        free(self.reacting_codes)

    def add_strategy(self, str name not None, int32_t number, int64_t since_epoch):
        """A strategy's owner number. `number` (1 to 919) begins the `clOrdId`s minted for it.

        Orders minted before `since_epoch` are not its own: its number may then have been another's. Raises
        OverflowError beyond 256 strategies, ValueError for a number out of range or a name that is there already.
        """
        if not 1 <= number <= STRATEGY_NUMBER_MAX:
            raise ValueError(f"strategy number {number} is not 1 to {STRATEGY_NUMBER_MAX}")
        owner = self.bus.add_owner(name)
        self.strategies[<int32_t>owner].number = number
        self.strategies[<int32_t>owner].since_epoch = since_epoch
        return owner

    cdef int32_t owner_of_minted(self, const Span* cl_ord_id) noexcept:
        """The owner of an order that is not known here: by the number that a minted `clOrdId` begins with; else
        `account`."""
        cdef MintedId minted
        cdef int32_t owner
        if not read_minted(cl_ord_id, &minted):
            return OWNER_ACCOUNT
        for owner in range(OWNER_FIRST_STRATEGY, self.bus.count):
            if self.strategies[owner].number == minted.number and minted.epoch >= self.strategies[owner].since_epoch:
                return owner
        return OWNER_ACCOUNT

    cdef FrameSink socket_of(self, int32_t connection):
        """The open connection of this number; one that is not there, if it has closed."""
        cdef int32_t i
        if self.socket.number == connection:
            return self.socket
        for i in range(self.old_count):
            if (<FrameSink>self.old_sockets[i]).number == connection:
                return <FrameSink>self.old_sockets[i]
        return FrameSink()

    cdef int64_t okx_now_ms(self, int64_t mono_ns) noexcept:
        return (mono_ns + self.okx_offset_ns) // 1_000_000

    cdef int64_t ttl_end_ms(self, int64_t mono_ns) noexcept:
        """The `expTime` of an order that leaves now: `order_ttl_ms` from the earliest that it may be at OKX."""
        return (mono_ns + self.okx_offset_ns - self.okx_clock_error_ns) // 1_000_000 + self.order_ttl_ms

    cdef bint proves_nothing(self, int32_t code) noexcept:
        """OKX's code leaves open whether the request was executed."""
        return not (0 < code < CODE_MAX and (self.proving_codes[code >> 3] >> (code & 7)) & 1)

    cdef bint asks_for_more(self, int32_t code) noexcept:
        """OKX's code asks for more than the row's result."""
        return 0 < code < CODE_MAX and (self.reacting_codes[code >> 3] >> (code & 7)) & 1

    cdef void set_reconciled(self, bint reconciled) noexcept:
        """New orders may go while this is so and nothing has halted them."""
        self.reconciled = reconciled
        self.may_repeat = self.may_repeat and not reconciled
        self.ready = reconciled and self.halted is None

    cdef int64_t mint_numbers(self, int32_t owner, int32_t count) noexcept:
        """The first of `count` consecutive values of ids that no other bears: see `minted_ids`."""
        cdef StrategyState* strategy = &self.strategies[owner]
        cdef int64_t first = strategy.minted + 1
        strategy.minted += count
        return minted_value(strategy.number, self.epoch, first)

    cdef void mint_cl_ord_id(self, int32_t owner, Text* text) noexcept:
        """Never the same twice, never one that is known."""
        cdef Span span
        while True:
            write_minted(self.mint_numbers(owner, 1), text)
            span = span_of(text)
            if self.orders.by_cl_ord_id.find(span.p, span.n) < 0:
                return
