"""`Sequence` delivers each event at most once, in order, and knows every hole."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.client.sequence import BUFFERED_MAX, SeqCheck, Sequence


def begun(last: int = 0) -> Sequence[str]:
    sequence: Sequence[str] = Sequence()
    sequence.begin("s1", last)
    return sequence


def test_next_event_is_in_order() -> None:
    sequence = begun(41)
    assert sequence.on_event("s1", 42, "e42") is SeqCheck.IN_ORDER
    assert (sequence.last, sequence.missing(), sequence.take()) == (42, None, [])


def test_event_seen_before_is_duplicate() -> None:
    sequence = begun(41)
    assert sequence.on_event("s1", 41, "e41") is SeqCheck.DUPLICATE
    assert sequence.on_event("s1", 1, "e1") is SeqCheck.DUPLICATE


def test_event_ahead_is_buffered_until_the_hole_is_filled() -> None:
    sequence = begun(1)
    assert sequence.on_event("s1", 4, "e4") is SeqCheck.GAP
    assert sequence.on_event("s1", 4, "e4") is SeqCheck.DUPLICATE
    assert sequence.on_event("s1", 5, "e5") is SeqCheck.GAP
    assert sequence.missing() == (2, 3)
    assert sequence.on_event("s1", 2, "e2") is SeqCheck.IN_ORDER
    assert sequence.take() == []
    assert sequence.on_event("s1", 3, "e3") is SeqCheck.IN_ORDER
    assert sequence.take() == ["e4", "e5"]
    assert (sequence.last, sequence.missing()) == (5, None)


def test_buffered_event_can_be_none_or_false() -> None:
    sequence: Sequence[object] = Sequence()
    sequence.begin("s1", 0)
    sequence.on_event("s1", 2, None)
    sequence.on_event("s1", 1, 0)
    assert sequence.take() == [None]


def test_heartbeat_shows_a_hole_at_the_tail() -> None:
    sequence = begun(3)
    assert sequence.on_heartbeat("s1", 3) is SeqCheck.IN_ORDER
    assert sequence.on_heartbeat("s1", 6) is SeqCheck.GAP
    assert sequence.missing() == (4, 6)


def test_heartbeat_older_than_an_event_shows_nothing() -> None:
    sequence = begun(3)
    sequence.on_event("s1", 4, "e4")
    assert sequence.on_heartbeat("s1", 3) is SeqCheck.IN_ORDER


def test_give_up_skips_the_first_hole_only() -> None:
    sequence = begun(0)
    sequence.on_event("s1", 3, "e3")
    sequence.on_event("s1", 6, "e6")
    assert sequence.give_up() == (1, 2)
    assert sequence.take() == ["e3"]
    assert sequence.missing() == (4, 5)
    assert sequence.give_up() == (4, 5)
    assert sequence.take() == ["e6"]
    assert sequence.give_up() is None


def test_give_up_in_part() -> None:
    sequence = begun(0)
    sequence.on_event("s1", 10, "e10")
    assert sequence.give_up(4) == (1, 4)
    assert sequence.missing() == (5, 9)
    assert sequence.give_up(4) is None
    assert sequence.give_up(99) == (5, 9)


def test_late_event_of_a_hole_given_up_is_duplicate() -> None:
    sequence = begun(0)
    sequence.on_event("s1", 3, "e3")
    sequence.give_up()
    assert sequence.on_event("s1", 2, "e2") is SeqCheck.DUPLICATE


def test_other_session_is_not_consumed() -> None:
    sequence = begun(5)
    assert sequence.on_event("s2", 1, "e") is SeqCheck.NEW_SESSION
    assert sequence.on_heartbeat("s2", 1) is SeqCheck.NEW_SESSION
    sequence.begin("s2", 0)
    assert sequence.on_event("s2", 1, "e") is SeqCheck.IN_ORDER


def test_late_event_of_a_past_session_is_duplicate() -> None:
    sequence = begun(5)
    sequence.begin("s2", 0)
    assert sequence.on_event("s1", 6, "late") is SeqCheck.DUPLICATE
    assert sequence.on_heartbeat("s1", 9) is SeqCheck.DUPLICATE


def test_before_begin_everything_is_a_new_session() -> None:
    sequence: Sequence[str] = Sequence()
    assert sequence.on_event("s1", 7, "e") is SeqCheck.NEW_SESSION


def test_begin_drops_buffered_events() -> None:
    sequence = begun(0)
    sequence.on_event("s1", 2, "e2")
    sequence.begin("s2", 1)
    assert (sequence.take(), sequence.missing()) == ([], None)


def test_buffered_events_are_bounded_and_the_rest_is_missing() -> None:
    sequence = begun(0)
    for seq in range(2, BUFFERED_MAX + 4):
        assert sequence.on_event("s1", seq, str(seq)) is SeqCheck.GAP
    sequence.on_event("s1", 1, "1")
    assert len(sequence.take()) == BUFFERED_MAX
    assert sequence.missing() == (BUFFERED_MAX + 2, BUFFERED_MAX + 3)


@given(st.integers(1, 60), st.data())
def test_any_order_and_any_repeats_deliver_each_once_in_order(total: int, data: st.DataObject) -> None:
    arrivals = data.draw(st.permutations(list(range(1, total + 1)))) + data.draw(
        st.lists(st.integers(1, total), max_size=30)
    )
    sequence: Sequence[int] = Sequence()
    sequence.begin("s1", 0)
    delivered: list[int] = []
    for seq in arrivals:
        if sequence.on_event("s1", seq, seq) is SeqCheck.IN_ORDER:
            delivered.append(seq)
        delivered += sequence.take()
    assert delivered == list(range(1, total + 1))


@given(st.integers(0, 60), st.sets(st.integers(1, 60)), st.booleans())
def test_delivered_and_given_up_together_are_everything(total: int, lost: set[int], heartbeat: bool) -> None:
    """Delivered and lost numbers together are all numbers, without overlap, in order."""
    sequence: Sequence[int] = Sequence()
    sequence.begin("s1", 0)
    accounted: list[int] = []
    arrived = [seq for seq in range(1, total + 1) if seq not in lost]
    for seq in arrived:
        if sequence.on_event("s1", seq, seq) is SeqCheck.GAP:
            assert sequence.missing() is not None
    if heartbeat:
        sequence.on_heartbeat("s1", total)
    accounted += range(1, sequence.last + 1)
    while (hole := sequence.give_up()) is not None:
        accounted += range(hole[0], hole[1] + 1)
        assert lost.issuperset(range(hole[0], hole[1] + 1))
        accounted += sequence.take()
    assert accounted == list(range(1, (total if heartbeat else max(arrived, default=0)) + 1))
