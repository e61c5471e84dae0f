"""What each message does to a job in each state: a legal step, or nothing; and the money is written with it."""

from __future__ import annotations

import itertools
import time

import pytest

from client import errors
from client.agent.job_notes import JobNotes
from client.agent.messages import AboutJob, Failed, WasConverted, WasFetched, WasPolled, WasSubmitted
from client.agent.transitions import JobTransitions
from client.jobs.states import TRANSITIONS, Status
from client.paths import Home
from client.service import exceptions
from client.service.responses import TaskState, TaskStatus
from client.service.retry import Step
from client.store import Database, Job, JobTable
from client.store.ledger import Ledger, Outcome
from client.timings import Timings
from support.agent_lab.new_jobs import NEW
from support.checks.plain_words import complaint

LINK = "https://storage.example/a.glb"


@pytest.fixture
def transitions(home: Home, database: Database) -> JobTransitions:
    return JobTransitions(JobTable(database), Ledger(database), home, Timings())


def job_in(transitions: JobTransitions, status: Status, task_id: str | None = "task") -> Job:
    job_id = transitions.jobs.insert(NEW)
    transitions.jobs.database.connection.execute(
        "UPDATE job SET status = ?, task_id = ?, submitted_at = ? WHERE job_id = ?",
        (status.value, task_id, time.time(), job_id),
    )
    return reread(transitions, job_id)


def reread(transitions: JobTransitions, job_id: str) -> Job:
    job = transitions.jobs.get(job_id)
    assert job is not None
    return job


def deal(transitions: JobTransitions, job: Job, message: AboutJob) -> None:
    notes = JobNotes(seen=time.monotonic(), began=time.monotonic())
    with transitions.jobs.database.transaction():
        match message:
            case WasSubmitted():
                transitions.submitted(job, message)
            case WasPolled():
                transitions.polled(job, message, notes, ())
            case WasFetched():
                transitions.fetched(job, message, notes)
            case WasConverted():
                transitions.converted(job, message)
            case Failed():
                transitions.failed(job, message, notes)
            case _:
                raise AssertionError(message)


def polled(state: TaskState, url: str = "", reason: str = "") -> WasPolled:
    return WasPolled("job", TaskStatus(state, 40, reason, (url,) if url else ()), time.monotonic())


FAILURES = [
    exceptions.NoAnswer("No answer: wait"),
    exceptions.NotSent("Not sent: wait"),
    exceptions.RequestRefused("Refused: change it", status=400),
    exceptions.RateLimited("Slow: wait", status=429, retry_after=3.0),
    exceptions.NotFound("Unknown: check", status=404),
    exceptions.LinkExpired("Dead: wait"),
    exceptions.Forbidden("Not yours: check", status=403),
    exceptions.WrongBytes("The file is a web page: it is fetched again by itself", sha256="a", is_model=False),
    exceptions.WrongBytes("The file was refused: it is fetched again by itself", sha256="b", is_model=True),
    errors.ResultRefused("Too large: raise"),
    exceptions.DiskFull("Full: free some"),
]
MESSAGES: list[AboutJob] = [
    WasSubmitted("job", "new-task"),
    polled(TaskState.PENDING),
    polled(TaskState.IN_PROGRESS),
    polled(TaskState.FINISHED, LINK),
    polled(TaskState.FINISHED),
    polled(TaskState.FINISHED, reason="The results have expired"),
    polled(TaskState.FINISHED, reason="The image has code 2008"),
    polled(TaskState.FAILED, reason="no luck"),
    polled(TaskState.EXPIRED),
    WasConverted("job", "results/job/model.blend"),
    *[
        Failed(step, "job", error)
        for step, error in itertools.product((Step.SUBMIT, Step.STATUS, Step.DOWNLOAD, Step.CONVERT), FAILURES)
    ],
]


@pytest.mark.parametrize("status", Status)
def test_no_message_moves_a_job_where_it_may_not_go(transitions: JobTransitions, status: Status) -> None:
    """An artist, another agent or a restart may have moved the job while the message was on its way."""
    for message in MESSAGES:
        job = job_in(transitions, status)
        deal(transitions, job, message)
        after = reread(transitions, job.job_id)
        if after.status is not status:
            allowed = TRANSITIONS[status] | (TRANSITIONS[Status.SUBMITTING] if status is Status.PREPARED else set())
            assert after.status in allowed, message
        if str(after.notice) != str(job.notice):
            assert not complaint(str(after.notice)), str(after.notice)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.READY, Status.IMPORTED, Status.EXPIRED, Status.FAILED])
def test_an_ended_job_is_left_alone(transitions: JobTransitions, status: Status) -> None:
    for message in MESSAGES:
        if isinstance(message, WasSubmitted):
            continue
        job = job_in(transitions, status)
        deal(transitions, job, message)
        assert reread(transitions, job.job_id) == job, message
    assert Ledger(transitions.jobs.database).entries() == []


