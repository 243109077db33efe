"""The section of the configuration file about the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.config.section import Section, StrictInt


class JournalConfig(Section):
    """The append-only record of all requests, sends and events, which survives the process: docs/journal.md."""

    dir: Path = Field(
        description="Directory of the journal's files, mode 0700; one per account.",
        json_schema_extra={
            "default_text": "`journal` in `[sockets] dir` if that is set, "
            "else `~/.local/state/okx-gateway/<account name>/journal`"
        },
    )
    durability: Literal["process", "disk"] = Field(
        "process",
        description="Records survive: `process` the end of the process at any instant; `disk` also a power cut, "
        "except those of the last `sync_interval_ms`.",
    )
    sync_interval_ms: StrictInt = Field(10, ge=1, le=10_000, description="Interval of writes to disk with `disk`; ms.")
    segment_mib: StrictInt = Field(
        32, ge=8, le=1_024, description="Size of one file; two are allocated at any time; MiB."
    )
    keep_mib: StrictInt = Field(
        4_096, ge=0, le=16_777_216, description="Total size above which old files are removed, 0 = no limit; MiB."
    )
    keep_days: StrictInt = Field(0, ge=0, le=36_500, description="Files older than this are removed, 0 = never; days.")
    keep_segments: StrictInt = Field(
        0, ge=0, le=1_000_000, description="Number of files above which old ones are removed, 0 = no limit; count."
    )
