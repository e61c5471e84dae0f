"""Which request to make now, if any: the one place where the budget of a key is spent.

The service allows few requests (three a minute by default) for everything: submits, status polls, the
balance. So a poll that finds nothing new is a real cost, and so is a finished model nobody looked at.
`decide` weighs them, from the forecasts of `forecast.py`:

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

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from .forecast import Forecast, Observation, forecast

SUBMIT_GAIN = 0.75
"""A queued submit is worth as much as a poll that hits with this probability."""
MIN_INTERVAL = 1.5
"""Seconds between two looks at one job, however generous the budget."""
MAX_INTERVAL = 600.0
"""Seconds after which a job is looked at, however long it is expected to take, as far as the budget goes round."""
IDLE_SECONDS = 60.0
RECHECK_SECONDS = 10.0
"""Longest wait returned while jobs are running and a slot is free."""
SHORTEST_WAIT = 0.05

_SURE = 0.9  # a hit this likely is not worth planning for
_EARLY_LOOK = 0.01  # chance of being finished at which an unobserved job may get its early look
_EARLY_LOOK_ENDS = 0.3  # from here on it is an ordinary poll
_EARLY_LOOK_SLOTS = 1.6  # a job over sooner than this many slots from now is not worth two requests
_PLAN_JOBS = 6
_PLAN_LIMIT = 9  # requests per window above which planning single ones is not worth it
_PLAN_REQUESTS = 7
_PLAN_WINDOWS = 2.5
_PLAN_PRICE = 0.001  # in slots (window / limit) of delay: settles ties in favour of fewer requests
_PRICE = 0.06  # likewise, where requests are not planned singly
_CROWD_CHANCE = 0.5  # with endlessly many jobs a poll must hit at least this surely
_CROWD_FROM = 0.5  # expected hits per request of the coming window from which jobs count as a crowd
_AGING = 0.25  # added to the gain of a poll for each interval it is overdue


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


@dataclass(frozen=True)
class Budget:
    """What has been spent for one key: at most `limit` requests in any `window` seconds.

    `stamps`: the times of requests sent, in any order; older ones than a window may be left out. Nothing is
    sent before `penalty_until` (a 429 and its `Retry-After`). The service counts when requests arrive, not
    when they leave: pass a window a little longer than its own.
    """

    limit: int = 3
    window: float = 60.0
    stamps: tuple[float, ...] = ()
    penalty_until: float = -math.inf

    def __post_init__(self) -> None:
        if self.limit < 1 or not self.window > 0:
            raise ValueError("a budget needs a limit of at least 1 and a window longer than 0 s")

    @property
    def slot(self) -> float:
        """Seconds per request when the budget is used evenly."""
        return self.window / self.limit

    def returns(self, now: float) -> list[float]:
        """For each of the `limit` requests, the time from which it may be made, earliest first; none before `now`."""
        latest = sorted(self.stamps)[-self.limit :]
        earliest = max(now, self.penalty_until)
        free = [earliest] * (self.limit - len(latest))
        return free + [max(earliest, stamp + self.window) for stamp in latest]

    def free(self, now: float) -> int:
        """Requests that may be made at `now`."""
        return sum(1 for at in self.returns(now) if at <= now)

    def next_slot(self, now: float) -> float:
        """The earliest time, not before `now`, at which a request may be made."""
        return self.returns(now)[0]


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


@dataclass(frozen=True)
class _Candidate:
    job_id: str
    forecast: Forecast
    observed: bool
    latest: float  # to be looked at by then, come what may
    chance: float  # that a poll now would hit

    @property
    def earliest(self) -> float:
        return self.forecast.looked_at + MIN_INTERVAL

    def gain(self, now: float) -> float:
        """The chance of a hit, raised without end while a job is overdue, so that none is passed over for ever."""
        late = (now - self.latest) / (self.latest - self.forecast.looked_at)
        return self.chance + _AGING * max(0.0, late)


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
    planned = len(jobs) <= _PLAN_JOBS and budget.limit <= _PLAN_LIMIT
    at, job_id = _plan(now, jobs, budget) if planned else _most_likely(now, jobs, budget)
    if at <= now and job_id is not None:
        return Poll(job_id)
    if wants_balance and budget.free(now) >= 2:
        return Balance()
    at = min(at, now + RECHECK_SECONDS, *(max(job.latest, job.earliest) for job in jobs))
    if scouting and planned:
        unseen = [job for job in jobs if not job.observed and job.chance < _EARLY_LOOK]
        at = min([at, *(job.forecast.quantile(_EARLY_LOOK) for job in unseen)])
    return Wait(max(SHORTEST_WAIT, at - now), WaitReason.TOO_EARLY)


def _candidate(now: float, job: Watched, budget: Budget, count: int) -> _Candidate:
    guess = forecast(job.submitted_at, job.observations, job.history)
    quarter = 0.25 * (guess.expected_finish - guess.looked_at)
    longest = max(budget.window, min(MAX_INTERVAL, quarter), budget.slot * count)
    return _Candidate(
        job.job_id, guess, bool(job.observations), guess.looked_at + longest, guess.probability_finished_by(now)
    )


def _most_likely(now: float, jobs: Sequence[_Candidate], budget: Budget) -> tuple[float, str | None]:
    """When and whom to poll, without planning: many jobs, or requests in plenty."""
    load = sum(job.forecast.probability_finished_by(now + budget.window) for job in jobs) / budget.limit
    crowd = max(0.0, load - _CROWD_FROM)
    chance = _CROWD_CHANCE * crowd / (1.0 + crowd)
    # The fewer are left in this window, the dearer: otherwise a burst would be followed by a long silence.
    price = _PRICE * budget.slot * (1.0 + crowd) * budget.limit / budget.free(now)

    def worth(job: _Candidate, at: float) -> bool:
        if at < job.earliest or job.forecast.probability_finished_by(at) < chance:
            return False
        return job.forecast.expected_delay(at) >= price

    # The likeliest first: of hundreds, only the best are worth a closer look.
    ranked = sorted(jobs, key=lambda job: -job.chance)
    for job in ranked:
        if worth(job, now):
            return now, job.job_id
    soonest, who = now + RECHECK_SECONDS, None
    for job in ranked[:_PLAN_JOBS]:
        if not worth(job, soonest):
            continue
        low, high = now, soonest
        while high - low > SHORTEST_WAIT:
            middle = 0.5 * (low + high)
            low, high = (low, middle) if worth(job, middle) else (middle, high)
        soonest, who = high, job.job_id
    return soonest, who


def _plan(now: float, jobs: Sequence[_Candidate], budget: Budget) -> tuple[float, str | None]:
    """Time and job of the first request of the best plan found for the next few.

    A plan is the times of `_PLAN_REQUESTS` polls on a grid; each goes to the job with the largest chance of
    having finished since its last look, planned or made. Its cost is the expected delay of all results within
    the horizon. Coordinate descent from two starting points: as soon as possible, and evenly. What an
    answer's progress will teach is left out; the early look in `decide` stands for it.
    """
    per_window = 60 if len(jobs) <= 2 else 30
    step = budget.window / per_window
    last = int(_PLAN_WINDOWS * per_window)
    even = per_window / budget.limit
    price = _PLAN_PRICE * even
    chances = [[job.forecast.probability_finished_by(now + i * step) for i in range(last + 1)] for job in jobs]
    delays = [
        _running_sum(job.forecast.expected_delay(now) / step, row) for job, row in zip(jobs, chances, strict=True)
    ]
    returns = [max(0, math.ceil((at - now) / step - 1e-9)) for at in budget.returns(now)]
    numbers = range(len(jobs))

    def allowed(times: Sequence[int]) -> list[int]:
        """The same plan with each request moved to where the window lets it be."""
        slots, previous = list(returns), 0
        moved: list[int] = []
        for index, time in enumerate(times):
            previous = max(time, slots[index], previous)
            moved.append(previous)
            slots.append(previous + per_window)
        return moved

    def cost(times: Sequence[int]) -> float:
        looked = [0] * len(jobs)
        known = [0.0] * len(jobs)
        paid = [0.0] * len(jobs)
        total = 0.0
        for time in times:
            if time > last:
                break
            gain, best = 0.0, -1
            for number in numbers:
                more = chances[number][time] - known[number]
                if more > gain:
                    gain, best = more, number
            if best < 0:
                continue
            delay = delays[best][time]
            total += delay - paid[best] - known[best] * (time - looked[best])
            total += price * (1.0 - known[best])
            looked[best], known[best], paid[best] = time, chances[best][time], delay
        for number in numbers:
            total += delays[number][last] - paid[number] - known[number] * (last - looked[number])
            total += even * (1.0 - known[number])
        return total

    best_plan: list[int] = []
    lowest = math.inf
    for start in ([0] * _PLAN_REQUESTS, [int(even * (index + 1)) for index in range(_PLAN_REQUESTS)]):
        plan, value = _descend(allowed(start), last, allowed, cost)
        if value < lowest:
            best_plan, lowest = plan, value
    first = best_plan[0]
    who = max(numbers, key=lambda number: chances[number][min(first, last)])
    return max(now + first * step, jobs[who].earliest), jobs[who].job_id


def _running_sum(start: float, row: Sequence[float]) -> list[float]:
    """The integral of `row` (trapezoids of width 1) up to each of its points, from `start`."""
    sums = [start]
    for left, right in pairwise(row):
        sums.append(sums[-1] + 0.5 * (left + right))
    return sums


def _descend(
    plan: list[int],
    last: int,
    allowed: Callable[[Sequence[int]], list[int]],
    cost: Callable[[Sequence[int]], float],
) -> tuple[list[int], float]:
    """Coordinate descent: move one request, or it and all after it, while that makes the plan cheaper."""
    value = cost(plan)
    for stride in (8, 4, 2, 1):
        for _ in range(3):
            before = value
            for index in range(len(plan)):
                if plan[index] > last + stride:
                    break
                for move in (stride, -stride):
                    one = [*plan[:index], plan[index] + move, *plan[index + 1 :]]
                    rest = [*plan[:index], *(time + move for time in plan[index:])]
                    for trial in (allowed(one), allowed(rest)):
                        if trial == plan:
                            continue
                        price = cost(trial)
                        if price < value - 1e-9:
                            plan, value = trial, price
            if value == before:
                break
    return plan, value
