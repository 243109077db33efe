"""OKX's limits of queries, of which half is used. Expected numbers: OKX docs, Order Book Trading, the GET pages."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from gateway.connections.query_pace import QueryPace
from gateway.okx import rest_requests
from gateway.okx.rest_requests import RestRequest

pytestmark = pytest.mark.asyncio


async def turns_taken(pace: QueryPace, request: RestRequest, wanted: int) -> int:
    """How many of so many askers get their turn while nobody's window passes."""
    taken = 0

    async def ask() -> None:
        nonlocal taken
        async with pace.turn(request):
            taken += 1

    askers = [asyncio.ensure_future(ask()) for _ in range(wanted)]
    for _ in range(3):
        await asyncio.sleep(0)
    for asker in askers:
        asker.cancel()
    await asyncio.gather(*askers, return_exceptions=True)
    return taken


@pytest.mark.parametrize(
    ("request_", "per_2s"),
    [
        (rest_requests.order("BTC-USDT", "12"), 60),
        (rest_requests.orders_pending(), 60),
        (rest_requests.orders_history("SPOT"), 40),
        (rest_requests.ended_order("SPOT", "BTC-USDT", "12", archive=True), 20),
        (rest_requests.fills(ord_id="12"), 60),
        (rest_requests.fills_history("SPOT"), 10),
    ],
)
async def test_half_of_okx_limit_is_used(request_: RestRequest, per_2s: int) -> None:
    assert await turns_taken(QueryPace(window_s=3_600), request_, 100) == per_2s // 2


async def test_orders_are_counted_by_instrument() -> None:
    pace = QueryPace(window_s=3_600)
    assert await turns_taken(pace, rest_requests.order("BTC-USDT", "12"), 100) == 30
    assert await turns_taken(pace, rest_requests.order("BTC-USDT", cl_ord_id="A1"), 100) == 0
    assert await turns_taken(pace, rest_requests.order("ETH-USDT", "12"), 100) == 30


async def test_operations_do_not_wait_here() -> None:
    pace = QueryPace(window_s=3_600)
    assert await turns_taken(pace, rest_requests.order_operation("order", b"{}"), 100) == 100


async def test_a_place_is_free_again_after_the_window_not_before_the_answer() -> None:
    pace = QueryPace(window_s=0)
    request = rest_requests.fills_history("SPOT")
    async with AsyncExitStack() as unanswered:
        for _ in range(5):
            await unanswered.enter_async_context(pace.turn(request))
        assert await turns_taken(pace, request, 1) == 0
    async with asyncio.timeout(10), pace.turn(request):
        pass


async def test_what_failed_gives_its_place_back_too() -> None:
    pace = QueryPace(window_s=0)
    for _ in range(20):
        with pytest.raises(ValueError, match="broken"):
            async with asyncio.timeout(10), pace.turn(rest_requests.fills_history("SPOT")):
                raise ValueError("broken")
