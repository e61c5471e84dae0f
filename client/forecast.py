"""When will a running job be finished? A guess with honest width, from reported progress and past durations.

Everything is a mixture of log-normal distributions of the job's duration (seconds from its submission),
because then every question the scheduler asks has a closed form and costs microseconds:

- *The prior* comes from durations of earlier jobs of the same kind. Without any it is `PRIOR_MEDIAN` seconds
  with a standard deviation of `PRIOR_SIGMA` in the logarithm; a few past jobs outweigh it.
- *Progress* is not to be trusted: some jobs report it linearly, some stop somewhere until they are done, some
  jump. Each such story is a hypothesis with its own log-normal; the observations decide between them (Bayes'
  rule). Under a linear story a report of `p` percent at age `t` is a measurement `100 t / p` of the duration,
  and the product of log-normals is a log-normal.
- *Not finished at the last look* cuts the mixture off there, which also counts against stories that said
  otherwise.

Pure: no clock, no files; times are seconds on whatever monotonic clock the caller uses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

PRIOR_MEDIAN = 60.0
"""Seconds; assumed of a kind of job never seen on this machine."""
PRIOR_SIGMA = 0.6
"""Standard deviation of the logarithm of the duration, likewise."""

_HISTORY_USED = 50
_HISTORY_CLIP = 1.2  # one job that slept with the laptop must not stretch every later forecast
_PRIOR_COUNT_MEAN = 0.5  # the prior weighs as much as this many past jobs: for the median, for the spread
_PRIOR_COUNT_SPREAD = 3.0
_SIGMA_FLOOR = 0.12

_OBSERVATIONS_USED = 8
_LINES = ((0.5, 2.0, 0.02), (0.5, 5.0, 0.08))
"""How straight a straight line may be: belief; standard deviation in points; the same, relative to the duration."""
_PROGRESS_STARTED = 3.0  # below this a report says nothing but "not begun, or just begun"
_PROGRESS_MOST = 99.0

# How believable the stories are before any report.
_WEIGHT_LINEAR = 0.50
_WEIGHT_WAITED = 0.10  # linear, but begun later than submitted (a queue on the server)
_WEIGHT_STOPPED = 0.20  # shared by "stopped after report 1, 2, …"
_WEIGHT_ANYHOW = 0.17  # progress says nothing; the history does
_WEIGHT_STRANGE = 0.03  # neither does: a long job of an unknown kind
_STRANGE_SIGMA = 1.2
_NEGLIGIBLE = 1e-3  # stories less likely than this are left out
_UNIFORM = 0.01  # density of a report that may be anything from 0 to 100

_SQRT2 = math.sqrt(2.0)


@dataclass(frozen=True)
class Observation:
    """One status answer that said "not finished": `at` on the caller's clock, `progress` 0–100 as reported."""

    at: float
    progress: float


@dataclass(frozen=True)
class _Part:
    """One log-normal of the mixture. `share` is scaled so that the shares times survival at the last look sum to 1."""

    share: float
    mu: float
    sigma: float
    mean: float
    lived_at_look: float

    def survival(self, age: float) -> float:
        return _survival(age, self.mu, self.sigma)

    def lived(self, age: float) -> float:
        """Integral of the survival function from 0 to `age`."""
        return _lived(age, self.mu, self.sigma, self.mean)


