"""Which running job to look at next, and when: by a plan of the next few requests, or by the most likely hit.

Pure, as ``schedule.py`` is, which asks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .budget import Budget
from .forecast import Forecast

MIN_INTERVAL = 1.5
"""Seconds between two looks at one job, however generous the budget."""
RECHECK_SECONDS = 10.0
"""Longest wait returned while jobs are running and a slot is free."""
SHORTEST_WAIT = 0.05

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
class Candidate:
    """A running job, as it is weighed now."""

    job_id: str
    forecast: Forecast
    observed: bool
    latest: float  # to be looked at by then, come what may
    chance: float  # that a poll now would hit

    @property
    def earliest(self) -> float:
        """The time before which it is not looked at again."""
        return self.forecast.looked_at + MIN_INTERVAL

    def gain(self, now: float) -> float:
        """The chance of a hit, raised without end while a job is overdue, so that none is passed over for ever."""
        late = (now - self.latest) / (self.latest - self.forecast.looked_at)
        return self.chance + _AGING * max(0.0, late)


def can_plan(jobs: Sequence[Candidate], budget: Budget) -> bool:
    """Tell whether jobs and requests are few enough to plan them singly."""
    return len(jobs) <= _PLAN_JOBS and budget.limit <= _PLAN_LIMIT


def likeliest_poll(now: float, jobs: Sequence[Candidate], budget: Budget) -> tuple[float, str | None]:
    """When and whom to poll, without planning: many jobs, or requests in plenty."""
    load = sum(job.forecast.probability_finished_by(now + budget.window) for job in jobs) / budget.limit
    crowd = max(0.0, load - _CROWD_FROM)
    chance = _CROWD_CHANCE * crowd / (1.0 + crowd)
    # The fewer are left in this window, the dearer: otherwise a burst would be followed by a long silence.
    price = _PRICE * budget.slot * (1.0 + crowd) * budget.limit / budget.free(now)

    def worth(job: Candidate, at: float) -> bool:
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


def planned_poll(now: float, jobs: Sequence[Candidate], budget: Budget) -> tuple[float, str | None]:
    """Time and job of the first request of the best plan found for the next few.

    A plan is the times of `_PLAN_REQUESTS` polls on a grid; each goes to the job with the largest chance of
    having finished since its last look, planned or made. Its cost is the expected delay of all results within
    the horizon. Coordinate descent from two starting points: as soon as possible, and evenly. What an
    answer's progress will teach is left out; the early look in `schedule.decide` stands for it.
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
