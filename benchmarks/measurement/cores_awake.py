"""Keeps the cores from sleeping while a saturated burst is measured.

The kernel's own way is /dev/cpu_dma_latency (held open with 0 in it, idle cores poll instead of halting), and needs the
right to open it. Without that, one spinning process of the scheduler's idle class per core stands in.
"""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks.native import programs
from gateway.sim.hosting.tied_process import tied

CPU_DMA_LATENCY: Final = "/dev/cpu_dma_latency"


def method() -> str:
    """Which of the two this machine allows, for the record."""
    return CPU_DMA_LATENCY if os.access(CPU_DMA_LATENCY, os.W_OK) else "idle-class spinners"


@contextmanager
def cores_awake() -> Iterator[None]:
    """Inside it, no core halts (kernel documentation, power/pm_qos_interface)."""
    if method() == CPU_DMA_LATENCY:
        with open(CPU_DMA_LATENCY, "wb", buffering=0) as latency:
            latency.write(struct.pack("i", 0))
            yield
        return
    with subprocess.Popen(tied([str(programs.build("keep_awake"))]), stdout=subprocess.PIPE) as spinners:
        try:
            assert spinners.stdout is not None
            spinners.stdout.readline()
            yield
        finally:
            spinners.terminate()
