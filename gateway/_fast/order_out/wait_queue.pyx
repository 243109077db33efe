"""When a request may go, and where it waits until then.

What waits goes in order of arrival for each limit.
Nothing waits past its deadline, and nothing leaves past its `expTime`.
"""
from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memmove

from gateway._fast.base.enums cimport *
from gateway._fast.base.records cimport RequestSlot, RowSlot
from gateway._fast.base.span cimport Span, span_of_cstr
from gateway._fast.base.wire_names cimport op_kind
from gateway._fast.frames.encoder cimport write_exp_time
from gateway._fast.order_out.limit_keys cimport KEY_USES_MAX, KeyUse, assign_keys, collect_uses, count_waiting
from gateway._fast.order_out.routing cimport choose_connection, choose_route, is_about_no_order, waits_for_its_order
from gateway._fast.order_out.send cimport send_request
from gateway._fast.orders.request_table cimport LIST_WAITING
from gateway._fast.ports.ports cimport FRAME_HEADROOM
from gateway._fast.results.refusals cimport refuse_request
from gateway._fast.results.results cimport set_result


cdef Span not_ready_message(TradingState trading, int32_t slot, const char* otherwise) noexcept:
    """Why a request could not go: what has halted new orders, or `otherwise`."""
    cdef int kind = op_kind(trading.requests.requests[slot].op)
    cdef Span msg
    if (not (trading.logged_in and trading.reconciled or trading.orders_by_rest) or trading.halted is None
            or (kind != KIND_PLACE and kind != KIND_AMEND)):
        return span_of_cstr(otherwise)
    msg.p = trading.halted
    msg.n = <uint32_t>len(trading.halted)
    return msg


cdef int64_t why_not_now(TradingState trading, int32_t slot, int64_t mono_ns, int32_t* reason) noexcept:
    """0 when the request may go at once; else the time (ns) after which asking again may help, and the reason to give
    if it cannot wait."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef KeyUse uses[KEY_USES_MAX]
    cdef int32_t count, i
    cdef int64_t wait
    cdef int64_t longest = 0
    cdef int kind = op_kind(request.op)
    reason[0] = REASON_NOT_READY
    if not choose_route(trading, slot, kind) or waits_for_its_order(trading, slot):
        return 1_000_000
    reason[0] = REASON_RATE_LIMITED
    count = collect_uses(trading, slot, uses)
    for i in range(count):
        wait = trading.limiter.wait_ns(uses[i].key, uses[i].weight, mono_ns)
        if wait > longest:
            longest = wait
        if wait == 0 and request.list_id != LIST_WAITING and trading.waiting_on[uses[i].key] > 0:
            longest = max(longest, 1_000_000)
    return longest


cdef int64_t retry_after_ms(int32_t reason, int64_t wait_ns) noexcept nogil:
    """When a token will be free, rounded up; -1 for any other reason."""
    return (wait_ns + 999_999) // 1_000_000 if reason == REASON_RATE_LIMITED else -1


cdef void wait_or_refuse(
        TradingState trading, int32_t slot, const char* frame, Py_ssize_t n, int64_t mono_ns, int64_t wait,
        int32_t reason) noexcept:
    """It cannot go now, for `reason`, nor before `wait` ns have passed: it waits until its deadline, or is refused if
    that is now."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef Span msg
    if (request.deadline_ns <= mono_ns and trading.logged_in and request.route == ROUTE_SOCKET
            and not choose_connection(trading, slot)):
        request.deadline_ns = mono_ns + trading.ack_timeout_ns  # connections change: its orders' acks come first
    if request.deadline_ns <= mono_ns:
        msg = span_of_cstr(b"no rate-limit token is free now, and maxWaitMs is 0")
        if reason != REASON_RATE_LIMITED:
            msg = not_ready_message(trading, slot, b"the gateway is not ready for this op, and maxWaitMs is 0")
        refuse_request(trading, slot, reason, &msg, retry_after_ms(reason, wait))
    elif park(trading, slot, frame, n) != 0:
        msg = span_of_cstr(b"too many requests wait inside the gateway (waiting_capacity)")
        refuse_request(trading, slot, REASON_CAPACITY, &msg, -1)


cdef int park(TradingState trading, int32_t slot, const char* frame, Py_ssize_t n) noexcept:
    """Keeps the request and a copy of its frame until it may go. -1: no room to wait."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    if trading.requests.lists[LIST_WAITING].count >= trading.waiting_capacity:
        return -1
    request.frame = <char*>malloc(n + FRAME_HEADROOM)
    if request.frame == NULL:
        return -1
    memcpy(request.frame + FRAME_HEADROOM, frame, n)
    request.frame_n = <unsigned int>n
    enter_waiting(trading, slot)
    return 0


cdef void enter_waiting(TradingState trading, int32_t slot) noexcept:
    cdef RequestSlot* request = &trading.requests.requests[slot]
    trading.requests.move(slot, LIST_WAITING)
    # One that waits for its own order stands in nobody's way.
    request.counts_as_waiting = not waits_for_its_order(trading, slot)
    if request.counts_as_waiting:
        count_waiting(trading, slot, 1)


cdef int wait_again(TradingState trading, int32_t slot) noexcept:
    """It was handed over, and not a byte of it has left: it waits on, within its deadline.
    -1: it may not, or there is no room."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef int32_t at = request.first_row
    cdef int kind = op_kind(request.op)
    cdef RowSlot* row
    if (request.frame == NULL or trading.stopping
            or trading.requests.lists[LIST_WAITING].count >= trading.waiting_capacity):
        return -1
    while kind == KIND_PLACE and at >= 0:
        row = &trading.requests.rows[at]
        if row.order >= 0 and not row.withdrawn and trading.orders.orders[row.order].generation == row.order_generation:
            trading.orders.orders[row.order].unsent = True
        at = row.next
    request.sent_ns = 0
    enter_waiting(trading, slot)
    return 0


