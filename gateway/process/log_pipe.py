"""Logging from the hot process: a record becomes one JSON line in a pipe, which another process writes out.

The pipe is non-blocking: when the writer is behind, lines are dropped and counted, and the count is logged as soon as
there is room again. Nothing here waits, except `close`.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.config.credentials import ENVIRONMENT_NAMES

# A longer line is cut: no message of ours is longer, only a traceback or what a peer sent can be.
LINE_BYTES_MAX: Final = 32_768
# Holds some thousand lines while the writer is not scheduled; the kernel's default limit for unprivileged users.
PIPE_BYTES: Final = 1 << 20
CLOSE_TIMEOUT_MS: Final = 3_000

# What every record has; all else came in by `extra=` and is written as a field.
_STANDARD_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class PipeHandler(logging.Handler):
    """Writes records to the file descriptor `fd`, which it owns. Never raises and never blocks in `emit`."""

    def __init__(self, fd: int, writer: subprocess.Popen[bytes] | None = None) -> None:
        super().__init__()
        os.set_blocking(fd, False)
        with contextlib.suppress(OSError):  # without the right to enlarge it the pipe keeps its size
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._fd = fd
        self.writer = writer
        self._remainder = b""  # of a line that the pipe took in part
        self._unpublished = 0
        self._is_open = True
        self.dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Called under the handler's lock."""
        if self._has_room() and self._unpublished and self._push(_dropped_line(self._unpublished)):
            self._unpublished = 0
        if not (self._has_room() and self._push(encode_record(record))):
            self.dropped += 1
            self._unpublished += 1

    def close(self) -> None:
        """Hands over what is left, for CLOSE_TIMEOUT_MS at most, and lets the writer end."""
        with self.lock or contextlib.nullcontext():
            if self._is_open:
                self._is_open = False
                self._drain()
                os.close(self._fd)
        if self.writer is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.writer.wait(CLOSE_TIMEOUT_MS / 1_000)
        super().close()

    def _has_room(self) -> bool:
        """Whether no part of an earlier line is left; tries to push it."""
        return self._is_open and (not self._remainder or self._push(b""))

    def _push(self, line: bytes) -> bool:
        """True if the pipe took `line`, at least in part: the rest is kept and goes first next time."""
        data = self._remainder + line
        try:
            written = os.write(self._fd, data)
        except OSError:  # full, or the writer is gone
            return False
        self._remainder = data[written:]
        return bool(line) or not self._remainder

    def _drain(self) -> None:
        deadline_ns = time.monotonic_ns() + CLOSE_TIMEOUT_MS * 1_000_000
        if self._unpublished:
            self._remainder += _dropped_line(self._unpublished)
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        while self._remainder and (left_ns := deadline_ns - time.monotonic_ns()) > 0:
            events = poll.poll(left_ns / 1_000_000)
            if not events or events[0][1] & select.POLLERR:
                return
            self._push(b"")


def start_log_writer(level: str, log_format: str, file: Path | None) -> PipeHandler:
    """Starts the writer process, without our secrets, and returns the handler that feeds it.

    The writer ends when the pipe is closed.
    """
    read_fd, write_fd = os.pipe()
    command = [sys.executable, "-m", "gateway.process.log_writer", "--format", log_format]
    if file is not None:
        command += ["--file", str(file)]
    environ = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT_NAMES.values()}
    try:
        writer = subprocess.Popen(
            command, stdin=read_fd, stdout=subprocess.DEVNULL, env=environ, start_new_session=True
        )
    except OSError:
        os.close(write_fd)
        raise
    finally:
        os.close(read_fd)
    handler = PipeHandler(write_fd, writer)
    handler.setLevel(level)
    return handler


def encode_record(record: logging.LogRecord) -> bytes:
    """One JSON line of at most LINE_BYTES_MAX bytes. Objects that JSON lacks appear as `str` shows them."""
    fields: dict[str, Any] = {
        "ts_ns": int(record.created * 1e9),
        "level": record.levelname,
        "logger": record.name,
        "msg": _message(record),
    }
    for name, value in vars(record).items():
        if name not in _STANDARD_FIELDS:
            fields[f"{name}_" if name in fields else name] = value
    if record.exc_info and record.exc_info[0] is not None:
        fields["exc"] = logging.Formatter().formatException(record.exc_info)
    line = _dump(fields)
    if len(line) <= LINE_BYTES_MAX:
        return line
    # Characters take up to 6 bytes each in JSON, and both texts must fit.
    share = LINE_BYTES_MAX // 16
    cut = {"msg": fields["msg"][:share], "exc": str(fields.get("exc", ""))[-share:], "cut_bytes": len(line)}
    return _dump({**{name: fields[name] for name in ("ts_ns", "level", "logger")}, **cut})


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a wrong format string must not cost the line
        return f"{record.msg} (its arguments do not fit the format)"


def _dump(fields: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(fields, default=str, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)
    except TypeError:  # lone surrogates, integers beyond 64 bits, endless nesting, a __str__ that fails
        safe = {
            name: ascii(value) if isinstance(value, (str, int)) else repr(type(value)) for name, value in fields.items()
        }
        return orjson.dumps(safe, option=orjson.OPT_APPEND_NEWLINE)


def _dropped_line(count: int) -> bytes:
    fields = {
        "ts_ns": time.time_ns(),
        "level": "WARNING",
        "logger": __name__,
        "msg": "log lines were dropped: the writer was behind",
        "dropped": count,
    }
    return _dump(fields)
