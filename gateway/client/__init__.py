"""The package that a strategy imports: clients for the gateway's two ZeroMQ sockets.

`GatewayClient` waits in plain calls, `AsyncGatewayClient` on an asyncio loop. Both need pyzmq and orjson
only. Restart a strategy freely: request ids are never used twice.

    with GatewayClient.connect("/run/okx-gateway", strategy="alpha") as gateway:
        request_id = gateway.order(instId="BTC-USDT", tdMode="cash", side="buy", ordType="limit", px="20000", sz="0.01")
        ack = gateway.wait_ack(request_id)
        for event in gateway.events(timeout_s=10):
            ...
"""

from .async_client import AsyncGatewayClient
from .errors import AnswerTimeoutError, ClientError, MalformedError, RefusedError, SendQueueFullError
from .messages import (
    Ack,
    Alarm,
    AlgoEvent,
    AlgoOrder,
    CancelAll,
    Event,
    Fill,
    Gap,
    GatewayState,
    Heartbeat,
    Hello,
    HelloRefused,
    Item,
    NewSession,
    Order,
    OrderEvent,
    Receipt,
    ReplayPage,
    Resolved,
    RowResult,
    Silence,
    Snapshot,
    Stamps,
    Status,
)
from .sync_client import GatewayClient

__all__ = [
    "Ack",
    "Alarm",
    "AlgoEvent",
    "AlgoOrder",
    "AnswerTimeoutError",
    "AsyncGatewayClient",
    "CancelAll",
    "ClientError",
    "Event",
    "Fill",
    "Gap",
    "GatewayClient",
    "GatewayState",
    "Heartbeat",
    "Hello",
    "HelloRefused",
    "Item",
    "MalformedError",
    "NewSession",
    "Order",
    "OrderEvent",
    "Receipt",
    "RefusedError",
    "ReplayPage",
    "Resolved",
    "RowResult",
    "SendQueueFullError",
    "Silence",
    "Snapshot",
    "Stamps",
    "Status",
]
