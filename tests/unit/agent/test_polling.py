"""Which request goes next, and the forecasts behind it: order, budget, progress, intervals. Simulated time only."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from client.agent.polling.forecast import PRIOR_MEDIAN, Forecast, Observation, forecast
from client.agent.polling.schedule import (
    IDLE_SECONDS,
    LONGEST_WAIT,
    MAX_INTERVAL,
    MIN_INTERVAL,
    Balance,
    Decision,
    Poll,
    Submit,
    Wait,
)
from client.agent.polling.schedule import decide as decide_for
from client.store.request_window import RequestWindow

FREE = RequestWindow()
DAY = 86_400.0


@dataclass(frozen=True)
class Watched:
    """A running job and all that is known of it."""

    job_id: str
    submitted_at: float
    observations: tuple[Observation, ...] = ()
    history: tuple[float, ...] = ()


def decide(now: float, watched: Sequence[Watched], budget: RequestWindow, **rest: Any) -> Decision:
    guesses = {job.job_id: forecast(job.submitted_at, job.observations, job.history) for job in watched}
    return decide_for(now, guesses, budget, **rest)


def quantile(guess: Forecast, chance: float) -> float:
    """Return when the job is finished with this chance, to a tenth of a second."""
    return next(at for at in itertools.count(guess.looked_at, 0.1) if guess.chance(at) >= chance)


def looks(*pairs: tuple[float, float]) -> tuple[Observation, ...]:
    return tuple(Observation(at, progress) for at, progress in pairs)


def first_poll(watched: Watched, start: float, *, budget: RequestWindow = FREE, limit: float = 1e5) -> float:
    """The time at which `decide`, asked again whenever it says so, first polls."""
    now = start
    while now < start + limit:
        choice = decide(now, [watched], budget)
        if isinstance(choice, Poll):
            return now
        assert isinstance(choice, Wait) and choice.seconds > 0
        now += choice.seconds
    raise AssertionError("never polled")


# Forecast


def test_without_history_the_prior_is_the_documented_one():
    guess = forecast(100.0)
    assert guess.chance(100.0) == 0.0
    assert quantile(guess, 0.5) == pytest.approx(100.0 + PRIOR_MEDIAN, rel=0.1)


@pytest.mark.parametrize("median", [8.0, 30.0, 240.0])
def test_history_outweighs_the_prior(median: float):
    guess = forecast(0.0, (), tuple(median * f for f in (0.9, 1.0, 1.1, 1.05, 0.95, 1.0, 1.2, 0.85)))
    assert quantile(guess, 0.5) == pytest.approx(median, rel=0.15)
    assert quantile(guess, 0.9) - quantile(guess, 0.1) < 2.0 * median


def test_one_absurd_past_duration_does_not_stretch_the_forecast():
    assert quantile(forecast(0.0, (), (*[60.0] * 9, 30_000.0)), 0.5) < 90.0


def test_unusable_history_is_ignored():
    assert forecast(0.0, (), (0.0, -5.0, math.nan, math.inf)).parts == forecast(0.0).parts


def test_chance_density_and_expected_finish_agree():
    guess = forecast(0.0, looks((20.0, 30.0)))
    times = [20.0 + 0.25 * i for i in range(1200)]
    chances = [guess.chance(at) for at in times]
    assert chances == sorted(chances) and chances[0] >= 0.0 and chances[-1] <= 1.0
    slopes = [(after - before) / 0.25 for before, after in itertools.pairwise(chances)]
    assert [guess.density(at + 0.125) for at in times[:-1]] == pytest.approx(slopes, rel=1e-2, abs=1e-5)
    alive = 0.25 * sum(1.0 - guess.chance(20.0 + 0.25 * i) for i in range(40_000))
    assert guess.expected_finish == pytest.approx(20.0 + alive, rel=0.02)


@pytest.mark.parametrize("duration", [35.0, 90.0, 200.0])
def test_straight_progress_tells_the_finish(duration: float):
    ages = (0.4 * duration, 0.7 * duration)
    guess = forecast(5.0, looks(*((5.0 + age, 100.0 * age / duration) for age in ages)))
    assert quantile(guess, 0.5) == pytest.approx(5.0 + duration, rel=0.08)
    assert guess.expected_finish == pytest.approx(5.0 + duration, rel=0.1)


def test_progress_after_a_queue_on_the_server_is_extrapolated_by_its_slope():
    guess = forecast(0.0, looks((60.0, 0.0), (80.0, 25.0), (100.0, 50.0)))
    assert 115.0 < quantile(guess, 0.5) < 175.0
    assert 115.0 < guess.expected_finish < 175.0


def test_stuck_progress_is_not_extrapolated():
    """Frozen at 20 %: a straight line through the last look would promise another 300 s."""
    guess = forecast(0.0, looks((15.0, 20.0), (50.0, 20.0), (75.0, 20.0)))
    assert quantile(guess, 0.5) < 150.0


def test_jumping_progress_leaves_a_wide_forecast():
    straight = forecast(0.0, looks((20.0, 30.0), (40.0, 60.0)))
    jumping = forecast(0.0, looks((20.0, 2.0), (40.0, 95.0)))

    def width(guess):
        return quantile(guess, 0.9) - quantile(guess, 0.1)

    assert width(jumping) > 2.0 * width(straight)


@pytest.mark.parametrize(
    "reports",
    [
        ((20.0, 60.0), (40.0, 10.0)),
        ((20.0, 100.0), (40.0, 100.0), (400.0, 100.0)),
        ((20.0, -5.0), (30.0, 250.0)),
        ((20.0, math.nan), (30.0, math.inf)),
        ((0.0, 50.0), (-3.0, 10.0)),
        tuple((10.0 * i, (37 * i) % 100) for i in range(1, 60)),
        ((1e6, 0.0),),
    ],
)
def test_any_progress_gives_a_proper_forecast(reports: tuple[tuple[float, float], ...]):
    guess = forecast(0.0, looks(*reports))
    last = max(0.0, *(at for at, _ in reports))
    assert math.isfinite(guess.expected_finish) and guess.expected_finish > last
    assert guess.chance(last) == 0.0
    assert guess.chance(last + 1e9) > 0.99


def test_a_job_a_thousand_times_longer_than_any_before_it_still_has_a_forecast():
    guess = forecast(0.0, looks((60_000.0, 50.0)), (60.0,) * 30)
    assert math.isfinite(guess.expected_finish) and guess.expected_finish > 60_000.0
    assert guess.chance(1e9) > 0.9


def test_order_of_observations_does_not_matter():
    seen = looks((20.0, 30.0), (40.0, 55.0))
    assert forecast(0.0, seen).parts == forecast(0.0, seen[::-1]).parts


# RequestWindow


def test_a_window_takes_its_limit_and_no_more():
    budget = RequestWindow(3, 60.0, (0.0, 10.0, 20.0))
    assert budget.next_slot(59.0) == 60.0 and budget.next_slot(60.0) == 60.0
    assert budget.next_slot(60.0, after=1) == 70.0
    assert RequestWindow(2, 60.0, (0.0, 10.0, 20.0)).next_slot(30.0) == 70.0
    assert RequestWindow(2, 60.0, (10.0,)).next_slot(30.0) == 30.0
    assert RequestWindow(2, 60.0, (10.0,)).next_slot(30.0, after=1) == 70.0
    assert RequestWindow(1, 60.0).next_slot(30.0, after=1) == 90.0


def test_a_penalty_stops_everything():
    budget = RequestWindow(3, 60.0, (), penalty_until=100.0)
    assert budget.next_slot(99.0) == budget.next_slot(40.0) == budget.next_slot(40.0, after=1) == 100.0
    choice = decide(40.0, [Watched("a", -DAY)], budget, pressed=["new"], queued=["b"], wants_balance=True)
    assert choice == Wait(60.0)


@pytest.mark.parametrize(("limit", "window"), [(0, 60.0), (3, 0.0), (3, math.nan)])
def test_a_budget_of_nothing_is_refused(limit: int, window: float):
    with pytest.raises(ValueError):
        RequestWindow(limit, window)


# Order


def test_pressed_goes_before_a_certain_hit_and_everything_else():
    choice = decide(0.0, [Watched("a", -DAY)], FREE, pressed=["p", "q"], queued=["b"], wants_balance=True)
    assert choice == Submit("p")


def test_a_certain_hit_goes_before_a_queued_submit():
    assert decide(0.0, [Watched("a", -1000.0)], FREE, queued=["b"], wants_balance=True) == Poll("a")


def test_a_queued_submit_goes_before_an_unlikely_hit():
    young = Watched("a", -30.0)
    assert decide(0.0, [young], FREE, queued=["b", "c"], wants_balance=True) == Submit("b")


def test_the_balance_comes_last():
    assert decide(0.0, [], FREE, wants_balance=True) == Balance()
    assert decide(0.0, [], FREE, queued=["b"], wants_balance=True) == Submit("b")
    assert decide(0.0, [Watched("a", -1000.0)], FREE, wants_balance=True) == Poll("a")
    assert decide(0.0, [Watched("a", 0.0)], FREE, wants_balance=True) == Balance()


def test_the_balance_does_not_take_the_last_request_from_a_running_job():
    spent = RequestWindow(3, 60.0, (-20.0, -10.0))
    choice = decide(0.0, [Watched("a", 0.0)], spent, wants_balance=True)
    assert isinstance(choice, Wait)


def test_the_likelier_hit_goes_first_and_the_older_job_of_equals():
    jobs = [Watched("young", -120.0), Watched("old", -900.0), Watched("older", -50_000.0)]
    assert decide(0.0, jobs, FREE) == Poll("older")
    certain = [Watched("b", -2e8), Watched("a", -2e9)]
    assert decide(0.0, certain, FREE) == Poll("a")


@pytest.mark.parametrize("what", ["pressed", "queued", "poll", "balance"])
def test_nothing_is_sent_without_room_in_the_window(what: str):
    full = RequestWindow(3, 60.0, (-30.0, -20.0, -10.0))
    choice = decide(
        0.0,
        [Watched("a", -DAY)] if what == "poll" else [],
        full,
        pressed=["p"] if what == "pressed" else [],
        queued=["q"] if what == "queued" else [],
        wants_balance=what == "balance",
    )
    assert choice == Wait(30.0)


def test_with_nothing_to_do_it_waits():
    assert decide(0.0, [], FREE) == Wait(IDLE_SECONDS)


def test_the_same_question_gets_the_same_answer():
    jobs = [Watched(str(i), -7.0 * i, looks((-5.0 * i + 1.0, 20.0)) if i > 2 else ()) for i in range(6)]
    assert decide(3.0, jobs, FREE) == decide(3.0, jobs, FREE)


# When to look


def test_a_job_just_submitted_is_left_alone():
    choice = decide(0.0, [Watched("a", 0.0)], FREE)
    assert isinstance(choice, Wait)


def test_an_unobserved_job_gets_an_early_look_that_leaves_requests_for_the_finish():
    assert 5.0 < first_poll(Watched("a", 0.0), 0.0) < 40.0


def test_history_moves_the_first_look():
    slow = Watched("a", 0.0, (), (400.0, 420.0, 390.0, 410.0) * 5)
    quick = Watched("a", 0.0, (), (12.0, 13.0, 11.0, 12.0) * 5)
    assert first_poll(quick, 0.0) < 25.0
    assert first_poll(slow, 0.0) > 60.0


def test_after_a_good_report_it_looks_near_the_predicted_finish():
    seen = Watched("a", 0.0, looks((15.0, 15.0), (50.0, 50.0)))
    assert 75.0 < first_poll(seen, 50.0, budget=RequestWindow(3, 60.0, (15.0, 50.0))) <= 115.0


@pytest.mark.parametrize("reports", [((30.0, 40.0), (60.0, 40.0)), ((30.0, 80.0), (60.0, 10.0)), ((60.0, 1.0),)])
@pytest.mark.parametrize("history", [(), (60.0,) * 20, (1e5,) * 20])
def test_however_wrong_the_forecast_a_job_is_looked_at(
    reports: tuple[tuple[float, float], ...], history: tuple[float, ...]
):
    job = Watched("a", 0.0, looks(*reports), history)
    asked = first_poll(job, 60.0)
    longest = MAX_INTERVAL + LONGEST_WAIT if history and history[0] > 1e3 else 120.0
    assert MIN_INTERVAL <= asked - 60.0 <= longest


@pytest.mark.parametrize("limit", [3, 12, 120, 6000])
def test_no_job_is_looked_at_more_often_than_the_minimum_interval(limit: int):
    job = Watched("a", 0.0)
    sent: list[float] = []
    now = 0.0
    while now < 300.0:
        choice = decide(now, [job], RequestWindow(limit, 60.0, tuple(sent[-limit:])))
        if isinstance(choice, Poll):
            sent.append(now)
            job = replace(job, observations=(*job.observations, Observation(now, min(99.0, now))))
        else:
            assert isinstance(choice, Wait)
            now += choice.seconds
    gaps = [b - a for a, b in itertools.pairwise(sent)]
    assert sent and min(gaps) >= MIN_INTERVAL


def test_after_a_long_absence_the_finished_jobs_are_polled_at_once():
    """Resumed hours later: reported as half done then, surely done now."""
    jobs = [
        Watched("seen", 0.0, looks((20.0, 40.0), (30.0, 55.0))),
        Watched("unseen", 5.0),
        Watched("fresh", 4 * 3600.0 - 2.0),
    ]
    now = 4 * 3600.0
    asked: set[str] = set()
    budget = RequestWindow(3, 60.0, (20.0, 30.0))
    for _ in range(2):
        choice = decide(now, jobs, budget, queued=["later"])
        assert isinstance(choice, Poll)
        asked.add(choice.job_id)
        jobs = [job for job in jobs if job.job_id != choice.job_id]
        budget = replace(budget, stamps=(*budget.stamps, now))
    assert asked == {"seen", "unseen"}
    assert decide(now, jobs, budget, queued=["later"]) == Submit("later")


def test_a_stuck_job_is_not_passed_over_for_ever_by_a_stream_of_submits():
    job = Watched("stuck", 0.0, looks(*((60.0 * i, 50.0) for i in range(1, 20)), (6000.0, 50.0)))
    now = 6000.0
    sent: list[float] = []
    for _ in range(2000):
        choice = decide(now, [job], RequestWindow(3, 60.0, tuple(sent[-3:])), queued=["more"])
        if isinstance(choice, Poll):
            return
        now += choice.seconds if isinstance(choice, Wait) else 0.0
        if isinstance(choice, Submit):
            sent.append(now)
    raise AssertionError("never polled")


# The whole, over random worlds


def _answer(job: Watched, now: float, source: random.Random) -> Watched:
    report = source.choice([min(99.0, now - job.submitted_at), 50.0, source.uniform(0.0, 99.0), 0.0, 100.0])
    return replace(job, observations=(*job.observations, Observation(now, report)))


@pytest.mark.parametrize("seed", range(12))
def test_the_budget_is_never_exceeded_and_every_job_is_found(seed: int):
    source = random.Random(seed)
    limit = source.choice([1, 2, 3, 3, 5, 20])
    finish: dict[str, float] = {}
    watched: dict[str, Watched] = {}
    queued = [f"q{i}" for i in range(source.randrange(6))]
    pressed: list[str] = []
    presses = sorted(source.uniform(0.0, 400.0) for _ in range(source.randrange(1, 6)))
    sent: list[float] = []
    penalty = -math.inf
    now = 0.0

    def carry_out(choice: Decision) -> None:
        nonlocal penalty
        match choice:
            case Submit(job_id):
                assert job_id == (pressed[0] if pressed else queued[0])
                (pressed if pressed else queued).remove(job_id)
                watched[job_id] = Watched(job_id, now)
                finish[job_id] = now + source.lognormvariate(math.log(60.0), 0.5)
            case Poll(job_id):
                assert not pressed
                if finish[job_id] <= now:
                    del watched[job_id]
                else:
                    watched[job_id] = _answer(watched[job_id], now, source)
            case _:
                assert isinstance(choice, Balance) and not pressed and not queued
        if source.random() < 0.05:
            penalty = now + 45.0

    for _ in range(20_000):
        while presses and presses[0] <= now:
            presses.pop(0)
            pressed.append(f"p{len(presses)}")
        if not (watched or queued or pressed or presses):
            break
        budget = RequestWindow(limit, 60.0, tuple(sent[-limit:]), penalty)
        choice = decide(
            now, list(watched.values()), budget, pressed=pressed, queued=queued, wants_balance=source.random() < 0.1
        )
        if isinstance(choice, Wait):
            assert choice.seconds > 0.0
            assert not pressed or budget.next_slot(now) > now
            now += min(choice.seconds, presses[0] - now + 1e-3) if presses else choice.seconds
            continue
        assert now >= penalty
        sent.append(now)
        assert sum(1 for at in sent if at + 60.0 > now) <= limit
        carry_out(choice)
    assert not (watched or queued or pressed)
