# SPDX-License-Identifier: GPL-3.0-or-later
"""Forecast when a running job will be finished, from its reported progress and the durations of earlier jobs.

The duration is a mixture of log-normal distributions, one for each story of what progress means: a straight line (on
which `p` percent at age `t` measure it as `100 t / p`), or nothing at all, as for jobs that stop somewhere or jump. The
reports decide between the stories (Bayes' rule), and the last look cuts them off: it found the job unfinished.
Pure: no clock, no files. Times are seconds on one monotonic clock of the caller's choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

PRIOR_MEDIAN, PRIOR_SIGMA = 60.0, 0.6
"""Assumed of a kind of job never seen on this machine: seconds, and the standard deviation of their logarithm."""

_LINE, _ANYHOW, _STRANGE = 0.65, 0.32, 0.03  # belief in each story before any report; in the last, history says nothing
_ANYTHING = 0.01  # the density of a report that may be anything from 0 to 100
_POINTS, _DRIFT = 2.0, 0.03  # how straight a line is: in points, and relative to the duration
_BEGUN, _MOST = 3.0, 99.0  # progress below the first says "not begun": a line begins there
_REPORTS_USED = 8
_CLIP = 1.2  # one job that slept with the laptop must not stretch every later forecast


class Observation(NamedTuple):
    """One answer that said "not finished": `at` on the caller's clock, `progress` 0-100 as reported."""

    at: float
    progress: float


@dataclass(frozen=True)
class Forecast:
    """When a job finishes, given that it had not at `looked_at`; `expected_finish` is the mean of that moment.

    `parts`: weight, and mean and standard deviation of the logarithm of the duration, of each log-normal.
    """

    submitted_at: float
    looked_at: float
    expected_finish: float
    parts: tuple[tuple[float, float, float], ...]

    def chance(self, at: float) -> float:
        """Return the probability that the job is finished at `at`; 0 up to the last look."""
        if at <= self.looked_at:
            return 0.0
        age = at - self.submitted_at
        return min(1.0, max(0.0, 1.0 - sum(weight * _survival(age, mu, sigma) for weight, mu, sigma in self.parts)))

    def density(self, at: float) -> float:
        """Return how fast `chance` grows at `at`, per second."""
        age = max(1e-6, at - self.submitted_at)
        return sum(weight * _normal(math.log(age) - mu, sigma) / age for weight, mu, sigma in self.parts)


@lru_cache(maxsize=1024)
def forecast(
    submitted_at: float, observations: tuple[Observation, ...] = (), history: tuple[float, ...] = ()
) -> Forecast:
    """Forecast the finish of one job.

    `observations`: its status answers so far, in any order. `history`: durations in seconds of earlier jobs of the same
    kind and options; what is not a positive number is ignored.
    """
    mu, sigma = _prior(history)
    looked_at = max([submitted_at, *(look.at for look in observations)])
    reports = sorted((look.at - submitted_at, look.progress) for look in observations if math.isfinite(look.progress))
    begin = max([0.0, *(age for age, progress in reports if progress < _BEGUN)])
    line, line_mu, variance, anything = _LINE, mu, sigma**2, 1.0
    for age, progress in [(age, min(_MOST, progress)) for age, progress in reports if age > begin][-_REPORTS_USED:]:
        gap = math.log(begin + (age - begin) * 100.0 / progress) - line_mu
        noise = (_POINTS / progress) ** 2 + _DRIFT**2
        line *= _normal(gap, math.sqrt(variance + noise)) / progress  # the density of the report, not of a logarithm
        line_mu += gap * variance / (variance + noise)
        variance *= noise / (variance + noise)
        anything *= _ANYTHING
    parts = [
        (line, line_mu, math.sqrt(variance)),
        (_ANYHOW * anything, mu, sigma),
        (_STRANGE * anything, mu + 0.5, max(1.2, 2.0 * sigma)),
    ]
    whole = sum(weight * _survival(looked_at - submitted_at, mu, sigma) for weight, mu, sigma in parts)
    parts = [(weight / whole, mu, sigma) for weight, mu, sigma in parts]
    mean = sum(
        weight * math.exp(mu + sigma**2 / 2) * _survival(looked_at - submitted_at, mu + sigma**2, sigma)
        for weight, mu, sigma in parts
    )
    return Forecast(submitted_at, looked_at, submitted_at + mean, tuple(parts))


@lru_cache(maxsize=256)
def _prior(history: tuple[float, ...]) -> tuple[float, float]:
    """Return the mean and the standard deviation of the logarithm of the next duration."""
    logs = sorted(math.log(seconds) for seconds in history if 0.0 < seconds < 1e7)
    start = math.log(PRIOR_MEDIAN)
    middle = logs[len(logs) // 2] if logs else start
    logs = [min(middle + _CLIP, max(middle - _CLIP, log)) for log in logs]
    mu = (0.5 * start + sum(logs)) / (0.5 + len(logs))
    spread = 3.0 * PRIOR_SIGMA**2 + 0.5 * (start - mu) ** 2 + sum((log - mu) ** 2 for log in logs)
    return mu, math.sqrt(spread / (3.0 + len(logs)))


def _normal(x: float, sigma: float) -> float:
    return math.exp(-0.5 * (x / sigma) ** 2) / (sigma * math.sqrt(2.0 * math.pi))


def _survival(age: float, mu: float, sigma: float) -> float:
    return 0.5 * math.erfc((math.log(max(age, 1e-6)) - mu) / (sigma * math.sqrt(2.0)))
