from gateway._fast.order_pipeline import OrderPipeline
from gateway._fast.ports.ports import SessionPort
from gateway._fast.sockets.request_socket import RequestSocket

class RequestReader:
    def __init__(self, socket: RequestSocket, pipeline: OrderPipeline, sessions: SessionPort) -> None: ...
    def on_readable(self) -> bool: ...
