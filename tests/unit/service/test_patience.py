"""How long a paid job bears each kind of error: minutes of that kind in a row, by a clock that a test turns."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from client.agent.job_notes import JobNotes
from client.service import exceptions
from client.service.retry import Action, Step, Streak, decide, patience
from client.timings import Timings

PACE = Timings()
OK = "ok"
LIMIT = exceptions.RateLimited("", status=429, retry_after=30.0)
GONE = exceptions.NoAnswer("")
DOWN = exceptions.ServiceDown("", status=503)
KEY = exceptions.KeyRefused("", status=401)
FORBIDDEN = exceptions.Forbidden("", status=403)
UNKNOWN = exceptions.NotFound("", status=404)
REFUSED = exceptions.RequestRefused("", status=400)
PORTAL = exceptions.RequestRefused("", status=302)
PAGE = exceptions.WrongBytes("", sha256="page", is_model=False)
OTHER_PAGE = exceptions.WrongBytes("", sha256="other", is_model=False)
ODD_MODEL = exceptions.WrongBytes("", sha256="odd", is_model=True)


def ends_at(step: Step, answers: Iterable[object], every: float = 60.0) -> float | None:
    """Play answers that come every so many seconds, as the agent counts them; when the job ends, if it does."""
    memory, attempts, now = JobNotes(), 0, 0.0
    for answer in answers:
        if answer == OK:
            memory.succeeded()
            attempts = 0
        elif isinstance(answer, exceptions.RateLimited):
            memory.streak.interrupt()
        elif isinstance(answer, exceptions.TripoError):
            attempts += 1
            if isinstance(answer, exceptions.WrongBytes):
                streak = memory.wrong_bytes.setdefault(answer.sha256, Streak())
                streak.add(now, PACE.rarest_look)
            else:
                streak = memory.met(f"{answer.code} {getattr(answer, 'status', '')}", now, PACE.longest_delay)
            if decide(step, answer, attempts, streak, PACE).action is Action.FAIL:
                return now
        now += every
    return None


@pytest.mark.parametrize(
    ("answers", "ends"),
    [
        ([UNKNOWN] * 3 + [OK] * 3, None),
        ([KEY] * 20 + [OK], None),
        ([UNKNOWN] * 60, 600.0),
        ([FORBIDDEN] * 60, 600.0),
        ([REFUSED] * 60, 600.0),
        ([KEY] * 60, 1800.0),
        ([DOWN] * 5000, None),
        ([GONE] * 5000, None),
        ([PORTAL] * 5000, None),
        ([LIMIT] * 5000, None),
        ([GONE] * 500 + [UNKNOWN], None),
        ([DOWN] * 500 + [UNKNOWN] * 3 + [OK], None),
        ([LIMIT] * 500 + [KEY, OK], None),
        ([UNKNOWN, LIMIT, LIMIT, LIMIT] * 100, None),
        ([UNKNOWN] * 9 + [LIMIT] + [UNKNOWN] * 3, 720.0),
        ([UNKNOWN, REFUSED] * 500, None),
        (([UNKNOWN] * 9 + [GONE]) * 50, None),
        (([UNKNOWN] * 9 + [OK]) * 50, None),
    ],
)
def test_a_look_at_a_paid_task(answers: list[object], ends: float | None) -> None:
    assert ends_at(Step.STATUS, answers) == ends


def test_a_night_asleep_between_two_refusals_is_not_patience_at_its_end() -> None:
    assert ends_at(Step.STATUS, [UNKNOWN, UNKNOWN], every=9 * 3600.0) is None


@pytest.mark.parametrize(
    ("answers", "ends"),
    [
        ([PAGE, OK], None),
        ([PAGE] * 3, None),
        ([PAGE] * 200, 7200.0),
        ([PAGE, OTHER_PAGE] * 400, 7200.0),
        ([exceptions.DownloadFailed("")] * 500, None),
        ([exceptions.LinkExpired("")] * 500, None),
        ([ODD_MODEL], None),
        ([ODD_MODEL, PAGE, GONE, ODD_MODEL], 180.0),
    ],
)
def test_a_download(answers: list[object], ends: float | None) -> None:
    assert ends_at(Step.DOWNLOAD, answers) == ends


def test_the_same_bytes_few_times_are_not_believed_however_long_it_took() -> None:
    streak = Streak(count=3, seconds=1e6)
    assert decide(Step.DOWNLOAD, PAGE, 3, streak, PACE).action is Action.FRESH_LINK


def test_durations_come_from_the_pace() -> None:
    short = Timings(about_task=1.0, about_key=2.0)
    assert (patience(UNKNOWN, short), patience(KEY, short)) == (1.0, 2.0)
    assert decide(Step.STATUS, UNKNOWN, 2, Streak(2, 1.0), short).action is Action.FAIL


def test_delays_after_wrong_bytes_grow_to_half_an_hour() -> None:
    delays = [decide(Step.DOWNLOAD, OTHER_PAGE, 1, Streak(count), PACE).delay for count in range(1, 20)]
    assert delays[:4] == [5.0, 10.0, 20.0, 40.0] and max(delays) == 1800.0 and delays == sorted(delays)
