"""How log lines look, and that the writer outlives signals until its input ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.process.log_writer import format_json, format_text, main, write_lines

ROOT = Path(__file__).parents[2]


def line(**fields: object) -> bytes:
    base = {
        "ts_ns": 1_700_000_000_123_456_789,
        "level": "INFO",
        "logger": "gateway.process.gateway",
        "msg": "session ready",
    }
    return json.dumps(base | fields).encode() + b"\n"


def test_a_line_of_text() -> None:
    # date -u -d @1700000000 gives 2023-11-14 22:13:20
    text = format_text(line(account="main", took_ms=12, url="wss://x/y", note="two words", none=None, empty=""))
    assert text == (
        b"2023-11-14 22:13:20.123456Z INFO    gateway.process.gateway  session ready  "
        b'account=main took_ms=12 url=wss://x/y note="two words" none=null empty=""\n'
    )


def test_a_line_without_fields() -> None:
    assert format_text(line()) == b"2023-11-14 22:13:20.123456Z INFO    gateway.process.gateway  session ready\n"


def test_a_traceback_follows_indented() -> None:
    text = format_text(line(exc="Traceback:\n  File x\nValueError: no")).decode()
    assert text.splitlines()[1:] == ["    Traceback:", "      File x", "    ValueError: no"]


def test_text_from_outside_cannot_forge_a_line_or_reach_the_terminal() -> None:
    text = format_text(line(msg="a\n2023 ERROR\x1b[31m", peer="b\nc\x1b"))
    assert text.count(b"\n") == 1
    assert b"\x1b" not in text
    assert b"a\\n2023 ERROR\\x1b[31m" in text


@pytest.mark.parametrize(
    "data", [b"not json\n", b"{}\n", b"[]\n", b"5", b'{"ts_ns":"x"}\n', b"\xff\xfe\n", b'{"ts_ns":1e300}']
)
def test_what_is_no_record_is_kept_as_it_is(data: bytes) -> None:
    text = format_text(data)
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    assert text.strip()


def test_json_lines_pass() -> None:
    assert format_json(line()) == line()
    assert format_json(b"{}") == b"{}\n"


def test_lines_that_cannot_be_written_are_counted() -> None:
    read_fd, write_fd = os.pipe()
    closed = os.open(os.devnull, os.O_RDONLY)

    class Lines:
        """Two lines meet a descriptor that refuses writing, the third one that works."""

        def __iter__(self):  # type: ignore[no-untyped-def]
            yield b"1\n"
            yield b"2\n"
            os.dup2(write_fd, closed)
            yield b"3\n"

    write_lines(Lines(), format_json, closed)
    assert os.read(read_fd, 1_000) == b"2 log lines could not be written\n3\n"
    for fd in (read_fd, write_fd, closed):
        os.close(fd)


def start_writer(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gateway.process.log_writer", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)


def test_signals_do_not_end_it_but_the_end_of_input_does(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    os.mkfifo(file)
    writer = start_writer("--format", "json", "--file", str(file))
    assert writer.stdin is not None
    reader = os.open(file, os.O_RDONLY)  # returns when the writer has opened it, which is after its signal set-up
    writer.send_signal(signal.SIGINT)
    writer.send_signal(signal.SIGTERM)
    writer.stdin.write(b'{"n":1}\n')
    writer.stdin.flush()
    assert os.read(reader, 100) == b'{"n":1}\n'
    writer.stdin.write(b'{"n":2}')  # a last line without its end
    writer.stdin.close()
    assert writer.wait(10) == 0
    assert os.read(reader, 100) == b'{"n":2}\n'
    os.close(reader)


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    for _ in range(2):
        writer = start_writer("--file", str(file))
        writer.communicate(line())
    assert file.read_bytes() == format_text(line()) * 2


def test_a_file_that_cannot_be_opened_falls_back_to_stderr() -> None:
    writer = start_writer("--file", "/no/such/dir/x.log")
    _, errors = writer.communicate(line())
    assert writer.returncode == 0
    assert b"/no/such/dir/x.log: No such file" in errors
    assert b"session ready" in errors


def test_the_command_line_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--format", "xml"])
    assert "'text', 'json'" in capsys.readouterr().err
