"""Images written for requests, and refused files: how long they are kept, and who counts them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import pytest

from client.files import unneeded_files
from client.jobs.images import ImageSource, unique_file_name
from client.jobs.request import GenerationRequest
from client.jobs.states import LIVE, Status
from client.paths import Home
from client.schema import Kind
from client.store import Database, JobTable, NewJob, result_cache

NOW = time.time()
SIZE = 100

Press = Callable[..., str]


@pytest.fixture
def image(home: Home, database: Database) -> Callable[[], str]:
    """Write an image for a request; its path."""

    def write() -> str:
        path = home.inputs / unique_file_name("a cat", uuid.uuid4().hex, ".png")
        path.write_bytes(b"x" * SIZE)
        return str(path)

    return write


@pytest.fixture
def press(jobs: JobTable) -> Press:
    """A job in any state, made from these images."""

    def insert(*paths: str, status: Status = Status.IMPORTED) -> str:
        images = tuple(ImageSource("image", path=path) for path in paths)
        return jobs.insert(NewJob("account", GenerationRequest(Kind.IMAGE, images=images)), status=status)

    return insert


def names(home: Home) -> set[str]:
    return {str(path) for path in home.inputs.iterdir()}


def remove(home: Home, jobs: JobTable, job_id: str) -> None:
    jobs.hide(job_id)
    unneeded_files.remove_with_job(home, jobs.database, job_id)


@pytest.mark.parametrize("status", [Status.IMPORTED, Status.FAILED, Status.UNCERTAIN, Status.CANCELLED])
def test_images_go_with_the_job(
    home: Home, jobs: JobTable, image: Callable[[], str], press: Press, status: Status
) -> None:
    stays = image()
    press(stays)
    remove(home, jobs, press(image(), image(), status=status))
    assert names(home) == {stays}


@pytest.mark.parametrize("other", [*sorted(LIVE), Status.UNCERTAIN, Status.FAILED, Status.READY, Status.IMPORTED])
def test_an_image_that_another_job_names_stays(
    home: Home, jobs: JobTable, image: Callable[[], str], press: Press, other: Status
) -> None:
    shared = image()
    variations = [press(shared, status=Status.CANCELLED), press(shared, status=other)]
    remove(home, jobs, variations[0])
    assert names(home) == {shared}
    if other not in LIVE:
        remove(home, jobs, variations[1])
        assert names(home) == set()


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.IMPORTED}))
def test_clear_cache_leaves_what_may_still_be_sent(
    home: Home, database: Database, image: Callable[[], str], press: Press, status: Status
) -> None:
    path = image()
    press(path, status=status)
    press(path)
    assert result_cache.usage(home, database, NOW) == result_cache.Usage(0, 0, 0, 0, SIZE)
    result_cache.clear(home, database, NOW)
    assert names(home) == {path}


def test_clear_cache_takes_images_of_imported_jobs(
    home: Home, database: Database, image: Callable[[], str], press: Press
) -> None:
    press(image())
    assert result_cache.usage(home, database, NOW).bytes == SIZE
    result_cache.clear(home, database, NOW)
    assert names(home) == set()


def test_an_image_whose_job_is_just_being_written_stays(
    home: Home, database: Database, image: Callable[[], str]
) -> None:
    path = image()
    result_cache.clear(home, database, NOW)
    assert names(home) == {path}
    result_cache.clear(home, database, NOW + 48 * 3600)
    assert names(home) == set()


def test_a_request_that_is_refused_leaves_images_of_others(
    home: Home, database: Database, image: Callable[[], str], press: Press
) -> None:
    """Use These Settings points at the image of an earlier job."""
    shared, new = image(), image()
    press(shared)
    unneeded_files.discard_unsent(home, database, [shared, new])
    assert names(home) == {shared}


def refuse(home: Home, jobs: JobTable, job_id: str) -> list[str]:
    """What the agent leaves of a file that Blender's importer refuses."""
    for suffix in ("glb", "log", "bin"):
        (home.quarantine / f"{job_id}.{suffix}").write_bytes(b"x" * SIZE)
    jobs.update(job_id, Status.FAILED, file=f"quarantine/{job_id}.glb", kept=SIZE)
    return sorted(path.name for path in home.quarantine.iterdir())


def test_refused_files_go_with_the_job(home: Home, jobs: JobTable, press: Press) -> None:
    job_id = press(status=Status.FAILED)
    refuse(home, jobs, job_id)
    other = press(status=Status.FAILED)
    refuse(home, jobs, other)
    remove(home, jobs, job_id)
    assert {path.stem for path in home.quarantine.iterdir()} == {other}
    row = jobs.get(job_id)
    assert row is not None and (row.file, row.kept) == ("", 0)


def test_clear_cache_leaves_a_refused_file_that_may_be_tried_again(
    home: Home, database: Database, jobs: JobTable, press: Press
) -> None:
    """It is the result that was paid for; what came instead of one is not."""
    job_id = press(status=Status.FAILED)
    refuse(home, jobs, job_id)
    assert result_cache.usage(home, database, NOW) == result_cache.Usage(
        models=0, bytes=SIZE, only_copies=0, kept_models=1, kept_bytes=2 * SIZE
    ), "the other file goes, the log stays beside its file"
    result_cache.clear(home, database, NOW)
    assert sorted(path.suffix for path in home.quarantine.iterdir()) == [".glb", ".log"]
    jobs.hide(job_id)
    result_cache.clear(home, database, NOW)
    assert list(home.quarantine.iterdir()) == []
