# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that an artist can see: one sentence each, and a stable code.

The errors of the way to the service are in `failures`: only the agent meets those.

``user_message`` is one plain sentence: what happened and what to do. ``code`` is stable and goes into the store.
Nothing here carries a header, a key or the query part of an address.
"""

from __future__ import annotations

from typing import NamedTuple


class TripoError(Exception):
    """Base of all errors that the client raises on purpose."""

    code = "ERROR"

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


class Problem(NamedTuple):
    """One broken rule: the parameter or image slot it concerns, and the sentence."""

    field: str
    message: str


class InvalidRequest(TripoError):
    """The request breaks rules of the service; nothing was sent."""

    code = "INVALID_REQUEST"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(problem.message + "." for problem in problems))
        self.problems = problems


class InvalidSetting(TripoError):
    """A preference or an environment variable is unusable; nothing was sent."""

    code = "INVALID_SETTING"


class StoreUnavailable(TripoError):
    """The job store cannot be opened or written."""

    code = "STORE_UNAVAILABLE"


class ResultRefused(TripoError):
    """The result is not a file that may be opened; ``user_message`` says why."""

    code = "RESULT_REFUSED"
