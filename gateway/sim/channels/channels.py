"""Pure. The channels of each path, the rules of their arguments, and the filter of a subscription.

Source: OKX docs, "Overview" (subscribe) and the pages of the channels. The fee tiers are those since 2026-04-07.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.sim.base.codes import Refusal
from gateway.sim.market.candles import BARS
from gateway.sim.market.instruments import Instrument, InstrumentList

ANY = "ANY"
MARK_CANDLE, INDEX_CANDLE = "mark-price-candle", "index-candle"  # followed by the bar
ARGUMENT_BYTES_LIMIT = 65_536  # all arguments of a connection's subscriptions (OKX docs, "Overview")
REGULAR_S = 5  # account and positions repeat everything about so often
FULL_BOOKS = ("books", "books-l2-tbt", "books50-l2-tbt")  # one connection has one of them per instrument


@dataclass(frozen=True, slots=True)
class Channel:
    """`limited`: counted per account (channel-conn-count). `inst_types` empty: no instType argument. `needs` names
    an argument that may not be left out; `of` are the instrument types that have the channel, empty for all.
    `private` and `vip`, the fee tier that is needed, ask for a login."""

    name: str
    path: str
    private: bool = False
    limited: bool = False
    inst_types: tuple[str, ...] = ()
    needs: str = ""
    of: tuple[str, ...] = ()
    vip: int = 0
    intervals: tuple[str, ...] = ()


_CONTRACT_TYPES = ("MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS", ANY)
_ORDER_TYPES = ("SPOT", *_CONTRACT_TYPES)
_ALGO_TYPES = ("SPOT", "MARGIN", "SWAP", "FUTURES", ANY)
_BY_INST = ("tickers", "trades", "bbo-tbt", "books5", "books", "mark-price", "price-limit")

CHANNELS: dict[str, Channel] = {
    one.name: one
    for one in (
        Channel("orders", "private", True, True, _ORDER_TYPES),
        Channel("fills", "private", True, True, vip=4),
        Channel("account", "private", True, True, intervals=("0",)),
        Channel("positions", "private", True, True, _CONTRACT_TYPES, intervals=("0", "2000", "3000", "4000")),
        Channel("balance_and_position", "private", True, True),
        Channel("liquidation-warning", "private", True, True, _CONTRACT_TYPES),
        Channel("account-greeks", "private", True, True),
        Channel("orders-algo", "business", True, False, _ALGO_TYPES),
        Channel("algo-advance", "business", True, False, _ALGO_TYPES),
        # The simulator has no deposits or withdrawals, so these never push.
        Channel("deposit-info", "business", True),
        Channel("withdrawal-info", "business", True),
        Channel("instruments", "public", inst_types=("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS")),
        *(Channel(name, "public", needs="instId") for name in _BY_INST),
        *(Channel(name, "public", needs="instId", vip=4) for name in FULL_BOOKS if name != "books"),
        Channel("funding-rate", "public", needs="instId", of=("SWAP",)),
        Channel("open-interest", "public", needs="instId", of=("SWAP", "FUTURES", "OPTION")),
        Channel("index-tickers", "public", needs="index"),
        Channel("opt-summary", "public", needs="instFamily"),
        Channel("status", "public"),
        Channel("trades-all", "business", needs="instId"),
        Channel("estimated-price", "public", inst_types=("FUTURES", "OPTION")),
        Channel("liquidation-orders", "public", inst_types=("MARGIN", "SWAP", "FUTURES", "OPTION")),
        *(Channel(f"candle{bar}", "business", needs="instId") for bar in BARS),
        *(Channel(f"{MARK_CANDLE}{bar}", "business", needs="instId") for bar in BARS),
        *(Channel(f"{INDEX_CANDLE}{bar}", "business", needs="index") for bar in BARS),
    )
}


def checked_channel(arg: dict[str, Any], path: str, instruments: InstrumentList, vip: int | None) -> Channel:
    """The channel that `arg` names on this path, or OKX's error; `arg` has a text `channel`. `vip` is the trading fee
    tier of the account that logged in, 0 for a regular user, None before the login."""
    if "uly" in arg:
        raise Refusal("64000")
    channel = CHANNELS.get(arg["channel"])
    known = channel is not None and channel.path == path
    if channel is None or not known or not _arguments_fit(arg, channel, instruments):
        raise Refusal("60018", what=argument_text(arg))
    if channel.private or channel.vip:
        if vip is None:
            raise Refusal("60011")
        if vip < channel.vip:
            raise Refusal("64003")
    return channel


def check_full_books(channel: Channel, arg: dict[str, Any], subscriptions: Iterable[Subscription]) -> None:
    """Of the full books one connection takes one per instrument (OKX docs, "Order book channel")."""
    if channel.name not in FULL_BOOKS:
        return
    for one in subscriptions:
        other = one.channel.name
        if other in FULL_BOOKS and other != channel.name and one.inst_id == arg["instId"]:
            raise Refusal("64004", channel=channel.name, other=other, inst_id=one.inst_id)


def argument_text(arg: dict[str, Any]) -> str:
    """As in OKX's error: `channel:tickers, instId:NO-SUCH`."""
    texts = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in arg.items()}
    return ", ".join(f"{name}:{texts[name]}" for name in ("channel", *(one for one in texts if one != "channel")))


