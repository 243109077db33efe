"""Pure. Which channels exist on which path, what their arguments must be, and what a subscription lets through.

Source: OKX docs, "Overview" (subscribe) and the pages of the channels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.sim.codes import Refusal
from gateway.sim.instruments import Instrument, InstrumentList

ANY = "ANY"
ARGUMENT_BYTES_LIMIT = 65_536  # all arguments of a connection's subscriptions (OKX docs, "Overview")


@dataclass(frozen=True, slots=True)
class Channel:
    """`limited`: counted per account (channel-conn-count). `inst_types` empty: no instType argument."""

    name: str
    path: str
    private: bool = False
    limited: bool = False
    inst_types: tuple[str, ...] = ()
    needs_inst_id: bool = False


_CONTRACT_TYPES = ("MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS", ANY)
_ORDER_TYPES = ("SPOT", *_CONTRACT_TYPES)

CHANNELS: dict[str, Channel] = {
    one.name: one
    for one in (
        Channel("orders", "private", True, True, _ORDER_TYPES),
        Channel("fills", "private", True, True),
        Channel("account", "private", True, True),
        Channel("positions", "private", True, True, _CONTRACT_TYPES),
        Channel("balance_and_position", "private", True, True),
        Channel("liquidation-warning", "private", True, True, _CONTRACT_TYPES),
        Channel("account-greeks", "private", True, True),
        Channel("orders-algo", "business", True, False, ("SPOT", "SWAP", "FUTURES", ANY)),
        Channel("algo-advance", "business", True, False, ("SPOT", "SWAP", "FUTURES", ANY)),
        Channel("instruments", "public", inst_types=("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS")),
        Channel("tickers", "public", needs_inst_id=True),
        Channel("trades", "public", needs_inst_id=True),
        Channel("bbo-tbt", "public", needs_inst_id=True),
        Channel("books5", "public", needs_inst_id=True),
        Channel("books", "public", needs_inst_id=True),
        Channel("mark-price", "public", needs_inst_id=True),
        Channel("price-limit", "public", needs_inst_id=True),
        Channel("status", "public"),
    )
}


def checked_channel(arg: dict[str, Any], path: str, logged_in: bool, instruments: InstrumentList) -> Channel:
    """The channel that `arg` names on this path, or OKX's error."""
    channel = CHANNELS.get(str(arg.get("channel")))
    known = channel is not None and channel.path == path
    if channel is None or not known or not _arguments_fit(arg, channel, instruments):
        raise Refusal("60018", what=argument_text(arg))
    if channel.private and not logged_in:
        raise Refusal("60011")
    if channel.name == "fills":
        # Open from VIP4 on (OKX docs, "Fills channel"); simulated accounts are regular users.
        raise Refusal("64003")
    return channel


def argument_text(arg: dict[str, Any]) -> str:
    """As in OKX's error: `channel:tickers, instId:NO-SUCH`."""
    others = (f"{name}:{value}" for name, value in arg.items() if name != "channel")
    return ", ".join((f"channel:{arg.get('channel')}", *others))


def _arguments_fit(arg: dict[str, Any], channel: Channel, instruments: InstrumentList) -> bool:
    if not all(isinstance(value, str) for value in arg.values()):
        return False
    if channel.inst_types and arg.get("instType") not in channel.inst_types:
        return False
    inst_id = arg.get("instId", "")
    if channel.needs_inst_id and not inst_id:
        return False
    if inst_id and inst_id not in instruments.by_inst_id:
        return False
    family: str = arg.get("instFamily", "")
    return not family or any(one.inst_family == family for one in instruments)


class Subscription:
    """One accepted argument of one connection, ready to frame pushes for it."""

    __slots__ = ("_prefix", "arg", "channel", "inst_family", "inst_id", "inst_type", "push", "regular", "uid")

    def __init__(self, channel: Channel, arg: dict[str, Any], uid: str, push: Callable[[bytes], None]) -> None:
        self.channel = channel
        self.arg = arg
        self.uid = uid
        self.push = push
        self.inst_type = arg.get("instType", ANY)
        self.inst_id = arg.get("instId", "")
        self.inst_family = "" if self.inst_id else arg.get("instFamily", "")
        self.regular = '"updateInterval":"0"' not in arg.get("extraParams", "").replace(" ", "")
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
