"""Puts the journal's records of earlier runs back into the tables: requests, results, orders and fills. Sends nothing.

`feed` takes the records in their order; `finish` then says what became of requests without a result: one that has no
intent was never sent and is rejected, one that has, or whose intent may be lost, is unknown until OKX is asked.
"""
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memset

from gateway._fast.base.clock cimport monotonic_ns, realtime_ns
from gateway._fast.base.decimals cimport Quantity, add_quantity, read_quantity
from gateway._fast.base.enums cimport *
from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.records cimport OrderSlot, RequestSlot, set_number
from gateway._fast.base.span cimport *
from gateway._fast.base.wire_names cimport algo_has_ended, algo_state_of, op_kind, op_of, result_of, state_of
from gateway._fast.events.reader cimport *
from gateway._fast.frames.algo_scanner cimport AlgoPush, scan_algo_push
from gateway._fast.frames.scanner cimport *
from gateway._fast.journal.format cimport *
from gateway._fast.journal.recovered_requests cimport *
from gateway._fast.journal.scanner cimport RecordHead, read_record
from gateway._fast.json.cursor cimport *
from gateway._fast.orders.algo_lifecycle cimport take_algo_state
from gateway._fast.orders.lifecycle cimport LIFE_PUBLISH, life_action, next_state
from gateway._fast.orders.order_table cimport ALGOS_ENDED, ALGOS_OPEN, ORDERS_OPEN, OrderTable
from gateway._fast.orders.request_table cimport LIST_UNKNOWN
from gateway._fast.orders.trading_state cimport Counters, TradingState
from gateway._fast.orders.updates cimport begin_counting, lacks_fills, life_event, take_row
from gateway._fast.requests.parsed_request cimport *
from gateway._fast.requests.parser cimport parse_request
from gateway._fast.results.proofs cimport make_unknown, note_amend_push
from gateway._fast.results.refusals cimport refuse_request
from gateway._fast.results.results cimport close_request, set_result

