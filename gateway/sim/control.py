"""What can be commanded of a running simulator, as a table of verbs, and what can be read from it.

Over HTTP: POST /sim/<verb> with a JSON object of parameters, GET /sim/<view>. In process: `command`. No key is asked
for; the server listens on loopback unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gateway.sim.codes import Refusal
from gateway.sim.faults import Counted
from gateway.sim.formats import decimal_text, parse_decimal
from gateway.sim.order_rows import rest_row
from gateway.sim.orders import Order

if TYPE_CHECKING:
    from gateway.sim.exchange import Exchange
    from gateway.sim.sessions import Session

Params = dict[str, Any]


class ControlError(Exception):
    """The command makes no sense; the message says why."""


@dataclass(frozen=True, slots=True)
class Verb:
    """`run` gets the control object and the parameters; `params` names those that it knows."""

    run: Callable[[Control, Params], Any]
    params: tuple[str, ...]
    purpose: str


class Control:
    """Commands and views on one exchange and its connections."""

    def __init__(self, exchange: Exchange, sessions: Callable[[], Iterable[Session]]) -> None:
        self.exchange = exchange
        self._sessions = sessions

    def command(self, verb: str, **params: Any) -> Any:
        """Run one verb of the table; unknown verbs and parameters are errors."""
        row = VERBS.get(verb)
        if row is None:
            raise ControlError(f"unknown verb {verb!r}; known: {', '.join(sorted(VERBS))}")
        unknown = set(params) - set(row.params)
        if unknown:
            raise ControlError(f"{verb} does not know {', '.join(sorted(unknown))}; it knows {', '.join(row.params)}")
        try:
            result = row.run(self, params)
        except Refusal as refusal:
            raise ControlError(f"{refusal.code} {refusal.msg}") from None
        self.exchange.flush()
        return result

    def view(self, name: str, query: dict[str, str]) -> Any:
        """Read one of the views."""
        reader = VIEWS.get(name)
        if reader is None:
            raise ControlError(f"unknown view {name!r}; known: {', '.join(sorted(VIEWS))}")
        return reader(self, query)

    def selected(self, params: Params) -> list[Session]:
        """The connections that a command means: by path, uid or number; all if none is given."""
        path, uid, number = params.get("path"), params.get("uid"), params.get("session")
        return [
            one
            for one in self._sessions()
            if path in (None, one.path)
            and (uid is None or (one.identity is not None and one.identity.uid == uid))
            and number in (None, one.number)
        ]


# --- verbs: connections ----------------------------------------------------------------------------------------

_WHICH = ("path", "uid", "session")


def _drop(control: Control, params: Params) -> int:
    chosen = control.selected(params)
    for session in chosen:
        session.abort()
    return len(chosen)


def _close(control: Control, params: Params) -> int:
    chosen = control.selected(params)
    for session in chosen:
        session.close(_integer(params, "code", 4006))
    return len(chosen)


def _notice(control: Control, params: Params) -> int:
    chosen = control.selected(params)
    if "close_s" in params:
        control.exchange.switches.notice_close_s = float(params["close_s"])
    for session in chosen:
        session.notice()
    return len(chosen)


def _delete_key(control: Control, params: Params) -> int:
    """Deleting a key closes its connections with 4007 (OKX docs, "Overview", close codes)."""
    name = str(params.get("key"))
    if not control.exchange.key_ring.remove(name):
        raise ControlError(f"no such key: {name}")
    chosen = [one for one in control.selected({}) if one.identity is not None and one.identity.api_key.key == name]
    for session in chosen:
        session.close(4007)
    return len(chosen)


# --- verbs: faults ---------------------------------------------------------------------------------------------


def _counted(name: str) -> Callable[[Control, Params], None]:
    def arm(control: Control, params: Params) -> None:
        setattr(control.exchange.faults, name, Counted(_integer(params, "count", 1), str(params.get("op", ""))))

    return arm


def _delay_acks(control: Control, params: Params) -> None:
    control.exchange.faults.delay_acks_ms = _integer(params, "ms", 1_000)
    _counted("delay_acks")(control, params)


def _outcome_unknown(control: Control, params: Params) -> None:
    control.exchange.faults.outcome_unknown_code = str(params.get("code", "64007"))
    control.exchange.faults.outcome_unknown_acts = bool(params.get("acts", False))
    _counted("outcome_unknown")(control, params)


def _refuse_logins(control: Control, params: Params) -> None:
    control.exchange.faults.refuse_login_code = str(params.get("code", "63999"))
    control.exchange.faults.refuse_logins = _integer(params, "count", 1)


def _set_fault(name: str, param: str, default: int) -> Callable[[Control, Params], None]:
    def arm(control: Control, params: Params) -> None:
        setattr(control.exchange.faults, name, _integer(params, param, default))

    return arm


def _one_byte(control: Control, params: Params) -> None:
    control.exchange.faults.one_byte_segments = bool(params.get("on", True))


def _rest_errors(control: Control, params: Params) -> None:
    control.exchange.faults.rest_error_status = _integer(params, "status", 503)
    control.exchange.faults.rest_errors = _integer(params, "count", 1)


def _clear(control: Control, params: Params) -> None:
    control.exchange.faults.clear()


def _switch(control: Control, params: Params) -> dict[str, Any]:
    """Turn a switch; its value keeps its type."""
    switches = control.exchange.switches
    name = str(params.get("name"))
    if name not in {one.name for one in fields(switches)}:
        raise ControlError(f"no such switch: {name}; known: {', '.join(one.name for one in fields(switches))}")
    kind = type(getattr(switches, name))
    value = params.get("value")
    if not isinstance(value, kind) and not (kind is float and isinstance(value, int)):
        raise ControlError(f"switch {name} needs a {kind.__name__}")
    setattr(switches, name, kind(value))
    return asdict(switches)


def _clock(control: Control, params: Params) -> int:
    control.exchange.clock.skew_ms = _integer(params, "skew_ms", 0)
    return control.exchange.clock.skew_ms


# --- verbs: the market and accounts ----------------------------------------------------------------------------

_OUTSIDE = ("inst_id", "side", "px", "sz")


def _trade(control: Control, params: Params) -> dict[str, Any]:
    inst_id, side, px, sz = _outside(control, params)
    return rest_row(control.exchange.outside.trade(inst_id, side, px, sz))


def _quote(control: Control, params: Params) -> dict[str, Any]:
    inst_id, side, px, sz = _outside(control, params)
    return rest_row(control.exchange.outside.quote(inst_id, side, px, sz))


def _withdraw(control: Control, params: Params) -> int:
    return control.exchange.outside.withdraw(_instrument(control, params))


def _reference(control: Control, params: Params) -> str:
    market = control.exchange.markets[_instrument(control, params)]
    market.reference_px = _decimal(params, "px")
    return decimal_text(market.reference_px)


def _instrument_state(control: Control, params: Params) -> None:
    instrument = control.exchange.instruments.by_inst_id[_instrument(control, params)]
    instrument.state = str(params.get("state", "live"))
    control.exchange.market_channels.instrument_changed(instrument)


def _relist(control: Control, params: Params) -> None:
    inst_id = _instrument(control, params)
    control.exchange.instruments.relist(inst_id, _integer(params, "inst_id_code", 0))
    control.exchange.market_channels.instrument_changed(control.exchange.instruments.by_inst_id[inst_id])


def _sub_account_limit(control: Control, params: Params) -> None:
    control.exchange.limits.set_sub_account_limit(_uid(control, params), _integer(params, "limit", 1_000))


def _fire_cancel_after(control: Control, params: Params) -> bool:
    account = control.exchange.accounts[_uid(control, params)]
    return control.exchange.cancel_after.fire_now(account, str(params.get("tag", "")))


def _cancel(control: Control, params: Params) -> None:
    """The system cancels a user's order, with any cancelSource."""
    account = control.exchange.accounts[_uid(control, params)]
    order = account.orders.get(str(params.get("ord_id")))
    if order is None or not order.is_live:
        raise ControlError("no such live order")
    control.exchange.engine.cancel(order, str(params.get("cancel_source", "0")))


