"""The two paths: `on_request`, an order out, and `on_frame`, an event back. Read this file from top to bottom.

Order out:   decode > known id? > slots > checks > journal `received` > encode > may it go? (else wait, or refuse) > tokens >
             journal `intent` > socket (or REST lane)
Event back:  scan > ack: slot by request id | push: slot by `ordId`, else `clOrdId` > drop what is known > state > journal > PUB

Nothing here awaits, allocates (but for a request that must wait), logs or raises. Cold turns (the words of refusals, requests before
the instruments are loaded, codes that ask for more than a result) go to `control`, the port of the control plane. What is not on the
paths at all (the gateway's own ops, frames that are neither ack nor push) goes back to the caller.
"""
from libc.stdint cimport uint32_t
from libc.stdlib cimport free

from gateway._fast.base.enums cimport *
from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.records cimport OrderSlot, RequestSlot, set_number
from gateway._fast.base.slot_index cimport Fingerprint, hash_bytes
from gateway._fast.base.span cimport span_of_cstr
from gateway._fast.base.wire_names cimport op_is_algo, op_kind
from gateway._fast.event_back.acks cimport row_of_item, take_frame_code, take_item
from gateway._fast.event_back.algo_pushes cimport on_algo_rows, owner_of_algo
from gateway._fast.frames.algo_scanner cimport linked_algo_of
from gateway._fast.frames.encoder cimport FRAME_MAX, FrameMap, encode_request
from gateway._fast.frames.scanner cimport *
from gateway._fast.json.cursor cimport JSON_OKX_DEPTH, Cursor, next_element
from gateway._fast.json.writer cimport Writer, writer_reset
from gateway._fast.order_out.checks cimport check_rows, check_time
from gateway._fast.order_out.repeats cimport reply_recorded
from gateway._fast.order_out.send cimport keep_request, send_receipt, send_request
from gateway._fast.order_out.routing cimport choose_connection
from gateway._fast.order_out.slots cimport drop_withdrawn, note_given_ids, note_places, open_slots, withdraw_targets
from gateway._fast.order_out.wait_queue cimport not_ready_message, park, why_not_now
from gateway._fast.orders.lifecycle cimport LIFE_NOTE, LIFE_RESULT, LIFE_PUBLISH, life_action, next_state
from gateway._fast.orders.request_table cimport LIST_DONE, LIST_UNKNOWN
from gateway._fast.orders.updates cimport *
from gateway._fast.ports.ports cimport FRAME_HEADROOM
from gateway._fast.requests.parsed_request cimport wrong
from gateway._fast.requests.parser cimport parse_request
from gateway._fast.results.account_events cimport write_pass_on
from gateway._fast.results.ack_events cimport write_ack
from gateway._fast.results.order_events cimport write_amend_result, write_fill, write_order
from gateway._fast.results.proofs cimport note_amend_push, resolve_by_push
from gateway._fast.results.refusals cimport refuse_request, reply_refusal
from gateway._fast.results.results cimport close_request
from gateway._fast.results.tokens cimport settle_read_by_okx, settle_tokens

cdef Span NOTHING = span_of_cstr(b"")

