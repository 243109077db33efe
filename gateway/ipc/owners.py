"""The owners of events and orders by name: strategies, and the gateway's own two."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway._fast.base.enums import OWNER_ACCOUNT, OWNER_GATEWAY
from gateway._fast.events.bus import EventBus
from gateway._fast.orders.trading_state import TradingState


class Owners:
    """One per gateway. `keep_names` saves the numbers given to names before a new one is used; it may raise OSError."""

    def __init__(self, bus: EventBus, trading: TradingState, epoch: int, keep_names: Callable[[], None]) -> None:
        self._bus = bus
        self._trading = trading
        self._epoch = epoch
        self._keep_names = keep_names
        self._names = {OWNER_ACCOUNT: "account", OWNER_GATEWAY: "gateway"}

    def add_known(self, name: str, number: int, since_epoch: int) -> None:
        """A strategy known at the start gets its owner, so that its orders find it before it says hello.

        Orders minted before `since_epoch` are not its own: its number may then have been another's.
        """
        self._names[self._trading.add_strategy(name, number, since_epoch)] = name

    def granted(self, name: str, number: int) -> int:
        """The owner of a strategy that has said hello. A name that is new in this run owns nothing older.

        Raises OverflowError beyond 256 strategies, OSError if the name's number cannot be kept.
        """
        owner = self._bus.number_of(name)
        if owner is None:
            self._keep_names()
            owner = self._trading.add_strategy(name, number, self._epoch)
            self._names[owner] = name
        return owner

    def name_of(self, owner: int) -> str:
        return self._names[owner]

    def number_of(self, name: str) -> int | None:
        """The owner of this name; None if there is none."""
        return self._bus.number_of(name)

    def numbers(self) -> Sequence[int]:
        return tuple(self._names)

    def items(self) -> Sequence[tuple[int, str]]:
        """(owner, name) of all."""
        return tuple(self._names.items())
