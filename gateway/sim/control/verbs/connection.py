"""Verbs on connections."""

from __future__ import annotations

from gateway.sim.control.params import ControlledSimulator, Params, Verb, integer, number

_WHICH = ("path", "uid", "session", "ordinal")


def _drop(control: ControlledSimulator, params: Params) -> int:
    chosen = control.selected(params)
    for session in chosen:
        session.abort()
    return len(chosen)


def _close(control: ControlledSimulator, params: Params) -> int:
    code = integer(params, "code", 4006, low=1000, high=4999)
    chosen = control.selected(params)
    for session in chosen:
        session.close(code)
    return len(chosen)


def _notice(control: ControlledSimulator, params: Params) -> int:
    chosen = control.selected(params)
    if "close_s" in params:
        control.exchange.switches.notice_close_s = number(params, "close_s")
    for session in chosen:
        session.notice()
    return len(chosen)


def _half_open(control: ControlledSimulator, params: Params) -> int:
    chosen = control.selected(params)
    for session in chosen:
        session.half_open(integer(params, "ms", 0, low=0))
    return len(chosen)


def _read_slowly(control: ControlledSimulator, params: Params) -> int:
    ms, every_ms = integer(params, "ms", 0, low=0), integer(params, "every_ms", 0, low=0)
    chosen = control.selected(params)
    for session in chosen:
        session.transport.read_slowly(ms, every_ms)
    return len(chosen)


VERBS: dict[str, Verb] = {
    "drop": Verb(_drop, _WHICH, "abort TCP connections without a close frame"),
    "close": Verb(_close, ("code", *_WHICH), "close connections with a code"),
    "notice": Verb(_notice, ("close_s", *_WHICH), "send 64008 and close after close_s seconds"),
    "half_open": Verb(_half_open, ("ms", *_WHICH), "neither read nor write any more, without a FIN"),
    "read_slowly": Verb(
        _read_slowly,
        ("ms", "every_ms", *_WHICH),
        "read nothing for ms, or a small piece every every_ms; 0 and 0 end it",
    ),
}
