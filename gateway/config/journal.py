"""The section of the configuration file about the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.config.section import Section, StrictInt


class JournalConfig(Section):
    """The record of all that was read, sent and told, which outlives the process: docs/journal.md."""

    dir: Path = Field(
        description="Directory of the journal's files, mode 0700; one per account.",
        json_schema_extra={
            "default_text": "`journal` in `[sockets] dir` where that is given, "
            "else `~/.local/state/okx-gateway/<account name>/journal`"
        },
    )
    durability: Literal["process", "disk"] = Field(
        "process",
        description="What is outlived: `process` the end of the process at any instant; `disk` also a power cut, "
        "but for what was written within the last `sync_interval_ms`.",
    )
    sync_interval_ms: StrictInt = Field(
        10, ge=1, le=10_000, description="How often what is new is written to disk with `disk`; ms."
    )
    segment_mib: StrictInt = Field(
        32, ge=8, le=1_024, description="Size of one file, two of which stand allocated at any time; MiB."
    )
    keep_mib: StrictInt = Field(
        4_096, ge=0, le=16_777_216, description="Older files are removed above this, 0 = never for their size; MiB."
    )
    keep_days: StrictInt = Field(0, ge=0, le=36_500, description="Files older than this are removed, 0 = never; days.")
    keep_segments: StrictInt = Field(
        0, ge=0, le=1_000_000, description="More files than this are not kept, 0 = no matter how many; count."
    )
