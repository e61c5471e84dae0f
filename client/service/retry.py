# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what follows an error: one function for every kind of request.

Patience is measured in time, for each kind of error by itself: see `Streak`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, StrEnum

from .. import errors
from ..timings import DEFAULT_TIMINGS, Timings
from . import exceptions

_PASSING = frozenset({407, 408, 425})
"""Refusals that speak of the connection and not of the task: a proxy's login, a time-out, "too early"."""
_SAME_BYTES = 4
"""How often the same bytes must have come, from fresh addresses, before they are refused."""
_REFUSALS = 2
"""How often in a row a result must be one that may not be fetched, before that is believed."""


class Step(StrEnum):
    """A piece of the agent's work that may fail."""

    SUBMIT = "submit"
    STATUS = "status"
    BALANCE = "balance"
    DOWNLOAD = "download"
    CONVERT = "convert"
    FLATTEN = "flatten"
    EXPORT = "export"
    SAVE = "save"


class Action(Enum):
    """What follows an error."""

    AGAIN = "again"
    """Do the same again after the delay: it is safe and free."""
    UNCERTAIN = "uncertain"
    """The submit may have been charged: never send it again by itself."""
    FRESH_LINK = "fresh link"
    """Ask for the status again to get a new address for the result."""
    FAIL = "fail"
    """The job ends with the error's sentence."""


@dataclass(frozen=True)
class Verdict:
    """An action and how long to wait before it, in seconds."""

    action: Action
    delay: float = 0.0


@dataclass
class Streak:
    """One kind of answer, as it came again and again: how often, and for how long in a row, in seconds.

    What lies between two of them counts up to a limit only: a computer that slept, or a network that was gone for an
    hour, says nothing about the service.
    """

    count: int = 0
    seconds: float = 0.0
    last: float | None = None

    def add(self, now: float, longest_gap: float) -> None:
        """Take note of one more, at a monotonic time."""
        self.count += 1
        if self.last is not None:
            self.seconds += min(max(now - self.last, 0.0), longest_gap)
        self.last = now

    def interrupt(self) -> None:
        """Note a meaningless answer in between: the time around it does not count."""
        self.last = None


def decide(
    step: Step, error: errors.TripoError, attempt: int, streak: Streak | None = None, timings: Timings = DEFAULT_TIMINGS
) -> Verdict:
    """Return what to do after the ``attempt``-th error in a row (from 1) of a step; ``streak`` is that of its kind.

    A paid task is never given up for a network problem: its result stays there for 24 hours, so status and download
    go on with growing delays. A submit is repeated only when it certainly was not accepted.
    """
    streak = streak or Streak(1)
    delay = backoff(attempt, timings)
    if isinstance(error, exceptions.RateLimited):
        return Verdict(Action.AGAIN, delay if error.retry_after is None else error.retry_after)
    if isinstance(error, exceptions.NotSent):
        return Verdict(Action.AGAIN, delay)
    if step is Step.SUBMIT:
        return Verdict(Action.UNCERTAIN if isinstance(error, exceptions.NoAnswer) else Action.FAIL)
    if step is Step.DOWNLOAD:
        return _after_download(error, attempt, streak, timings)
    return Verdict(Action.AGAIN if streak.seconds < patience(error, timings) else Action.FAIL, delay)


def patience(error: errors.TripoError, timings: Timings) -> float:
    """Return for how long in a row a look at a paid task must go wrong in this way before it is believed, in seconds.

    Infinite for what says nothing about the task.
    """
    if isinstance(error, exceptions.NoAnswer | exceptions.ServiceDown | exceptions.UnreadableAnswer):
        return math.inf
    if not isinstance(error, exceptions.ServiceError):
        return 0.0
    # A redirect is no answer of the service: hotels and offices lead to their login page.
    if 300 <= error.status < 400 or error.status in _PASSING:
        return math.inf
    if isinstance(error, exceptions.KeyRefused):
        return timings.about_key
    # Stores that replicate late may not know a task that was just made, and firewalls refuse at whim.
    return timings.about_task


def _after_download(error: errors.TripoError, attempt: int, streak: Streak, timings: Timings) -> Verdict:
    delay = backoff(attempt, timings)
    if isinstance(error, exceptions.WrongBytes):
        return _after_wrong_bytes(error, streak, timings)
    if isinstance(error, exceptions.LinkExpired):
        return Verdict(Action.FRESH_LINK, delay)
    if isinstance(error, exceptions.DownloadFailed | exceptions.NoAnswer):
        # A server that forgot the file answers the same for ever; a fresh address may help.
        return Verdict(Action.FRESH_LINK if attempt % 3 == 0 else Action.AGAIN, delay)
    if isinstance(error, exceptions.DiskFull):
        return Verdict(Action.AGAIN, timings.disk_delay)
    if isinstance(error, errors.ResultRefused) and streak.count < _REFUSALS:
        return Verdict(Action.FRESH_LINK, delay)  # an address or a length of another time may have been nonsense
    return Verdict(Action.FAIL)


def _after_wrong_bytes(error: exceptions.WrongBytes, streak: Streak, timings: Timings) -> Verdict:
    """A portal's page or a cut object is a failed download; only what comes again and again is believed."""
    delay = backoff(streak.count, timings, timings.rarest_look)
    if error.is_model:
        believed = streak.count >= 2
    else:
        believed = streak.count >= _SAME_BYTES and streak.seconds >= timings.same_bytes
    return Verdict(Action.FAIL if believed else Action.FRESH_LINK, delay)


def backoff(attempt: int, timings: Timings = DEFAULT_TIMINGS, longest: float | None = None) -> float:
    """Return the delay in seconds before another try: 5, 10, 20 … 300 by default, or up to ``longest``."""
    most = timings.longest_delay if longest is None else longest
    return min(timings.first_delay * 2.0 ** min(max(1, attempt) - 1, 60), most)