VERBS: dict[str, Verb] = {
    "drop": Verb(_drop, _WHICH, "abort TCP connections without a close frame"),
    "close": Verb(_close, ("code", *_WHICH), "close connections with a code"),
    "notice": Verb(_notice, ("close_s", *_WHICH), "send 64008 and close after close_s seconds"),
    "delete_key": Verb(_delete_key, ("key",), "delete an API key and close its connections with 4007"),
    "refuse_logins": Verb(_refuse_logins, ("code", "count"), "refuse the next logins with a code"),
    "swallow_acks": Verb(_counted("swallow_acks"), ("count", "op"), "act, push, but never ack"),
    "delay_acks": Verb(_delay_acks, ("count", "op", "ms"), "ack late; pushes go at once"),
    "drop_after_act": Verb(_counted("drop_after_act"), ("count", "op"), "act, then drop without ack"),
    "drop_before_act": Verb(_counted("drop_before_act"), ("count", "op"), "drop without acting"),
    "outcome_unknown": Verb(
        _outcome_unknown, ("count", "op", "code", "acts"), "answer with an outcome-unknown code, with or without effect"
    ),
    "push_first": Verb(_counted("push_first"), ("count", "op"), "push before the ack"),
    "duplicate_pushes": Verb(_set_fault("duplicate_pushes", "count", 1), ("count",), "send order pushes twice"),
    "lose_pushes": Verb(_set_fault("lose_pushes", "count", 1), ("count",), "never send order pushes"),
    "fragment": Verb(_set_fault("fragments", "frames", 1), ("frames",), "cut messages into that many frames"),
    "one_byte_segments": Verb(_one_byte, ("on",), "send one byte per segment"),
    "rest_delay": Verb(_set_fault("rest_delay_ms", "ms", 0), ("ms",), "answer REST late, after acting"),
    "rest_errors": Verb(_rest_errors, ("count", "status"), "answer REST with an HTTP error, without acting"),
    "clear": Verb(_clear, (), "disarm all faults"),
    "switch": Verb(_switch, ("name", "value"), "turn a switch of undocumented behaviour"),
    "clock": Verb(_clock, ("skew_ms",), "set the exchange's clock apart from the true time"),
    "trade": Verb(_trade, _OUTSIDE, "an outside participant takes up to a price"),
    "quote": Verb(_quote, _OUTSIDE, "an outside participant rests a limit order"),
    "withdraw": Verb(_withdraw, ("inst_id",), "cancel all outside orders of an instrument"),
    "reference_price": Verb(_reference, ("inst_id", "px"), "move the price band and the background market"),
    "instrument_state": Verb(_instrument_state, ("inst_id", "state"), "suspend, resume, ... an instrument"),
    "relist": Verb(_relist, ("inst_id", "inst_id_code"), "give an instrument another instIdCode"),
    "sub_account_limit": Verb(_sub_account_limit, ("uid", "limit"), "set a sub-account's order limit"),
    "fire_cancel_after": Verb(_fire_cancel_after, ("uid", "tag"), "let an armed cancel-all-after timer pass now"),
    "cancel": Verb(_cancel, ("uid", "ord_id", "cancel_source"), "the system cancels an order"),
}


