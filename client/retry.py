"""What to do after an error: one pure function decides, for every kind of request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from . import errors

FIRST_DELAY_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 300.0


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


def decide(step: Step, error: errors.TripoError, attempt: int) -> Verdict:
    """Return what to do after the ``attempt``-th error in a row (from 1) of a step.

    A paid task is never given up for a network problem: its result stays there for 24 hours, so status and download
    go on with growing delays. A submit is repeated only when it certainly was not accepted.
    """
    if isinstance(error, errors.RateLimited):
        delay = error.retry_after if error.retry_after is not None else backoff(attempt)
        return Verdict(Action.AGAIN, delay)
    if isinstance(error, errors.NotSent):
        return Verdict(Action.AGAIN, backoff(attempt))
    if step is Step.SUBMIT:
        return Verdict(Action.UNCERTAIN if isinstance(error, errors.NoAnswer) else Action.FAIL)
    if step is Step.DOWNLOAD:
        if isinstance(error, errors.LinkExpired):
            return Verdict(Action.FRESH_LINK, backoff(attempt))
        if isinstance(error, errors.DownloadFailed):
            # A server that forgot the file answers the same for ever; a fresh address may help.
            return Verdict(Action.FRESH_LINK if attempt % 3 == 0 else Action.AGAIN, backoff(attempt))
        if isinstance(error, errors.DiskFull):
            return Verdict(Action.AGAIN, LONGEST_DELAY_SECONDS / 5)
        return Verdict(Action.FAIL)
    if isinstance(error, errors.NoAnswer | errors.ServiceDown | errors.UnreadableAnswer):
        return Verdict(Action.AGAIN, backoff(attempt))
    if isinstance(error, errors.NotFound):
        # Seen with stores that replicate late: a task that was just made may not be known everywhere yet.
        return Verdict(Action.AGAIN, backoff(attempt)) if attempt < 4 else Verdict(Action.FAIL)
    if isinstance(error, errors.KeyRefused):
        return Verdict(Action.FAIL)
    if isinstance(error, errors.RequestRefused):
        return Verdict(Action.AGAIN, backoff(attempt)) if attempt < 4 else Verdict(Action.FAIL)
    return Verdict(Action.FAIL)


def backoff(attempt: int) -> float:
    """Return the delay in seconds before another try: 5, 10, 20 … 300."""
    return min(FIRST_DELAY_SECONDS * 2.0 ** (max(1, attempt) - 1), LONGEST_DELAY_SECONDS)
