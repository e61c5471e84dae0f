"""Generate Again and Use These Settings: same request, same images, paid once more and never by accident."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), both_ends]


@pytest.fixture
def stored(package: Package, home: Path) -> Callable[..., str]:
    """Put a job of some request into the store; returns its id."""
    schema, request, states = package("client.schema"), package("client.jobs.request"), package("client.jobs.states")

    def insert(
        status: str = "EXPIRED", kind: str = "TEXT", version: str = "3.0", images: Any = (), **values: Any
    ) -> str:
        sources = package("client.jobs.images")
        wanted = request.GenerationRequest(
            schema.Kind[kind], schema.ModelVersion(version), values, tuple(sources.ImageSource(*one) for one in images)
        )
        jobs = package("session.current").session().jobs
        return jobs.insert(package("client.store").NewJob("account", wanted), status=states.Status[status], task_id="t")

    return insert


def image(path: Path) -> str:
    image = bpy.data.images.new("image", 8, 8)
    image.file_format = "PNG"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(filepath=str(path))
    bpy.data.images.remove(image)
    return str(path)


def test_an_expired_job_is_made_again(quick: SandboxControl, stored: Callable[..., str], package: Package) -> None:
    job_id = stored(prompt="a blue cup", texture=False, pbr=False)
    bpy.context.scene.cursor.location = (3.0, 2.0, 1.0)
    assert bpy.ops.tripo.generate_again(job_id=job_id) == {"FINISHED"}
    (sent,) = quick.state()["submissions"]
    rows = list(bpy.context.window_manager.tripo.jobs)
    assert [row.status for row in rows] == ["IMPORTED", "EXPIRED"] and rows[0].task_id == sent["task_id"]
    jobs = package("session.current").session().jobs
    assert jobs.get(rows[0].job_id).request == jobs.get(job_id).request
    (model,) = models()
    tops = [one for one in model.all_objects if one.parent is None]
    assert all(abs(top.location.x - 3.0) < 1.0 for top in tops), "at the cursor of now"


def test_a_selected_model_is_made_again_with_its_image(
    quick: SandboxControl, package: Package, home: Path, tmp_path: Path
) -> None:
    path = image(tmp_path / "lantern.png")
    assert bpy.ops.tripo.image_to_3d(image=path, texture=False, pbr=False) == {"FINISHED"}
    (model,) = models()
    bpy.context.view_layer.objects.active = next(one for one in model.all_objects if one.type == "MESH")
    assert bpy.ops.tripo.generate_again() == {"FINISHED"}
    first, second = quick.state()["submissions"]
    assert first.pop("task_id") != second.pop("task_id") and first["credits"] == second["credits"] > 0
    Path(path).unlink()
    with pytest.raises(RuntimeError, match="images that this was made from are gone"):
        bpy.ops.tripo.generate_again()
    assert len(quick.state()["submissions"]) == 2


def test_the_daily_cap_holds(quick: SandboxControl, stored: Callable[..., str], extension: str) -> None:
    preferences = bpy.context.preferences.addons[extension].preferences
    preferences.use_daily_cap, preferences.daily_cap = True, 39
    try:
        with pytest.raises(RuntimeError, match="daily cap"):
            bpy.ops.tripo.generate_again(job_id=stored(prompt="a cup"))
    finally:
        preferences.property_unset("use_daily_cap")
        preferences.property_unset("daily_cap")
    assert not quick.state()["requests"]


@pytest.mark.parametrize("operator", ["generate_again", "use_settings"])
def test_what_is_not_there_is_told(sandbox: SandboxControl, operator: str) -> None:
    with pytest.raises(RuntimeError, match="Choose a job"):
        getattr(bpy.ops.tripo, operator)()
    with pytest.raises(RuntimeError, match="no such job"):
        getattr(bpy.ops.tripo, operator)(job_id="nothing")


def test_settings_are_taken_over_for_nothing(
    sandbox: SandboxControl, stored: Callable[..., str], package: Package, tmp_path: Path
) -> None:
    settings: Any = bpy.context.scene.tripo
    settings.use_texture_seed = True
    settings.back.path = "/old/image.png"
    front = image(tmp_path / "front.png")
    job_id = stored(
        kind="MULTIVIEW",
        version="P1",
        images=(("front", front), ("left", "", "https://example.com/left.png"), ("right", "/gone/right.png")),
        model_seed=7,
        negative_prompt="rust",
        texture_quality="detailed",
        compress="geometry",
    )
    assert bpy.ops.tripo.use_settings(job_id=job_id) == {"FINISHED"}
    assert (settings.kind, settings.model_version) == ("MULTIVIEW", "P1")
    assert settings.use_model_seed and settings.model_seed == 7 and not settings.use_texture_seed
    assert settings.negative_prompt == "rust" and settings.texture_quality == "detailed"
    assert settings.compress == "geometry" and settings.texture is True
    assert settings.front.path == front and settings.left.url == "https://example.com/left.png"
    assert settings.left.source == "URL" and settings.right.path == "" and settings.back.path == ""
    assert not sandbox.state()["requests"]
    assert bpy.ops.tripo.use_settings(job_id=stored(prompt="a cup")) == {"FINISHED"}
    assert settings.kind == "TEXT" and settings.prompt == "a cup" and settings.compress == "NONE"
    assert package("panels.base").sketch(bpy.context).parameters["prompt"] == "a cup"


def test_a_model_tells_its_settings_where_the_list_knows_nothing(
    sandbox: SandboxControl, stored: Callable[..., str], package: Package
) -> None:
    jobs = package("session.current").session().jobs
    provenance = package("client.jobs.provenance")
    facts = provenance.facts(jobs.get(stored(kind="IMAGE", images=(("image", "/home/a/lamp.png"),), pbr=False)))
    model = bpy.data.collections.new("lamp")
    bpy.context.scene.collection.children.link(model)
    top, part = (bpy.data.objects.new(name, None) for name in ("lamp", "shade"))
    part.parent = top
    for one in (top, part):
        model.objects.link(one)
    top["tripo_request"], top["tripo_job_id"] = facts["tripo_request"], "of another machine"
    bpy.context.view_layer.objects.active = part
    assert bpy.ops.tripo.use_settings() == {"FINISHED"}
    settings: Any = bpy.context.scene.tripo
    assert settings.kind == "IMAGE" and settings.pbr is False and settings.image.path == ""
    with pytest.raises(RuntimeError, match="gone"):
        bpy.ops.tripo.generate_again()
    assert not sandbox.state()["submissions"]
