"""A model is made ready anew, from the file that is there: for other merge and smooth options, or a `.blend` gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), both_ends]


@pytest.fixture
def made(sandbox: SandboxControl, extension: str) -> Any:
    """The collection of a model that was generated and delivered as it came."""
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    preferences: Any = bpy.context.preferences.addons[extension].preferences
    preferences.requests_per_minute = 600
    assert bpy.ops.tripo.text_to_3d(prompt="a sword") == {"FINISHED"}
    (collection,) = models()
    return collection


def models() -> list[Any]:
    return [one for one in bpy.data.collections if "tripo_job_id" in one]


def vertices(collection: Any) -> int:
    return sum(len(one.data.vertices) for one in collection.all_objects if one.type == "MESH")


def flat_faces(collection: Any) -> int:
    meshes = [one.data for one in collection.all_objects if one.type == "MESH"]
    return sum(not polygon.use_smooth for mesh in meshes for polygon in mesh.polygons)


def again(first: Any, **options: Any) -> Any:
    known = set(models())
    assert bpy.ops.tripo.import_job(job_id=first["tripo_job_id"], **options) == {"FINISHED"}
    (new,) = set(models()) - known
    return new


def test_merged_and_smoothed_on_the_second_import(made: Any, sandbox: SandboxControl, package: Package) -> None:
    merged = again(made, merge=True, merge_distance=0.001, smooth=True, smooth_angle=3.1)
    assert vertices(merged) < vertices(made) and not flat_faces(merged)
    assert len(sandbox.state()["submissions"]) == 1, "nothing is paid for twice"
    (row,) = bpy.context.window_manager.tripo.jobs
    assert row.status == "IMPORTED" and row.message == ""
    job = package("session.current").session().jobs.get(row.job_id)
    noted = package("client.jobs.placement").Placement.from_json(job.placement)
    assert noted.merge and noted.smooth, "the job knows what its file was made for"

    kept = again(made)
    assert vertices(kept) == vertices(merged), "without further words it comes as it was made ready last"
    back = again(made, merge=False, smooth=False)
    assert (vertices(back), flat_faces(back)) == (vertices(made), flat_faces(made)), "as delivered again"
    assert not bpy.data.libraries


def test_a_spoiled_blend_is_made_anew_by_the_next_import(made: Any, sandbox: SandboxControl, package: Package) -> None:
    current = package("session.current").session()
    job = current.jobs.get(made["tripo_job_id"])
    (current.home.root / job.blend).write_bytes(b"no longer a model")
    with pytest.raises(RuntimeError, match="press Import to make it again"):
        again(made)
    assert current.jobs.get(job.job_id).status == "READY", "so that the button is called Import"
    assert vertices(again(made)) == vertices(made)
    assert len(sandbox.state()["submissions"]) == 1, "nothing is paid for twice"


def test_a_blend_that_is_gone_is_made_anew_by_the_next_import(
    made: Any, sandbox: SandboxControl, package: Package
) -> None:
    current = package("session.current").session()
    job = current.jobs.get(made["tripo_job_id"])
    (current.home.root / job.blend).unlink()
    assert vertices(again(made)) == vertices(made)
    assert (current.home.root / job.blend).is_file(), "by the background Blender"
    assert len(sandbox.state()["submissions"]) == 1, "nothing is paid for twice"


def test_a_blend_that_is_gone_before_the_delivery_is_made_anew_by_itself_once(
    sandbox: SandboxControl, package: Package
) -> None:
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    current: Any = package("session.current").session()
    account = package("properties.account").get_account(bpy.context)
    request = package("client.jobs.request").GenerationRequest(
        package("client.schema").TEXT, parameters={"prompt": "a cup"}
    )
    job_id = current.submit(account, request, "{}", current.file.scenes.claim(bpy.context.scene))
    until(current, job_id, "READY")
    job = current.jobs.get(job_id)
    prepared = current.home.root / job.blend
    prepared.unlink()

    current.tick()
    assert current.jobs.get(job_id).status == "CONVERTING"
    assert not models(), "nothing is read in this Blender"
    until(current, job_id, "READY")
    assert prepared.is_file()

    prepared.unlink()
    for _ in range(3):
        current.tick()
    job = current.jobs.get(job_id)
    assert job.status == "READY" and "press Import" in str(job.notice), (
        "whatever removes it is not worked against for ever"
    )
    assert bpy.ops.tripo.import_job(job_id=job_id) == {"FINISHED"}
    assert len(models()) == 1 and current.jobs.get(job_id).status == "IMPORTED"
    assert len(sandbox.state()["submissions"]) == 1, "nothing is paid for twice"


def test_without_a_background_blender_the_file_stays_and_is_imported_later(
    sandbox: SandboxControl, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    current: Any = package("session.current").session()
    with monkeypatch.context() as patch:
        patch.setattr(current.agent, "_converter", ("/nowhere/blender",))
        with pytest.raises(RuntimeError, match="No background Blender could be started"):
            bpy.ops.tripo.text_to_3d(prompt="a sword")
    assert not models()
    (job,) = current.jobs.recent(1)
    assert (job.status, job.error) == ("FAILED", "NO_CONVERTER")
    assert (current.home.root / job.file).is_file()
    agent = current.agent.process
    current.agent.close(stop=True)
    waited(lambda: agent.exit_code() is not None, "the agent that knows no Blender has left")

    assert bpy.ops.tripo.import_job(job_id=job.job_id) == {"FINISHED"}
    assert len(models()) == 1
    after = current.jobs.get(job.job_id)
    assert (after.status, after.error) == ("IMPORTED", "")
    assert len(sandbox.state()["submissions"]) == 1, "nothing is paid for twice"


def until(current: Any, job_id: str, status: str) -> None:
    """Wait for a state of a job, without delivering anything."""

    def reached() -> bool:
        current.tick(deliver=False)
        return current.jobs.get(job_id).status == status

    waited(reached, status)


def waited(happened: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
