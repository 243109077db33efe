"""The `[rest_orders]` section of the configuration: requests sent by REST."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.config.section import Section, StrictBool, StrictInt

Fallback = Literal["none", "cancels", "all"]


class RestOrdersConfig(Section):
    """Requests sent by OKX's REST instead of the WebSocket. Requests that OKX takes only by REST always are."""

    fallback: Fallback = Field(
        "cancels",
        description="Requests sent by REST while the private WebSocket is down: `none`, `cancels`, or `all`, "
        "which includes new orders and amends as long as REST comparisons succeed.",
    )
    algo_per_2s: StrictInt = Field(
        20, ge=10, le=1_000_000, description="Algo orders placed, amended, cancelled: each per instrument and window."
    )
    algo_orders: StrictBool = Field(
        True,
        description="Accept algo orders, and subscribe to them on OKX's business WebSocket; `false`: neither, "
        "and orders placed by algo orders belong to `account`, except those attached to a strategy's order.",
    )
