"""The events about the account: pushes of balances and positions, passed on byte for byte."""
from gateway._fast.base.enums cimport *
from gateway._fast.base.wire_names cimport source_name, topic_name
from gateway._fast.frames.scanner cimport FRAME_ACCOUNT, FRAME_BALANCE_AND_POSITION, FRAME_POSITIONS
from gateway._fast.json.writer cimport Writer, put, put_text
from gateway._fast.results.event_fields cimport put_stamps, put_word

cdef enum:
    # published since the control plane last looked, some hundredths of a second ago; more are compared with REST only
    ACCOUNT_FRAMES_MAX = 1_024


cdef void write_pass_on(
        TradingState trading, int32_t kind, int32_t source, const char* frame, Py_ssize_t n, int64_t venue_ns) noexcept:
    """A push about the account (FRAME_ACCOUNT, FRAME_POSITIONS or FRAME_BALANCE_AND_POSITION), as it came, or as REST's
    rows would have come."""
    cdef int32_t topic = TOPIC_BALANCE_AND_POSITION
    cdef Writer* w
    if kind == FRAME_ACCOUNT:
        topic = TOPIC_ACCOUNT
    elif kind == FRAME_POSITIONS:
        topic = TOPIC_POSITIONS
    w = trading.bus.begin(OWNER_ACCOUNT, topic, topic_name(topic))
    put_word(w, b"source", source_name(source))
    put_text(w, b',"data":')
    put(w, frame, n)
    put_stamps(w, NULL, venue_ns)
    trading.bus.commit()
    if kind != FRAME_BALANCE_AND_POSITION and len(trading.account_frames) < ACCOUNT_FRAMES_MAX:
        trading.account_frames.append(frame[:n])
