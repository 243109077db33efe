"""Every cell of the life of an order, against what OKX's documents say of its states, written here as sentences and not as a table.

OKX docs, WS / Order channel: the states, which of them end an order, and of what is repeated the first counts. WS / Place order: an ack
says that the request was taken, nothing of the order's state.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from gateway._fast.orders.lifecycle import life_table, lifecycle_words, proof_table

OPEN = ("live", "partially_filled")
ENDED = ("filled", "canceled", "mmp_canceled")
# Of these OKX has shown nothing: not sent, on its way, refused, or lost without an answer.
UNSHOWN = ("pending", "unknown", "rejected")
STATES = (*UNSHOWN, *OPEN, *ENDED)
OWN_EVENTS = ("ack", "refusal", "silence", "fill")
RELATIONS = ("behind", "same", "update")
ROWS = (*(f"{state}, {relation}" for state in OPEN for relation in RELATIONS), *ENDED)


def said(row: str) -> str:
    return row.partition(",")[0]


def expected(state: str, event: str) -> tuple[str, str]:
    """(what is done, the state after it)."""
    if state in ENDED:
        return "keep", state  # an end is the last word, and the first of several ends counts
    if event in OWN_EVENTS:
        return of_the_placement(state, event)
    if state in UNSHOWN:
        return "publish", said(
            event
        )  # whatever OKX shows first of an order is news, even of one that was called refused
    if event in ENDED:
        return "publish", event
    if said(event) == "live" and state == "partially_filled":
        return "result", state  # states do not run backwards; what such a row says of an amend still counts
    return {"behind": ("result", state), "update": ("publish", said(event))}.get(event.partition(", ")[2]) or (
        ("note", state) if said(event) == state else ("publish", said(event))
    )


def of_the_placement(state: str, event: str) -> tuple[str, str]:
    if event == "refusal" and state in ("pending", "unknown"):
        return "move", "rejected"
    if event == "silence" and state == "pending":
        return "move", "unknown"
    if event == "ack" and state == "unknown":
        return "move", "pending"  # taken, and not shown yet
    return "keep", state


@pytest.mark.parametrize("event", [*OWN_EVENTS, *ROWS])
@pytest.mark.parametrize("state", STATES)
def test_each_cell(state: str, event: str) -> None:
    assert life_table()[state, event] == expected(state, event)


def test_there_are_no_other_cells() -> None:
    assert set(life_table()) == set(itertools.product(STATES, [*OWN_EVENTS, *ROWS]))


def test_what_leads_out_of_each_state() -> None:
    """The arrows, by hand."""
    arrows: dict[str, set[str]] = {state: set() for state in STATES}
    for (state, _), (_, after) in life_table().items():
        if after != state:
            arrows[state].add(after)
    shown = {*OPEN, *ENDED}
    assert arrows == {
        "pending": {"rejected", "unknown", *shown},
        "unknown": {"rejected", "pending", *shown},
        "rejected": shown,
        "live": {"partially_filled", *ENDED},
        "partially_filled": set(ENDED),
        "filled": set(),
        "canceled": set(),
        "mmp_canceled": set(),
    }


@pytest.mark.parametrize(
    ("state", "place", "cancel", "amend"),
    [
        ("pending", "", "", ""),
        ("unknown", "", "", ""),
        ("live", "accepted", "", ""),
        ("partially_filled", "accepted", "", ""),
        ("filled", "accepted", "rejected", "by its values"),
        ("canceled", "accepted", "by its values", "by its values"),
        ("mmp_canceled", "accepted", "by its values", "by its values"),
        ("rejected", "rejected", "rejected", "rejected"),
    ],
)
def test_what_each_state_proves_of_a_request_without_an_answer(state: str, place: str, cancel: str, amend: str) -> None:
    proofs = proof_table()
    assert (proofs[state, "place"], proofs[state, "cancel"], proofs[state, "amend"]) == (place, cancel, amend)
    assert len(proofs) == 3 * len(STATES)


@pytest.mark.parametrize("cancels", [0, 1])
@pytest.mark.parametrize("amends", [0, 1])
@pytest.mark.parametrize("state", STATES)
def test_how_a_life_is_called(state: str, amends: int, cancels: int) -> None:
    open_here = state in (*OPEN, "pending")
    in_flight = "cancel_in_flight" if cancels else "amend_in_flight" if amends else state
    assert lifecycle_words()[state, amends, cancels] == (in_flight if open_here else state)


def document() -> str:
    """The tables of docs/order-lifecycle.md."""
    table, proofs = life_table(), proof_table()
    order = ("pending", "unknown", "live", "partially_filled", "filled", "canceled", "mmp_canceled", "rejected")
    events = list(dict.fromkeys(event for _, event in table))
    lines = ["| event | " + " | ".join(f"`{state}`" for state in order) + " |", "| --- |" + " --- |" * len(order)]
    for event in events:
        cells = (table[state, event] for state in order)
        shown = (
            action if after == state else f"{action} → `{after}`"
            for state, (action, after) in zip(order, cells, strict=True)
        )
        lines.append(f"| {event} | " + " | ".join(shown) + " |")
    lines += [
        "",
        "| proves of | " + " | ".join(f"`{state}`" for state in order) + " |",
        "| --- |" + " --- |" * len(order),
    ]
    for kind in ("place", "cancel", "amend"):
        lines.append(f"| {kind} | " + " | ".join(proofs[state, kind] or "–" for state in order) + " |")
    return "\n".join(lines)


def test_the_document_shows_these_tables() -> None:
    text = (Path(__file__).parents[3] / "docs" / "order-lifecycle.md").read_text()
    begin, end = "<!-- order-lifecycle -->", "<!-- /order-lifecycle -->"
    assert text.partition(begin)[2].partition(end)[0].strip() == document(), document()
