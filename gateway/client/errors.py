"""The exceptions of the client."""

from .messages import Answer


class ClientError(Exception):
    """Base of every exception that the client raises on purpose."""


class RefusedError(ClientError):
    """The gateway answered no to one of its own ops.

    `op` is the op, `reason` the gateway's stable word, `msg` its explanation, `retry_after_ms` how many milliseconds
    from now it may be worth trying again (None where the gateway gave no time).
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.op} refused, {answer.reason}: {answer.msg}")
        self.op = answer.op
        self.reason = answer.reason
        self.msg = answer.msg
        self.retry_after_ms = answer.retry_after_ms


class AnswerTimeoutError(ClientError, TimeoutError):
    """Nothing came within the time given. For an order this proves nothing: it may have been executed."""


class SendQueueFullError(ClientError):
    """The orders socket takes no more, since the gateway is not reading. This request was not sent."""


class MalformedError(ClientError):
    """The gateway's answer is not what the protocol promises."""
