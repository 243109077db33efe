"""The process that writes the log: JSON lines on standard input become text or JSON lines in a file or on stderr.

Started by `log_pipe.start_log_writer`. It ends when its input ends, that is when the gateway has closed the pipe or is
gone. Signals that a terminal or a service manager sends to all processes are ignored: the last lines are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

_HEAD: Final = ("ts_ns", "level", "logger", "msg", "exc")


def format_text(line: bytes) -> bytes:
    """`2023-11-14 22:13:20.000000Z INFO    gateway.process.x  message  key=value`; a traceback follows, indented."""
    try:
        fields: dict[str, Any] = json.loads(line)
        head = f"{_time_text(fields['ts_ns'])} {fields['level']:<7} {fields['logger']}  {_one_line(fields['msg'])}"
        pairs = [f"{name}={_value_text(value)}" for name, value in fields.items() if name not in _HEAD]
        text = "  ".join([head, " ".join(pairs)]) if pairs else head
        for row in str(fields.get("exc") or "").splitlines():
            text += f"\n    {_one_line(row)}"
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError):
        text = _one_line(line.decode("utf-8", "replace").rstrip("\n"))
    return f"{text}\n".encode("utf-8", "replace")


def format_json(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n"


def write_lines(lines: Iterable[bytes], formatter: Callable[[bytes], bytes], fd: int) -> None:
    """Each line is written as soon as it is there. One that cannot be (disk full) is lost, the next is tried."""
    lost = 0
    for line in lines:
        data = formatter(line)
        if lost:
            data = f"{lost} log lines could not be written\n".encode() + data
        try:
            _write_all(fd, data)
            lost = 0
        except OSError:
            lost += 1


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m gateway.process.log_writer", description=__doc__)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--file", help="append to this file instead of standard error")
    options = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    formatter = format_json if options.format == "json" else format_text
    write_lines(sys.stdin.buffer, formatter, _open(options.file))
    return 0


def _open(file: str | None) -> int:
    if file is None:
        return sys.stderr.fileno()
    try:
        return os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    except OSError as error:
        print(f"log file {file}: {error.strerror}; logging to standard error instead", file=sys.stderr, flush=True)
        return sys.stderr.fileno()


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _time_text(ts_ns: int) -> str:
    seconds, fraction_ns = divmod(ts_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{fraction_ns // 1_000:06d}Z"


def _value_text(value: Any) -> str:
    """A bare word where that is clear, else JSON, which quotes and escapes."""
    if isinstance(value, str) and value and value.isprintable() and not set(value) & set(' "='):
        return value
    return json.dumps(value, ensure_ascii=False)


def _one_line(text: str) -> str:
    """Control characters escaped: no text from outside can forge a log line or reach a terminal."""
    return text if text.isprintable() else "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


if __name__ == "__main__":
    sys.exit(main())
