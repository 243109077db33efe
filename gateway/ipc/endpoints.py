"""The directory with the two sockets: one gateway at a time, nobody else's eyes, and no leftovers.

Raises ConfigError, with the fix, when another gateway holds the directory or when it is not private.
"""

from __future__ import annotations

import fcntl
import grp
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson
import zmq

from gateway._fast.base.minted_ids import EPOCH_START_S
from gateway.config.model import SocketsConfig
from gateway.errors import ConfigError

# struct sockaddr_un (Linux): 108 bytes with the terminator.
SOCKET_PATH_MAX: Final = 107
# A message over the protocol's 64 KiB is answered as such; one over this ends its connection unread.
MESSAGE_BYTES_MAX: Final = 16 << 20
NUMBERS_FILE: Final = "numbers.json"


class Endpoints:
    """The bound ROUTER (`requests`) and XPUB (`events`) of one gateway. `close` removes the socket files."""

    def __init__(self, config: SocketsConfig) -> None:
        self.directory = config.dir
        self.requests_path = self.directory / "orders"
        self.events_path = self.directory / "events"
        for path in (self.requests_path, self.events_path):
            if len(os.fsencode(path)) > SOCKET_PATH_MAX:
                raise ConfigError(
                    f"[sockets] dir: {path} is longer than the {SOCKET_PATH_MAX} bytes of a socket's path"
                )
        self._group_id = None if config.group is None else grp.getgrnam(config.group).gr_gid
        self._make_directory()
        self._lock = self._take_lock()
        self._context = zmq.Context(io_threads=1)
        self.requests = self._bind(zmq.ROUTER, self.requests_path, rcvhwm=config.request_hwm, sndhwm=config.event_hwm)
        self.events = self._bind(zmq.XPUB, self.events_path, rcvhwm=config.request_hwm, sndhwm=config.event_hwm)

    def _make_directory(self) -> None:
        """Makes it, private; one that is there already must be so, and is never changed: it may be everybody's."""
        mode = 0o700 if self._group_id is None else 0o750
        if self.directory.exists():
            self._check_directory(mode)
            return
        try:
            self.directory.mkdir(parents=True, mode=mode)
        except OSError as error:
            raise ConfigError(f"[sockets] dir {self.directory} cannot be made: {error.strerror}") from None
        if self._group_id is not None:
            os.chown(self.directory, -1, self._group_id)
        self.directory.chmod(mode)  # whatever the umask

    def _check_directory(self, mode: int) -> None:
        if not self.directory.is_dir():
            raise ConfigError(f"[sockets] dir {self.directory} is not a directory: name one, or one that is to be made")
        found = self.directory.stat()
        if found.st_uid != os.geteuid():
            raise ConfigError(
                f"[sockets] dir {self.directory} belongs to uid {found.st_uid}, not to this gateway's user"
            )
        if stat.S_IMODE(found.st_mode) & ~mode:
            raise ConfigError(
                f"[sockets] dir {self.directory} is open to others (mode {stat.S_IMODE(found.st_mode):04o}): "
                f"name a directory in it, which will be made, or run: chmod {mode:o} {self.directory}"
            )
        if self._group_id is not None and found.st_gid != self._group_id:
            raise ConfigError(f"[sockets] dir {self.directory} is not of the configured group: chgrp it, or remove it")

    def _take_lock(self) -> int:
        """Held as long as the process lives; the kernel lets go of it after kill -9, so stale sockets block nobody."""
        lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(lock, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(lock)
            raise ConfigError(
                f"another gateway (pid {holder}) serves {self.directory}: stop it, or set another [sockets] dir"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        return lock

    def _bind(self, kind: int, path: Path, *, rcvhwm: int, sndhwm: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVHWM, rcvhwm)
        socket.setsockopt(zmq.SNDHWM, sndhwm)
        socket.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES_MAX)
        if kind == zmq.XPUB:
            socket.setsockopt(zmq.XPUB_VERBOSE, 1)  # each subscription is reported, not the first of a topic alone
        path.unlink(missing_ok=True)
        before = os.umask(0o177 if self._group_id is None else 0o117)
        try:
            socket.bind(f"ipc://{path}")
        except zmq.ZMQError as error:
            raise ConfigError(f"[sockets] dir: cannot bind {path}: {error}") from None
        finally:
            os.umask(before)
        if self._group_id is not None:
            os.chown(path, -1, self._group_id)
        return socket

    def load_numbers(self, epoch: int) -> tuple[dict[str, int], int]:
        """The numbers given to strategies without an entry, and the epoch since which these are kept.

        Orders minted before may bear the same numbers for other names. A file that cannot be read counts as lost.
        """
        try:
            kept = orjson.loads((self.directory / NUMBERS_FILE).read_bytes())
            numbers = {str(name): int(number) for name, number in kept["numbers"].items()}
            return numbers, int(kept["since_epoch"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}, epoch

    def save_numbers(self, numbers: Mapping[str, int], since_epoch: int) -> None:
        """Kept before a new number is used."""
        self._replace(NUMBERS_FILE, orjson.dumps({"since_epoch": since_epoch, "numbers": dict(numbers)}))

    def _replace(self, name: str, content: bytes) -> None:
        fresh = self.directory / f"{name}.new"
        fresh.write_bytes(content)
        fresh.replace(self.directory / name)

    def next_epoch(self) -> int:
        """Seconds since 2020, more than at any earlier start here: it keeps minted ids apart, whatever the clock."""
        path = self.directory / "epoch"
        try:
            last = int(path.read_text("ascii"))
        except (OSError, ValueError):
            last = 0
        epoch = max(int(time.time()) - EPOCH_START_S, last + 1)
        self._replace("epoch", f"{epoch}\n".encode())
        return epoch

    def close(self) -> None:
        for socket, path in ((self.requests, self.requests_path), (self.events, self.events_path)):
            socket.close(linger=200)
            path.unlink(missing_ok=True)
        self._context.term()
        os.close(self._lock)
