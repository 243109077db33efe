from typing import Final

STRATEGY_NUMBER_MAX: Final[int]
EPOCH_START_S: Final[int]
EPOCH_DIGITS: Final[int]
COUNTER_DIGITS: Final[int]

def minted_by(text: bytes) -> tuple[int, int] | None: ...
