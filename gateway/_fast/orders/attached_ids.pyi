from gateway._fast.orders.order_table import OrderTable

class AttachedIds:
    def __init__(self, orders: OrderTable) -> None: ...
