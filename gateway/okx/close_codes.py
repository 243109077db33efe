"""Pure. The meaning of OKX's WebSocket close codes, and whether a reconnect can help.

OKX docs, Error Code / WebSocket, "Close Frame". A code that is not in the table is a lost connection like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class CloseRule:
    """`retry`: reconnect after the backoff; else an operator must act. `alarm`: raise an alarm in both cases."""

    retry: bool
    alarm: bool
    text: str


CLOSE_RULES: Final[Mapping[int, CloseRule]] = MappingProxyType(
    {
        1009: CloseRule(True, True, "the gateway sent a frame above OKX's size limit; this is a defect of the gateway"),
        4001: CloseRule(False, True, "login failed; check the credentials, the environment and this machine's clock"),
        4002: CloseRule(True, True, "OKX could not understand a frame; this is a defect of the gateway"),
        4003: CloseRule(False, True, "too many accounts on one connection"),
        4004: CloseRule(True, False, "OKX received nothing for 30 s"),
        4005: CloseRule(True, True, "the gateway read too slowly and pushes were lost; the machine is overloaded"),
        4006: CloseRule(True, False, "abnormal disconnection at OKX"),
        4007: CloseRule(True, True, "the API key was edited or deleted; if it was replaced, restart with the new one"),
        4008: CloseRule(False, True, "too many channels are subscribed"),
        4009: CloseRule(False, True, "too many channels are subscribed on one connection"),
    }
)

_LOST: Final = CloseRule(True, False, "the connection was lost")


def close_rule(code: int | None) -> CloseRule:
    """The rule for a close code; None when the connection ended without a close frame."""
    return CLOSE_RULES.get(code, _LOST) if code is not None else _LOST
