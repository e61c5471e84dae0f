"""The cache: what goes first, what never goes, and what the numbers say."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from client.account import CACHE_LIMIT_SETTING
from client.agent.clear_cache import start_clearing
from client.jobs.request import GenerationRequest
from client.jobs.states import LIVE, Status
from client.paths import Home
from client.schema import TEXT
from client.store import Database, JobTable, NewJob, result_cache

NOW = time.time()
HOUR = 3600.0
SIZE = 1000

Put = Callable[..., str]


@pytest.fixture
def put(home: Home, database: Database) -> Put:
    """A job with two files and a thumbnail, in any state."""

    def insert(status: Status = Status.IMPORTED, *, age: float = 0.0, used: float = 0.0, hidden: bool = False) -> str:
        jobs = JobTable(database)
        job_id = jobs.insert(NewJob("account", GenerationRequest(TEXT)), status=status, task_id="task")
        folder = home.result_folder(job_id)
        folder.mkdir()
        for name, size in (("model.glb", SIZE // 4), ("model.blend", SIZE * 3 // 4), ("thumbnail.png", 10)):
            (folder / name).write_bytes(b"x" * size)
        jobs.update(
            job_id,
            status,
            file=f"results/{job_id}/model.glb",
            blend=f"results/{job_id}/model.blend",
            thumbnail=f"results/{job_id}/thumbnail.png",
            kept=SIZE,
            finished_at=NOW - age,
            used_at=NOW - used,
        )
        if hidden:
            jobs.hide(job_id)
        return job_id

    return insert


def files(home: Home, job_id: str) -> list[str]:
    folder = home.result_folder(job_id)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def pruned(home: Home, database: Database, jobs: list[str], most: int) -> list[str]:
    """Prune down to a limit; the jobs whose models went, in that order."""
    database.set_setting(CACHE_LIMIT_SETTING, str(most))
    gone: list[str] = []
    while result_cache.prune_one(home, database, NOW):
        gone += [job_id for job_id in jobs if job_id not in gone and "model.blend" not in files(home, job_id)]
    return gone


def test_nothing_goes_below_the_limit(home: Home, database: Database, put: Put) -> None:
    jobs = [put(), put()]
    assert pruned(home, database, jobs, 2 * SIZE) == []


def test_the_least_recently_used_goes_first(home: Home, database: Database, put: Put) -> None:
    jobs = [put(used=2 * HOUR), put(used=3 * HOUR), put(used=1 * HOUR)]
    assert pruned(home, database, jobs, SIZE) == [jobs[1], jobs[0]]
    row = JobTable(database).get(jobs[1])
    assert row is not None and row.status is Status.IMPORTED
    assert (row.file, row.blend, row.kept) == ("", "", 0)
    assert row.thumbnail and files(home, jobs[1]) == ["thumbnail.png"], "it still has its image in the list"


def test_only_copies_go_last_and_removed_jobs_first(home: Home, database: Database, put: Put) -> None:
    only_copy = put(age=25 * HOUR, used=50 * HOUR)
    fresh = put(age=1 * HOUR, used=0.1 * HOUR)
    removed = put(age=25 * HOUR, hidden=True)
    assert pruned(home, database, [only_copy, fresh, removed], 0) == [removed, fresh, only_copy]
    assert files(home, removed) == []


@pytest.mark.parametrize("status", [*sorted(LIVE), Status.READY, Status.UNCERTAIN, Status.FAILED, Status.CANCELLED])
@pytest.mark.parametrize("hidden", [False, True])
def test_what_is_in_no_scene_is_never_pruned(
    home: Home, database: Database, put: Put, status: Status, hidden: bool
) -> None:
    job_id = put(status, age=100 * HOUR, hidden=hidden)
    assert pruned(home, database, [job_id], 0) == []
    assert "model.glb" in files(home, job_id)


def test_what_is_pinned_is_neither_pruned_nor_cleared(home: Home, database: Database, put: Put) -> None:
    kept, other = put(age=HOUR), put()
    JobTable(database).pin(kept, True)
    assert pruned(home, database, [kept, other], 0) == [other]
    assert result_cache.usage(home, database, NOW).pinned_models == 1
    assert result_cache.clear(home, database, NOW) == 0
    JobTable(database).pin(kept, False)
    assert result_cache.clear(home, database, NOW) == 1


def test_clearing(home: Home, database: Database, put: Put) -> None:
    imported, ready, running = put(), put(Status.READY), put(Status.RUNNING)
    removed = put(Status.CANCELLED, hidden=True)
    assert result_cache.clear(home, database, NOW) == 2
    assert files(home, imported) == ["thumbnail.png"] and files(home, removed) == []
    assert "model.blend" in files(home, ready) and "model.blend" in files(home, running)
    assert result_cache.clear(home, database, NOW) == 0


def test_what_a_refused_file_leaves_goes_with_its_job(home: Home, database: Database, put: Put) -> None:
    job_id = put(Status.FAILED)
    refused = home.quarantine / f"{job_id}.bin"
    refused.write_bytes(b"x")
    JobTable(database).update(job_id, Status.FAILED, file=f"quarantine/{job_id}.bin")
    result_cache.clear(home, database, NOW)
    assert refused.exists()
    JobTable(database).hide(job_id)
    result_cache.clear(home, database, NOW)
    assert not refused.exists()


def test_clearing_removes_what_nobody_knows_of(home: Home, database: Database, put: Put) -> None:
    """Folders of a lost store, once they are a day old, and files that could not be removed before."""
    old, new = home.results / "0123456789ab", home.results / "ba9876543210"
    for folder in (old, new):
        folder.mkdir()
        (folder / "model.glb").write_bytes(b"x")
    job_id = put()
    result_cache.clear(home, database, NOW)
    (home.result_folder(job_id) / "model.blend").write_bytes(b"x")
    result_cache.clear(home, database, old.stat().st_mtime + 23 * HOUR)
    assert old.exists() and files(home, job_id) == ["thumbnail.png"]
    result_cache.clear(home, database, old.stat().st_mtime + 25 * HOUR)
    assert not old.exists() and not new.exists()


def test_what_the_numbers_say(home: Home, database: Database, put: Put) -> None:
    put(age=25 * HOUR)
    put(age=1 * HOUR)
    put(Status.READY)
    put(Status.CANCELLED, hidden=True, age=100 * HOUR)
    for _ in range(2):
        JobTable(database).pin(put(), True)
    shelved = put(age=2 * HOUR)
    JobTable(database).update(shelved, Status.IMPORTED, shelf="a cup")
    assert result_cache.usage(home, database, NOW) == result_cache.Usage(
        models=4,
        bytes=4 * SIZE,
        only_copies=1,
        kept_models=1,
        kept_bytes=SIZE,
        on_shelf=1,
        pinned_models=2,
        pinned_bytes=2 * SIZE,
    )


def test_an_empty_cache(home: Home, database: Database) -> None:
    assert result_cache.usage(home, database, NOW) == result_cache.Usage(0, 0, 0, 0, 0)
    assert result_cache.clear(home, database, NOW) == 0


def test_a_job_imported_meanwhile_keeps_its_files(home: Home, database: Database, put: Put) -> None:
    """Between the look and the removal it was taken up again."""
    job_id = put()
    assert JobTable(database).transition(job_id, Status.IMPORTED, Status.READY)
    assert not result_cache.drop(home, database, job_id, "status = 'IMPORTED'")
    assert "model.blend" in files(home, job_id)


def test_the_clearing_process(home: Home, database: Database, put: Put) -> None:
    job_id, ready = put(), put(Status.READY)
    process: subprocess.Popen[bytes] = start_clearing(home.root, sys.executable)
    assert process.wait(30) == 0
    assert files(home, job_id) == ["thumbnail.png"] and "model.blend" in files(home, ready)
    row = JobTable(database).get(job_id)
    assert row is not None and row.file == ""
