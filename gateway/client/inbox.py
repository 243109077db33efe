"""Pure. The bounded queue of items that the strategy has not read, with no silent loss."""

from collections import deque

from .messages import Event, Gap, Item, Receipt

# Unread items kept, some 100 MB at most. A program with more unread items does not read events at all, or hangs.
UNREAD_MAX = 100_000


class Inbox:
    """A queue of items in their order. Beyond the bound all unread events become one `Gap` per owner and session."""

    __slots__ = ("_items", "_unread_max")

    def __init__(self, unread_max: int = UNREAD_MAX) -> None:
        self._items: deque[Item] = deque()
        self._unread_max = unread_max

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> None:
        """Append `item`; if the queue is full, fold the unread items first."""
        if len(self._items) >= self._unread_max:
            self._fold()
        self._items.append(item)

    def take(self) -> Item | None:
        """Remove and return the oldest item, None if there is none."""
        return self._items.popleft() if self._items else None

    def _fold(self) -> None:
        folded: list[Item] = []
        places: dict[tuple[str, str], int] = {}
        for item in self._items:
            gap = _as_gap(item)
            if gap is None:
                continue
            if not isinstance(gap, Gap) or gap.reason != "unread":
                folded.append(gap)
                continue
            place = places.setdefault((gap.owner, gap.session), len(folded))
            if place == len(folded):
                folded.append(gap)
                continue
            first = folded[place]
            assert isinstance(first, Gap)
            folded[place] = Gap(gap.owner, gap.session, first.from_seq, gap.to_seq, "unread")
        self._items = deque(folded)


def _as_gap(item: Item) -> Item | None:
    """Return the substitute of an unread item: None for one outside of any sequence, itself if it is no event."""
    if isinstance(item, Receipt):
        return None
    if not isinstance(item, Event):
        return item
    if item.seq == 0:  # a refusal that came on the orders socket
        return None
    return Gap(item.topic.rpartition(".")[0], item.session, item.seq, item.seq, "unread")
