from typing import Final

def reason_text(reason: int) -> str: ...
def all_reasons() -> list[str]: ...

ENDED_STATES: Final[frozenset[str]]
ENDED_ALGO_STATES: Final[frozenset[str]]
USERS_CANCEL_SOURCES: Final[frozenset[str]]