@dataclass(frozen=True)
class Forecast:
    """Distribution of the moment a job finishes, given that it had not at `looked_at`."""

    submitted_at: float
    looked_at: float
    parts: tuple[_Part, ...]

    def probability_finished_by(self, at: float) -> float:
        """Chance that the job is finished on the server at time `at`; 0 up to the last look."""
        if at <= self.looked_at:
            return 0.0
        age = at - self.submitted_at
        left = sum(part.share * part.survival(age) for part in self.parts)
        return min(1.0, max(0.0, 1.0 - left))

    def expected_delay(self, at: float) -> float:
        """Seconds the result is expected to have lain finished and unknown at `at`, without a look since the
        last.

        The integral of `probability_finished_by` from the last look on.
        """
        if at <= self.looked_at:
            return 0.0
        age = at - self.submitted_at
        left = sum(part.share * (part.lived(age) - part.lived_at_look) for part in self.parts)
        return max(0.0, at - self.looked_at - left)

    @property
    def expected_finish(self) -> float:
        """Mean of the finish time, on the caller's clock."""
        return self.looked_at + sum(part.share * (part.mean - part.lived_at_look) for part in self.parts)

    def quantile(self, chance: float, now: float | None = None) -> float:
        """The time by which the job is finished with probability `chance`, given it is not finished at `now`."""
        start = self.looked_at if now is None else max(now, self.looked_at)
        alive = 1.0 - self.probability_finished_by(start)
        wanted = 1.0 - (1.0 - chance) * alive
        low, step = start, 1.0
        while self.probability_finished_by(low + step) < wanted and step < 1e7:
            step *= 2.0
        high = low + step
        for _ in range(40):
            middle = 0.5 * (low + high)
            if self.probability_finished_by(middle) < wanted:
                low = middle
            else:
                high = middle
        return high


def forecast(submitted_at: float, observations: Sequence[Observation] = (), history: Sequence[float] = ()) -> Forecast:
    """Forecast the finish of one job.

    `observations` are its status answers so far, in any order; each says that the job was not finished then.
    `history` holds durations in seconds of earlier jobs of the same endpoint, version and options, newest
    last. A duration is best measured as the middle between the last look that found the job unfinished and
    the first that found it finished; values that are not positive numbers are ignored.
    """
    return _forecast(submitted_at, tuple(observations), tuple(history))


@lru_cache(maxsize=1024)
def _forecast(submitted_at: float, observations: tuple[Observation, ...], history: tuple[float, ...]) -> Forecast:
    mu, sigma = _prior(history)
    looks = sorted(observations, key=lambda look: look.at)
    looked_at = max(submitted_at, looks[-1].at) if looks else submitted_at
    age = looked_at - submitted_at
    reports = tuple(
        (look.at - submitted_at, min(_PROGRESS_MOST, look.progress))
        for look in looks
        if look.at > submitted_at and math.isfinite(look.progress)
    )
    stories = _stories(mu, sigma, reports[-_OBSERVATIONS_USED:])
    total = sum(weight * _survival(age, mu, sigma) for weight, mu, sigma in stories)
    parts: list[_Part] = []
    for weight, mu, sigma in stories:
        share = weight / total
        if share * _survival(age, mu, sigma) < _NEGLIGIBLE:
            continue
        mean = math.exp(mu + 0.5 * sigma * sigma)
        parts.append(_Part(share, mu, sigma, mean, _lived(age, mu, sigma, mean)))
    kept = sum(part.share * part.survival(age) for part in parts)
    parts = [_Part(p.share / kept, p.mu, p.sigma, p.mean, p.lived_at_look) for p in parts]
    return Forecast(submitted_at, looked_at, tuple(parts))


