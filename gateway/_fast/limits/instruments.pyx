"""Pure. The instruments by `instId`: the code that OKX's WebSocket wants, and the limiter keys that count requests for
them.

Sources: OKX docs, Order Book Trading, WS / Place order (`instIdCode`); "Rate limit" of each operation (per user and
instrument, for options per instrument family; batches and algo orders in budgets of their own); Overview, "Sub-account
rate limit" (SPOT and MARGIN do not count).
"""
from libc.stdlib cimport free

from gateway._fast.base.enums cimport *
from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.records cimport NUMBER_TEXT_MAX, set_number
from gateway._fast.base.span cimport span_is

cdef enum:
    KEYS_PER_INSTRUMENT = 9


cdef class InstrumentTable:
    """Room for `capacity` instruments; `put` adds or renews one. Limits are counts per window."""

    def __cinit__(
            self, int32_t capacity, int64_t window_ns, int32_t place, int32_t cancel, int32_t amend, int32_t batch_rows,
            int32_t mass_cancel, int32_t sub_account, int32_t algo=20):
        self.capacity = capacity
        self.instruments = <InstrumentSlot*>take_memory(capacity, sizeof(InstrumentSlot))
        if self.instruments == NULL:
            raise MemoryError
        self.by_inst_id = SlotIndex()
        self.by_inst_id.setup(
            capacity, self.instruments, sizeof(InstrumentSlot), <Py_ssize_t>&(<InstrumentSlot*>NULL).inst_id)
        self.limiter = WindowLimiter(capacity * KEYS_PER_INSTRUMENT + 2, window_ns)
        self.positions = {}
        self.key_sets = {}
        self.single_limits = (place, cancel, amend)
        self.batch_limit = batch_rows
        self.algo_limit = algo
        self.mass_cancel_key = self.limiter.add_key(mass_cancel)
        self.sub_account_key = self.limiter.add_key(sub_account)

    def __dealloc__(self):
        free(self.instruments)

    def keys_of(self, str scope):
        """The nine limiter keys of one scope (an instrument, or a family of options): single, batch, algo."""
        if scope not in self.key_sets:
            singles = [self.limiter.add_key(limit) for limit in self.single_limits]
            batches = [self.limiter.add_key(self.batch_limit) for _ in self.single_limits]
            algos = [self.limiter.add_key(self.algo_limit) for _ in self.single_limits]
            self.key_sets[scope] = (singles, batches, algos)
        return self.key_sets[scope]

    def put(self, str inst_type not None, str inst_id not None, inst_id_code, str inst_family=""):
        """Adds the instrument, or renews its code (None: none yet).
        Raises OverflowError at capacity, ValueError for an instId that is too long."""
        cdef InstrumentSlot* slot
        cdef bytes text = inst_id.encode("ascii")
        cdef Span span
        cdef int32_t number, first, i
        if not 0 < len(text) <= NUMBER_TEXT_MAX:
            raise ValueError(f"instId {inst_id!r} is not 1 to {NUMBER_TEXT_MAX} characters")
        span.p = text
        span.n = <unsigned int>len(text)
        number = self.positions.get((inst_type, inst_id), -1)
        if number < 0:
            if self.count == self.capacity:
                raise OverflowError(f"{self.capacity} instruments are loaded and there is no room for {inst_id}")
            number = self.count
            self.count += 1
            slot = &self.instruments[number]
            set_number(&slot.inst_id, &span)
            slot.is_spot = inst_type == "SPOT"
            slot.is_margin = inst_type == "MARGIN"
            slot.counts_for_sub_account = inst_type not in ("SPOT", "MARGIN")
            slot.same_inst_id = -1
            singles, batches, algos = self.keys_of(inst_family if inst_type == "OPTION" else inst_id)
            for i in range(3):
                slot.single_keys[i] = singles[i]
                slot.batch_keys[i] = batches[i]
                slot.algo_keys[i] = algos[i]
            first = self.by_inst_id.find(span.p, span.n)
            if first >= 0:
                slot.same_inst_id = self.instruments[first].same_inst_id
                self.instruments[first].same_inst_id = number
            else:
                self.by_inst_id.insert(number)
            self.positions[(inst_type, inst_id)] = number
        self.instruments[number].inst_id_code = inst_id_code or 0

    cdef int resolve(self, const Span* inst_id, const Span* td_mode, int64_t code, int32_t* found) noexcept:
        """The instrument that a row means, or a Reason.
        `td_mode` is empty for cancels and amends, `code` 0 where none was given."""
        cdef int32_t at = self.by_inst_id.find(inst_id.p, inst_id.n)
        cdef int32_t match = -1
        cdef int32_t matches = 0
        cdef bint one_code = True
        while at >= 0:
            if code != 0 and self.instruments[at].inst_id_code != code:
                pass
            elif span_is(td_mode, b"cash", 4) and self.instruments[at].is_margin:
                pass
            else:
                if match >= 0 and self.instruments[at].inst_id_code != self.instruments[match].inst_id_code:
                    one_code = False
                if match < 0 or self.instruments[at].is_spot:
                    match = at
                matches += 1
            at = self.instruments[at].same_inst_id
        if match < 0:
            return REASON_UNKNOWN_INSTRUMENT
        if not one_code:
            return REASON_AMBIGUOUS_INSTRUMENT
        if self.instruments[match].inst_id_code == 0:
            return REASON_INSTRUMENT_HAS_NO_CODE
        found[0] = match
        return REASON_NONE

    cdef Span inst_id_of(self, int64_t code) noexcept:
        """The instId that bears this code, empty if none does: a walk over all, for rows that give the code alone."""
        cdef Span found
        cdef int32_t i
        found.p = NULL
        found.n = 0
        for i in range(self.count):
            if code != 0 and self.instruments[i].inst_id_code == code:
                found.p = self.instruments[i].inst_id.p
                found.n = self.instruments[i].inst_id.n
                break
        return found
