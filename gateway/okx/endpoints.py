"""Pure. OKX's addresses, by the region in which the account was registered, and whether they are demo trading.

Sources: OKX docs, Overview, "Production Trading Services" and "Demo Trading Services"; change log 2026-05-20 (REST host
openapi.okx.com), 2026-09-30 (WebSocket port 8443 ends, 443 remains), 2025-04-28 (the AWS hosts are gone). A key
belongs to one region and one environment: OKX answers in a wrong one with 60032, 50119 or 50101.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The four addresses of one environment. `simulated_trading`: REST needs the header `x-simulated-trading: 1`."""

    rest_url: str
    ws_public_url: str
    ws_private_url: str
    ws_business_url: str
    simulated_trading: bool


def _region(rest_host: str, ws_host: str, *, demo: bool) -> Endpoints:
    base = f"wss://{ws_host}/ws/v5"
    return Endpoints(f"https://{rest_host}", f"{base}/public", f"{base}/private", f"{base}/business", demo)


def _local(port: int) -> Endpoints:
    base = f"ws://127.0.0.1:{port}/ws/v5"
    return Endpoints(f"http://127.0.0.1:{port}", f"{base}/public", f"{base}/private", f"{base}/business", False)


SIMULATOR_PORT_DEFAULT: Final = 18_480

ENDPOINTS: Final[Mapping[str, Endpoints]] = MappingProxyType(
    {
        "global": _region("openapi.okx.com", "ws.okx.com", demo=False),
        "global-demo": _region("openapi.okx.com", "wspap.okx.com", demo=True),
        "eea": _region("eea.okx.com", "wseea.okx.com", demo=False),
        "eea-demo": _region("eea.okx.com", "wseeapap.okx.com", demo=True),
        "us": _region("us.okx.com", "wsus.okx.com", demo=False),
        "us-demo": _region("us.okx.com", "wsuspap.okx.com", demo=True),
        "simulator": _local(SIMULATOR_PORT_DEFAULT),
    }
)
