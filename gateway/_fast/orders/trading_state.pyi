from collections.abc import Iterable
from typing import Protocol

from gateway._fast.events.bus import EventBus
from gateway._fast.limits.instruments import InstrumentTable
from gateway._fast.ports.ports import JournalPort, ReplySink

class _Settings(Protocol):
    @property
    def request_capacity(self) -> int: ...
    @property
    def order_capacity(self) -> int: ...
    @property
    def waiting_capacity(self) -> int: ...
    @property
    def ack_timeout_ms(self) -> int: ...
    @property
    def order_ttl_ms(self) -> int: ...
    @property
    def max_age_ms(self) -> int: ...
    @property
    def max_wait_ms(self) -> int: ...
    @property
    def max_wait_cap_ms(self) -> int: ...

class TradingState:
    def __init__(
        self,
        instruments: InstrumentTable,
        bus: EventBus,
        replies: ReplySink,
        journal: JournalPort,
        settings: _Settings,
        epoch: int,
        proving_codes: Iterable[int],
        reacting_codes: Iterable[int] = (),
    ) -> None: ...
    def add_strategy(self, name: str, number: int, since_epoch: int) -> int: ...
