"""Silence: when it begins, when it ends, and the intervals of hellos meanwhile."""

from gateway.client.heartbeat_watch import HeartbeatWatch

S = 1_000_000_000


def watch(started_s: int = 100) -> HeartbeatWatch:
    watch = HeartbeatWatch()
    watch.start(1_000)
    assert watch.on_clock(started_s * S) == (False, False)
    return watch


def test_nothing_is_expected_before_the_start() -> None:
    assert HeartbeatWatch().on_clock(10**18) == (False, False)


def test_silence_begins_after_three_heartbeats_missed() -> None:
    heartbeat_watch = watch()
    assert heartbeat_watch.on_clock(103 * S - 1) == (False, False)
    assert not heartbeat_watch.silent
    assert heartbeat_watch.on_clock(103 * S) == (True, True)
    assert heartbeat_watch.silent


def test_heartbeat_ends_it() -> None:
    heartbeat_watch = watch()
    heartbeat_watch.on_clock(103 * S)
    heartbeat_watch.on_heartbeat()
    assert not heartbeat_watch.silent
    assert heartbeat_watch.on_clock(104 * S) == (False, False)
    assert heartbeat_watch.on_clock(106 * S) == (False, False)
    assert heartbeat_watch.on_clock(107 * S) == (True, True)


def test_hello_is_repeated_for_ever_with_growing_pauses() -> None:
    heartbeat_watch = watch(0)
    greeted = [now for now in range(1, 400) if heartbeat_watch.on_clock(now * S)[1]]
    assert greeted == [3, 6, 12, 24, 48, 96, 156, 216, 276, 336, 396]
