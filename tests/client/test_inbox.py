"""The queue of unread items: order, bound, and no silent loss."""

from gateway.client.inbox import Inbox
from gateway.client.messages import Event, Gap, Item, NewSession, Receipt, Stamps


def event(seq: int, owner: str = "alpha", session: str = "s1") -> Event:
    return Event(f"{owner}.fill", session, seq, Stamps(), {})


def drained(inbox: Inbox) -> list[Item]:
    items: list[Item] = []
    while (item := inbox.take()) is not None:
        items.append(item)
    return items


def test_items_come_out_in_order() -> None:
    inbox = Inbox()
    inbox.put(event(1))
    inbox.put(event(2))
    assert len(inbox) == 2
    assert drained(inbox) == [event(1), event(2)]


def test_overflow_becomes_one_gap_per_owner_and_session() -> None:
    inbox = Inbox(unread_max=7)
    new_session = NewSession("s2", "s1", ())
    gone = Gap("alpha", "s1", 3, 4, "gone")
    for item in (event(1), event(9, "account"), event(2), gone, event(5), new_session, event(1, session="s2")):
        inbox.put(item)
    inbox.put(event(2, session="s2"))
    assert drained(inbox) == [
        Gap("alpha", "s1", 1, 5, "unread"),
        Gap("account", "s1", 9, 9, "unread"),
        gone,
        new_session,
        Gap("alpha", "s2", 1, 1, "unread"),
        event(2, session="s2"),
    ]


def test_overflow_again_widens_the_gap() -> None:
    inbox = Inbox(unread_max=3)
    for seq in range(1, 9):
        inbox.put(event(seq))
    items = drained(inbox)
    assert items[0] == Gap("alpha", "s1", 1, 7, "unread")
    assert items[1:] == [event(8)]


def test_items_outside_of_any_sequence_are_dropped() -> None:
    inbox = Inbox(unread_max=2)
    inbox.put(Receipt("o1", "order", ("900",)))
    inbox.put(event(0))
    inbox.put(event(1))
    assert drained(inbox) == [event(1)]
