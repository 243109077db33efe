"""The exceptions of the client."""

from .messages import Answer


class ClientError(Exception):
    """Base of all exceptions of the client."""


class RefusedError(ClientError):
    """The gateway refused one of its own ops.

    `op` is the op, `reason` the gateway's stable word, `msg` its explanation, `retry_after_ms` the milliseconds
    from now after which a retry can succeed (None if the gateway gave no time).
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.op} refused, {answer.reason}: {answer.msg}")
        self.op = answer.op
        self.reason = answer.reason
        self.msg = answer.msg
        self.retry_after_ms = answer.retry_after_ms


class AnswerTimeoutError(ClientError, TimeoutError):
    """No answer arrived in time. For an order this proves nothing: it may have been executed."""


class SendQueueFullError(ClientError):
    """The orders socket is full, since the gateway does not read. This request was not sent."""


class MalformedError(ClientError):
    """The gateway's answer does not follow the protocol."""
