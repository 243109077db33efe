"""Verbs on connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.sim.control_params import Params, Verb, integer

if TYPE_CHECKING:
    from gateway.sim.control import Control


_WHICH = ("path", "uid", "session")


def _drop(control: Control, params: Params) -> int:
    chosen = control.selected(params)
    for session in chosen:
        session.abort()
    return len(chosen)


def _close(control: Control, params: Params) -> int:
    chosen = control.selected(params)
    for session in chosen:
        session.close(integer(params, "code", 4006))
    return len(chosen)


def _notice(control: Control, params: Params) -> int:
    chosen = control.selected(params)
    if "close_s" in params:
        control.exchange.switches.notice_close_s = float(params["close_s"])
    for session in chosen:
        session.notice()
    return len(chosen)


def _refuse_logins(control: Control, params: Params) -> None:
    control.exchange.faults.refuse_login_code = str(params.get("code", "63999"))
    control.exchange.faults.refuse_logins = integer(params, "count", 1)


VERBS: dict[str, Verb] = {
    "drop": Verb(_drop, _WHICH, "abort TCP connections without a close frame"),
    "close": Verb(_close, ("code", *_WHICH), "close connections with a code"),
    "notice": Verb(_notice, ("close_s", *_WHICH), "send 64008 and close after close_s seconds"),
    "refuse_logins": Verb(_refuse_logins, ("code", "count"), "refuse the next logins with a code"),
}
