"""The full order book: a snapshot, then changes by price level (OKX docs, "Order book channel")."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from gateway.sim.base.switches import Switches
from gateway.sim.channels.book_updates import push_book
from gateway.sim.channels.channels import CHANNELS, Subscription
from gateway.sim.market.listing import default_instruments
from gateway.sim.market.markets import Market
from gateway.sim.market.orders import Order

ACCOUNT: Any = None  # the book does not look at accounts
ARG = {"channel": "books", "instId": "BTC-USDT"}


class Reader:
    """One market and one subscription of its book."""

    def __init__(self) -> None:
        self.market = Market(default_instruments(1_700_000_000_000)[0], Switches())
        self.frames: list[dict[str, Any]] = []
        self.subscription = Subscription(
            CHANNELS["books"], ARG, "", lambda payload: self.frames.append(json.loads(payload))
        )

    def rest(self, ord_id: str, side: str, px: str, sz: str) -> Order:
        market = self.market
        order = Order(ord_id, ACCOUNT, market.instrument, side, "limit", "cash", Decimal(sz), Decimal(px), 0)
        market.book.own_side(side).add(order)
        market.seq_id += 1
        return order

    def push(self, *, again: bool = False) -> bool:
        return push_book(self.subscription, self.market, 5, again=again)


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_first_a_snapshot(reader: Reader) -> None:
    reader.rest("1", "buy", "99", "2")
    reader.rest("2", "sell", "101", "1")
    assert reader.push()
    assert reader.frames == [
        {
            "arg": ARG,
            "action": "snapshot",
            "data": [
                {
                    "asks": [["101", "1", "0", "1"]],
                    "bids": [["99", "2", "0", "1"]],
                    "ts": "5",
                    "checksum": 0,
                    "prevSeqId": -1,
                    "seqId": 2,
                }
            ],
        }
    ]


def test_then_new_changed_and_gone_levels(reader: Reader) -> None:
    gone = reader.rest("1", "buy", "99", "2")
    reader.rest("2", "buy", "98", "2")
    reader.rest("3", "sell", "101", "1")
    reader.push()
    reader.market.book.bids.remove(gone)
    reader.rest("4", "buy", "98", "1")
    reader.rest("5", "buy", "97", "1")
    assert reader.push()
    (data,) = reader.frames[-1]["data"]
    assert reader.frames[-1]["action"] == "update"
    assert data["bids"] == [["98", "3", "0", "2"], ["97", "1", "0", "1"], ["99", "0", "0", "0"]]
    assert (data["asks"], data["prevSeqId"], data["seqId"]) == ([], 3, 5)


def test_nothing_without_a_change_unless_a_repetition_is_due(reader: Reader) -> None:
    reader.rest("1", "buy", "99", "2")
    reader.push()
    assert not reader.push() and len(reader.frames) == 1
    assert reader.push(again=True)
    (data,) = reader.frames[-1]["data"]
    assert (data["asks"], data["bids"], data["prevSeqId"], data["seqId"]) == ([], [], 1, 1)