cdef class OrderPipeline:
    """Both paths over one `TradingState`."""

    def __init__(self, TradingState trading not None, ControlPort control not None):
        self.trading = trading
        self.control = control
        self.request = <ParsedRequest*>take_memory(1, sizeof(ParsedRequest))
        self.additions = <RowAddition*>take_memory(ROWS_MAX, sizeof(RowAddition))
        self.frame_buffer = <char*>take_memory(1, FRAME_HEADROOM + FRAME_MAX)
        self.frame = <VenueFrame*>take_memory(1, sizeof(VenueFrame))
        if self.frame == NULL or self.request == NULL or self.additions == NULL or self.frame_buffer == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.request)
        free(self.frame)
        free(self.additions)
        free(self.frame_buffer)

    # ---------------------------------------------------------------- order out

    cdef bint on_request(self, Peer peer, const char* p, Py_ssize_t n, Moment now) noexcept:
        """One message of a strategy whose connection is granted to `peer.owner`. `p` is valid only during the call.

        It ends in exactly one of: queued until the instruments are loaded; refused; answered as a repeat; waiting; sent. False: it
        is an op of the gateway's own, and the caller's to hand on; nothing was done.
        """
        cdef TradingState trading = self.trading
        cdef ParsedRequest* request = self.request
        cdef RequestSlot* held
        cdef int32_t slot
        cdef int64_t deadline_ns = now.mono_ns
        cdef int reason = parse_request(request, p, n)
        if reason == REASON_NONE and request.op == OP_GATEWAY:
            return False
        trading.counters.requests += 1
        if request.id.n > 0 and reason != REASON_NOT_JSON and request.op != OP_GATEWAY:
            slot = trading.requests.find(peer.owner, &request.id)
            if slot >= 0:
                trading.counters.repeated += 1
                reply_recorded(trading, peer, slot)
                return True
            if trading.requests.is_forgotten(peer.owner, &request.id):
                reason = wrong(request, REASON_DUPLICATE_ID, b"new: this id was used before, and its result is no longer held", span_of_cstr(b"id"), -1)
            elif trading.ids_incomplete and (op_kind(request.op) == KIND_PLACE or op_kind(request.op) == KIND_AMEND):
                reason = wrong(request, REASON_JOURNAL, b"known to be new: records of the journal are lost, and this id may stand in them (see gateway.alarm, and the op resume)", span_of_cstr(b"id"), -1)
        if reason == REASON_NONE:
            reason = check_time(trading, request, now.mono_ns, now.real_ns, &deadline_ns)
        if reason == REASON_NONE and trading.instruments.count == 0:
            if op_kind(request.op) == KIND_CANCEL:
                deadline_ns = max(deadline_ns, now.mono_ns + trading.ack_timeout_ns)
            if self.control.queue_request(op_kind(request.op) == KIND_CANCEL, deadline_ns, peer, p, n, now):
                return True
            reason = wrong(request, REASON_NOT_READY, b"sent once the gateway has loaded the instruments", span_of_cstr(b"op"), -1)
        if reason == REASON_NONE:
            reason = check_rows(trading, request, self.additions, peer.owner)
        if reason == REASON_NONE:
            reason = open_slots(trading, request, self.additions, peer.owner, &slot)
        if reason != REASON_NONE:
            self.refuse_unslotted(peer, reason, now.real_ns)
            return True
        held = &trading.requests.requests[slot]
        held.session = peer.session
        held.session_generation = peer.generation
        held.wants_receipt = request.wants_receipt or peer.is_req
        held.recv_ns = now.real_ns
        held.deadline_ns = deadline_ns
        if keep_request(trading, slot, p, n):
            self.go_or_wait(slot, now.mono_ns, deadline_ns)
        return True

    cdef void go_or_wait(self, int32_t slot, int64_t mono_ns, int64_t deadline_ns) noexcept:
        """Encodes the request; then it goes at once, waits, or is refused."""
        cdef TradingState trading = self.trading
        cdef RequestSlot* held = &trading.requests.requests[slot]
        cdef char* frame = self.frame_buffer + FRAME_HEADROOM
        cdef char okx_id[16]
        cdef FrameMap frame_map
        cdef Writer w
        cdef Span msg
        cdef int32_t reason
        cdef int n, kind = op_kind(held.op)
        cdef int64_t wait
        if kind == KIND_CANCEL:
            withdraw_targets(trading, slot)
            if held.rows_open == 0:
                write_ack(trading, slot, NULL, NULL, NULL, -1, 0)
                close_request(trading, slot)
                if held.wants_receipt:
                    send_receipt(trading, slot)
                return
        if (kind == KIND_PLACE or kind == KIND_AMEND) and not op_is_algo(held.op):
            held.exp_time_is_ours = self.request.exp_time_ms == 0
            held.exp_time_ms = trading.ttl_end_ms(mono_ns) if held.exp_time_is_ours else self.request.exp_time_ms
        drop_withdrawn(trading, self.request, self.additions, slot)
        trading.requests.write_okx_id(slot, okx_id)
        writer_reset(&w, frame, FRAME_MAX)
        n = encode_request(&w, self.request, okx_id, self.additions, held.exp_time_ms, &frame_map)
        if n < 0:
            msg = span_of_cstr(b"the message is too large once encoded for OKX")
            refuse_request(trading, slot, REASON_TOO_LARGE, &msg, -1)
            return
        held.exp_time_at = frame_map.exp_time_at
        held.by_rest_only = self.request.by_rest_only
        wait = why_not_now(trading, slot, mono_ns, &reason)
        if wait != 0 or held.route == ROUTE_REST:
            note_places(trading, slot, &frame_map)
        if wait == 0:
            send_request(trading, slot, frame, n, mono_ns)
            return
        if deadline_ns <= mono_ns and trading.logged_in and held.route == ROUTE_SOCKET and not choose_connection(trading, slot):
            deadline_ns = held.deadline_ns = mono_ns + trading.ack_timeout_ns  # connections change: its orders' acks come first
        if deadline_ns <= mono_ns:
            msg = span_of_cstr(b"no rate-limit token is free now, and maxWaitMs is 0")
            if reason != REASON_RATE_LIMITED:
                msg = not_ready_message(trading, slot, b"the gateway is not ready for this op, and maxWaitMs is 0")
            refuse_request(trading, slot, reason, &msg, (wait + 999_999) // 1_000_000 if reason == REASON_RATE_LIMITED else -1)
            return
        if park(trading, slot, frame, n) != 0:
            msg = span_of_cstr(b"too many requests wait inside the gateway (waiting_capacity)")
            refuse_request(trading, slot, REASON_CAPACITY, &msg, -1)

    cdef void refuse_unslotted(self, Peer peer, int32_t reason, int64_t real_ns) noexcept:
        """The exit for what is refused at reading. With a usable id and op the refusal is also its recorded result and an `.ack`."""
        cdef ParsedRequest* request = self.request
        cdef TradingState trading = self.trading
        cdef Span msg = self.control.refusal_message(reason, request.expected, &request.bad_key, request.bad_row, &request.op_text)
        cdef int32_t slot = -1
        if reason != REASON_NOT_JSON and reason != REASON_DUPLICATE_ID and reason != REASON_JOURNAL and request.id.n > 0 and request.op != OP_NONE and request.op != OP_GATEWAY:
            slot = trading.requests.add(peer.owner, &request.id, max(request.row_count, 1))
        if slot < 0:
            trading.counters.refused += 1
            if reason == REASON_NOT_JSON:
                request.id.n = 0
                request.op_text.n = 0
            if request.op_text.n > ID_MAX:
                request.op_text.n = 0
            reply_refusal(trading, peer.session, peer.generation, &request.id, &request.op_text, reason, &msg, -1)
            return
        trading.requests.requests[slot].op = <unsigned char>request.op
        trading.requests.requests[slot].session = peer.session
        trading.requests.requests[slot].session_generation = peer.generation
        trading.requests.requests[slot].recv_ns = real_ns
        trading.strategies[peer.owner].last_key = trading.requests.requests[slot].key
        note_given_ids(trading, request, slot)
        refuse_request(trading, slot, reason, &msg, -1)

    # ---------------------------------------------------------------- event back

    cdef int32_t on_frame(self, int32_t connection, const char* p, Py_ssize_t n, Moment now) noexcept:
        """One whole text frame of a private connection or of the business stream. Returns its FRAME_* kind; FRAME_OTHER and FRAME_PONG are the caller's to hand on."""
        cdef VenueFrame* frame = self.frame
        cdef Span whole
        cdef int32_t i
        scan_frame(frame, p, n)
        if frame.kind == FRAME_ACK:
            self.on_ack(frame, now.mono_ns, now.real_ns)
        elif frame.kind == FRAME_ORDERS and frame.row_count >= 0:
            for i in range(frame.row_count):
                self.on_order_push(&frame.pushes[i], now.mono_ns, now.real_ns)
        elif frame.kind == FRAME_ORDERS:
            self.on_order_rows(&frame.data, now.mono_ns, now.real_ns)
        elif frame.kind == FRAME_ACCOUNT or frame.kind == FRAME_POSITIONS or frame.kind == FRAME_BALANCE_AND_POSITION:
            if now.mono_ns >= self.trading.overlap_until_ns or self.trading.account_pushes.take(connection, frame.kind, p, n, now.mono_ns):
                write_pass_on(self.trading, frame.kind, SOURCE_STREAM, p, n, now.real_ns)
        elif frame.kind == FRAME_ALGOS:
            on_algo_rows(self.trading, self.control, &frame.data, SOURCE_STREAM, now.real_ns)
        elif frame.kind == FRAME_MALFORMED:
            self.trading.counters.frames_malformed += 1
            whole.p, whole.n = p, <uint32_t>n
            self.control.on_unrecognised_frame("frames_malformed", &whole)
        elif frame.kind == FRAME_OTHER:
            self.trading.counters.frames_other += 1
        return frame.kind

    cdef void on_ack(self, const VenueFrame* frame, int64_t mono_ns, int64_t real_ns) noexcept:
        """OKX's answer to a request: each item to its row. Rows without an item share the frame's own code."""
        cdef TradingState trading = self.trading
        cdef int32_t slot = trading.requests.by_okx_id(&frame.id)
        cdef RequestSlot* held
        cdef Span items[ROWS_MAX]
        cdef int32_t position, row
        cdef bint was_unknown
        trading.counters.acks += 1
        if slot < 0:
            trading.counters.acks_unmatched += 1
            self.control.on_unrecognised_frame("acks_unmatched", &frame.id)
            return
        held = &trading.requests.requests[slot]
        if held.list_id == LIST_DONE:
            trading.counters.acks_repeated += 1
            return
        was_unknown = held.list_id == LIST_UNKNOWN
        settle_tokens(trading, slot, mono_ns)
        if held.route == ROUTE_SOCKET:
            settle_read_by_okx(trading, held.connection, held.sent_mono_ns, mono_ns)
        for row in range(ROWS_MAX):
            items[row].n = 0
        for position in range(frame.row_count):
            row = row_of_item(trading, slot, &frame.items[position], position)
            if row >= 0:
                items[trading.requests.rows[row].row] = frame.items[position].whole
                take_item(trading, self.control, row, &frame.items[position], frame, mono_ns, real_ns)
        take_frame_code(trading, self.control, slot, frame, mono_ns, real_ns)
        if was_unknown:
            return
        write_ack(trading, slot, frame, items, NULL, -1, real_ns)
        close_request(trading, slot)

    cdef void on_order_rows(self, const Value* data, int64_t mono_ns, int64_t real_ns) noexcept:
        """The rows of a push that has more of them than one pass keeps, or whose `arg` came last: one by one, in their order."""
        cdef Cursor cursor
        cdef Value element
        cdef OrderPush push
        cdef Span whole
        cdef bint is_first = True
        cursor.p = data.p + 1
        cursor.end = data.p + data.n
        while next_element(&cursor, is_first, &element, JSON_OKX_DEPTH + 2) == 1:
            is_first = False
            if scan_order_push(&push, &element) == 0:
                self.on_order_push(&push, mono_ns, real_ns)
            else:
                self.trading.counters.pushes_unrecognised += 1
                whole.p, whole.n = element.p, element.n
                self.control.on_unrecognised_frame("pushes_unrecognised", &whole)

    cdef void on_order_push(self, const OrderPush* push, int64_t mono_ns, int64_t real_ns) noexcept:
        """A row of the orders channel. Of several connections the first tells it, and another's is a repeat whatever came in between."""
        cdef TradingState trading = self.trading
        cdef Fingerprint print
        if mono_ns < trading.overlap_until_ns:
            print.low = hash_bytes(push.whole.p, push.whole.n, 1)
            print.high = hash_bytes(push.whole.p, push.whole.n, 2)
            if trading.order_rows.has(print):
                trading.counters.pushes += 1
                trading.counters.pushes_repeated += 1
                return
            trading.order_rows.add(print)
        self.on_order_row(push, SOURCE_STREAM, real_ns)

    cdef void on_order_row(self, const OrderPush* push, int32_t source, int64_t real_ns) noexcept:
        """One order's news, from the stream or from REST: its fill once; of its state and its amend what `lifecycle` makes of it."""
        cdef TradingState trading = self.trading
        cdef bint with_fill = source == SOURCE_STREAM and has_fill(push)
        cdef int32_t state = published_state(push, with_fill)
        cdef int32_t number
        cdef OrderSlot* order
        cdef bint is_new_fill = False, is_new_amend = False, is_repeat
        cdef int event, action
        trading.counters.pushes += 1
        if state < 0 or push.text[PUSH_ORD_ID].n == 0 or push.text[PUSH_INST_ID].n == 0:
            self.trading.counters.pushes_unrecognised += 1
            self.control.on_unrecognised_frame("pushes_unrecognised", &push.whole)
        if push.text[PUSH_ORD_ID].n == 0 or push.text[PUSH_INST_ID].n == 0:
            return
        number = self.order_of_push(push)
        if number == OWNER_AWAITED:
            return
        if number >= 0 and not trading.orders.orders[number].counts_fills and state >= 0:
            begin_counting(&trading.orders.orders[number], push, with_fill)
        if with_fill and publishes_fill(push):
            is_new_fill = self.take_fill(number, push, source, real_ns)
        if number < 0:
            return
        order = &trading.orders.orders[number]
        trading.orders.set_ord_id(number, &push.text[PUSH_ORD_ID])
        if state < 0:
            return  # a state that OKX does not document, or half a row: REST is asked, or a human
        if source == SOURCE_STREAM:
            is_new_amend = note_amend_push(trading, order, push)
        is_repeat = source == SOURCE_STREAM and not is_new_fill and not is_new_amend and publishes_nothing_new(push, state)
        event = life_event(order, push, state, is_new_amend, is_repeat)
        action = life_action(order.state, event)
        if action == LIFE_PUBLISH:
            take_row(order, push, next_state(order.state, event))
            write_order(trading, number, push, source, real_ns)
            trading.orders.file(number)
        elif action == LIFE_RESULT and is_new_amend:
            write_amend_result(trading, number, push, source, real_ns)
        elif not is_new_fill:
            trading.counters.pushes_repeated += 1
        if action == LIFE_NOTE and not is_repeat:
            note_time(order, push)
        if not order.fills_requested and lacks_fills(order):
            order.fills_requested = True
            self.control.on_fills_missing(&push.text[PUSH_ORD_ID])
        if trading.requests.lists[LIST_UNKNOWN].count > 0:
            resolve_by_push(trading, number, push, source, real_ns)

    cdef int32_t order_of_push(self, const OrderPush* push) noexcept:
        """The order that a push is about; one that nobody here placed gets a slot of its own. -1: ended long ago, or no room; OWNER_AWAITED."""
        cdef TradingState trading = self.trading
        cdef int32_t number = trading.orders.find(&push.text[PUSH_ORD_ID], &push.text[PUSH_CL_ORD_ID])
        cdef int32_t owner
        cdef OrderSlot* order
        if number >= 0:
            return number
        if trading.orders.has_ended(&push.text[PUSH_ORD_ID]):
            trading.counters.pushes_repeated += 1
            return -1
        owner = self.owner_of(push)
        if owner == OWNER_ACCOUNT and self.waits_for_owner(push):
            return OWNER_AWAITED
        number = trading.orders.add(owner, &push.text[PUSH_CL_ORD_ID])
        if number < 0:
            self.control.on_unrecognised_frame("order_table_full", &push.whole)
            return -1
        order = &trading.orders.orders[number]
        set_number(&order.inst_id, &push.text[PUSH_INST_ID])
        set_number(&order.td_mode, &push.text[PUSH_TD_MODE])
        order.segment = trading.journal.segment()
        trading.instruments.resolve(&push.text[PUSH_INST_ID], &push.text[PUSH_TD_MODE], 0, &order.instrument)
        return number

    cdef bint waits_for_owner(self, const OrderPush* push) noexcept:
        """The algo order that it is linked to would tell whose it is, and is not known yet: the control plane keeps the row until it is."""
        cdef Span linked = linked_algo_of(&push.whole)
        if linked.n == 0 or self.trading.orders.find_algo(&linked, &NOTHING) >= 0:
            return False
        return self.control.keep_linked_order(&linked, &push.whole)

    cdef int32_t owner_of(self, const OrderPush* push) noexcept:
        """The owner of an order that is not held: by its `clOrdId`, else by the algo order that has placed it, or that it is linked to."""
        cdef Span linked
        cdef int32_t owner = self.trading.owner_of_minted(&push.text[PUSH_CL_ORD_ID])
        if owner == OWNER_ACCOUNT and (push.text[PUSH_ALGO_ID].n > 0 or push.text[PUSH_ALGO_CL_ORD_ID].n > 0):
            owner = owner_of_algo(self.trading, &push.text[PUSH_ALGO_ID], &push.text[PUSH_ALGO_CL_ORD_ID])
        linked = linked_algo_of(&push.whole)
        return owner_of_algo(self.trading, &linked, &NOTHING) if owner == OWNER_ACCOUNT and linked.n > 0 else owner

    cdef void on_fill_row(self, const OrderPush* push, int64_t real_ns) noexcept:
        """A row of REST's fills: published if the stream has not told it."""
        cdef int32_t number
        if push.text[PUSH_TRADE_ID].n == 0 or push.text[PUSH_ORD_ID].n == 0 or not publishes_fill(push):
            self.trading.counters.pushes_unrecognised += 1
            self.control.on_unrecognised_frame("pushes_unrecognised", &push.whole)
            return
        number = self.order_of_push(push)
        if number >= 0:
            self.trading.orders.set_ord_id(number, &push.text[PUSH_ORD_ID])
        self.take_fill(number, push, SOURCE_RECONCILE, real_ns)

    cdef bint take_fill(self, int32_t number, const OrderPush* push, int32_t source, int64_t real_ns) noexcept:
        """Publishes an execution that has not been told; False for a repeat. `number` -1: its order has no slot (any more)."""
        cdef TradingState trading = self.trading
        if not trading.orders.take_fill(&push.text[PUSH_INST_ID], &push.text[PUSH_ORD_ID], &push.text[PUSH_TRADE_ID]):
            return False
        if number >= 0:
            count_fill(&trading.orders.orders[number], push)
            write_fill(trading, trading.orders.orders[number].owner, &trading.orders.orders[number], push, source, real_ns)
        else:
            write_fill(trading, self.owner_of(push), NULL, push, source, real_ns)
        return True
