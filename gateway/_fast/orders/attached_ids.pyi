from typing import Self

from gateway._fast.orders.order_table import OrderTable

class AttachedIds:
    def __new__(cls, orders: OrderTable) -> Self: ...
