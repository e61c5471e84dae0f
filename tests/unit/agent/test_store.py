"""What the agent asks of the store beyond rows: openings at once, transactions in transactions, damage, new windows."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from client.jobs.states import Status
from client.paths import Home
from client.store import Database, JobTable, is_busy, is_damage, is_our_mistake, open_database, start_anew
from client.store.ledger import Ledger, Outcome
from client.store.opening import REPLACED_SETTING
from client.store.rate_budget import RateTable
from support.agent_lab.new_jobs import NEW

ROOT = Path(__file__).resolve().parents[3]


def test_many_processes_open_a_new_store_at_once(home: Home) -> None:
    script = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}]\n"
        "from pathlib import Path\nfrom client.paths import Home\nfrom client.store import open_database\n"
        "sys.stdin.read()\n"
        f"open_database(Home(Path({str(home.root)!r})), durable=True, busy_seconds=10).close()\n"
    )
    crowd = [
        subprocess.Popen([sys.executable, "-B", "-c", script], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in crowd:
        assert process.stdin is not None
        process.stdin.close()
    for process in crowd:
        assert process.stderr is not None
        complaint = process.stderr.read()
        process.stderr.close()
        assert process.wait() == 0, complaint.decode()
    assert not list(home.root.glob("*.damaged-*"))


def test_many_find_the_same_store_damaged_and_start_one_new(home: Home) -> None:
    home.prepare()
    home.database.write_bytes(b"no database at all " * 1000)
    errors: list[Exception] = []
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        try:
            database = open_database(home, durable=True, busy_seconds=10)
            JobTable(database).insert(NEW)
            database.close()
        except Exception as error:
            errors.append(error)

    crowd = [threading.Thread(target=work) for _ in range(4)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert not errors, errors
    database = open_database(home, durable=True, busy_seconds=1)
    assert len(JobTable(database).recent(10)) == 4, "no new store was taken for the damaged one"
    database.close()
    assert len(list(home.root.glob("jobs.damaged-*.sqlite3"))) == 1


def test_a_transaction_within_another_is_part_of_it(database: Database) -> None:
    jobs, ledger = JobTable(database), Ledger(database)
    job = jobs.get(jobs.insert(NEW))
    assert job is not None
    with pytest.raises(RuntimeError), database.transaction():
        ledger.record_charge(job, Outcome.CHARGED, "task")
        jobs.transition(job.job_id, Status.PREPARED, Status.SUBMITTING)
        raise RuntimeError
    assert jobs.get(job.job_id) == job and ledger.entries() == []
    with database.transaction():
        ledger.record_charge(job, Outcome.CHARGED, "task")
        jobs.transition(job.job_id, Status.PREPARED, Status.SUBMITTING)
    assert len(ledger.entries()) == 1


def test_after_a_failed_commit_it_goes_on(home: Home, database: Database) -> None:
    """The write lock is held by somebody else in the middle: the next transaction is not within the failed one."""
    other = sqlite3.connect(home.database, isolation_level=None)
    database.connection.execute("PRAGMA busy_timeout = 10")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as caught:
        JobTable(database).insert(NEW)
    assert is_busy(caught.value) and not is_damage(caught.value)
    other.execute("ROLLBACK")
    other.close()
    assert JobTable(database).insert(NEW)


def test_a_new_store_takes_over_all_jobs_but_the_unsent_and_the_ledger(home: Home, database: Database) -> None:
    jobs = JobTable(database)
    paid = jobs.insert(NEW, status=Status.RUNNING, task_id="task")
    unsent = jobs.insert(NEW)
    done = jobs.insert(NEW, status=Status.READY, task_id="done")
    unclear = jobs.insert(NEW, status=Status.UNCERTAIN)
    job = jobs.get(paid)
    assert job is not None
    Ledger(database).record_charge(job, Outcome.CHARGED, "task")
    start_anew(database)
    assert {found.job_id for found in jobs.recent(10)} == {paid, done, unclear}
    assert jobs.get(unsent) is None, "it may have been sent since"
    assert [entry.task_id for entry in Ledger(database).entries()] == ["task"]
    assert jobs.insert(NEW) and len({found.revision for found in jobs.recent(10)}) == 4
    aside = next(home.root.glob("jobs.damaged-*.sqlite3"))
    kept = sqlite3.connect(aside)
    assert kept.execute("SELECT count(*) FROM job").fetchone()[0] == 4
    kept.close()


def test_stores_set_aside_in_one_second_do_not_replace_each_other(home: Home, database: Database) -> None:
    for _ in range(3):
        JobTable(database).insert(NEW)
        start_anew(database)
    assert len(list(home.root.glob("jobs.damaged-*.sqlite3"))) == 3


def test_an_emptied_store_counts_as_damaged_and_a_wrong_statement_does_not(home: Home, database: Database) -> None:
    database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other = sqlite3.connect(home.root / "other.sqlite3")
    with pytest.raises(sqlite3.OperationalError) as empty:
        other.execute("SELECT * FROM job")
    other.close()
    assert is_damage(empty.value) and not is_our_mistake(empty.value)
    with pytest.raises(sqlite3.OperationalError) as wrong:
        database.connection.execute("SELECT nonsense FROM job")
    assert is_our_mistake(wrong.value) and not is_damage(wrong.value)


def test_a_store_removed_or_replaced_is_noticed(home: Home, database: Database) -> None:
    assert database.is_in_place()
    home.database.unlink()
    assert not database.is_in_place()
    database.reopen()
    assert database.is_in_place() and JobTable(database).insert(NEW)


def test_a_job_is_put_back_as_it_was(database: Database) -> None:
    jobs = JobTable(database)
    job_id = jobs.insert(NEW, status=Status.RUNNING, task_id="task")
    job = jobs.get(job_id)
    assert job is not None
    start_anew(database)
    database.connection.execute("DELETE FROM job")
    jobs.restore(job)
    again = jobs.get(job_id)
    assert again is not None and again.task_id == "task" and again.revision > 0
    assert (again.status, again.request, again.created_at) == (job.status, job.request, job.created_at)


def test_a_new_store_keeps_still_for_a_window(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked in the last minute was in the damaged one."""
    now = 5000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    database.set_setting(REPLACED_SETTING, "5000.0")
    rate = RateTable(database, "account", 3)
    assert rate.reserve("status") is None
    assert rate.budget(now).next_slot(now) == pytest.approx(5060.0)
    now = 5060.5
    assert rate.reserve("status") is not None


def test_a_stamp_a_moment_ahead_counts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looked at the clock before somebody else wrote must not take the stamp for one from before a reboot."""
    now = 5000.2
    monkeypatch.setattr(time, "monotonic", lambda: now)
    rate = RateTable(database, "account", 1)
    stamp = rate.reserve("status")
    assert stamp is not None
    rate.complete(stamp)
    rate.refused(30.0, 0.0)
    earlier = 5000.0
    assert rate.budget(earlier).next_slot(earlier) >= earlier + 30.0
    assert len(rate.budget(earlier).stamps) == 1