@lru_cache(maxsize=256)
def _prior(history: tuple[float, ...]) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of the next duration."""
    logs = sorted(math.log(d) for d in history[-_HISTORY_USED:] if d > 0 and math.isfinite(d))
    start = math.log(PRIOR_MEDIAN)
    if not logs:
        return start, PRIOR_SIGMA
    middle = logs[len(logs) // 2]
    logs = [min(middle + _HISTORY_CLIP, max(middle - _HISTORY_CLIP, x)) for x in logs]
    count = len(logs)
    mu = (_PRIOR_COUNT_MEAN * start + sum(logs)) / (_PRIOR_COUNT_MEAN + count)
    spread = _PRIOR_COUNT_SPREAD * PRIOR_SIGMA**2 + _PRIOR_COUNT_MEAN * (start - mu) ** 2
    spread += sum((x - mu) ** 2 for x in logs)
    variance = spread / (_PRIOR_COUNT_SPREAD + count) * (1.0 + 1.0 / (_PRIOR_COUNT_MEAN + count))
    return mu, max(_SIGMA_FLOOR, math.sqrt(variance))


_Story = tuple[float, float, float]  # weight (prior belief times likelihood), mu, sigma


def _stories(mu: float, sigma: float, reports: tuple[tuple[float, float], ...]) -> list[_Story]:
    """Every hypothesis with its evidence; `reports` are (age, progress), oldest first, none finished."""
    begun = [(age, progress) for age, progress in reports if progress >= _PROGRESS_STARTED]
    anything = _UNIFORM ** len(begun)
    stories = [
        (_WEIGHT_ANYHOW * anything, mu, sigma),
        (_WEIGHT_STRANGE * anything, mu + 0.5, max(_STRANGE_SIGMA, 2.0 * sigma)),
    ]
    lines: list[_Story] = []
    for belief, points, drift in _LINES:
        weight, at_mu, at_var = 1.0, mu, sigma * sigma
        stops = belief * _WEIGHT_STOPPED / max(1, len(begun))
        for index, (age, progress) in enumerate(begun):
            # Stopped between the report before this one and this one: what came before was linear, this level
            # is anything, and what follows repeats it.
            frozen = _UNIFORM
            for _, later in begun[index + 1 :]:
                gap = later - progress
                frozen *= 0.6 * _normal(gap, 0.5) + 0.3 * _normal(gap, 3.0) + 0.1 * _UNIFORM
            stories.append((stops * weight * frozen, at_mu, math.sqrt(at_var)))
            measured = math.log(100.0 * age / progress)
            noise = (points / progress) ** 2 + drift**2
            # The density of the report itself, not of its logarithm: hence 1 / progress.
            weight *= _normal(measured - at_mu, math.sqrt(at_var + noise)) / progress
            gain = at_var / (at_var + noise)
            at_mu += gain * (measured - at_mu)
            at_var *= 1.0 - gain
        lines.append((belief * _WEIGHT_LINEAR * weight, at_mu, math.sqrt(at_var)))
    stories += lines
    late = _late_start(mu, sigma, reports, begun)
    if late is not None:
        stories.append((_WEIGHT_WAITED * anything * late[0], late[1], late[2]))
    return stories


def _late_start(
    mu: float, sigma: float, reports: tuple[tuple[float, float], ...], begun: list[tuple[float, float]]
) -> _Story | None:
    """Progress on a straight line that does not begin at the submission: two reports give its slope."""
    waiting = [(age, progress) for age, progress in reports if progress < _PROGRESS_STARTED]
    if not begun or len(reports) < 2:
        return None
    from_age, from_progress = waiting[-1] if waiting else begun[0]
    age, progress = begun[-1]
    rise = progress - from_progress
    _, points, drift = _LINES[-1]
    if age <= from_age or rise < 2.0 * points:
        return None
    measured = math.log(age + (100.0 - progress) * (age - from_age) / rise)
    noise = (1.5 * points / rise) ** 2 + drift**2
    fit = _normal(measured - mu, math.sqrt(sigma * sigma + noise)) / _normal(0.0, sigma)
    gain = sigma * sigma / (sigma * sigma + noise)
    return fit, mu + gain * (measured - mu), math.sqrt(sigma * sigma * (1.0 - gain))


def _normal(x: float, sigma: float) -> float:
    return math.exp(-0.5 * (x / sigma) ** 2) / (sigma * 2.5066282746310002) + 1e-12


def _survival(age: float, mu: float, sigma: float) -> float:
    if age <= 0.0:
        return 1.0
    return 0.5 * math.erfc((math.log(age) - mu) / (sigma * _SQRT2))


def _lived(age: float, mu: float, sigma: float, mean: float) -> float:
    if age <= 0.0:
        return 0.0
    z = (math.log(age) - mu) / sigma
    return 0.5 * (age * math.erfc(z / _SQRT2) + mean * math.erfc((sigma - z) / _SQRT2))
