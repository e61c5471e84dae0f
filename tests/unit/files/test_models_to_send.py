"""Selections and what was exported of them: they go as soon as they cannot be sent any more, and not before."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable

import pytest

from client.files import unneeded_files
from client.files.own_files import token_of_input, tokens_in
from client.jobs.model_source import ModelSource
from client.jobs.request import GenerationRequest
from client.jobs.states import LIVE, Status
from client.paths import Home
from client.schema import Kind
from client.store import Database, JobTable, NewJob, result_cache

NOW = time.time()
Press = Callable[..., str]


@pytest.fixture
def selection(home: Home) -> Callable[..., ModelSource]:
    """Write what Blender and the converter write of a selection."""

    def write(*suffixes: str) -> ModelSource:
        token = uuid.uuid4().hex
        for suffix in suffixes or (".blend", ".selection"):
            (home.inputs / f"{token}{suffix}").write_bytes(b"x")
        return ModelSource(objects=("Suzanne",), blend=f"inputs/{token}.blend")

    return write


@pytest.fixture
def press(jobs: JobTable) -> Press:
    """A job of a selection, in any state."""

    def insert(model: ModelSource, status: Status = Status.PREPARED) -> str:
        request = GenerationRequest(Kind.MESH_SEGMENTATION, None, model=model)
        return jobs.insert(NewJob("account", request), status=status)

    return insert


def endings(home: Home) -> list[str]:
    return sorted(path.suffix for path in home.inputs.iterdir())


def test_their_names_are_ours_and_no_others() -> None:
    token = "0123456789abcdef" * 2
    ours = [f"{token}{suffix}" for suffix in (".blend", ".blend@", ".selection", ".glb", ".fbx", ".glb.partial")]
    assert {token_of_input(name) for name in ours} == {token}
    for name in ("scene.blend", f"{token}.txt", f"{token[:-1]}.blend", f"x{token}.blend", f"{token}.blend1"):
        assert token_of_input(name) == ""
    assert tokens_in(f'{{"blend": "inputs/{token}.blend"}}') == {token}


@pytest.mark.parametrize("status", sorted(Status))
def test_a_model_stays_as_long_as_it_may_be_sent(
    home: Home, database: Database, selection: Callable[..., ModelSource], press: Press, status: Status
) -> None:
    press(selection(".blend", ".selection", ".glb"), status)
    unneeded_files.remove_sent_models(home, database, NOW)
    may_be_sent = status in {Status.FAILED, Status.UNCERTAIN}
    # The result of a live job is compared with the selection.
    stay = [".blend", ".glb", ".selection"] if status in LIVE else [".glb"] if may_be_sent else []
    assert endings(home) == stay


def test_a_selection_that_is_not_exported_stays(
    home: Home, database: Database, selection: Callable[..., ModelSource], press: Press
) -> None:
    press(selection())
    unneeded_files.remove_sent_models(home, database, NOW)
    result_cache.clear(home, database, NOW)
    assert endings(home) == [".blend", ".selection"]


def test_a_model_that_another_job_names_stays(
    home: Home, jobs: JobTable, selection: Callable[..., ModelSource], press: Press
) -> None:
    shared = selection(".glb")
    first = press(shared, Status.FAILED)
    press(shared)
    jobs.hide(first)
    unneeded_files.remove_with_job(home, jobs.database, first)
    unneeded_files.remove_sent_models(home, jobs.database, NOW)
    assert endings(home) == [".glb"]


def test_a_model_that_only_a_row_names_stays(home: Home, jobs: JobTable, press: Press) -> None:
    """Of a result in a format that the service does not take: its request names the job and no file."""
    name = f"{uuid.uuid4().hex}.glb"
    (home.inputs / name).write_bytes(b"x")
    job_id = press(ModelSource(job_id="0" * 12))
    jobs.update(job_id, Status.PREPARED, prepared=f"inputs/{name}")
    unneeded_files.remove_sent_models(home, jobs.database, NOW)
    assert endings(home) == [".glb"]
    jobs.transition(job_id, Status.PREPARED, Status.CANCELLED)
    unneeded_files.remove_sent_models(home, jobs.database, NOW)
    assert endings(home) == []


def test_a_selection_without_a_job_goes_when_it_is_old(
    home: Home, database: Database, selection: Callable[..., ModelSource]
) -> None:
    """Its Blender may be about to write the job."""
    source = selection()
    (home.inputs / "the artist's own.blend").write_bytes(b"x")
    unneeded_files.remove_sent_models(home, database, NOW)
    assert len(endings(home)) == 3
    for path in home.inputs.iterdir():
        os.utime(path, (NOW - 48 * 3600, NOW - 48 * 3600))
    unneeded_files.remove_sent_models(home, database, NOW)
    assert [path.name for path in home.inputs.iterdir()] == ["the artist's own.blend"] and source.blend


def test_a_press_that_is_refused_leaves_nothing_of_its_selection(
    home: Home, database: Database, selection: Callable[..., ModelSource], press: Press
) -> None:
    kept, refused = selection(), selection()
    press(kept)
    unneeded_files.discard_unsent(home, database, [str(home.root / one.blend) for one in (kept, refused)])
    assert {token_of_input(path.name) for path in home.inputs.iterdir()} == tokens_in(kept.blend)
