"""The part of the fault matrix that is the store's: locked, full, damaged, overwritten, removed while in use."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from client.agent.live_jobs import LiveJobs
from client.agent.requests import RequestScheduler
from client.agent.tasks import Work
from client.jobs.states import ENDED, LIVE, Status
from client.service.api import TripoClient
from client.store import JobTable, open_database
from client.store.rate_budget import RateTable
from support.agent_lab.agents import World, until
from support.agent_lab.agents import world as make_world
from support.agent_lab.fault_table import mounted, note, show_table


def test_a_store_on_a_full_disk_loses_no_answer(tmp_path: Path) -> None:
    """The service has taken the credits and the answer cannot be written: it is kept until it can."""
    with mounted(tmp_path / "home", "150m"), make_world(tmp_path) as world:
        filler = world.home.root / "filler"
        filler.write_bytes(bytes(128 << 20))
        world.sandbox.add_fault("submit", "slow", amount=80, seconds=0.3)  # the disk is full before the answer is there
        job_id = world.press()
        agent = world.run()
        until(lambda: world.submissions, "the service has taken it")
        for size in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError), filler.open("ab", buffering=0) as stream:
                while True:
                    stream.write(bytes(size))
        until(lambda: agent.agent._trouble_since is not None, "the store cannot be written")
        assert agent.thread.is_alive()
        shown = world.job(job_id)
        assert shown.status is Status.SUBMITTING
        filler.unlink()
        ended = world.ends(job_id)
        assert ended.status is Status.READY and world.submissions == 1
        note("store on a full disk", shown, ended)
        agent.join()


def test_a_locked_store_is_waited_for(world: World) -> None:
    other = sqlite3.connect(world.home.database, isolation_level=None)
    job_id = world.press()
    agent = world.run()
    until(lambda: world.submissions, "the service has taken it")
    other.execute("PRAGMA busy_timeout = 5000")
    other.execute("BEGIN IMMEDIATE")
    until(lambda: agent.agent._trouble_since is not None, "the agent meets the lock")
    assert agent.thread.is_alive()
    shown = world.job(job_id)
    other.execute("ROLLBACK")
    other.close()
    ended = world.ends(job_id)
    note("locked store", shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


def damage(world: World, index: str = "job_by_status") -> None:
    """Break one page of the store, as a broken disk does, and make every connection read it again."""
    connection = world.database.connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (index,)).fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    with world.home.database.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(bytes(size))
    world.database.set_setting("any", str(time.monotonic()))


def wreck(world: World) -> None:
    """Overwrite the store in place, as a sync program does."""
    for suffix in ("", "-wal"):
        file = world.home.database.with_name(world.home.database.name + suffix)
        with file.open("r+b") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            stream.write(os.urandom(max(size, 4096)))


def reopened(world: World) -> None:
    """As Blender does with an error from its store."""
    world.database.close()
    world.database = open_database(world.home, durable=False, busy_seconds=5.0)
    world.jobs = JobTable(world.database)


def test_a_store_that_breaks_while_it_is_used(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    paid = world.press()
    agent = world.run(window=1.0)
    world.reaches(paid, Status.QUEUED)
    damage(world)
    until(lambda: list(world.home.root.glob("jobs.damaged-*")), "the damaged store is set aside")
    until(lambda: not agent.agent._has_new_store and agent.agent.database.is_in_place(), "the agent has a new one")
    reopened(world)
    shown = world.reaches(paid, Status.QUEUED)
    assert shown.task_id == world.sandbox.state["submissions"][0]["task_id"]
    world.sandbox.finish()
    ended = world.ends(paid)
    note("store damaged while in use", shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


def test_a_request_on_its_way_survives_the_loss_of_the_store(lone_world: World) -> None:
    world = lone_world
    world.sandbox.add_fault("submit", "slow", amount=4, seconds=0.05)
    job_id = world.press()
    agent = world.run(window=1.0)
    until(lambda: world.submissions, "the service has taken it")
    wreck(world)
    reopened(world)  # another process finds it damaged and starts a new one: the agent follows
    assert list(world.home.root.glob("jobs.damaged-*"))
    shown = world.reaches(job_id, *LIVE)
    ended = world.ends(job_id)
    note("store overwritten while in use", shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be deleted there")
def test_a_store_that_is_removed_while_it_is_used(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    job_id = world.press()
    agent = world.run()
    world.reaches(job_id, Status.QUEUED)
    for file in world.home.root.glob("jobs.sqlite3*"):
        file.unlink()
    until(lambda: world.home.database.exists(), "there is a new one")
    reopened(world)
    world.sandbox.finish()
    shown = world.reaches(job_id, *LIVE, *ENDED)
    ended = world.ends(job_id)
    note("store removed while in use", shown, ended)
    assert ended.status is Status.READY and world.submissions == 1
    agent.join()


def test_a_store_found_damaged_gives_up_its_paid_jobs_only(world: World) -> None:
    """An inner page is broken: the next agent sets the store aside and takes over what was paid."""
    paid, unpaid = world.submitted(), world.press()
    for number in range(200):
        world.jobs.update(unpaid, Status.PREPARED, message=f"{number} " + "x" * 4000)
    damage(world, "job_by_creation")
    world.database.close()
    agent = world.run(window=1.0)
    assert list(world.home.root.glob("jobs.damaged-*"))
    reopened(world)
    assert world.jobs.get(unpaid) is None, "it might be sent once more: it stays in the store that was set aside"
    shown = world.job(paid)
    ended = world.ends(paid)
    note("store found damaged", shown, ended)
    assert ended.status is Status.READY
    agent.join()


def test_what_the_agent_knows_is_never_older_than_what_it_wrote(world: World) -> None:
    """Were the store lost between a write and the next look, a sent request could look like one that was not."""
    job_id = world.press()
    live_jobs = LiveJobs(world.database, world.account.account_id)
    assert live_jobs.read()
    quiet = Work(TripoClient(world.account), world.home, lambda _message: None, lambda: False)
    requests = RequestScheduler(live_jobs, RateTable(world.database, world.account.account_id, 600), quiet)
    requests.step(time.monotonic())
    assert requests.is_submitting
    assert [(job.job_id, job.status) for job in live_jobs.live] == [(job_id, Status.SUBMITTING)]


def test_an_error_of_our_own_is_not_waited_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong statement fails for ever: the agent ends, which Blender notices, and does not hang in silence."""
    monkeypatch.setattr("client.store.jobs._SELECT", "SELECT nonsense FROM job")
    world.database.connection.execute("SELECT 1")
    agent = world.run()
    with pytest.raises(sqlite3.OperationalError, match="nonsense"):
        agent.join()


def test_the_table_of_the_store(print_table: Callable[[str], None]) -> None:
    print_table(show_table("fault of the store"))


def test_a_newer_store_that_this_version_cannot_charge_still_gets_the_task_id(lone_world: World) -> None:
    """Not even a change that no migration may make takes what was paid for."""
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    world.sandbox.add_fault("submit", "slow", amount=8, seconds=0.05)
    job_id = world.press()
    agent = world.run()
    until(lambda: world.submissions, "the service has taken it")
    world.database.connection.execute("ALTER TABLE ledger RENAME COLUMN outcome TO result")
    world.reaches(job_id, Status.QUEUED)
    assert world.job(job_id).task_id == world.sandbox.state["submissions"][0]["task_id"]
    agent.stop()
