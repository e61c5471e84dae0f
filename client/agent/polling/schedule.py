# SPDX-License-Identifier: GPL-3.0-or-later
"""Which request to make now, if any: the one place where the budget of a key is spent.

The service allows few requests (three a minute by default) for submits, polls and the balance together. So a poll that
finds nothing new is a real cost, and so is a finished model nobody looked at. `decide` weighs them:

1. A pressed Generate goes first, as soon as the window has room. No room is kept free for it: that would cost a third
   of all polls.
2. A queued submit goes before a poll that is not likely to hit: a finished job needs one request, a queued one two.
3. A poll is due when waiting longer is no gain. A miss costs the time until the next request may be made, so the chance
   of a hit must reach that time multiplied by the rate at which the chance grows; more while many jobs may finish. One
   early look in a window, at a job not seen yet, tells when to come back. Of all due the likeliest goes; a job long not
   looked at gains on the others without end.
4. The balance comes last, and never takes the last request of the window from a running job.

Pure: no clock, no files, no state. Times are seconds on a clock that keeps counting while nothing runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...store.request_window import RequestWindow
from .forecast import Forecast

MIN_INTERVAL = 1.5
"""Seconds between two looks at one job, however generous the budget."""
MAX_INTERVAL = 60.0
"""Seconds after which a job is looked at, however long it is expected to take, as far as the budget goes round."""
SHORTEST_WAIT, LONGEST_WAIT, IDLE_SECONDS = 0.05, 10.0, 60.0

_SUBMIT_GAIN = 0.75  # a queued submit is worth as much as a poll that hits with this chance
_LEAST_CHANCE = 0.05  # no poll hits less surely, an early look apart
_EARLY_CHANCE = 0.015  # likewise, an early look
_MISS_SLOTS = 0.35  # a miss costs at least this many slots (window / limit)
_CROWD = 0.5  # jobs expected to finish within a window, for each request in it, from which a miss costs more
_AGING = 0.25  # added to the chance for each interval that a look is overdue
_STEP = 0.0125  # how finely time is looked through, relative to the shortest job


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


Decision = Submit | Poll | Balance | Wait


def decide(
    now: float,
    running: Mapping[str, Forecast],
    budget: RequestWindow,
    *,
    pressed: Sequence[str] = (),
    queued: Sequence[str] = (),
    wants_balance: bool = False,
) -> Decision:
    """Return the request to make at `now`, or how long to wait. The same arguments give the same answer.

    `running`: forecasts by job id, of the jobs submitted and not known to be finished. `pressed`, `queued`: ids of jobs
    to submit, oldest first; an artist waits for the former. `wants_balance`: the balance shown is old. Anything but
    `Wait` fits the budget; the caller adds its stamp before asking again.
    """
    if not (running or pressed or queued or wants_balance):
        return Wait(IDLE_SECONDS)
    slot_at = budget.next_slot(now)
    if slot_at > now:
        return Wait(max(SHORTEST_WAIT, slot_at - now))
    if pressed:
        return Submit(pressed[0])
    longest = max(MAX_INTERVAL, budget.slot * len(running))
    chances = {job_id: guess.chance(now) for job_id, guess in running.items()}

    def urgency(job_id: str) -> tuple[float, float]:
        """The chance of a hit, raised without end while a job is overdue; of equals the oldest goes first."""
        overdue = max(0.0, (now - running[job_id].looked_at) / longest - 1.0)
        return chances[job_id] + _AGING * overdue, -running[job_id].submitted_at

    ready = [job_id for job_id, guess in running.items() if now - guess.looked_at >= MIN_INTERVAL]
    best = max(ready, key=urgency, default="")
    if queued:
        return Poll(best) if best and urgency(best)[0] >= _SUBMIT_GAIN else Submit(queued[0])
    crowd = max(0.0, sum(guess.chance(now + budget.window) for guess in running.values()) / budget.limit - _CROWD)
    again = budget.next_slot(now, after=1) - now
    miss = max(again, _MISS_SLOTS * budget.slot) * (1.0 + crowd)
    looks = [guess.looked_at for guess in running.values() if guess.looked_at > guess.submitted_at]
    early = again <= 0.0 and all(now - look >= budget.window for look in looks)

    def is_due(job_id: str) -> bool:
        guess, chance = running[job_id], chances[job_id]
        if early and guess.looked_at == guess.submitted_at and chance >= _EARLY_CHANCE:
            return True
        return now - guess.looked_at > longest or chance >= max(_LEAST_CHANCE, miss * guess.density(now))

    due = max(filter(is_due, ready), key=urgency, default="")
    if due:
        return Poll(due)
    if wants_balance and (again <= 0.0 or not running):
        return Balance()
    shortest = min(guess.expected_finish - guess.submitted_at for guess in running.values())
    return Wait(min(LONGEST_WAIT, max(SHORTEST_WAIT, _STEP * shortest)))
