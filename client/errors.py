# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that an artist can see: one notice each, and a stable code.

The errors of the way to the service are in `service.exceptions`: only the agent meets those.

``notice`` says what happened and what to do; ``str`` of the error is that in English. ``code`` goes into the store.
Nothing here carries a header, a key or the query part of an address.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from .notices import Code, Notice, Value, notice, text


class ErrorCode(StrEnum):
    """What went wrong with a job, as the store keeps it."""

    ERROR = "ERROR"
    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_SETTING = "INVALID_SETTING"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    RESULT_REFUSED = "RESULT_REFUSED"
    NOT_SENT = "NOT_SENT"
    NO_ANSWER = "NO_ANSWER"
    SERVICE_ERROR = "SERVICE_ERROR"
    REQUEST_REFUSED = "REQUEST_REFUSED"
    KEY_REFUSED = "KEY_REFUSED"
    FORBIDDEN = "FORBIDDEN"
    NOT_ENOUGH_CREDITS = "NOT_ENOUGH_CREDITS"
    NOT_FOUND = "NOT_FOUND"
    RATE_LIMITED = "RATE_LIMITED"
    SERVICE_DOWN = "SERVICE_DOWN"
    UNREADABLE_ANSWER = "UNREADABLE_ANSWER"
    DOWNLOAD_FAILED = "DOWNLOAD_FAILED"
    LINK_EXPIRED = "LINK_EXPIRED"
    WRONG_BYTES = "WRONG_BYTES"
    DISK_FULL = "DISK_FULL"
    NO_CONVERTER = "NO_CONVERTER"
    FILE_HELD = "FILE_HELD"
    TASK_FAILED = "TASK_FAILED"
    """The service made nothing of a task."""
    EXPIRED = "EXPIRED"
    """The service has deleted the result."""
    NO_TASK = "NO_TASK"
    NO_MODEL = "NO_MODEL"
    """There is nothing to send of the model that a job works on."""
    NO_MODEL_YET = "NO_MODEL_YET"
    STUCK = "STUCK"
    NOT_FLATTENED = "NOT_FLATTENED"
    ASK_FIRST = "ASK_FIRST"
    """A job that is sent only when a person asks for it again."""


class TripoError(Exception):
    """Base of all errors that the client raises on purpose."""

    code = ErrorCode.ERROR

    def __init__(self, said: Code | str | Notice, /, **values: Value) -> None:
        """``said`` is a notice, a code, or words marked with `N_`; ``values`` are those that the words name."""
        self.notice = notice(said, **values)
        super().__init__(self.notice)


class Problem(NamedTuple):
    """One broken rule: the parameter or image slot it concerns, and what is wrong."""

    field: str
    notice: Notice

    @classmethod
    def of(cls, field: str, words: str, /, **values: Value) -> Problem:
        """Return a problem in words marked with `N_`, and the values that they name."""
        return cls(field, text(words, **values))


class InvalidRequest(TripoError):
    """The request breaks rules of the service; nothing was sent."""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("{problems}", problems=[problem.notice for problem in problems])
        self.problems = problems


class InvalidSetting(TripoError):
    """A preference or an environment variable is unusable; nothing was sent."""

    code = ErrorCode.INVALID_SETTING


class StoreUnavailable(TripoError):
    """The job store cannot be opened or written."""

    code = ErrorCode.STORE_UNAVAILABLE


class ResultRefused(TripoError):
    """The result is not a file that may be opened; ``notice`` says why."""

    code = ErrorCode.RESULT_REFUSED
