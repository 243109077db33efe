"""The two paths: `on_request`, an order out, and `on_frame`, an event back. Read this file from top to bottom.

Order out:   parse > known id? > time > instruments loaded? (else the startup queue) > rows > slots
             > journal `received` > withdraw what waits (cancels) > encode > may it go? (else wait, or refuse)
             > tokens > journal `intent` > socket or REST
Event back:  scan > ack: request by id > tokens come back > each item to its row > `.ack`
                  > order row: drop what another connection brought > order by `ordId`, else `clOrdId`
                    > fill > state and amend > proofs of what is unknown
             each event: journal > PUB

Nothing here awaits, allocates (but for a request that must wait), logs or raises. Cold turns (the words of refusals,
requests before the instruments are loaded, codes that ask for more than a result) go to `control`, the port of the
control plane. What is not on the paths at all (the gateway's own ops, frames that are neither ack nor push) goes back
to the caller.
"""
from libc.stdint cimport uint32_t
from libc.stdlib cimport free

from gateway._fast.base.enums cimport *
from gateway._fast.base.memory cimport take_memory
from gateway._fast.base.records cimport RequestSlot
from gateway._fast.base.slot_index cimport Fingerprint, hash_bytes
from gateway._fast.base.span cimport span_of_cstr
from gateway._fast.base.wire_names cimport op_is_algo, op_kind
from gateway._fast.event_back.acks cimport row_of_item, take_frame_code, take_item
from gateway._fast.event_back.algo_pushes cimport on_algo_rows
from gateway._fast.event_back.order_rows cimport OWNER_AWAITED, ask_for_fills, order_of_row, take_fill, take_state
from gateway._fast.frames.encoder cimport FRAME_MAX, encode_request
from gateway._fast.frames.scanner cimport *
from gateway._fast.json.cursor cimport JSON_OKX_DEPTH, Cursor, next_element
from gateway._fast.json.writer cimport Writer, writer_reset
from gateway._fast.order_out.checks cimport check_id, check_rows, check_time
from gateway._fast.order_out.repeats cimport reply_recorded
from gateway._fast.order_out.send cimport keep_request, send_receipt, send_request
from gateway._fast.order_out.slots cimport drop_withdrawn, note_given_ids, note_places, open_slots, withdraw_targets
from gateway._fast.order_out.wait_queue cimport wait_or_refuse, why_not_now
from gateway._fast.orders.request_table cimport LIST_DONE, LIST_UNKNOWN
from gateway._fast.orders.updates cimport begin_counting, has_fill, published_state, publishes_fill
from gateway._fast.ports.ports cimport FRAME_HEADROOM
from gateway._fast.requests.parsed_request cimport wrong
from gateway._fast.requests.parser cimport parse_request
from gateway._fast.results.account_events cimport write_pass_on
from gateway._fast.results.ack_events cimport write_ack
from gateway._fast.results.proofs cimport note_amend_push, resolve_by_push
from gateway._fast.results.refusals cimport refuse_request, reply_refusal
from gateway._fast.results.results cimport close_request
from gateway._fast.results.tokens cimport settle_read_by_okx, settle_tokens