def test_a_late_file_of_an_ended_job_is_removed(transitions: JobTransitions, home: Home) -> None:
    job = job_in(transitions, Status.CANCELLED)
    file = home.result_folder(job.job_id) / "model.glb"
    file.parent.mkdir()
    file.write_bytes(b"glTF")
    deal(transitions, job, WasFetched(job.job_id, file, 4, "0"))
    assert not file.parent.exists() and reread(transitions, job.job_id).status is Status.CANCELLED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.SUBMITTING, Status.QUEUED),
        (Status.UNCERTAIN, Status.QUEUED),
        (Status.PREPARED, Status.QUEUED),
        (Status.CANCELLED, Status.CANCELLED),
        (Status.FAILED, Status.FAILED),
    ],
)
def test_an_accepted_request_is_never_lost(transitions: JobTransitions, before: Status, after: Status) -> None:
    job = job_in(transitions, before, task_id=None)
    deal(transitions, job, WasSubmitted(job.job_id, "new-task"))
    found = reread(transitions, job.job_id)
    assert (found.status, found.task_id) == (after, "new-task")
    assert [entry.credits for entry in Ledger(transitions.jobs.database).entries()] == [job.credits]


def test_the_task_id_alone_keeps_a_late_answer_from_being_paid_again(transitions: JobTransitions) -> None:
    """The rest could not be written, and the artist had asked for another try."""
    job = job_in(transitions, Status.PREPARED, task_id=None)
    transitions.write_task(WasSubmitted(job.job_id, "new-task"))
    found = reread(transitions, job.job_id)
    assert (found.status, found.task_id) == (Status.QUEUED, "new-task")


def test_a_second_task_of_one_job_is_in_the_ledger(transitions: JobTransitions) -> None:
    job = job_in(transitions, Status.RUNNING, task_id="first")
    deal(transitions, job, WasSubmitted(job.job_id, "second"))
    assert reread(transitions, job.job_id).task_id == "first"
    assert [entry.task_id for entry in Ledger(transitions.jobs.database).entries()] == ["second"]


def test_state_and_ledger_are_written_together(transitions: JobTransitions, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_in(transitions, Status.SUBMITTING, task_id=None)

    def no_room(*_arguments: object, **_changes: object) -> bool:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(transitions.jobs, "transition", no_room)
        with pytest.raises(OSError, match="No space"):
            deal(transitions, job, WasSubmitted(job.job_id, "new-task"))
    assert Ledger(transitions.jobs.database).entries() == []
    deal(transitions, job, WasSubmitted(job.job_id, "new-task"))
    assert len(Ledger(transitions.jobs.database).entries()) == 1


def test_a_failed_task_is_refunded_once(transitions: JobTransitions) -> None:
    ledger = Ledger(transitions.jobs.database)
    job = job_in(transitions, Status.RUNNING)
    ledger.record_charge(job, Outcome.CHARGED, "task")
    for _ in range(2):
        deal(transitions, reread(transitions, job.job_id), polled(TaskState.FAILED, reason="no luck"))
    assert [entry.credits for entry in ledger.entries()] == [job.credits, -job.credits]
    assert transitions.balances.read(job.account_id).pending, "the balance has changed"


def test_a_task_that_never_ends_is_given_up_after_days(transitions: JobTransitions) -> None:
    job = job_in(transitions, Status.RUNNING)
    notes = JobNotes(seen=time.monotonic() - 49 * 3600, began=time.monotonic() - 49 * 3600)
    transitions.polled(job, polled(TaskState.IN_PROGRESS), notes, ())
    found = reread(transitions, job.job_id)
    assert (found.status, found.error) == (Status.FAILED, "STUCK") and not complaint(str(found.notice))
    assert found.task_id == "task", "it can be taken up again"


def test_a_clock_alone_expires_nothing(transitions: JobTransitions) -> None:
    """Only what the service says, together with the age of the result, ends a job as expired."""
    job = job_in(transitions, Status.DOWNLOADING)
    transitions.jobs.update(job.job_id, Status.DOWNLOADING, submitted_at=1000.0, finished_at=1000.0)
    job = reread(transitions, job.job_id)
    notes = JobNotes()
    for _ in range(9):
        transitions.failed(
            job, Failed(Step.DOWNLOAD, job.job_id, exceptions.DownloadFailed("Broke off: goes on")), notes
        )
    assert reread(transitions, job.job_id).status is Status.DOWNLOADING
    for _ in range(2):
        transitions.failed(job, Failed(Step.DOWNLOAD, job.job_id, exceptions.LinkExpired("Dead: wait")), notes)
    assert reread(transitions, job.job_id).status is Status.EXPIRED


def test_a_running_job_says_when_it_may_be_done(transitions: JobTransitions) -> None:
    job = job_in(transitions, Status.QUEUED)
    assert job.finishes_at is None
    deal(transitions, job, polled(TaskState.IN_PROGRESS))
    finishes_at = reread(transitions, job.job_id).finishes_at
    assert finishes_at is not None and 0 < finishes_at - time.time() < 3600
