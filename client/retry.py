"""What to do after an error: one pure function decides, for every kind of request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from . import errors, failures
from .pace import Pace

DEFAULT_PACE = Pace()
PATIENCE = 4
"""Answers of one kind in a row before a refusal about a paid task is believed."""
_PASSING = frozenset({407, 408, 425})
"""Refusals that speak of the connection and not of the task: a proxy's login, a time-out, "too early"."""


class Step(Enum):
    """A request the agent makes for a job."""

    SUBMIT = "submit"
    STATUS = "status"
    DOWNLOAD = "download"


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


def decide(step: Step, error: errors.TripoError, attempt: int, pace: Pace = DEFAULT_PACE) -> Verdict:
    """Return what to do after the ``attempt``-th error in a row (from 1) of a step.

    A paid task is never given up for a network problem: its result stays there for 24 hours, so status and download
    go on with growing delays. A submit is repeated only when it certainly was not accepted.
    """
    delay = backoff(attempt, pace)
    if isinstance(error, failures.RateLimited):
        return Verdict(Action.AGAIN, delay if error.retry_after is None else error.retry_after)
    if isinstance(error, failures.NotSent):
        return Verdict(Action.AGAIN, delay)
    if step is Step.SUBMIT:
        return Verdict(Action.UNCERTAIN if isinstance(error, failures.NoAnswer) else Action.FAIL)
    if step is Step.DOWNLOAD:
        return _after_download(error, attempt, pace)
    return Verdict(Action.AGAIN, delay) if _is_passing(error, attempt) else Verdict(Action.FAIL)


def _after_download(error: errors.TripoError, attempt: int, pace: Pace) -> Verdict:
    delay = backoff(attempt, pace)
    if isinstance(error, failures.LinkExpired):
        return Verdict(Action.FRESH_LINK, delay)
    if isinstance(error, failures.DownloadFailed):
        # A server that forgot the file answers the same for ever; a fresh address may help.
        return Verdict(Action.FRESH_LINK if attempt % 3 == 0 else Action.AGAIN, delay)
    if isinstance(error, failures.DiskFull):
        return Verdict(Action.AGAIN, pace.disk_delay)
    return Verdict(Action.FAIL)


def _is_passing(error: errors.TripoError, attempt: int) -> bool:
    """Tell whether a failed look at a paid task may go better next time."""
    if isinstance(error, failures.NoAnswer | failures.ServiceDown | failures.UnreadableAnswer):
        return True
    if not isinstance(error, failures.ServiceError):
        return False
    # A redirect is no answer of the service: hotels and offices lead to their login page.
    if 300 <= error.status < 400 or error.status in _PASSING:
        return True
    # Stores that replicate late may not know a task that was just made, firewalls refuse at whim, and a service
    # that checks keys elsewhere may fail to for a moment. What is answered again and again is believed.
    return attempt < PATIENCE


def backoff(attempt: int, pace: Pace = DEFAULT_PACE) -> float:
    """Return the delay in seconds before another try: 5, 10, 20 … 300 by default."""
    return min(pace.first_delay * 2.0 ** min(max(1, attempt) - 1, 60), pace.longest_delay)
