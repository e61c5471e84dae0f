"""A scene that is linked from another file takes no model: every way to one is refused before anything is paid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import bpy
import pytest

from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

REASON = "linked from another file"


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Any]:
    """A scene linked from another file, on show; afterwards the file's own is."""
    bpy.context.scene.name = "Shot"
    source = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=source)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with cast(Any, bpy.data.libraries).load(source, link=True) as (_there, wanted):
        wanted.scenes = ["Shot"]
    (scene,) = wanted.scenes
    with bpy.context.temp_override(scene=scene):
        assert bpy.context.scene.library is not None
        yield scene


def refused(operator: Callable[..., Any], **arguments: Any) -> None:
    with pytest.raises(RuntimeError, match=REASON):
        operator(**arguments)


def test_nothing_is_paid_for_a_linked_scene(quick: SandboxControl, linked: Any, home: Path) -> None:
    refused(bpy.ops.tripo.text_to_3d, prompt="a cup")
    image = bpy.data.images.new("cat", 32, 32)
    refused(bpy.ops.tripo.image_to_3d, image=image.name)
    assert list((home / "inputs").glob("*")) == [], "no image is left for a request that is not made"
    refused(bpy.ops.tripo.recover_task, task_id="0123456789")
    assert quick.state()["submissions"] == []


def test_a_failed_job_is_not_sent_again_for_a_linked_scene(
    quick: SandboxControl, package: Package, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    quick.add_fault("submit", "http_422")
    with pytest.raises(RuntimeError):
        bpy.ops.tripo.text_to_3d(prompt="a cup")
    assert bpy.ops.tripo.text_to_3d(prompt="a plate") == {"FINISHED"}
    jobs = {job.name: job for job in package("session.current").session().jobs.recent(9)}
    request.getfixturevalue("linked")
    failed, done = jobs["a cup"], jobs["a plate"]
    refused(bpy.ops.tripo.retry_job, job_id=failed.job_id)
    refused(bpy.ops.tripo.generate_again, job_id=done.job_id)
    refused(bpy.ops.tripo.import_job, job_id=done.job_id)
    after = {job.name: job for job in package("session.current").session().jobs.recent(9)}
    assert after["a cup"].status == failed.status and after["a plate"].status == done.status
    assert len(quick.state()["submissions"]) == 1
