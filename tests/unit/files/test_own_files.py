"""A home folder that is somebody's own: only what carries our names is removed, and no link is followed out of it."""

from __future__ import annotations

import stat
import sys
import time
import uuid
from pathlib import Path

import pytest

from client.account import CACHE_LIMIT_SETTING
from client.agent.dead_agents import sweep
from client.files.unneeded_files import discard_unsent
from client.jobs.request import GenerationRequest
from client.jobs.states import Status
from client.paths import Home
from client.schema import TEXT
from client.store import Database, JobTable, NewJob, open_database, result_cache

NOBODY = "0123456789ab"
"""A job of a store that is lost."""
FOREIGN = [
    "taxes.pdf",
    "jobs.damaged-notes.txt",
    "downloads/taxes.pdf",
    "downloads/film.part",
    f"downloads/{NOBODY}.part.bak",
    f"downloads/{NOBODY}/taxes.pdf",
    "results/model.glb",
    "results/thumbnail.png",
    "results/holiday/model.glb",
    f"results/{NOBODY}/notes.txt",
    f"results/{NOBODY}/deeper/model.glb",
    "quarantine/letter.txt",
    "quarantine/letter.log",
    "scratch/drawing.png",
    "scratch/sketches/one.png",
    f"scratch/{uuid.UUID(int=1).hex}/one.png",
    "inputs/cat.png",
    "inputs/cat~1.png",
    f"inputs/{uuid.UUID(int=1).hex}.png",
    "thumbnails/one.png",
]
OURS = [
    f"downloads/{NOBODY}.part",
    f"downloads/{NOBODY}.part.etag",
    f"downloads/{NOBODY}.whole",
    f"downloads/{NOBODY}.thumbnail",
    f"results/{NOBODY}/model.glb",
    f"results/{NOBODY}/model.blend.partial",
    f"results/{NOBODY}/thumbnail.png",
    f"quarantine/{NOBODY}.bin",
    f"quarantine/{NOBODY}.log",
    f"scratch/{uuid.UUID(int=1).hex}-ab12_x9z/model.glb",
    f"inputs/a cat~{uuid.UUID(int=2).hex}.png",
    f"inputs/{uuid.UUID(int=3).hex}-front.png",
]
LATER = time.time() + 48 * 3600.0


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def there(root: Path, names: list[str]) -> list[str]:
    return [name for name in names if (root / name).exists()]


def tidy(home: Home, database: Database) -> None:
    """Everything that removes files."""
    sweep(home, database, "account", uuid.uuid4().hex)
    database.set_setting(CACHE_LIMIT_SETTING, "0")
    while result_cache.prune_one(home, database, LATER):
        pass
    result_cache.clear(home, database, LATER)


def imported(database: Database, file: str, **changes: str) -> str:
    jobs = JobTable(database)
    job_id = jobs.insert(NewJob("account", GenerationRequest(TEXT)), status=Status.IMPORTED, task_id="task")
    jobs.update(job_id, Status.IMPORTED, file=file.format(job_id), kept=1, **changes)
    return job_id


def test_foreign_files_stay_and_ours_go(home: Home, database: Database) -> None:
    write(home.root, *FOREIGN, *OURS)
    tidy(home, database)
    assert there(home.root, FOREIGN) == FOREIGN
    assert there(home.root, OURS) == []


def test_a_foreign_file_in_a_jobs_folder_stays(home: Home, database: Database) -> None:
    job_id = imported(database, "results/{}/model.glb")
    names = [f"results/{job_id}/{name}" for name in ("model.glb", "model.blend", "my notes.txt", "sub/model.glb")]
    write(home.root, *names)
    tidy(home, database)
    assert there(home.root, names) == names[2:]


@pytest.mark.parametrize("file", ["taxes.pdf", "../outside.txt", "results/0123456789ab/model.glb", "quarantine/x.log"])
def test_a_row_cannot_name_a_file_that_is_not_its_own(home: Home, database: Database, file: str) -> None:
    write(home.root, file)
    job_id = imported(database, file)
    assert result_cache.drop(home, database, job_id, "1")
    assert (home.root / file).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_no_link_is_followed(home: Home, database: Database, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write(outside, "model.glb", "thumbnail.png", f"{NOBODY}.part", "one.png")
    job_id = imported(database, "results/{}/model.glb")
    agent = f"{uuid.UUID(int=1).hex}-abcdefgh"
    for link in (f"results/{job_id}", f"results/{NOBODY}", f"scratch/{agent}"):
        (home.root / link).symlink_to(outside)
    (home.downloads / f"{NOBODY}.part").symlink_to(outside / f"{NOBODY}.part")
    tidy(home, database)
    assert len(list(outside.iterdir())) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_in_a_linked_folder_only_known_jobs_lose_files(home: Home, database: Database, tmp_path: Path) -> None:
    """The folder of another disk may serve another store, too."""
    job_id = imported(database, "results/{}/model.glb")
    for name in ("downloads", "results", "quarantine", "scratch", "inputs"):
        (tmp_path / name).mkdir()
        (home.root / name).rmdir()
        (home.root / name).symlink_to(tmp_path / name)
    own = [f"results/{job_id}/model.glb", f"downloads/{job_id}.part", f"quarantine/{job_id}.log"]
    write(tmp_path, *OURS, *own)
    tidy(home, database)
    assert there(tmp_path, OURS) == OURS
    assert there(tmp_path, own) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_a_shared_folder_stays_shared(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / "results").mkdir(parents=True)
    for folder in (shared, shared / "results"):
        folder.chmod(0o775)
    home = Home(shared)
    open_database(home, durable=True, busy_seconds=1).close()
    assert stat.S_IMODE(shared.stat().st_mode) == stat.S_IMODE(home.results.stat().st_mode) == 0o775
    assert stat.S_IMODE(home.inputs.stat().st_mode) == 0o700, "made by us"
    for file in (home.database, home.database.with_name("opening.lock")):
        assert not stat.S_IMODE(file.stat().st_mode) & 0o077


def test_an_artists_own_image_is_not_discarded(home: Home, database: Database) -> None:
    """It lies in the folder for our images, because that is a folder of theirs."""
    mine = f"inputs/a cat~{uuid.UUID(int=2).hex}.png"
    write(home.root, "inputs/cat.png", mine)
    discard_unsent(home, database, [str(home.inputs / "cat.png"), str(home.root / mine), "", "/nowhere.png"])
    assert there(home.root, ["inputs/cat.png", mine]) == ["inputs/cat.png"]
