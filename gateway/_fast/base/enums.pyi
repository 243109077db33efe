from typing import Final

TOPIC_ACK: Final[int]
TOPIC_ORDER: Final[int]
TOPIC_FILL: Final[int]
TOPIC_HEARTBEAT: Final[int]
TOPIC_ACCOUNT: Final[int]
TOPIC_POSITIONS: Final[int]
TOPIC_BALANCE_AND_POSITION: Final[int]
TOPIC_STATE: Final[int]
TOPIC_ALARM: Final[int]
TOPIC_ALGO: Final[int]
TOPIC_COUNT: Final[int]

OWNER_ACCOUNT: Final[int]
OWNER_GATEWAY: Final[int]
OWNER_FIRST_STRATEGY: Final[int]

ROWS_MAX: Final[int]
CANCEL_ALGOS_MAX: Final[int]
FIELDS_MAX: Final[int]
MESSAGE_MAX: Final[int]
ID_MAX: Final[int]
NAME_MAX: Final[int]
