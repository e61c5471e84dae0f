"""Import Again with other merge and smooth options: the model is made ready anew, from the file that is there."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = pytest.mark.usefixtures("short_past")


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
    job = package("operators.session").get().jobs.get(row.job_id)
    noted = package("client.placement").Placement.from_json(job.placement)
    assert noted.merge and noted.smooth, "the job knows what its file was made for"

    kept = again(made)
    assert vertices(kept) == vertices(merged), "without further words it comes as it was made ready last"
    back = again(made, merge=False, smooth=False)
    assert (vertices(back), flat_faces(back)) == (vertices(made), flat_faces(made)), "as delivered again"
    assert not bpy.data.libraries


def test_a_spoiled_blend_is_made_anew_by_the_next_import(made: Any, sandbox: SandboxControl, package: Package) -> None:
    current = package("operators.session").get()
    job = current.jobs.get(made["tripo_job_id"])
    (current.home.root / job.blend).write_bytes(b"no longer a model")
    with pytest.raises(RuntimeError, match="press Import to make it again"):
        again(made)
    assert current.jobs.get(job.job_id).status == "READY", "so that the button is called Import"
    assert vertices(again(made)) == vertices(made)
    assert len(sandbox.state()["submissions"]) == 1, "nothing is paid for twice"
