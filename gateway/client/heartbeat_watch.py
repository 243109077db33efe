"""Pure. Detects by missing heartbeats that the gateway is gone or hangs, and decides when to send hello again."""

# So many heartbeats can be late or dropped before the gateway counts as silent.
HEARTBEATS_MISSED = 3
# A hello waits in libzmq until the gateway is back, so few are enough: one can be lost with a dying gateway.
HELLO_PAUSE_MAX_NS = 60_000_000_000


class HeartbeatWatch:
    """Heartbeats of one owner against a clock. Nothing is watched before `start`."""

    __slots__ = ("_hello_due_ns", "_hello_pause_ns", "_patience_ns", "_received", "_received_ns", "silent")

    def __init__(self) -> None:
        self.silent = False
        self._received = False  # since the last `on_clock`
        self._received_ns = 0
        self._patience_ns = 0
        self._hello_due_ns = 0
        self._hello_pause_ns = 0

    def start(self, heartbeat_ms: int) -> None:
        """Expect a heartbeat every `heartbeat_ms` from now on."""
        self._patience_ns = heartbeat_ms * HEARTBEATS_MISSED * 1_000_000
        self._received = True

    def on_heartbeat(self) -> None:
        """Take note of a heartbeat."""
        self._received = True
        self.silent = False

    def on_clock(self, now_ns: int) -> tuple[bool, bool]:
        """Return whether silence has just begun, and whether to send hello now. `now_ns` is monotonic.

        Call it only when all messages are read, else a program that was busy would take its own pause for silence.
        """
        if self._received:
            self._received = False
            self._received_ns = now_ns
            self._hello_pause_ns = self._patience_ns
            self._hello_due_ns = now_ns + self._patience_ns
        if not self._patience_ns or now_ns - self._received_ns < self._patience_ns:
            return False, False
        begins, self.silent = not self.silent, True
        greet = now_ns >= self._hello_due_ns
        if greet:
            self._hello_due_ns = now_ns + self._hello_pause_ns
            self._hello_pause_ns = min(2 * self._hello_pause_ns, HELLO_PAUSE_MAX_NS)
        return begins, greet
