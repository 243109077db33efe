# The numbers of the data plane. Members are prefixed because bare names clash in C; never renumber (the journal holds
# them).

cdef enum:  # Op
    OP_NONE = 0
    OP_ORDER = 1
    OP_BATCH_ORDERS = 2
    OP_CANCEL_ORDER = 3
    OP_BATCH_CANCEL_ORDERS = 4
    OP_AMEND_ORDER = 5
    OP_BATCH_AMEND_ORDERS = 6
    OP_MASS_CANCEL = 7
    OP_GATEWAY = 8           # hello, ping, status, ...: answered by the control plane
    OP_ORDER_ALGO = 9        # the algo ops go by REST
    OP_AMEND_ALGOS = 10
    OP_CANCEL_ALGOS = 11
    OP_COUNT = 12

# By which way a request goes to OKX.
cdef enum:  # Route
    ROUTE_SOCKET = 0
    ROUTE_REST = 1

cdef enum:  # OpKind
    KIND_PLACE = 0
    KIND_CANCEL = 1
    KIND_AMEND = 2
    KIND_MASS_CANCEL = 3
    KIND_COUNT = 4

# The result of a row; the names on the wire stand in `wire_names.pyx`.
cdef enum:  # Result
    RESULT_PENDING = 0
    RESULT_ACCEPTED = 1
    RESULT_REJECTED = 2
    RESULT_UNKNOWN = 3

cdef enum:  # Origin
    ORIGIN_OKX = 0
    ORIGIN_GATEWAY = 1

cdef enum:  # Source
    SOURCE_STREAM = 0
    SOURCE_RECONCILE = 1

cdef enum:  # Proof
    PROOF_NONE = 0
    PROOF_ORDER_PUSH = 1
    PROOF_ORDER_QUERY = 2
    PROOF_NOT_FOUND_AFTER_EXP_TIME = 3
    PROOF_LATE_ACK = 4
    PROOF_TERMINAL = 5
    PROOF_NOT_FOUND = 6
    PROOF_NOT_SENT = 7
    PROOF_CANCEL_REPEATED = 8

# Why the gateway refused, or does not know.
cdef enum:  # Reason
    REASON_NONE = 0
    REASON_NOT_JSON = 1
    REASON_TOO_LARGE = 2
    REASON_BAD_FRAMES = 3
    REASON_HELLO_REQUIRED = 4
    REASON_NOT_ALLOWED = 5
    REASON_BAD_REQUEST = 6
    REASON_DUPLICATE_KEY = 7
    REASON_UNKNOWN_OP = 8
    REASON_TOO_MANY_ROWS = 9
    REASON_UNKNOWN_INSTRUMENT = 10
    REASON_AMBIGUOUS_INSTRUMENT = 11
    REASON_INSTRUMENT_HAS_NO_CODE = 12
    REASON_NOT_SUPPORTED = 13
    REASON_CL_ORD_ID_IN_USE = 14
    REASON_UNKNOWN_ORDER = 15
    REASON_NOT_OWNER = 16
    REASON_DUPLICATE_ID = 17
    REASON_RATE_LIMITED = 18
    REASON_STALE = 19
    REASON_EXPIRED = 20
    REASON_NOT_READY = 21
    REASON_CANCELLED_BEFORE_SEND = 22
    REASON_SEND_FAILED = 23
    REASON_CAPACITY = 24
    REASON_STOPPING = 25
    REASON_GONE = 26
    REASON_ACK_TIMEOUT = 27
    REASON_CONNECTION_LOST = 28
    REASON_OKX_UNKNOWN = 29
    REASON_JOURNAL = 30
    REASON_COUNT = 31

# An order's state. `pending` is ours: no word from OKX yet. What each event does in each: `lifecycle.pyx`.
cdef enum:  # OrdState
    ORD_STATE_PENDING = 0
    ORD_STATE_LIVE = 1
    ORD_STATE_PARTIALLY_FILLED = 2
    ORD_STATE_FILLED = 3
    ORD_STATE_CANCELED = 4
    ORD_STATE_MMP_CANCELED = 5
    ORD_STATE_REJECTED = 6       # proven never to have existed at OKX
    ORD_STATE_UNKNOWN = 7        # sent, and nothing proves what became of it

# An algo order's state. `pending` and `rejected` have an order's numbers: they mean the same.
cdef enum:  # AlgoState
    ALGO_STATE_PENDING = 0
    ALGO_STATE_LIVE = 1
    ALGO_STATE_PAUSE = 2
    ALGO_STATE_PARTIALLY_EFFECTIVE = 3
    ALGO_STATE_EFFECTIVE = 4
    ALGO_STATE_CANCELED = 5
    ALGO_STATE_REJECTED = 6
    ALGO_STATE_ORDER_FAILED = 7
    ALGO_STATE_PARTIALLY_FAILED = 8
    ALGO_STATE_COUNT = 9

# The topics of an owner.
cpdef enum:  # Topic
    TOPIC_ACK = 0
    TOPIC_ORDER = 1
    TOPIC_FILL = 2
    TOPIC_HEARTBEAT = 3
    TOPIC_ACCOUNT = 4
    TOPIC_POSITIONS = 5
    TOPIC_BALANCE_AND_POSITION = 6
    TOPIC_STATE = 7
    TOPIC_ALARM = 8
    TOPIC_ALGO = 9
    TOPIC_COUNT = 10

# Whose events they are: each owner has a `seq` of its own.
cpdef enum:  # Owner
    OWNER_ACCOUNT = 0
    OWNER_GATEWAY = 1
    OWNER_FIRST_STRATEGY = 2

cpdef enum:
    ROWS_MAX = 20        # OKX docs, Place multiple orders: at most 20 per request; the same of cancels and amends
    CANCEL_ALGOS_MAX = 10  # OKX docs, Cancel algo order: at most 10 per request
    FIELDS_MAX = 64      # keys in one row: OKX documents 24 for an order; room for new ones
    MESSAGE_MAX = 65536  # bytes of a strategy's message: 20 rows of 3 KiB
    ID_MAX = 64          # characters of a strategy's request id
    NAME_MAX = 32        # characters of a strategy's name