cdef class Recovery:
    """One per start, before anything is read from strategies or OKX. A record number that was seen is skipped."""

    cdef TradingState trading
    cdef ParsedRequest* request
    cdef dict owners            # owner numbers by name
    cdef dict open_requests  # (record's number, message) by slot: of those without a result, or with an unknown one
    # records found no room: a cancel may have gone without an intent, and events were published that no file has
    cdef public bint lost
    cdef int64_t segment
    cdef int64_t last_ns          # of the newest record, Unix time
    cdef int64_t published_ms          # OKX's own time of the newest state of an order that was published
    cdef readonly uint64_t first_number  # of the oldest record that was fed
    cdef readonly int64_t first_segment  # and its file
    cdef readonly uint64_t last_number   # of the newest
    cdef readonly object lost_records    # `gateway.journal.gaps.LostRecords`
    cdef readonly int64_t records, left_out  # left out: requests or orders for which there was no room

    def __cinit__(self, TradingState trading not None, names, lost_records not None):
        self.trading = trading
        self.owners = {name.encode("ascii"): trading.bus.number_of(name) for name in names}
        self.open_requests = {}
        self.lost_records = lost_records
        self.request = <ParsedRequest*>take_memory(1, sizeof(ParsedRequest))
        if self.request == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.request)

    @property
    def received_ms(self):
        """Until when the stream was complete, by OKX's clock as far as any order's state shows it."""
        return self.published_ms or self.last_ns // 1_000_000

    def feed(self, bytes text not None, Py_ssize_t at, int64_t segment):
        """Takes complete records of `text` from `at` on: (where the next begins, why it stopped: `scan_records`)."""
        cdef const char* p = text
        cdef Py_ssize_t start, n = len(text)
        cdef RecordHead head
        cdef int found
        self.segment = segment
        while True:
            found = -1 if at >= n else read_record(p + at, n - at, &head)
            if found != 1:
                return at, "blank" if found == 0 else "short" if found == -1 else "bad"
            start = at
            at += (head.length + 7) & ~<uint32_t>7
            if head.number <= self.last_number:
                continue
            if self.last_number != 0 and head.number != self.last_number + 1:
                self.lost_records.note(self.last_number, self.received_ms)
            self.records += 1
            if self.first_number == 0:
                self.first_number, self.first_segment = head.number, segment
            self.last_number, self.last_ns = head.number, head.wall_ns
            self.take(&head, p + start + RECORD_HEAD, head.length - RECORD_HEAD)

    cdef int take(self, const RecordHead* head, const char* p, Py_ssize_t n) except -1:
        cdef Span name, id, rows
        cdef int32_t owner
        if head.kind == RECORD_LOST or head.kind == RECORD_RESUMED:
            self.lost = True
        elif head.kind == RECORD_STATE:
            self.lost_records.take_state(p[:n])
        if head.kind != RECORD_REQUEST and head.kind != RECORD_INTENT and head.kind != RECORD_EVENT:
            return 0
        if not split(&p, &n, &name):
            return 0
        if head.kind == RECORD_EVENT:
            self.take_event(&name, p, n)
            return 0
        owner = self.owners.get(name.p[:name.n], -1)
        if owner < 0:
            return 0
        if head.kind == RECORD_REQUEST:
            self.take_request(owner, p, n, head.wall_ns)
        elif split(&p, &n, &id) and split(&p, &n, &rows):
            self.take_intent(owner, &id, &rows, p, n, head.wall_ns)
        return 0

    # ------------------------------------------------------------ requests

    cdef int take_request(self, int32_t owner, const char* p, Py_ssize_t n, int64_t wall_ns) except -1:
        cdef TradingState trading = self.trading
        cdef ParsedRequest* request = self.request
        cdef RequestSlot* entry
        cdef int32_t slot, at
        if parse_request(request, p, n) != REASON_NONE or trading.requests.find(owner, &request.id) >= 0:
            return 0
        slot = trading.requests.add(owner, &request.id, request.row_count)
        if slot < 0:
            self.left_out += 1
            return 0
        entry = &trading.requests.requests[slot]
        entry.op = <unsigned char>request.op
        entry.session = -1
        entry.recv_ns = wall_ns
        entry.segment = self.segment
        trading.strategies[owner].last_key = entry.key
        at = entry.first_row
        while at >= 0:
            if op_kind(request.op) == KIND_PLACE:
                self.left_out += not open_order(trading, owner, slot, at, &request.rows[trading.requests.rows[at].row])
            else:
                take_target(trading, owner, at, &request.rows[trading.requests.rows[at].row])
            at = trading.requests.rows[at].next
        self.open_requests[slot] = self.last_number, p[:n]
        return 0

    cdef int take_intent(
            self, int32_t owner, const Span* id, const Span* rows, const char* p, Py_ssize_t n,
            int64_t wall_ns) except -1:
        """The request may have left: when, under which ids, and which of its rows."""
        cdef TradingState trading = self.trading
        cdef int32_t slot = trading.requests.find(owner, id)
        cdef ParsedRequest* frame = self.request
        cdef int32_t at, place
        if slot < 0 or parse_request(frame, p, n) == REASON_NOT_JSON:
            return 0
        trading.requests.requests[slot].sent_ns = wall_ns
        trading.requests.requests[slot].exp_time_ms = frame.exp_time_ms
        at = trading.requests.requests[slot].first_row
        while at >= 0:
            trading.requests.rows[at].withdrawn = True
            at = trading.requests.rows[at].next
        for place in range(min(<int32_t>rows.n, frame.row_count)):
            at = trading.requests.row_of(slot, <uint8_t>rows.p[place])
            if at >= 0:
                take_sent_row(trading, at, place, &frame.rows[place], op_kind(trading.requests.requests[slot].op))
        return 0

    # ------------------------------------------------------------ events

    cdef int take_event(self, const Span* topic, const char* p, Py_ssize_t n) except -1:
        """An event as it was published: its content is known."""
        cdef EventFields fields
        cdef Value whole
        cdef Span kind
        cdef int32_t owner
        cdef uint32_t i = topic.n
        while i > 0 and topic.p[i - 1] != c".":
            i -= 1
        if i < 2:
            return 0
        kind.p = topic.p + i
        kind.n = topic.n - i
        if span_is(topic, b"gateway.state", 13):
            self.lost_records.take_gateway_state(p[:n], self.received_ms)
            return 0
        if not (span_is(&kind, b"ack", 3) or span_is(&kind, b"order", 5) or span_is(&kind, b"fill", 4)
                or span_is(&kind, b"algo", 4)):
            return 0
        owner = self.owners.get(topic.p[:i - 1], -1)
        if not object_of_record(p, n, &whole):
            return 0
        read_event_fields(&fields, &whole)
        if span_is(&kind, b"order", 5):
            self.take_order(OWNER_ACCOUNT if owner < 0 else owner, &fields)
        elif span_is(&kind, b"algo", 4):
            self.take_algo(OWNER_ACCOUNT if owner < 0 else owner, &fields)
        elif span_is(&kind, b"fill", 4):
            self.take_published_fill(&fields)
        elif owner >= 0:
            kind = text_in(&fields, FIELD_EVENT)
            if span_is(&kind, b"ack", 3):
                self.take_ack(owner, &fields)
            else:
                self.take_resolved(owner, &fields)
        return 0

    cdef void take_published_fill(self, const EventFields* fields) noexcept:
        cdef TradingState trading = self.trading
        cdef Span inst_id = text_in(fields, FIELD_INST_ID)
        cdef Span ord_id = text_in(fields, FIELD_ORD_ID)
        cdef Span cl_ord_id = text_in(fields, FIELD_CL_ORD_ID)
        cdef Span trade_id = text_in(fields, FIELD_TRADE_ID)
        cdef Span size = text_in(fields, FIELD_FILL_SZ)
        cdef Quantity fill
        cdef int32_t number = trading.orders.find(&ord_id, &cl_ord_id)
        if trading.orders.take_fill(&inst_id, &ord_id, &trade_id) and number >= 0 and read_quantity(&size, &fill):
            add_quantity(&trading.orders.orders[number].published, &fill)

    cdef int take_ack(self, int32_t owner, const EventFields* ack) except -1:
        """The results of a request. One that was refused at reading is known by this alone."""
        cdef TradingState trading = self.trading
        cdef Span id = text_in(ack, FIELD_ID)
        cdef Span op = text_in(ack, FIELD_OP)
        cdef Cursor cursor
        cdef Value element
        cdef EventFields fields
        cdef int32_t slot = trading.requests.find(owner, &id) if 0 < id.n <= ID_MAX else -1
        cdef int32_t at, count = 0
        if id.n == 0 or id.n > ID_MAX or ack.member[FIELD_DATA].kind != JSON_ARRAY:
            return 0
        if slot < 0:
            slot = add_refused(trading, owner, &id, op_of(op.p, op.n), &ack.member[FIELD_DATA])
        if slot < 0 or trading.requests.requests[slot].ack_published:
            return 0
        cursor.p = ack.member[FIELD_DATA].p + 1
        cursor.end = ack.member[FIELD_DATA].p + ack.member[FIELD_DATA].n
        while next_element(&cursor, count == 0, &element, JSON_OKX_DEPTH) == 1:
            count += 1
            read_event_fields(&fields, &element)
            at = trading.requests.row_of(slot, number_in(&fields, FIELD_ROW, -1))
            if at >= 0 and trading.requests.rows[at].result == RESULT_PENDING:
                take_result(trading, at, &fields)
        trading.requests.requests[slot].ack_published = True
        close_request(trading, slot)
        if trading.requests.requests[slot].list_id != LIST_UNKNOWN:
            self.open_requests.pop(slot, None)
        return 0

    cdef int take_resolved(self, int32_t owner, const EventFields* fields) except -1:
        cdef TradingState trading = self.trading
        cdef Span id = text_in(fields, FIELD_ID)
        cdef Span text = text_in(fields, FIELD_RESULT)
        cdef int32_t slot = trading.requests.find(owner, &id) if 0 < id.n <= ID_MAX else -1
        cdef int32_t at = trading.requests.row_of(slot, number_in(fields, FIELD_ROW, -1)) if slot >= 0 else -1
        cdef int result = result_of(text.p, text.n)
        if (at < 0 or trading.requests.rows[at].result != RESULT_UNKNOWN or result <= RESULT_PENDING
                or result == RESULT_UNKNOWN):
            return 0
        take_ids(trading, &trading.requests.rows[at], fields)
        set_result(trading, at, result, trading.requests.rows[at].origin, REASON_NONE)
        close_request(trading, slot)
        if trading.requests.requests[slot].list_id != LIST_UNKNOWN:
            self.open_requests.pop(slot, None)
        return 0

    cdef int take_order(self, int32_t owner, const EventFields* fields) except -1:
        """OKX's own row as it was passed on."""
        cdef TradingState trading = self.trading
        cdef OrderPush push
        cdef OrderSlot* order
        cdef Span source = text_in(fields, FIELD_SOURCE)
        cdef int32_t number
        cdef int state, event
        cdef long long u_time
        if fields.member[FIELD_DATA].kind != JSON_OBJECT or scan_order_push(&push, &fields.member[FIELD_DATA]) != 0:
            return 0
        state = state_of(push.text[<int>PUSH_STATE].p, push.text[<int>PUSH_STATE].n)
        if state < 0 or push.text[<int>PUSH_ORD_ID].n == 0:
            return 0
        if span_to_int(&push.text[<int>PUSH_U_TIME], &u_time) == JSON_OK:
            self.published_ms = max(self.published_ms, u_time)
        number = trading.orders.find(&push.text[<int>PUSH_ORD_ID], &push.text[<int>PUSH_CL_ORD_ID])
        if number < 0 and trading.orders.has_ended(&push.text[<int>PUSH_ORD_ID]):
            return 0
        if number < 0:
            number = trading.orders.add(owner, &push.text[<int>PUSH_CL_ORD_ID])
            if number < 0:
                self.left_out += 1
                return 0
            trading.orders.orders[number].segment = self.segment
            set_number(&trading.orders.orders[number].inst_id, &push.text[<int>PUSH_INST_ID])
            set_number(&trading.orders.orders[number].td_mode, &push.text[<int>PUSH_TD_MODE])
        order = &trading.orders.orders[number]
        trading.orders.set_ord_id(number, &push.text[<int>PUSH_ORD_ID])
        if not span_is(&source, b"reconcile", 9):
            note_amend_push(trading, order, &push)
        if not order.counts_fills:
            begin_counting(order, &push, False)
        event = life_event(order, &push, state, True, False)
        if life_action(order.state, event) == LIFE_PUBLISH:
            take_row(order, &push, next_state(order.state, event))
            trading.orders.file(number)
        return 0

    cdef int take_algo(self, int32_t owner, const EventFields* fields) except -1:
        """OKX's own row of an algo order as it was passed on."""
        cdef OrderTable orders = self.trading.orders
        cdef AlgoPush push
        cdef OrderSlot* algo
        cdef Span source = text_in(fields, FIELD_SOURCE)
        cdef int32_t number
        cdef int state
        if fields.member[FIELD_DATA].kind != JSON_OBJECT or scan_algo_push(&push, &fields.member[FIELD_DATA]) != 0:
            return 0
        state = algo_state_of(push.row.text[<int>PUSH_STATE].p, push.row.text[<int>PUSH_STATE].n)
        if state < 0 or push.row.text[<int>PUSH_ORD_ID].n == 0:
            return 0
        number = orders.find_algo(&push.row.text[<int>PUSH_ORD_ID], &push.row.text[<int>PUSH_CL_ORD_ID])
        if number < 0 and orders.algo_has_ended(&push.row.text[<int>PUSH_ORD_ID]):
            return 0
        if number < 0:
            number = orders.add_algo(owner, &push.row.text[<int>PUSH_CL_ORD_ID])
            if number < 0:
                self.left_out += 1
                return 0
            orders.orders[number].segment = self.segment
            set_number(&orders.orders[number].inst_id, &push.row.text[<int>PUSH_INST_ID])
        algo = &orders.orders[number]
        orders.set_ord_id(number, &push.row.text[<int>PUSH_ORD_ID])
        if not span_is(&source, b"reconcile", 9):
            note_amend_push(self.trading, algo, &push.row)
        take_algo_state(algo, &push, state, True)
        if algo_has_ended(state):
            orders.end(number)
        elif algo.list_id == ALGOS_ENDED:
            orders.reopen(number)
        return 0

    def finish(self):
        """Decides the requests without a result: (rejected since never sent, unknown)."""
        cdef TradingState trading = self.trading
        cdef Counters none
        cdef Span msg = span_of_cstr(b"the gateway ended before it was sent: not a byte of it has left")
        cdef int64_t now_ns = realtime_ns()
        cdef int64_t mono_ns = monotonic_ns()
        cdef RequestSlot* request
        cdef int64_t lost_ttl_end_ms = now_ns // 1_000_000 + trading.order_ttl_ms
        cdef int32_t slot
        cdef int kind
        rejected = unknown = 0
        trading.ids_incomplete = self.lost_records.incomplete
        trading.may_repeat = self.lost_records.incomplete or self.lost
        for slot, (number, _) in list(self.open_requests.items()):
            request = &trading.requests.requests[slot]
            kind = op_kind(request.op)
            request.sent_mono_ns = mono_ns - max(now_ns - (request.sent_ns or request.recv_ns), 0)
            request.sent_okx_ms = (request.sent_ns or request.recv_ns) // 1_000_000
            request.sent_by_own_clock = True
            if request.ack_published:
                continue
            if (request.sent_ns == 0 and not any(gap > number for gap in self.lost_records.gaps)
                    and not (self.lost and (kind == KIND_CANCEL or kind == KIND_MASS_CANCEL))):
                refuse_request(trading, slot, REASON_SEND_FAILED, &msg, -1)
                rejected += 1
            else:
                if request.sent_ns == 0:
                    may_have_left(trading, slot, lost_ttl_end_ms)
                settle_withdrawn(trading, slot)
                make_unknown(trading, slot, REASON_CONNECTION_LOST)
                unknown += 1
            if request.list_id != LIST_UNKNOWN:
                del self.open_requests[slot]
        memset(&none, 0, sizeof(none))
        trading.counters = none
        if self.lost or self.lost_records.gaps:
            count_anew(trading)
        return rejected, unknown

    def lacking_fills(self):
        """The `ordId`s of which the journal tells a state with more filled than the fills in it make up."""
        cdef OrderSlot* order
        found = []
        for at in range(self.trading.orders.capacity):
            order = &self.trading.orders.orders[at]
            if order.in_use and lacks_fills(order):
                order.fills_requested = True
                found.append(order.ord_id.p[:order.ord_id.n].decode("ascii"))
        return found

    def find_instruments(self):
        """Once the instruments are loaded: those of open orders, and of the rows that are unknown."""
        cdef TradingState trading = self.trading
        cdef int32_t slot
        for slot, (_, message) in self.open_requests.items():
            if (trading.requests.requests[slot].list_id == LIST_UNKNOWN
                    and parse_request(self.request, message, len(message)) == REASON_NONE):
                find_rows_instruments(trading, slot, self.request)
        self.open_requests.clear()
        find_instruments_of(trading, ORDERS_OPEN)
        find_instruments_of(trading, ALGOS_OPEN)