def _arguments_fit(arg: dict[str, Any], channel: Channel, instruments: InstrumentList) -> bool:
    if not all(isinstance(value, str) for value in arg.values()):
        return False
    if channel.inst_types and arg.get("instType") not in channel.inst_types:
        return False
    inst_id = arg.get("instId", "")
    if channel.needs == "index":
        return inst_id in indices(instruments)
    if channel.needs and not arg.get(channel.needs):
        return False
    instrument = instruments.by_inst_id.get(inst_id)
    if inst_id and (instrument is None or (channel.of and instrument.inst_type not in channel.of)):
        return False
    family: str = arg.get("instFamily", "")
    return not family or any(one.inst_family == family for one in instruments)


def indices(instruments: InstrumentList) -> set[str]:
    """The names of all indices: pairs that are traded or underlie a contract (OKX docs, "Index tickers channel")."""
    return {one.inst_id if one.is_spot else one.inst_family for one in instruments}


def _regular_s(channel: Channel, arg: dict[str, Any]) -> int:
    """How often everything is repeated, 0 for never. `extraParams` is JSON in a text (OKX docs, "Account channel",
    "Positions channel"); a value that does not apply is ignored."""
    if not channel.intervals:
        return 0
    try:
        given = orjson.loads(arg.get("extraParams", "") or "{}")
    except orjson.JSONDecodeError:
        given = {}
    interval = str(given.get("updateInterval", "")) if isinstance(given, dict) else ""
    return int(interval) // 1000 if interval in channel.intervals else REGULAR_S


class Subscription:
    """One accepted argument of one connection; it frames the pushes. Channels that publish only changes keep the last
    content in `published` and its tick in `published_tick`."""

    __slots__ = (
        "_prefix",
        "arg",
        "channel",
        "inst_family",
        "inst_id",
        "inst_type",
        "published",
        "published_tick",
        "push",
        "regular_s",
        "uid",
    )  # fmt: skip

    def __init__(self, channel: Channel, arg: dict[str, Any], uid: str, push: Callable[[bytes], None]) -> None:
        self.channel = channel
        self.arg = arg
        self.uid = uid
        self.push = push
        self.inst_type = arg.get("instType", ANY)
        self.inst_id = arg.get("instId", "")
        self.inst_family = "" if self.inst_id else arg.get("instFamily", "")
        self.regular_s = _regular_s(channel, arg)
        self.published: Any = None
        self.published_tick = 0
        # The push carries the argument as subscribed and, where private, the user id.
        shown = {**arg, "uid": uid} if channel.private else arg
        self._prefix = b'{"arg":' + orjson.dumps(shown) + b","

    def matches(self, instrument: Instrument) -> bool:
        if self.inst_id:
            return bool(self.inst_id == instrument.inst_id)
        return self.inst_type in (ANY, instrument.inst_type) and self.inst_family in ("", instrument.inst_family)

    def frame(self, rows: bytes, head: bytes = b"") -> bytes:
        """`rows` is the encoded data array; `head` is further encoded top-level members, each with its comma."""
        return self._prefix + head + b'"data":' + rows + b"}"

    def frame_one(self, row: bytes) -> bytes:
        return self._prefix + b'"data":[' + row + b"]}"
