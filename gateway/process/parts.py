"""Parts of a gateway that its configuration alone makes."""

from __future__ import annotations

from typing import Any, Final

from gateway._fast.limits.instruments import InstrumentTable
from gateway.config.loading import Config

# All types of OKX together are some 3,000 instruments without options, whose families add thousands.
INSTRUMENT_CAPACITY: Final = 16_384


def instrument_table(config: Config) -> InstrumentTable:
    """Empty, with the limits of `[limits]`."""
    limits = config.limits
    return InstrumentTable(
        INSTRUMENT_CAPACITY,
        (limits.window_ms + limits.margin_ms) * 1_000_000,
        limits.place_per_2s,
        limits.cancel_per_2s,
        limits.amend_per_2s,
        limits.batch_rows_per_2s,
        limits.mass_cancel_per_2s,
        limits.sub_account_per_2s,
        config.rest_lane.algo_per_2s,
    )


def shown_limits(config: Config) -> dict[str, Any]:
    """As `hello` and `status` show them."""
    return {
        "placePer2s": config.limits.place_per_2s,
        "cancelPer2s": config.limits.cancel_per_2s,
        "amendPer2s": config.limits.amend_per_2s,
        "batchRowsPer2s": config.limits.batch_rows_per_2s,
        "maxWaitCapMs": config.requests.max_wait_cap_ms,
    }
