"""Fault switches for tests: deliberate bugs that the tests and the auditor must catch.
They exist in the debug build alone."""

FAULTS = (
    "drop_fill_dedup", "resend", "timeout_is_reject", "fill_before_journal", "send_fails", "journal_full",
    "crash_before_received", "crash_after_received", "crash_before_intent", "crash_after_intent", "crash_after_send",
    "crash_within_record", "crash_before_segment_end", "crash_after_segment_end",
    "crash_before_ack_kept", "crash_before_order_kept", "crash_before_fill_kept",
    "crash_before_ack", "crash_before_order", "crash_before_fill",
    "crash_after_ack", "crash_after_order", "crash_after_fill",
)


def is_debug_build():
    """Built with GATEWAY_DEBUG=1."""
    return bool(IS_DEBUG)


def arm_fault(str name not None, int32_t times=1):
    """Makes `name` happen the next `times` times. RuntimeError in an optimised build, ValueError for an unknown
    name."""
    if not IS_DEBUG:
        raise RuntimeError("fault switches exist in the debug build only: build with GATEWAY_DEBUG=1")
    if name not in FAULTS:
        raise ValueError(f"{name!r} is no fault: there are {', '.join(FAULTS)}")
    armed[<int>FAULTS.index(name)] = times


def disarm_faults():
    """No switch is armed any more."""
    cdef int which
    for which in range(FAULT_COUNT):
        armed[which] = 0