# --- views -----------------------------------------------------------------------------------------------------


def _ledger(control: Control, query: dict[str, str]) -> list[dict[str, Any]]:
    control.exchange.ledger.flush()
    return control.exchange.ledger.records(query.get("type", ""), int(query.get("since", "0")))


def _limits(control: Control, query: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "owner": peak.key.owner,
            "op": peak.key.op,
            "inst": peak.key.inst,
            "limit": peak.limit,
            "sliding": peak.sliding,
            "fixed": peak.fixed,
            "total": peak.total,
        }
        for peak in control.exchange.limits.peaks()
    ]


def _orders(control: Control, query: dict[str, str]) -> list[dict[str, Any]]:
    """All orders that are still remembered, or the live ones only."""
    live_only = query.get("live") == "1"
    chosen: list[Order] = []
    for uid, account in control.exchange.accounts.items():
        if query.get("uid", "") in ("", uid):
            chosen += account.live.values() if live_only else account.orders.values()
    return [{"uid": one.account.uid, **rest_row(one)} for one in chosen]


def _accounts(control: Control, query: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "uid": uid,
            "cash": {ccy: decimal_text(amount) for ccy, amount in account.cash.items()},
            "frozen": {ccy: decimal_text(amount) for ccy, amount in account.frozen.items()},
            "margin": {ccy: decimal_text(amount) for ccy, amount in account.margin.items()},
            "positions": {"/".join(key): decimal_text(position.pos) for key, position in account.positions.items()},
        }
        for uid, account in control.exchange.accounts.items()
    ]


def _session_list(control: Control, query: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "session": one.number,
            "path": one.path,
            "conn_id": one.conn_id,
            "uid": "" if one.identity is None else one.identity.uid,
            "subscriptions": [subscription.arg for subscription in one.subscriptions.values()],
        }
        for one in control.selected({})
    ]


def _verb_list(control: Control, query: dict[str, str]) -> dict[str, Any]:
    return {name: {"params": row.params, "purpose": row.purpose} for name, row in VERBS.items()}


def _faults(control: Control, query: dict[str, str]) -> dict[str, Any]:
    return asdict(control.exchange.faults)


def _switches(control: Control, query: dict[str, str]) -> dict[str, Any]:
    return asdict(control.exchange.switches)


VIEWS: dict[str, Callable[[Control, dict[str, str]], Any]] = {
    "ledger": _ledger,
    "limits": _limits,
    "orders": _orders,
    "accounts": _accounts,
    "sessions": _session_list,
    "verbs": _verb_list,
    "faults": _faults,
    "switches": _switches,
}


# --- parameters ------------------------------------------------------------------------------------------------


def _integer(params: Params, name: str, default: int) -> int:
    value = params.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ControlError(f"{name} must be an integer")
    return value


def _decimal(params: Params, name: str) -> Decimal:
    value = parse_decimal(params.get(name))
    if value is None or value <= 0:
        raise ControlError(f"{name} must be a positive decimal, as text")
    return value


def _instrument(control: Control, params: Params) -> str:
    inst_id = str(params.get("inst_id"))
    if inst_id not in control.exchange.markets:
        raise ControlError(f"no such instrument: {inst_id}")
    return inst_id


def _uid(control: Control, params: Params) -> str:
    uid = str(params.get("uid"))
    if uid not in control.exchange.accounts:
        raise ControlError(f"no such account: {uid}")
    return uid


def _outside(control: Control, params: Params) -> tuple[str, str, Decimal, Decimal]:
    side = params.get("side")
    if side not in ("buy", "sell"):
        raise ControlError("side must be buy or sell")
    return _instrument(control, params), str(side), _decimal(params, "px"), _decimal(params, "sz")
