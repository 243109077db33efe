"""Pure. The one order that every subject places, in OKX's shape and in the strategy protocol's."""

from __future__ import annotations

import json
from typing import Final

INST_ID: Final = "BTC-USDT-SWAP"
INST_ID_CODE: Final = 10459
TD_MODE: Final = "cross"
SIDE: Final = "buy"
ORD_TYPE: Final = "limit"
PX: Final = "20000.1"
SZ: Final = "1"

API_KEY: Final = "bench-key"
SECRET_KEY: Final = "bench-secret"
PASSPHRASE: Final = "bench-passphrase"


def okx_row(cl_ord_id: str) -> dict[str, str | int]:
    """A row of `args` as OKX's private WebSocket takes it."""
    return {
        "instIdCode": INST_ID_CODE,
        "tdMode": TD_MODE,
        "clOrdId": cl_ord_id,
        "side": SIDE,
        "ordType": ORD_TYPE,
        "px": PX,
        "sz": SZ,
    }


def strategy_row() -> dict[str, str]:
    """A row of `args` as the gateway takes it from a strategy, which leaves the `clOrdId` to the gateway."""
    return {"instId": INST_ID, "tdMode": TD_MODE, "side": SIDE, "ordType": ORD_TYPE, "px": PX, "sz": SZ}


def compact(message: object) -> bytes:
    """JSON without blanks."""
    return json.dumps(message, separators=(",", ":")).encode()
