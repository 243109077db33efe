import json
import sys

import zmq

sockets_dir, px, order_id = sys.argv[1:]  # order_id: never used before under this name
context = zmq.Context()
events, orders = context.socket(zmq.SUB), context.socket(zmq.DEALER)
events.subscribe("alpha.")
events.connect(f"ipc://{sockets_dir}/events")
orders.connect(f"ipc://{sockets_dir}/orders")
orders.send_json({"id": "h1", "op": "hello", "args": [{"strategy": "alpha", "nonce": order_id}]})
print(orders.recv_json())
while order_id not in json.loads(events.recv_multipart()[1]).get("nonces", ()):
    pass  # until then events may be missed
row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": px, "sz": "0.001"}
orders.send_json({"id": order_id, "op": "order", "args": [row], "gw": {"maxWaitMs": 5000, "receipt": True}})
print(answer := json.loads(orders.recv()))
while answer["code"] == "0":
    print(event := json.loads(events.recv_multipart()[1]))
    if event["event"] == "ack" and event["id"] == order_id and event["data"][0]["result"] == "accepted":
        cancel = {"instId": "BTC-USDT", "gw": {"id": order_id}}
        orders.send_json({"id": order_id + "-c", "op": "cancel-order", "args": [cancel]})
    elif event.get("terminal") or event.get("op") == "order":
        break
