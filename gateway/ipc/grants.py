"""Pure. Who may speak for which strategy: by the user that the kernel proves, and the configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.config.model import DefaultStrategyConfig, StrategyConfig

NAME_PATTERN: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
RESERVED_NAMES: Final = frozenset({"account", "gateway"})


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a connection, as the kernel says: on IPC `localhost:<uid>:<gid>:<pid>`."""

    uid: int
    gid: int
    pid: int


def parse_peer(address: str) -> Peer | None:
    """The peer of a proved IPC address; None for anything else, to whom nothing is granted."""
    match = re.fullmatch(r"localhost:(\d+):(\d+):(\d+)", address)
    return None if match is None else Peer(*(int(number) for number in match.groups()))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a name is not granted, in words for the strategy, and the reason's stable word."""

    msg: str
    reason: str = "not_allowed"


def wrong_name(name: object) -> Refusal | None:
    """Why nobody may speak for this name; None for one that a strategy can have."""
    if not isinstance(name, str) or NAME_PATTERN.fullmatch(name) is None:
        return Refusal("args[0].strategy must be a name of 1 to 32 letters, digits, _ and -", "bad_request")
    return Refusal(f"strategy {name!r} is a reserved name") if name in RESERVED_NAMES else None


class Grants:
    """Names to numbers: configured strategies first; others from the default entry's range, if it is enabled."""

    def __init__(
        self,
        strategies: Sequence[StrategyConfig],
        default: DefaultStrategyConfig,
        own_uid: int,
        given: Mapping[str, int],
    ) -> None:
        """`given` are the numbers that earlier runs gave from the default entry's range: a name keeps its number."""
        self._configured = {strategy.name: strategy for strategy in strategies}
        self._default = default
        self._own_uid = own_uid
        self._given = {name: number for name, number in given.items() if name not in self._configured}

    @property
    def given(self) -> dict[str, int]:
        """The numbers given from the default entry's range, to be kept for the next run."""
        return dict(self._given)

    def number_for(self, name: object, peer: Peer | None) -> int | Refusal:
        """The strategy's number, or why `peer` may not speak for `name`."""
        refusal = wrong_name(name)
        if refusal is not None:
            return refusal
        assert isinstance(name, str)
        if peer is None:
            return Refusal("the connection does not prove which user it belongs to")
        configured = self._configured.get(name)
        if configured is not None:
            if peer.uid in configured.users:
                return configured.number
            return Refusal(f"strategy {name!r} is not granted to uid {peer.uid}: see `users` of its [[strategy]] entry")
        return self._default_number(name, peer)

    def _default_number(self, name: str, peer: Peer) -> int | Refusal:
        if not self._default.enabled:
            return Refusal(f"no [[strategy]] entry is named {name!r}, and [default_strategy] is not enabled")
        if peer.uid != self._own_uid:
            return Refusal(
                f"[default_strategy] grants names to the gateway's own uid {self._own_uid}, not to uid {peer.uid}"
            )
        if name not in self._given:
            taken = set(self._given.values())
            free = (n for n in range(self._default.number_first, self._default.number_last + 1) if n not in taken)
            number = next(free, None)
            if number is None:
                return Refusal("all numbers of [default_strategy] are taken: give the strategy a [[strategy]] entry")
            self._given[name] = number
        return self._given[name]
