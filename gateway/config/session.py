"""The `[session]` part of the configuration: the WebSocket connections to OKX."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from gateway.config.section import Section, StrictBool, StrictInt

# One hour: a longer timeout is a unit mistake.
TIMEOUT_MS_MAX = 3_600_000
# OKX docs, WebSocket overview, "Connect": the server closes after 30 s without a message.
VENUE_IDLE_MS = 30_000


class SessionConfig(Section):
    """The WebSocket connections to OKX: heartbeat, timeouts, reconnection, clock."""

    ping_after_ms: StrictInt = Field(20_000, ge=100, le=25_000, description="Silence after which `ping` is sent; ms.")
    pong_timeout_ms: StrictInt = Field(
        5_000, ge=100, le=25_000, description="Silence after `ping` that ends the session; ms."
    )
    connect_timeout_ms: StrictInt = Field(
        5_000, ge=100, le=TIMEOUT_MS_MAX, description="For TCP, TLS and the WebSocket handshake together; ms."
    )
    login_timeout_ms: StrictInt = Field(5_000, ge=100, le=TIMEOUT_MS_MAX, description="For the answer to a login; ms.")
    subscribe_timeout_ms: StrictInt = Field(
        5_000, ge=100, le=TIMEOUT_MS_MAX, description="For the answers to all subscriptions; ms."
    )
    reconcile_timeout_ms: StrictInt = Field(
        30_000, ge=100, le=TIMEOUT_MS_MAX, description="For the comparison of open orders with OKX after a connect; ms."
    )
    drain_timeout_ms: StrictInt = Field(
        5_000, ge=100, le=50_000, description="For acks in flight on a connection that another has replaced; ms."
    )
    close_timeout_ms: StrictInt = Field(
        1_000, ge=100, le=TIMEOUT_MS_MAX, description="For the closing handshake, then the socket is dropped; ms."
    )
    rest_timeout_ms: StrictInt = Field(5_000, ge=100, le=TIMEOUT_MS_MAX, description="For one REST request; ms.")
    backoff_first_ms: StrictInt = Field(
        1_000, ge=334, le=TIMEOUT_MS_MAX, description="First wait after the one immediate reconnection attempt; ms."
    )
    backoff_max_ms: StrictInt = Field(60_000, ge=334, le=TIMEOUT_MS_MAX, description="The wait doubles up to this; ms.")
    backoff_jitter: Annotated[float, Strict()] = Field(
        0.2,
        ge=0.0,
        le=1.0,
        description="Random part of each wait, so that gateways do not all reconnect together; fraction.",
    )
    clock_resync_s: StrictInt = Field(300, ge=10, le=86_400, description="Interval of questions for OKX's clock; s.")
    hot_standby: StrictBool = Field(
        False, description="Keep a second connection logged in and subscribed; it takes over if the first fails."
    )
    separate_order_entry: StrictBool = Field(
        False, description="Send orders on a separate connection, beside the one that brings the private events."
    )
    sweep_s: StrictInt = Field(
        10, ge=1, le=3_600, description="Interval of comparisons of open orders and fills with OKX while connected; s."
    )
    sweep_margin_ms: StrictInt = Field(
        3_000, ge=0, le=60_000, description="Updates younger than this are left to the next comparison; ms."
    )

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.ping_after_ms + self.pong_timeout_ms >= VENUE_IDLE_MS:
            raise ValueError(
                f"ping_after_ms {self.ping_after_ms} + pong_timeout_ms {self.pong_timeout_ms} should stay below "
                f"{VENUE_IDLE_MS}, when OKX closes a silent connection"
            )
        if self.backoff_first_ms > self.backoff_max_ms:
            raise ValueError(
                f"backoff_first_ms {self.backoff_first_ms} should not be above backoff_max_ms {self.backoff_max_ms}"
            )
        return self
