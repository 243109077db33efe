"""What the parts beside the order path share."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from gateway._fast.control.pipeline import PipelineControl
from gateway.config.loading import Config
from gateway.connections.rest import RestClient
from gateway.okx.backoff import ConnectPacer
from gateway.process.okx_clock import OkxClock


@dataclass(frozen=True, slots=True)
class Shared:
    """`alarm` takes a reason and a text."""

    config: Config
    rest: RestClient
    api: PipelineControl
    alarm: Callable[[str, str], None]
    clock: OkxClock
    tls: ssl.SSLContext
    pacer: ConnectPacer
