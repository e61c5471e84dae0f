"""A press and the daily cap: checked and written in one step, by any number of Blenders at once; or refused."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from client.account import SANDBOX_ACCOUNT
from client.errors import InvalidSetting, TripoError
from client.jobs.notices import JobNotice
from client.jobs.spending_limits import Limits
from client.jobs.states import Status
from client.notices import notice
from client.paths import Home
from client.store import BalanceTable, Database, JobTable, NewJob, press
from client.store.ledger import Ledger
from support.agent_lab.new_jobs import NEW

ROOT = Path(__file__).resolve().parents[3]
CAP = Limits(daily_cap=100)
PRICE = 40
CLEARED: dict[str, str | None] = {"task_id": None, "message": "", "error": ""}

BLENDER = """
import sys
from pathlib import Path
from client.errors import InvalidSetting
from client.paths import Home
from client.jobs.spending_limits import Limits
from client.jobs.states import Status
from client.store import open_database, press
from support.agent_lab.new_jobs import NEW

database = open_database(Home(Path(sys.argv[1])), durable=False, busy_seconds=30.0)
failed = [press.JobTable(database).get(job_id) for job_id in sys.argv[2:]]
print("up", flush=True)
sys.stdin.readline()
for number in range(20):
    try:
        if number < len(failed):
            job = failed[number]
            press.write_retry(database, job, Status.PREPARED, Limits(daily_cap=100), {"message": ""})
        else:
            press.write_press(database, [NEW], Limits(daily_cap=100), ask_balance=True)
        print("written", flush=True)
    except InvalidSetting as error:
        print(str(error), flush=True)
"""


@pytest.fixture
def failed(jobs: JobTable) -> list[str]:
    """Jobs that were never charged and can be sent for the first time."""
    made = [jobs.insert(NEW) for _ in range(8)]
    for job_id in made:
        jobs.transition(job_id, Status.PREPARED, Status.FAILED)
    return made


@pytest.fixture
def blenders(home: Home, failed: list[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that press and retry as often as they can, once they are told to."""
    with ExitStack() as stack:
        started: list[subprocess.Popen[str]] = []
        for half in (failed[:4], failed[4:]):
            process = subprocess.Popen(
                [sys.executable, "-B", "-c", BLENDER, str(home.root), *half],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))},
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            started.append(process)
        yield started
        for process in started:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.close()
            process.stdout.close()


def test_two_blenders_at_once_keep_the_cap_to_the_credit(
    blenders: list[subprocess.Popen[str]], database: Database, jobs: JobTable
) -> None:
    for process in blenders:
        assert process.stdout is not None and process.stdout.readline() == "up\n"
    for process in blenders:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [line for process in blenders if process.stdout is not None for line in process.stdout]
    assert [process.wait(60) for process in blenders] == [0, 0]
    assert len(said) == 40 and said.count("written\n") == 2, said
    assert all("raise the daily cap" in line for line in said if line != "written\n")
    assert len(jobs.in_states([Status.PREPARED])) == 2
    assert Ledger(database).spent_since(NEW.account_id, time.time()) == 2 * PRICE <= 100


def test_what_waits_since_yesterday_counts(database: Database, jobs: JobTable) -> None:
    """It is sent today: 240 credits went out under a cap of 100."""
    for _ in range(2):
        jobs.insert(NEW)
    database.connection.execute("UPDATE job SET created_at = created_at - 86400 * 2")
    with pytest.raises(InvalidSetting, match="80 of today's 100"):
        press.write_press(database, [NEW], CAP)


def test_the_jobs_of_one_press_are_all_written_or_none(database: Database, jobs: JobTable) -> None:
    with pytest.raises(InvalidSetting, match="costs 120 credits"):
        press.write_press(database, [NEW] * 3, CAP, ask_balance=True)
    assert jobs.recent(10) == [] and not BalanceTable(database).read(NEW.account_id).pending
    assert len(press.write_press(database, [NEW] * 2, CAP, ask_balance=True)) == 2
    assert BalanceTable(database).read(NEW.account_id).pending


def test_an_uncertain_job_that_is_sent_again_counts_twice(database: Database, jobs: JobTable) -> None:
    job_id = jobs.insert(NEW)
    jobs.transition(job_id, Status.PREPARED, Status.SUBMITTING)
    jobs.transition(job_id, Status.SUBMITTING, Status.UNCERTAIN)
    job = jobs.get(job_id)
    assert job is not None
    with pytest.raises(InvalidSetting, match="40 of today's 79"):
        press.write_retry(database, job, Status.PREPARED, Limits(daily_cap=79), CLEARED)
    assert jobs.get(job_id) == job and Ledger(database).entries() == []
    press.write_retry(database, job, Status.PREPARED, Limits(daily_cap=80), CLEARED)
    assert Ledger(database).spent_since(NEW.account_id, 0.0) == 80


def test_taking_up_what_is_paid_needs_no_cap(database: Database, jobs: JobTable) -> None:
    job_id = jobs.insert(NEW, status=Status.EXPIRED, task_id="task")
    job = jobs.get(job_id)
    assert job is not None
    press.write_retry(database, job, Status.QUEUED, Limits(daily_cap=0), {"message": ""})
    with pytest.raises(TripoError, match="changed meanwhile"):
        press.write_retry(database, job, Status.QUEUED, Limits(daily_cap=0), {"message": ""})


def test_a_job_that_another_blender_sends_again_stays_in_the_list(database: Database, jobs: JobTable) -> None:
    job_id = jobs.insert(NEW)
    jobs.transition(job_id, Status.PREPARED, Status.FAILED)
    job = jobs.get(job_id)
    assert job is not None
    press.write_retry(database, job, Status.PREPARED, CAP, CLEARED)
    assert not press.write_removed(database, job, notice(JobNotice.CANCELLED))
    shown = jobs.get(job_id)
    assert shown is not None and not shown.hidden and shown.status is Status.PREPARED


def test_the_sandbox_has_no_cap(database: Database) -> None:
    pretended = NewJob(SANDBOX_ACCOUNT, NEW.request)
    assert press.write_press(database, [pretended] * 4, CAP)


def test_a_balance_that_cannot_be_asked_for_does_not_refuse_the_press(database: Database, jobs: JobTable) -> None:
    database.connection.execute(
        "CREATE TRIGGER broken BEFORE INSERT ON balance BEGIN SELECT RAISE(ABORT, 'not now'); END"
    )
    (job_id,) = press.write_press(database, [NEW], CAP, ask_balance=True)
    assert [job.job_id for job in jobs.recent(10)] == [job_id]


def test_a_set_is_written_as_far_as_the_cap_allows_and_without_what_another_press_wrote(
    database: Database, jobs: JobTable
) -> None:
    new = [NEW] * 4
    asked: list[NewJob] = []

    def is_wanted(one: NewJob) -> bool:
        asked.append(one)
        return len(asked) != 2

    first, other, second, beyond = press.write_set(database, new, CAP, is_wanted).job_ids
    assert first and second and not other and not beyond, "two of 40 credits are within 100"
    assert {job.job_id for job in jobs.recent(10)} == {first, second}
    assert press.write_set(database, new, CAP, lambda one: True) == ([""] * 4, 4)
    assert press.write_set(database, new, CAP, lambda one: False) == ([""] * 4, 0)
    assert Ledger(database).spent_since(NEW.account_id, 0.0) == 80
