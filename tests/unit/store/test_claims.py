"""Claims: of several Blenders one delivers, and what a dead one held is free again."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from client.jobs.request import GenerationRequest
from client.jobs.states import Status
from client.notices import text
from client.paths import Home
from client.schema import TEXT
from client.store import Database, JobTable, NewJob, open_database, result_cache
from client.store.claims import CLAIM_SECONDS, ClaimTable, new_owner, release_dead
from client.store.processes import is_running

ROOT = Path(__file__).resolve().parents[3]
NOW = time.time()
OTHER = """
import sys
from pathlib import Path
from client.paths import Home
from client.store import open_database
from client.store.claims import ClaimTable, new_owner
database = open_database(Home(Path(sys.argv[1])), durable=False, busy_seconds=5)
print(ClaimTable(database, new_owner()).claim(sys.argv[2]), flush=True)
sys.stdin.read()
"""

Other = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def other(home: Home) -> Iterator[Other]:
    """Another Blender that claims a job and then does not go on."""
    started: list[subprocess.Popen[str]] = []

    def start(job_id: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-B", "-c", OTHER, str(home.root), job_id]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        assert process.stdout is not None and process.stdout.readline() == "True\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def ready(jobs: JobTable) -> str:
    job_id = jobs.insert(NewJob("account", GenerationRequest(TEXT)), status=Status.READY, task_id="task")
    jobs.update(job_id, Status.READY, file=f"results/{job_id}/model.glb", kept=1)
    return job_id


@pytest.fixture
def mine(database: Database) -> ClaimTable:
    return ClaimTable(database, new_owner())


def status(jobs: JobTable, job_id: str) -> Status:
    job = jobs.get(job_id)
    assert job is not None
    return job.status


def test_a_claimed_job_is_not_imported_yet(jobs: JobTable, mine: ClaimTable, ready: str) -> None:
    assert mine.claim(ready) and status(jobs, ready) is Status.READY
    assert mine.claim(ready), "one's own claim is no obstacle"
    assert mine.finish(ready) and status(jobs, ready) is Status.IMPORTED
    assert not mine.claim(ready)


def test_what_an_imported_model_lacks_is_still_said(jobs: JobTable, mine: ClaimTable, ready: str) -> None:
    sentence = "Incomplete: a texture is not in the download (wood.png)"
    jobs.update(ready, Status.READY, message=sentence, incomplete=sentence)
    assert mine.claim(ready)
    mine.release(ready, text("The disk is full"))
    assert mine.claim(ready) and mine.finish(ready)
    job = jobs.get(ready)
    assert job is not None and (job.status, job.message) == (Status.IMPORTED, sentence)


def test_the_claim_of_a_living_blender_holds(jobs: JobTable, mine: ClaimTable, ready: str, other: Other) -> None:
    other(ready)
    job = jobs.get(ready)
    assert job is not None and mine.is_held(job)
    assert not mine.claim(ready) and not mine.finish(ready)
    mine.release(ready, text("not mine to give"))
    job = jobs.get(ready)
    assert job is not None and mine.is_held(job) and job.message == ""


def test_the_claim_of_a_killed_blender_is_free(jobs: JobTable, mine: ClaimTable, ready: str, other: Other) -> None:
    process = other(ready)
    process.kill()
    process.wait()
    assert not is_running(process.pid)
    assert mine.claim(ready) and mine.finish(ready)


@pytest.mark.parametrize("age", [CLAIM_SECONDS + 1, -10.0], ids=["old", "from before a reboot"])
def test_an_old_claim_is_free_even_if_its_process_id_lives(
    jobs: JobTable, mine: ClaimTable, ready: str, other: Other, age: float
) -> None:
    other(ready)
    assert jobs.update(ready, Status.READY, claimed_at=time.monotonic() - age)
    assert mine.claim(ready)


def test_whoever_was_overtaken_does_not_finish(jobs: JobTable, mine: ClaimTable, ready: str, other: Other) -> None:
    assert mine.claim(ready)
    jobs.update(ready, Status.READY, claimed_at=time.monotonic() - CLAIM_SECONDS - 1)
    other(ready)
    assert not mine.finish(ready) and status(jobs, ready) is Status.READY


def test_a_claim_given_back_is_free(database: Database, jobs: JobTable, mine: ClaimTable, ready: str) -> None:
    assert mine.claim(ready)
    mine.release(ready, text("no room"))
    job = jobs.get(ready)
    assert job is not None and (job.status, job.message, job.claimed_by) == (Status.READY, "no room", "")
    assert ClaimTable(database, new_owner()).claim(ready)


def test_of_many_at_once_one_claims(home: Home, jobs: JobTable, ready: str) -> None:
    won: list[int] = []
    gate = threading.Barrier(6)

    def blender(number: int) -> None:
        database = open_database(home, durable=False, busy_seconds=10)
        gate.wait()
        if ClaimTable(database, new_owner()).claim(ready):
            won.append(number)
        database.close()

    threads = [threading.Thread(target=blender, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_clear_cache_leaves_what_is_being_imported(
    home: Home, database: Database, jobs: JobTable, ready: str, other: Other
) -> None:
    """Also when the job was taken off the list meanwhile; once its Blender is dead, the files may go."""
    model = home.root / f"results/{ready}/model.glb"
    model.parent.mkdir()
    model.write_bytes(b"x")
    process = other(ready)
    jobs.hide(ready)
    assert result_cache.usage(home, database, NOW).bytes == 0
    assert result_cache.clear(home, database, NOW) == 0 and model.exists()
    process.kill()
    process.wait()
    assert result_cache.clear(home, database, NOW) == 1 and not model.exists()


def test_dead_claims_are_released(database: Database, jobs: JobTable, ready: str, other: Other) -> None:
    process = other(ready)
    release_dead(database)
    job = jobs.get(ready)
    assert job is not None and job.claimed_by
    process.kill()
    process.wait()
    release_dead(database)
    job = jobs.get(ready)
    assert job is not None and (job.claimed_by, job.claimed_at) == ("", None)
