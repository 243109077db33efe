"""The process around a gateway: configuration, log, signals, exit status."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

import uvloop

from gateway.config.loading import Config, load_config
from gateway.errors import GatewayError, VenueError
from gateway.process.account_report import explain
from gateway.process.gateway import Gateway
from gateway.process.log_pipe import start_log_writer

log = logging.getLogger(__name__)


async def _serve(config: Config) -> int:
    gateway = Gateway(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, gateway.finished.set)
    started = loop.create_task(gateway.start())
    finished = loop.create_task(gateway.finished.wait())
    try:
        await asyncio.wait({started, finished}, return_when=asyncio.FIRST_COMPLETED)
        if started.done():
            started.result()
            await finished
        else:
            started.cancel()
    except VenueError as error:
        gateway.failure = explain(error)
    except GatewayError as error:
        gateway.failure = str(error)
    finally:
        await gateway.stop()
        log.info("stopped", extra={"why": gateway.failure or "asked to"})
    if gateway.failure:
        print(f"okx-gateway: {gateway.failure}", file=sys.stderr)
        return 1
    return 0


def _report_unraisable(unraisable: Any) -> None:
    """An exception inside a callback of the data plane: a defect, never silent."""
    log.critical("defect", exc_info=unraisable.exc_value, extra={"where": repr(unraisable.object)})


def run_gateway(config_path: Path | None) -> int:
    """Serves until SIGTERM or SIGINT. Exit status: 0 after a clean stop, 1 when OKX or the account forbids to go on."""
    config = load_config(config_path, os.environ)
    handler = start_log_writer(config.log.level, config.log.format, config.log.file)
    logging.basicConfig(level=config.log.level, handlers=[handler], force=True)
    sys.unraisablehook = _report_unraisable
    try:
        return int(uvloop.run(_serve(config)))
    finally:
        logging.shutdown()
