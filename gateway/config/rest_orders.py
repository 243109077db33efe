"""The section of the configuration file about requests that go by REST."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.config.section import Section, StrictBool, StrictInt

Fallback = Literal["none", "cancels", "all"]


class RestOrdersConfig(Section):
    """What goes by OKX's REST instead of the WebSocket. What OKX takes by REST only always does."""

    fallback: Fallback = Field(
        "cancels",
        description="What goes by REST while the private WebSocket is down: `none`, `cancels`, or `all`, "
        "new orders and amends too, as long as REST shows what OKX does.",
    )
    algo_per_2s: StrictInt = Field(
        20, ge=10, le=1_000_000, description="Algo orders placed, amended, cancelled: each per instrument and window."
    )
    algo_orders: StrictBool = Field(
        True,
        description="Algo orders are taken, and OKX's business WebSocket is listened to for them; `false`: neither, "
        "and an order that one has placed belongs to `account`, but for those attached to a strategy's order.",
    )
