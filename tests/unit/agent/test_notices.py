"""Every sentence, redaction, and what follows which error: pure functions, checked over all their inputs."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from client import errors
from client.agent import notices
from client.agent.converter import notices as of_converter
from client.formats.errors import damaged
from client.formats.handover import Converted, Loss, Lost, Unreduced
from client.formats.notices import FileNotice
from client.jobs.notices import JobNotice
from client.notices import Notice, notice
from client.redact import RedactingFormatter, redact
from client.service import exceptions
from client.service.notices import ServiceNotice
from client.service.retry import Action, Step, Streak, backoff, decide
from client.timings import Timings
from support.checks.plain_words import complaint


def service(kind: type[exceptions.ServiceError], status: int, **more: Any) -> exceptions.ServiceError:
    return kind(ServiceNotice.REFUSED, status=status, **more)


ERRORS: list[errors.TripoError] = [
    exceptions.NotSent(ServiceNotice.NETWORK),
    exceptions.NoAnswer(ServiceNotice.BROKE),
    exceptions.UnreadableAnswer(ServiceNotice.NO_STATUS),
    service(exceptions.RequestRefused, 400),
    service(exceptions.RequestRefused, 302),
    service(exceptions.RequestRefused, 408),
    service(exceptions.KeyRefused, 401),
    service(exceptions.NotEnoughCredits, 402),
    service(exceptions.NotFound, 404),
    service(exceptions.Forbidden, 403),
    service(exceptions.ServiceDown, 503),
    exceptions.RateLimited(ServiceNotice.RATE_LIMITED, status=429, retry_after=7.0),
    exceptions.RateLimited(ServiceNotice.RATE_LIMITED, status=429, retry_after=None),
    exceptions.DownloadFailed(ServiceNotice.BROKE_OFF),
    exceptions.LinkExpired(ServiceNotice.LINK_EXPIRED),
    exceptions.WrongBytes(
        notice(JobNotice.FETCHING_AGAIN, cause=notice(FileNotice.NO_MODEL)), sha256="a", is_model=False
    ),
    errors.ResultRefused(ServiceNotice.NOT_HTTPS),
    exceptions.DiskFull(ServiceNotice.DISK_FULL),
    errors.InvalidRequest((errors.Problem.of("prompt", "Prompt is empty: describe the model"),)),
    errors.InvalidSetting(ServiceNotice.NOT_A_TASK_ID),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.code}-{getattr(error, 'status', '')}")
@pytest.mark.parametrize("step", Step)
def test_what_follows_an_error(step: Step, error: errors.TripoError) -> None:
    verdicts = [decide(step, error, attempt, Streak(attempt, 60.0 * attempt)) for attempt in range(1, 60)]
    actions = {verdict.action for verdict in verdicts}
    assert all(0 <= verdict.delay <= 3600 for verdict in verdicts)
    if step is Step.SUBMIT:
        certainly_unsent = isinstance(error, exceptions.NotSent | exceptions.RateLimited)
        assert (Action.AGAIN in actions) == certainly_unsent, "only what was certainly not accepted is sent again"
        assert (Action.UNCERTAIN in actions) == isinstance(error, exceptions.NoAnswer)
    else:
        assert Action.UNCERTAIN not in actions
    if step is Step.STATUS and isinstance(
        error, exceptions.NoAnswer | exceptions.ServiceDown | exceptions.UnreadableAnswer
    ):
        assert actions == {Action.AGAIN}, "a paid task is not given up for trouble on the way"
    if step is Step.STATUS and isinstance(error, exceptions.KeyRefused | exceptions.NotFound | exceptions.Forbidden):
        minutes = 30 if isinstance(error, exceptions.KeyRefused) else 10
        assert [verdict.action for verdict in verdicts].index(Action.FAIL) == minutes - 1, "after minutes, not tries"


def test_retry_after_is_obeyed_to_the_second() -> None:
    error = exceptions.RateLimited(ServiceNotice.RATE_LIMITED, status=429, retry_after=24.0)
    assert {decide(step, error, attempt).delay for step in Step for attempt in (1, 9)} == {24.0}


def test_delays_double_up_to_a_limit() -> None:
    assert [backoff(attempt) for attempt in range(1, 8)] == [5, 10, 20, 40, 80, 160, 300]
    assert backoff(10_000) == 300
    assert backoff(3, Timings(first_delay=0.5)) == 2.0


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.code}-{getattr(error, 'status', '')}")
def test_what_a_job_says_of_an_error_is_a_plain_sentence(error: errors.TripoError) -> None:
    made = [notices.again(error)]
    if isinstance(error, exceptions.ServiceError):
        made.append(notices.given_up(error))
    if not isinstance(error, exceptions.UnreadableAnswer):
        made.append(notices.not_accepted(error))
    for sentence in map(str, made):
        assert not complaint(sentence), (sentence, complaint(sentence))


@pytest.mark.parametrize(
    "said",
    [
        notices.uploading(1 << 20, 5 << 20),
        of_converter.not_exported("KeyError"),
        of_converter.not_exported("the selected objects have no faces"),
        notices.remaining(3.0),
        notices.remaining(500.0),
        notices.downloading(1, None),
        notices.downloading(1 << 20, 5 << 20),
        notices.failed_at_service("The prompt was refused."),
        notices.failed_at_service(""),
        notices.failed_at_service("Code 2008. Content policy."),
        of_converter.refused("KeyError"),
        of_converter.refused("Bad glTF: json error: 'x'\n  File x"),
        of_converter.refused("Extension KHR_one is not available on this addon version"),
        of_converter.refused(damaged("it ends too early").notice.to_text()),
        *(of_converter.converted(Converted([Lost(one)])) for one in Loss),
        *(of_converter.converted(Converted(unreduced=one)) for one in Unreduced),
    ],
    ids=str,
)
def test_what_is_made_of_values_is_a_plain_sentence(said: Notice) -> None:
    assert not complaint(str(said)), complaint(str(said))


def test_the_importer_is_quoted_only_where_it_speaks() -> None:
    def said(reason: str) -> str:
        return str(of_converter.refused(reason))

    assert "KeyError" not in said("KeyError")
    assert "(it holds no objects)" in said("it holds no objects")
    assert "(" not in said("USD Import: unable to open stage to read /home/me/model.usda")
    assert "(Couldn't parse glTF):" in said("Couldn't parse glTF. Check that the file is valid")
    assert "Blender cannot" not in said(damaged("it ends too early").notice.to_text()), "the converter says why"
    for name in ("KHR_texture_basisu", "EXT_meshopt_compression", "face_limit"):
        assert name in said(f"Extension {name} is not available on this addon version"), "it matters"
    assert said("a b\nTraceback (most recent call last)").count("\n") == 0


def test_waiting_names_the_seconds() -> None:
    assert str(notices.waiting(23.2)) == "Rate limit reached: the next request goes out in 24 s"
    assert notices.waiting(0.0).values == {"seconds": 1}


SECRET = "tripo-key-abcdef0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"{{'Authorization': 'Bearer {SECRET}'}}",
        f'"authorization": "bearer {SECRET}"',
        f"Proxy-Authorization: Basic {SECRET}",
        f"bearer {SECRET}",
        f"http://user:{SECRET}@proxy.example:8080/",
        f"https://storage.example/model.glb?Signature={SECRET}&Expires=1",
        f"https://storage.example/model.glb#token={SECRET}",
        f"Max retries exceeded with url: /assets/model.glb?Signature={SECRET} (Caused by x)",
    ],
)
def test_secrets_of_any_shape_are_taken_out(text: str) -> None:
    """Even one that nobody told us of."""
    assert SECRET not in redact(text)


def test_a_known_secret_is_taken_out_anywhere() -> None:
    assert redact(f"so {SECRET} it {SECRET} is", SECRET, "") == "so [key] it [key] is"


@pytest.mark.parametrize("text", ["nothing to hide", "Is it? Yes.", "see https://example.com/docs for more", "a=b"])
def test_other_text_is_left_alone(text: str) -> None:
    assert redact(text, SECRET) == text


def test_tracebacks_are_redacted_too() -> None:
    try:
        raise ValueError(f"https://a.example/b?c={SECRET} and {SECRET}")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "it broke", None, (type(error), error, None))
    line = RedactingFormatter("%(message)s", SECRET).format(record)
    assert SECRET not in line and "ValueError" in line
