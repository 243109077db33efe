"""Pure. The full order book channels: a snapshot first, then the changes.

Source: OKX docs, "Order book channel": `prevSeqId` is the `seqId` of the message before, -1 in the snapshot; a level
that went has size 0; when nothing changes for about a minute an update without levels repeats the `seqId`.
`checksum` is always 0, as OKX sends it since 2026-06-23.
"""

from __future__ import annotations

from typing import Any

import orjson

from gateway.sim.channels.channels import Subscription
from gateway.sim.market.markets import Market

LEVELS = {"books": 400, "books-l2-tbt": 400, "books50-l2-tbt": 50}

Levels = dict[str, dict[str, list[str]]]


def push_book(subscription: Subscription, market: Market, now_ms: int, *, again: bool) -> bool:
    """Whether anything was published. `subscription.published` is the book and the seqId that the client has."""
    row = market.book_row(LEVELS[subscription.channel.name], now_ms)
    levels: Levels = {side: {level[0]: level for level in row[side]} for side in ("asks", "bids")}
    if subscription.published is None:
        _send(subscription, row, -1, levels, b'"action":"snapshot",')
        return True
    before, seq_id = subscription.published
    if levels == before:
        if not again:
            return False
        row |= {"asks": [], "bids": [], "seqId": seq_id}
    else:
        for side, now in levels.items():
            row[side] = _changes(before[side], now)
    _send(subscription, row, seq_id, levels, b'"action":"update",')
    return True


def _changes(before: dict[str, list[str]], now: dict[str, list[str]]) -> list[list[str]]:
    gone = [[px, "0", "0", "0"] for px in before if px not in now]
    return [level for px, level in now.items() if before.get(px) != level] + gone


def _send(subscription: Subscription, row: dict[str, Any], prev_seq_id: int, levels: Levels, head: bytes) -> None:
    """The keys in the order of the docs' own push."""
    message = {
        "asks": row["asks"],
        "bids": row["bids"],
        "ts": row["ts"],
        "checksum": 0,
        "prevSeqId": prev_seq_id,
        "seqId": row["seqId"],
    }
    subscription.published = levels, row["seqId"]
    subscription.push(subscription.frame(orjson.dumps([message]), head))
