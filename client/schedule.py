"""Which request to make now, if any: the one place where the budget of a key is spent.

The service allows few requests (three a minute by default) for everything: submits, status polls, the
balance. So a poll that finds nothing new is a real cost, and so is a finished model nobody looked at.
`decide` weighs them, from the forecasts of `forecast.py`; `next_poll.py` works out points 3 and 4:

1. A pressed Generate goes first, whenever the window has room. No room is kept free for it: with three
   requests a minute that would cost a third of all polling, and polls here are rare enough to leave room most
   of the time.
2. Queued submits and polls share the rest. A submit certainly starts a job; a poll gains with the chance that
   the job is finished. A finished job needs one request, a queued one two, so a likely hit (`SUBMIT_GAIN`)
   goes before a submit, an unlikely one after it.
3. When to poll, with few jobs and a scarce budget: the next few requests are planned together, each at a time
   the sliding window allows and on the job most likely to have finished since its last look, so that the time
   results lie about unknown is least. Only the first step is carried out; every answer makes a new plan. One
   early look per window at an unobserved job is worth its request: progress then tells when to come back.
4. With many jobs or a generous budget: the most likely hit, once the delay it stands for is worth the price
   of a request; the more jobs wait for slots, the surer a hit must be.
5. The balance comes last, and never takes the last request of the window from a running job.

Pure: no clock, no files, no state. Times are seconds on one clock of the caller's choice that keeps
counting while nothing runs (after a restart hours later the jobs are simply very likely finished).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from .budget import Budget
from .forecast import Observation, forecast
from .next_poll import RECHECK_SECONDS, SHORTEST_WAIT, Candidate, can_plan, likeliest_poll, planned_poll

SUBMIT_GAIN = 0.75
"""A queued submit is worth as much as a poll that hits with this probability."""
MAX_INTERVAL = 600.0
"""Seconds after which a job is looked at, however long it is expected to take, as far as the budget goes round."""
IDLE_SECONDS = 60.0

_SURE = 0.9  # a hit this likely is not worth planning for
_EARLY_LOOK = 0.01  # chance of being finished at which an unobserved job may get its early look
_EARLY_LOOK_ENDS = 0.3  # from here on it is an ordinary poll
_EARLY_LOOK_SLOTS = 1.6  # a job over sooner than this many slots from now is not worth two requests


@dataclass(frozen=True)
class Watched:
    """A job submitted and not yet known to be finished.

    `observations`: its status answers so far. `history`: durations in seconds of earlier jobs of the same
    endpoint, version and options (see `forecast`).
    """

    job_id: str
    submitted_at: float
    observations: tuple[Observation, ...] = ()
    history: tuple[float, ...] = ()


class WaitReason(Enum):
    """Why nothing is sent; the value is a sentence for the user."""

    NOTHING_TO_DO = "Nothing is waiting for the service"
    RATE_LIMIT = "Waiting for the rate limit: the requests of this minute are used up"
    PENALTY = "The service asked to send nothing for a while"
    TOO_EARLY = "Too early: no job is likely enough to be finished"


@dataclass(frozen=True)
class Submit:
    job_id: str


@dataclass(frozen=True)
class Poll:
    job_id: str


@dataclass(frozen=True)
class Balance:
    pass


@dataclass(frozen=True)
class Wait:
    """Ask again after `seconds` (more than 0), or sooner when something changes."""

    seconds: float
    reason: WaitReason


Decision = Submit | Poll | Balance | Wait


def decide(
    now: float,
    watched: Sequence[Watched],
    budget: Budget,
    *,
    pressed: Sequence[str] = (),
    queued: Sequence[str] = (),
    wants_balance: bool = False,
) -> Decision:
    """The request to make at `now`, or how long to wait. The same arguments give the same answer.

    `pressed` and `queued` are ids of jobs to submit, oldest first: those an artist has just asked for and
    waits for, and those of a batch. `wants_balance`: the balance shown is old. A decision other than `Wait`
    is only given when the budget allows a request at `now`; the caller adds its stamp before asking again.
    """
    if not (watched or pressed or queued or wants_balance):
        return Wait(IDLE_SECONDS, WaitReason.NOTHING_TO_DO)
    slot_at = budget.next_slot(now)
    if slot_at > now:
        punished = now < budget.penalty_until
        seconds = max(SHORTEST_WAIT, slot_at - now)
        return Wait(seconds, WaitReason.PENALTY if punished else WaitReason.RATE_LIMIT)
    if pressed:
        return Submit(pressed[0])
    if not watched:
        return Submit(queued[0]) if queued else Balance()

    jobs = [_candidate(now, job, budget, len(watched)) for job in watched]
    ready = [job for job in jobs if job.earliest <= now]
    best = max(ready, key=lambda job: (job.gain(now), -job.forecast.submitted_at), default=None)
    if best is not None and best.gain(now) >= (SUBMIT_GAIN if queued else _SURE):
        return Poll(best.job_id)
    if queued:
        return Submit(queued[0])
    overdue = [job for job in ready if job.latest <= now]
    if overdue:
        return Poll(max(overdue, key=lambda job: (job.gain(now), -job.forecast.submitted_at)).job_id)

    scouting = budget.free(now) >= 2 and not any(
        job.observed and now - job.forecast.looked_at < budget.window for job in jobs
    )
    if scouting:
        worthwhile = now + _EARLY_LOOK_SLOTS * budget.slot
        early = [
            job
            for job in ready
            if not job.observed
            and _EARLY_LOOK <= job.chance < _EARLY_LOOK_ENDS
            and job.forecast.expected_finish > worthwhile
        ]
        if early:
            return Poll(max(early, key=lambda job: job.chance).job_id)
    planned = can_plan(jobs, budget)
    at, job_id = planned_poll(now, jobs, budget) if planned else likeliest_poll(now, jobs, budget)
    if at <= now and job_id is not None:
        return Poll(job_id)
    if wants_balance and budget.free(now) >= 2:
        return Balance()
    at = min(at, now + RECHECK_SECONDS, *(max(job.latest, job.earliest) for job in jobs))
    if scouting and planned:
        unseen = [job for job in jobs if not job.observed and job.chance < _EARLY_LOOK]
        at = min([at, *(job.forecast.quantile(_EARLY_LOOK) for job in unseen)])
    return Wait(max(SHORTEST_WAIT, at - now), WaitReason.TOO_EARLY)


def _candidate(now: float, job: Watched, budget: Budget, count: int) -> Candidate:
    guess = forecast(job.submitted_at, job.observations, job.history)
    quarter = 0.25 * (guess.expected_finish - guess.looked_at)
    longest = max(budget.window, min(MAX_INTERVAL, quarter), budget.slot * count)
    return Candidate(
        job.job_id, guess, bool(job.observations), guess.looked_at + longest, guess.probability_finished_by(now)
    )
