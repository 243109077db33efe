import sys

from gateway.client import GatewayClient, OrderEvent

with GatewayClient.connect(sys.argv[1], strategy="alpha") as gateway:  # the gateway's sockets directory
    order = gateway.order(
        instId="BTC-USDT", tdMode="cash", side="buy", ordType="limit", px=sys.argv[2], sz="0.001", max_wait_ms=5000
    )
    ack = gateway.wait_ack(order, timeout_s=10)
    if ack.accepted:
        gateway.cancel(instId="BTC-USDT", gw={"id": order})
    for event in gateway.events(timeout_s=10):
        print(event)
        if (isinstance(event, OrderEvent) and event.terminal) or not ack.accepted:
            break
