"""Pure. Switches for behaviour that OKX does not document; docs/simulator-switches.md lists the open points."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "limiter_window": ("sliding", "fixed", "off"),
    "limiter_form": ("frame", "rows"),
    "sub_account_form": ("rows", "frame"),
    "bad_id_form": ("event", "ack"),
    "login_required_form": ("event", "ack"),
    "exp_time_form": ("frame", "rows"),
    "missing_inst_id_code": ("50014", "51000"),
    "amend_below_filled": ("fill", "refuse"),
    "missing_id_form": ("serve", "event", "ack"),
    "repeated_id_form": ("serve", "event", "ack"),
    "exp_time_code": ("50036", "50037"),
    "amend_priority": ("smaller", "never"),
    "cancel_of_filled": ("refuse", "accept"),
    "ack_ts": ("creation", "processing"),
    "connects_form": ("http", "tcp"),
    "price_band": ("wide", "okx"),
    "market_close_push": ("fill", "apart"),
}


@dataclass
class Switches:
    """Points that no source settles. Each default is the simulator's choice; each can be changed while it runs."""

    limiter_window: str = "sliding"  # or "fixed": aligned to the epoch; or "off": counted but never refused
    limiter_form: str = "frame"  # ack with code 50011 and no data; "rows": code 1 with sCode 50011 in each row
    limiter_counts_refused: bool = False
    sub_account_form: str = "rows"  # sCode 50061 in the rows beyond the limit; "frame": the whole request
    bad_id_form: str = "event"  # event error 60012; "ack": ack with code 60013
    login_required_form: str = "event"  # event error 60011; "ack": ack with code 60011
    missing_id_form: str = "serve"  # echoed as ""; "event": 60012; "ack": 60013
    repeated_id_form: str = "serve"  # an id whose ack is still to come; "event": 60012; "ack": 60013
    exp_time_code: str = "50036"  # or "50037"
    exp_time_form: str = "frame"  # ack with code 50036 and no data; "rows": sCode 50036 in each row
    missing_inst_id_code: str = "50014"  # or "51000"
    amend_delay_ms: int = 0  # an amend takes effect so long after its ack; over 3 under way for an order are 51513
    attach_algo_over_ws: bool = True  # False: attachAlgoOrds of a WebSocket order is ignored
    amend_below_filled: str = "fill"  # the order becomes filled; "refuse": 51000
    amend_priority: str = "smaller"  # a smaller size at the same price keeps the place; or "never"
    cancel_of_filled: str = "refuse"  # 51400; "accept": sCode 0 and no push
    ack_ts: str = "creation"  # of a placed order; "processing": when the ack is made
    overlap_duplicates: bool = True  # each of a connection's overlapping arguments gets the push; False: the first
    post_only_live_push: bool = False  # True: `live` before the `canceled` 31, as before 2026-08-20
    close_after_failed_login: bool = False  # True: close 4001 after the error event
    failed_logins_to_close: int = 1  # so many failed logins on one connection, where they close at all
    control_ping_resets_idle: bool = False
    login_or_subscription_required: bool = True  # within 30 s, other traffic does not count
    subscription_required: bool = False  # True: 30 s without a subscription closes, other traffic does not count
    push_first_probability: float = 0.0
    ack_delay_ms: int = 0
    notice_close_s: float = 60.0
    connections_per_channel: int = 30  # per limited private channel and account
    channels_per_connection: int = 0  # close 4009 beyond; 0 means unlimited
    channels_per_account: int = 0  # close 4008 beyond; 0 means unlimited
    connects_per_second: int = 0  # OKX allows 3 per IP; 0 means unlimited
    connects_form: str = "http"  # 429 beyond the limit; "tcp": the connection is dropped
    price_band: str = "wide"  # 20 % around the reference price; "okx": OKX's formula around the index
    market_close_push: str = "fill"  # a spot market order's last fill says filled; "apart": a push without a trade does
    attached_outlive_close: bool = False  # True: attached TP/SL stay live when their position is closed
    frames_per_hour: int = 480  # logins, subscribes and unsubscribes of one connection

    def __post_init__(self) -> None:
        for one in fields(self):
            check_switch(one.name, getattr(self, one.name))


def check_switch(name: str, value: Any) -> Any:
    """The value as its switch keeps it. Raises ValueError."""
    defaults = {one.name: one.default for one in fields(Switches)}
    if name not in defaults:
        raise ValueError(f"no such switch: {name}; known: {', '.join(defaults)}")
    kind = type(defaults[name])
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"switch {name} must be one of {', '.join(CHOICES[name])}, not {value!r}")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is float and is_number and value >= 0:
        return float(value)
    if kind is int and is_number and isinstance(value, int) and value >= 0:
        return value
    if kind in (bool, str) and isinstance(value, kind):
        return value
    wanted = {bool: "true or false", int: "an integer, 0 or more", float: "a number, 0 or more", str: "text"}[kind]
    raise ValueError(f"switch {name} needs {wanted}, not {value!r}")
