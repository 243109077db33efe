"""Records go through a pipe as JSON lines; a full pipe drops and counts; nothing blocks and nothing raises."""

import contextlib
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.okx.secret import Secret
from gateway.process.log_pipe import LINE_BYTES_MAX, PipeHandler, encode_record, start_log_writer


def record(message: str = "hello %s", *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("gateway.x", logging.INFO, __file__, 1, message, arguments or ("world",), None)
    vars(made).update(extra)
    return made


class Pipe:
    """A handler, and the other end of its pipe."""

    def __init__(self) -> None:
        self.read_fd, write_fd = os.pipe()
        os.set_blocking(self.read_fd, False)
        self.handler = PipeHandler(write_fd)

    def read_bytes(self) -> bytes:
        """All that is in the pipe now."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self.read_fd, 1 << 20):
                data += chunk
        return data

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.read_bytes().splitlines()]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.handler.close()
    os.close(made.read_fd)


def test_a_record_becomes_one_json_line() -> None:
    before_ns = time.time_ns()
    fields = json.loads(encode_record(record("took %d ms", 5, account="main", count=3, path=Path("/x"))))
    assert abs(fields.pop("ts_ns") - before_ns) < 60_000_000_000
    assert fields == {
        "level": "INFO", "logger": "gateway.x", "msg": "took 5 ms", "account": "main", "count": 3, "path": "/x",
    }  # fmt: skip


def test_a_traceback_comes_along() -> None:
    try:
        raise ValueError("inner")
    except ValueError as error:
        made = record()
        made.exc_info = (type(error), error, error.__traceback__)
    fields = json.loads(encode_record(made))
    assert fields["exc"].endswith("ValueError: inner")


def test_a_secret_stays_one() -> None:
    line = encode_record(record("key %s", Secret("TOP-SECRET"), key=Secret("TOP-SECRET"), keys=[Secret("TOP-SECRET")]))
    assert b"TOP-SECRET" not in line
    assert line.count(b"[redacted]") == 3


@pytest.mark.parametrize(
    "made",
    [
        record("%d", "no number"),
        record("too few %s %s", "one"),
        record("big", n=2**70),
        record("surrogate \udc80 %s"),
        record("bytes %s", b"\xff", data=b"\xff", number=float("nan")),
        record("keys %s", "x", mapping={1: 2, None: 3}),
    ],
)
def test_odd_records_still_give_a_line(made: logging.LogRecord) -> None:
    line = encode_record(made)
    assert line.endswith(b"\n")
    assert json.loads(line)["level"]


def test_a_long_record_is_cut() -> None:
    for message in ("x" * 200_000, "\x00" * 200_000, "€" * 200_000):
        line = encode_record(record("%s", message, blob="y" * 100_000))
        assert len(line) <= LINE_BYTES_MAX
        assert json.loads(line)["cut_bytes"] > LINE_BYTES_MAX


def test_lines_arrive_in_order(pipe: Pipe) -> None:
    for number in range(100):
        pipe.handler.handle(record("n %d", number))
    assert [fields["msg"] for fields in pipe.read()] == [f"n {number}" for number in range(100)]
    assert pipe.handler.dropped == 0


def test_a_full_pipe_drops_counts_and_tells_later(pipe: Pipe) -> None:
    sent = 0
    while pipe.handler.dropped < 10:
        pipe.handler.handle(record("%s", "x" * 5_000))
        sent += 1
    dropped = pipe.handler.dropped
    assert dropped == 10
    lines = read_around(pipe, "after")
    assert [fields["msg"] for fields in lines if fields["msg"] == "after"] == ["after"]
    told = [fields["dropped"] for fields in lines if "dropped" in fields]
    assert told == [10]
    assert len(lines) == sent - dropped + 2


def read_around(pipe: Pipe, message: str) -> list[dict[str, Any]]:
    """Empties the pipe, so that the handler finds room, sends `message` and reads the rest."""
    data = pipe.read_bytes()
    pipe.handler.handle(record("%s", message))
    data += pipe.read_bytes()
    return [json.loads(line) for line in data.splitlines()]


def test_without_a_reader_nothing_raises(pipe: Pipe) -> None:
    os.close(pipe.read_fd)
    pipe.handler.handle(record())
    assert pipe.handler.dropped == 1
    pipe.handler.close()
    pipe.handler.handle(record())
    assert pipe.handler.dropped == 2
    pipe.read_fd = os.open(os.devnull, os.O_RDONLY)


def test_closing_hands_over_what_was_dropped() -> None:
    made = Pipe()
    while made.handler.dropped < 3:
        made.handler.handle(record("%s", "x" * 3_000))
    taken = os.read(made.read_fd, 1 << 20)
    made.handler.close()
    rest = b""
    while chunk := os.read(made.read_fd, 1 << 20):
        rest += chunk
    lines = [json.loads(line) for line in (taken + rest).splitlines()]
    assert sum(fields.get("dropped", 0) for fields in lines) == 3
    assert "dropped" in lines[-1]
    os.close(made.read_fd)


def test_a_field_cannot_replace_one_of_the_record() -> None:
    fields = json.loads(encode_record(record("text %s", "x", level="DEBUG", logger="other")))
    assert (fields["level"], fields["logger"]) == ("INFO", "gateway.x")
    assert (fields["level_"], fields["logger_"]) == ("DEBUG", "other")


def test_the_writer_process_gets_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKX_SECRET_KEY", "TOP-SECRET")
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    handler = start_log_writer("INFO", "text", tmp_path / "x.log")
    assert handler.writer is not None
    environ = Path(f"/proc/{handler.writer.pid}/environ").read_bytes()
    handler.close()
    assert b"TOP-SECRET" not in environ
    assert b"kept" in environ


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_through_the_writer_process_into_a_file(tmp_path: Path, log_format: str) -> None:
    file = tmp_path / "gateway.log"
    handler = start_log_writer("INFO", log_format, file)
    logger = logging.Logger("gateway.test")
    logger.addHandler(handler)
    logger.debug("not this")
    logger.info("first", extra={"account": "main"})
    logger.warning("last")
    handler.close()
    lines = file.read_text().splitlines()
    assert len(lines) == 2
    assert ("account=main" in lines[0]) == (log_format == "text")
    assert "last" in lines[1]