cdef void leave_waiting(TradingState trading, int32_t slot) noexcept:
    if trading.requests.requests[slot].counts_as_waiting:
        count_waiting(trading, slot, -1)


cdef void withdraw_row(TradingState trading, int32_t slot) noexcept:
    """A cancel has overtaken a row inside the gateway: it is cut out of the waiting frame and rejected.
    The last row ends its request."""
    cdef RowSlot* row = &trading.requests.rows[slot]
    cdef RequestSlot* request = &trading.requests.requests[row.request]
    cdef char* frame = request.frame + FRAME_HEADROOM
    cdef uint32_t start = row.frame_at
    cdef uint32_t end = row.frame_at + row.frame_n
    cdef int32_t at
    cdef Span msg
    count_waiting(trading, row.request, -1)
    row.withdrawn = True
    assign_keys(trading, row.request)
    count_waiting(trading, row.request, 1)
    row.s_code = -1
    set_result(trading, slot, RESULT_REJECTED, ORIGIN_GATEWAY, REASON_CANCELLED_BEFORE_SEND)
    if request.rows_open == 0:
        msg = span_of_cstr(b"cancelled while it waited inside the gateway; it was never sent")
        free(request.frame)
        request.frame = NULL
        refuse_request(trading, row.request, REASON_CANCELLED_BEFORE_SEND, &msg, -1)
        return
    if frame[end] == c",":
        end += 1
    elif frame[start - 1] == c",":
        start -= 1
    memmove(frame + start, frame + end, request.frame_n - end)
    request.frame_n -= end - start
    at = request.first_row
    while at >= 0:
        if trading.requests.rows[at].frame_at > row.frame_at:
            trading.requests.rows[at].frame_at -= end - start
            trading.requests.rows[at].sent_row -= 1
        at = trading.requests.rows[at].next


cdef void give_up(TradingState trading, int32_t slot, int32_t reason, int64_t wait) noexcept:
    """A waiting request has reached its deadline or its `expTime`."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef Span msg
    leave_waiting(trading, slot)
    free(request.frame)
    request.frame = NULL
    if reason == REASON_EXPIRED:
        msg = span_of_cstr(b"its expTime passed while it waited; it was never sent")
    elif reason == REASON_RATE_LIMITED:
        msg = span_of_cstr(b"no rate-limit token within maxWaitMs; it was never sent")
    elif reason == REASON_UNKNOWN_ORDER:
        msg = span_of_cstr(b"the order that it is about was refused and never sent")
    elif reason == REASON_STOPPING:
        msg = span_of_cstr(b"the gateway is shutting down; it was never sent")
    else:
        msg = not_ready_message(trading, slot, b"the gateway did not become ready within maxWaitMs; it was never sent")
    refuse_request(trading, slot, reason, &msg, retry_after_ms(reason, wait))


cdef bint is_blocked(TradingState trading, int32_t slot, bint block) noexcept:
    """One of its keys was blocked earlier in this pass, so that it may not overtake; `block` marks its keys for those
    behind it."""
    cdef KeyUse uses[KEY_USES_MAX]
    cdef int32_t count = collect_uses(trading, slot, uses)
    cdef int32_t i
    cdef bint found = False
    for i in range(count):
        if trading.blocked_in[uses[i].key] == trading.dispatch_pass:
            found = True
        if block:
            trading.blocked_in[uses[i].key] = trading.dispatch_pass
    return found


cdef void send_waiting(TradingState trading, int32_t slot, int64_t mono_ns) noexcept:
    """Its turn has come: an `expTime` of the gateway's own counts from now."""
    cdef RequestSlot* request = &trading.requests.requests[slot]
    cdef char* frame = request.frame
    leave_waiting(trading, slot)
    request.frame = NULL
    if request.exp_time_is_ours and request.exp_time_at != 0:
        request.exp_time_ms = trading.ttl_end_ms(mono_ns)
        write_exp_time(frame + FRAME_HEADROOM + request.exp_time_at, request.exp_time_ms)
    send_request(trading, slot, frame + FRAME_HEADROOM, request.frame_n, mono_ns)
    free(frame)


cdef void dispatch_waiting(TradingState trading, int64_t mono_ns) noexcept:
    """One pass over what waits: sends what may go, ends what has waited too long."""
    cdef int32_t at = trading.requests.lists[LIST_WAITING].head
    cdef int32_t next_request, reason
    cdef RequestSlot* request
    cdef int64_t wait
    cdef bint blocked
    trading.dispatch_pass += 1
    while at >= 0:
        request = &trading.requests.requests[at]
        next_request = request.next
        reason = REASON_RATE_LIMITED
        wait = 0
        if (request.exp_time_ms != 0 and not request.exp_time_is_ours
                and trading.okx_now_ms(mono_ns) >= request.exp_time_ms):
            give_up(trading, at, REASON_EXPIRED, 0)
        elif is_about_no_order(trading, at):
            give_up(trading, at, REASON_UNKNOWN_ORDER, 0)
        else:
            blocked = is_blocked(trading, at, False)
            wait = 1_000_000 if blocked else why_not_now(trading, at, mono_ns, &reason)
            if wait == 0 and mono_ns <= request.deadline_ns:
                send_waiting(trading, at, mono_ns)
            elif mono_ns >= request.deadline_ns or trading.stopping:
                if blocked:  # refused for its own cause, not for those before it
                    wait = max(wait, why_not_now(trading, at, mono_ns, &reason))
                give_up(trading, at, REASON_STOPPING if trading.stopping else reason, wait)
            elif request.counts_as_waiting:
                is_blocked(trading, at, True)
        at = next_request