cdef class OrderPipeline:
    """Both paths over one `TradingState`."""

    def __init__(self, TradingState trading not None, ControlPort control not None):
        self.trading = trading
        self.control = control
        self.parsed = <ParsedRequest*>take_memory(1, sizeof(ParsedRequest))
        self.additions = <RowAddition*>take_memory(ROWS_MAX, sizeof(RowAddition))
        self.frame_buffer = <char*>take_memory(1, FRAME_HEADROOM + FRAME_MAX)
        self.frame = <VenueFrame*>take_memory(1, sizeof(VenueFrame))
        if self.frame == NULL or self.parsed == NULL or self.additions == NULL or self.frame_buffer == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.parsed)
        free(self.frame)
        free(self.additions)
        free(self.frame_buffer)

    # ---------------------------------------------------------------- order out

    cdef bint on_request(self, Peer peer, const char* p, Py_ssize_t n, Moment now) noexcept:
        """One message of a strategy whose connection is granted to `peer.owner`. `p` is valid only during the call.

        It ends in exactly one of: queued until the instruments are loaded; refused; answered as a repeat; waiting;
        sent. False: it is an op of the gateway's own, and the caller's to hand on; nothing was done.
        """
        cdef TradingState trading = self.trading
        cdef ParsedRequest* parsed = self.parsed
        cdef int32_t slot
        cdef int64_t deadline_ns = now.mono_ns
        cdef int reason = parse_request(parsed, p, n)
        if reason == REASON_NONE and parsed.op == OP_GATEWAY:
            return False
        trading.counters.requests += 1
        if parsed.id.n > 0 and reason != REASON_NOT_JSON and parsed.op != OP_GATEWAY:
            slot = trading.requests.find(peer.owner, &parsed.id)
            if slot >= 0:
                trading.counters.repeated += 1
                reply_recorded(trading, peer, slot)
                return True
            reason = check_id(trading, parsed, peer.owner, reason)
        if reason == REASON_NONE:
            reason = check_time(trading, parsed, now.mono_ns, now.real_ns, &deadline_ns)
        if reason == REASON_NONE and trading.instruments.count == 0:
            if self.queue_until_loaded(peer, p, n, now, deadline_ns):
                return True
            reason = wrong(
                parsed, REASON_NOT_READY, b"sent once the gateway has loaded the instruments", span_of_cstr(b"op"), -1)
        if reason == REASON_NONE:
            reason = check_rows(trading, parsed, self.additions, peer.owner)
        if reason == REASON_NONE:
            reason = open_slots(trading, parsed, self.additions, peer.owner, &slot)
        if reason != REASON_NONE:
            self.refuse_unslotted(peer, reason, now.real_ns)
            return True
        self.note_peer(slot, peer, now.real_ns, deadline_ns)
        if keep_request(trading, slot, p, n):
            self.go_or_wait(slot, now.mono_ns)
        return True

    cdef bint queue_until_loaded(
            self, Peer peer, const char* p, Py_ssize_t n, Moment now, int64_t deadline_ns) noexcept:
        """The startup queue has the message, which is read again once the instruments are loaded.
        A cancel may follow what waits there."""
        cdef bint is_cancel = op_kind(self.parsed.op) == KIND_CANCEL
        if is_cancel:
            deadline_ns = max(deadline_ns, now.mono_ns + self.trading.ack_timeout_ns)
        return self.control.queue_request(is_cancel, deadline_ns, peer, p, n, now)

    cdef void note_peer(self, int32_t slot, Peer peer, int64_t real_ns, int64_t deadline_ns) noexcept:
        """Who asks, since when, and until when it may wait."""
        cdef RequestSlot* request = &self.trading.requests.requests[slot]
        request.session = peer.session
        request.session_generation = peer.generation
        request.wants_receipt = self.parsed.wants_receipt or peer.is_req
        request.recv_ns = real_ns
        request.deadline_ns = deadline_ns

    cdef void go_or_wait(self, int32_t slot, int64_t mono_ns) noexcept:
        """Encodes the request; then it goes at once, waits, or is refused."""
        cdef TradingState trading = self.trading
        cdef RequestSlot* request = &trading.requests.requests[slot]
        cdef char* frame = self.frame_buffer + FRAME_HEADROOM
        cdef FrameMap frame_map
        cdef int32_t reason
        cdef int n
        cdef int64_t wait
        if op_kind(request.op) == KIND_CANCEL and self.ends_inside(slot):
            return
        n = self.encode(slot, mono_ns, frame, &frame_map)
        if n < 0:
            return
        wait = why_not_now(trading, slot, mono_ns, &reason)
        if wait != 0 or request.route == ROUTE_REST:
            note_places(trading, slot, &frame_map)
        if wait == 0:
            send_request(trading, slot, frame, n, mono_ns)
        else:
            wait_or_refuse(trading, slot, frame, n, mono_ns, wait, reason)

    cdef bint ends_inside(self, int32_t slot) noexcept:
        """Withdraws the orders that a cancel finds waiting in here. True: those were all, and it is done."""
        cdef TradingState trading = self.trading
        withdraw_targets(trading, slot)
        if trading.requests.requests[slot].rows_open > 0:
            return False
        write_ack(trading, slot, NULL, NULL, NULL, -1, 0)
        close_request(trading, slot)
        if trading.requests.requests[slot].wants_receipt:
            send_receipt(trading, slot)
        return True

    cdef int encode(self, int32_t slot, int64_t mono_ns, char* frame, FrameMap* frame_map) noexcept:
        """OKX's frame of what is left of the request; returns its length, or -1: it was too long, and the request is
        refused."""
        cdef TradingState trading = self.trading
        cdef RequestSlot* request = &trading.requests.requests[slot]
        cdef int kind = op_kind(request.op)
        cdef char okx_id[16]
        cdef Writer w
        cdef Span msg
        cdef int n
        if (kind == KIND_PLACE or kind == KIND_AMEND) and not op_is_algo(request.op):
            request.exp_time_is_ours = self.parsed.exp_time_ms == 0
            request.exp_time_ms = trading.ttl_end_ms(mono_ns) if request.exp_time_is_ours else self.parsed.exp_time_ms
        drop_withdrawn(trading, self.parsed, self.additions, slot)
        trading.requests.write_okx_id(slot, okx_id)
        writer_reset(&w, frame, FRAME_MAX)
        n = encode_request(&w, self.parsed, okx_id, self.additions, request.exp_time_ms, frame_map)
        if n < 0:
            msg = span_of_cstr(b"the message is too large once encoded for OKX")
            refuse_request(trading, slot, REASON_TOO_LARGE, &msg, -1)
            return -1
        request.exp_time_at = frame_map.exp_time_at
        request.by_rest_only = self.parsed.by_rest_only
        return n

    cdef void refuse_unslotted(self, Peer peer, int32_t reason, int64_t real_ns) noexcept:
        """The exit for what is refused at reading.
        With a usable id and op the refusal is also its recorded result and an `.ack`."""
        cdef ParsedRequest* parsed = self.parsed
        cdef TradingState trading = self.trading
        cdef Span msg = self.control.refusal_message(
            reason, parsed.expected, &parsed.bad_key, parsed.bad_row, &parsed.op_text)
        cdef int32_t slot = -1
        if (reason != REASON_NOT_JSON and reason != REASON_DUPLICATE_ID and reason != REASON_JOURNAL and parsed.id.n > 0
                and parsed.op != OP_NONE and parsed.op != OP_GATEWAY):
            slot = trading.requests.add(peer.owner, &parsed.id, max(parsed.row_count, 1))
        if slot < 0:
            trading.counters.refused += 1
            if reason == REASON_NOT_JSON:
                parsed.id.n = 0
                parsed.op_text.n = 0
            if parsed.op_text.n > ID_MAX:
                parsed.op_text.n = 0
            reply_refusal(trading, peer.session, peer.generation, &parsed.id, &parsed.op_text, reason, &msg, -1)
            return
        trading.requests.requests[slot].op = <unsigned char>parsed.op
        trading.requests.requests[slot].session = peer.session
        trading.requests.requests[slot].session_generation = peer.generation
        trading.requests.requests[slot].recv_ns = real_ns
        trading.strategies[peer.owner].last_key = trading.requests.requests[slot].key
        note_given_ids(trading, parsed, slot)
        refuse_request(trading, slot, reason, &msg, -1)

    # ---------------------------------------------------------------- event back

    cdef int32_t on_frame(self, int32_t connection, const char* p, Py_ssize_t n, Moment now) noexcept:
        """One complete text frame of a private connection or of the business stream.
        Returns its FRAME_* kind; FRAME_OTHER and FRAME_PONG are the caller's to hand on."""
        cdef VenueFrame* frame = self.frame
        cdef Span whole
        cdef int32_t i
        scan_frame(frame, p, n)
        if frame.kind == FRAME_ACK:
            self.on_ack(frame, now)
        elif frame.kind == FRAME_ORDERS and frame.row_count >= 0:
            for i in range(frame.row_count):
                self.on_order_push(&frame.pushes[i], now)
        elif frame.kind == FRAME_ORDERS:
            self.on_order_rows(&frame.data, now)
        elif frame.kind == FRAME_ACCOUNT or frame.kind == FRAME_POSITIONS or frame.kind == FRAME_BALANCE_AND_POSITION:
            if (now.mono_ns >= self.trading.overlap_until_ns
                    or self.trading.account_pushes.take(connection, frame.kind, p, n, now.mono_ns)):
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

    cdef void on_ack(self, const VenueFrame* frame, Moment now) noexcept:
        """OKX's answer to a request: each item to its row. Rows without an item share the frame's own code."""
        cdef TradingState trading = self.trading
        cdef int32_t slot = trading.requests.by_okx_id(&frame.id)
        cdef RequestSlot* request
        cdef Span items[ROWS_MAX]
        cdef int32_t position, row
        cdef bint was_unknown
        trading.counters.acks += 1
        if slot < 0:
            trading.counters.acks_unmatched += 1
            self.control.on_unrecognised_frame("acks_unmatched", &frame.id)
            return
        request = &trading.requests.requests[slot]
        if request.list_id == LIST_DONE:
            trading.counters.acks_repeated += 1
            return
        was_unknown = request.list_id == LIST_UNKNOWN
        settle_tokens(trading, slot, now.mono_ns)
        if request.route == ROUTE_SOCKET:
            settle_read_by_okx(trading, request.connection, request.sent_mono_ns, now.mono_ns)
        for row in range(ROWS_MAX):
            items[row].n = 0
        for position in range(frame.row_count):
            row = row_of_item(trading, slot, &frame.items[position], position)
            if row >= 0:
                items[trading.requests.rows[row].row] = frame.items[position].whole
                take_item(trading, self.control, row, &frame.items[position], frame, now)
        take_frame_code(trading, self.control, slot, frame, now)
        if was_unknown:
            return  # each row's proof has been published as `resolved`
        write_ack(trading, slot, frame, items, NULL, -1, now.real_ns)
        close_request(trading, slot)

    cdef void on_order_rows(self, const Value* data, Moment now) noexcept:
        """The rows of a push that has more of them than one pass keeps, or whose `arg` came last: one by one, in their
        order."""
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
                self.on_order_push(&push, now)
            else:
                whole.p, whole.n = element.p, element.n
                self.count_unrecognised(&whole)

    cdef void count_unrecognised(self, const Span* row) noexcept:
        self.trading.counters.pushes_unrecognised += 1
        self.control.on_unrecognised_frame("pushes_unrecognised", row)

    cdef void on_order_push(self, const OrderPush* push, Moment now) noexcept:
        """A row of the orders channel. Of several connections the first one's counts, and another's is a repeat
        whatever came in between."""
        cdef TradingState trading = self.trading
        cdef Fingerprint print
        if now.mono_ns < trading.overlap_until_ns:
            print.low = hash_bytes(push.whole.p, push.whole.n, 1)
            print.high = hash_bytes(push.whole.p, push.whole.n, 2)
            if trading.order_rows.has(print):
                trading.counters.pushes += 1
                trading.counters.pushes_repeated += 1
                return
            trading.order_rows.add(print)
        self.on_order_row(push, SOURCE_STREAM, now.real_ns)

    cdef void on_order_row(self, const OrderPush* push, int32_t source, int64_t real_ns) noexcept:
        """An order's row, from the stream or from REST: its fill once, then its state and amend, then what these
        prove."""
        cdef TradingState trading = self.trading
        cdef bint with_fill = source == SOURCE_STREAM and has_fill(push)
        cdef int32_t state = published_state(push, with_fill)  # -1: one that OKX does not document, or half a row
        cdef bint names_order = push.text[PUSH_ORD_ID].n > 0 and push.text[PUSH_INST_ID].n > 0
        cdef bint is_new_fill = False, is_new_amend
        cdef int32_t slot
        trading.counters.pushes += 1
        if state < 0 or not names_order:
            self.count_unrecognised(&push.whole)
        if not names_order:
            return
        slot = order_of_row(trading, self.control, push)
        if slot == OWNER_AWAITED:
            return
        if slot >= 0 and state >= 0 and not trading.orders.orders[slot].counts_fills:
            begin_counting(&trading.orders.orders[slot], push, with_fill)
        if with_fill and publishes_fill(push):
            is_new_fill = take_fill(trading, slot, push, source, real_ns)
        if slot < 0:
            return
        trading.orders.set_ord_id(slot, &push.text[PUSH_ORD_ID])
        if state < 0:
            return  # REST is asked, or a human
        is_new_amend = source == SOURCE_STREAM and note_amend_push(trading, &trading.orders.orders[slot], push)
        take_state(trading, slot, push, state, is_new_fill, is_new_amend, source, real_ns)
        ask_for_fills(trading, self.control, slot, push)
        if trading.requests.lists[LIST_UNKNOWN].count > 0:
            resolve_by_push(trading, slot, push, source, real_ns)

    cdef void on_fill_row(self, const OrderPush* push, int64_t real_ns) noexcept:
        """A row of REST's fills: published if the stream has not brought it."""
        cdef int32_t slot
        if push.text[PUSH_TRADE_ID].n == 0 or push.text[PUSH_ORD_ID].n == 0 or not publishes_fill(push):
            self.count_unrecognised(&push.whole)
            return
        slot = order_of_row(self.trading, self.control, push)
        if slot >= 0:
            self.trading.orders.set_ord_id(slot, &push.text[PUSH_ORD_ID])
        take_fill(self.trading, slot, push, SOURCE_RECONCILE, real_ns)
