"""The directory with the two sockets: one gateway at a time, nobody else's eyes, and no leftovers."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.config.model import SocketsConfig
from gateway.errors import ConfigError
from gateway.ipc.endpoints import Endpoints


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Endpoints]]:
    """Opens endpoints in a directory of the test, and closes them at its end."""
    opened: list[Endpoints] = []

    def open_in(directory: Path = tmp_path / "sockets") -> Endpoints:
        opened.append(Endpoints(SocketsConfig(dir=directory)))
        return opened[-1]

    yield open_in
    for endpoints in opened:
        if not endpoints.requests.closed:
            endpoints.close()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_gateways_user_may_look(serve: Callable[..., Endpoints]) -> None:
    endpoints = serve()
    assert mode_of(endpoints.directory) == 0o700
    for path in (endpoints.requests_path, endpoints.events_path):
        assert stat.S_ISSOCK(path.stat().st_mode)
        assert mode_of(path) == 0o600


@pytest.mark.parametrize("mode", [0o755, 0o1777, 0o711, 0o770])
def test_a_directory_that_others_may_enter_is_refused_and_left_as_it_is(
    serve: Callable[..., Endpoints], tmp_path: Path, mode: int
) -> None:
    """It may be /tmp itself, and the gateway may be root."""
    loose = tmp_path / "loose"
    loose.mkdir()
    loose.chmod(mode)
    with pytest.raises(ConfigError, match=f"mode {mode:04o}.*chmod 700"):
        serve(loose)
    assert mode_of(loose) == mode
    assert list(loose.iterdir()) == []
    assert mode_of(serve(loose / "made").directory) == 0o700


def test_a_tighter_directory_will_do(serve: Callable[..., Endpoints], tmp_path: Path) -> None:
    tight = tmp_path / "tight"
    tight.mkdir(mode=0o700)
    assert serve(tight).requests_path.exists()


def test_a_file_is_no_directory(serve: Callable[..., Endpoints], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(ConfigError, match="is not a directory"):
        serve(file)
    with pytest.raises(ConfigError, match="cannot be made: Not a directory"):
        serve(file / "below")


def test_a_second_gateway_is_refused_and_the_first_named(serve: Callable[..., Endpoints]) -> None:
    first = serve()
    with pytest.raises(ConfigError, match=f"pid {os.getpid()}"):
        serve()
    assert first.requests_path.exists(), "and the first goes on"


def test_stale_sockets_stop_nobody(serve: Callable[..., Endpoints], tmp_path: Path) -> None:
    directory = tmp_path / "sockets"
    directory.mkdir(mode=0o700)
    for name in ("orders", "events", "lock"):
        (directory / name).write_text("999999\n")
    assert stat.S_ISSOCK(serve().requests_path.stat().st_mode)


def test_closing_leaves_no_sockets_and_lets_the_next_in(serve: Callable[..., Endpoints]) -> None:
    endpoints = serve()
    endpoints.close()
    assert not endpoints.requests_path.exists()
    assert not endpoints.events_path.exists()
    serve()


def test_epochs_grow_whatever_the_clock_does(serve: Callable[..., Endpoints]) -> None:
    endpoints = serve()
    first = endpoints.next_epoch()
    assert endpoints.next_epoch() == first + 1
    (endpoints.directory / "epoch").write_text("900000000\n")
    assert endpoints.next_epoch() == 900_000_001
    assert (endpoints.directory / "epoch").read_text() == "900000001\n"


@pytest.mark.parametrize("content", ["", "x", "\xff"])
def test_an_unreadable_epoch_starts_from_the_clock(serve: Callable[..., Endpoints], content: str) -> None:
    endpoints = serve()
    (endpoints.directory / "epoch").write_text(content)
    assert 0 < endpoints.next_epoch() < 10**9


def test_given_numbers_are_kept(serve: Callable[..., Endpoints]) -> None:
    endpoints = serve()
    assert endpoints.load_numbers(77) == ({}, 77)
    endpoints.save_numbers({"one": 901, "two": 902}, 55)
    assert endpoints.load_numbers(77) == ({"one": 901, "two": 902}, 55)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"numbers":5,"since_epoch":1}', b'{"numbers":{"a":"x"},"since_epoch":1}', b"\xff"],
)
def test_numbers_that_cannot_be_read_count_as_lost(serve: Callable[..., Endpoints], content: bytes) -> None:
    endpoints = serve()
    (endpoints.directory / "numbers.json").write_bytes(content)
    assert endpoints.load_numbers(77) == ({}, 77)
