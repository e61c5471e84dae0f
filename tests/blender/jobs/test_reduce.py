"""A finished model is imported again within a budget, and once more at full detail; nothing is paid for it."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = both_ends


def models() -> list[Any]:
    return [one for one in bpy.data.collections if "tripo_job_id" in one]


def triangles(collection: Any, level: int = 0) -> int:
    objects = [one for one in collection.all_objects if one.type == "MESH" and one.get("tripo_level", 0) == level]
    return sum(len(one.data.loops) - 2 * len(one.data.polygons) for one in objects)


def test_reduced_and_back_at_full_detail(quick: SandboxControl, package: Package) -> None:
    assert bpy.ops.tripo.text_to_3d(prompt="a robot [triangles=20000]", pbr=True) == {"FINISHED"}
    (full,) = models()
    (row,) = bpy.context.window_manager.tripo.jobs
    count = triangles(full)
    assert (row.faces, row.full_faces) == (count, 0)

    assert bpy.ops.tripo.reduce(job_id=row.job_id, triangles=2000, lods=1, texture_size=256) == {"FINISHED"}
    (reduced,) = set(models()) - {full}
    assert triangles(full) == count, "what is in the scene stays"
    for level in range(2):
        assert triangles(reduced, level) == pytest.approx(2000 / 2**level, rel=0.02)
    images = {image.name.partition(" ")[2] for image in bpy.data.images}
    assert {"base colour", "surface", "normal", "emission"} <= images, "all that the material shows is baked"
    assert (row.status, row.faces, row.full_faces) == ("IMPORTED", triangles(reduced), count)
    facts = package("panels.job_details").job_facts(row, bpy.context.scene)
    assert f"{count:,} → {triangles(reduced):,} triangles" in facts

    assert bpy.ops.tripo.import_job(job_id=row.job_id) == {"FINISHED"}
    assert len(models()) == 3 and row.full_faces == count, "without further words it comes as it was made ready last"
    assert bpy.ops.tripo.import_job(job_id=row.job_id, budget=False) == {"FINISHED"}
    assert [triangles(one) for one in models()].count(count) == 2
    assert (row.faces, row.full_faces) == (count, 0)
    assert len(quick.state()["submissions"]) == 1, "nothing is paid for twice"

    current = package("session.current").session()
    (current.home.root / current.jobs.get(row.job_id).file).unlink()
    with pytest.raises(RuntimeError, match="no longer in the cache"):
        bpy.ops.tripo.reduce(job_id=row.job_id)


def test_a_budget_of_the_scene_is_that_of_the_next_model(quick: SandboxControl) -> None:
    placement: Any = bpy.context.scene.tripo.placement
    assert not placement.budget, "never silently"
    placement.budget, placement.budget_triangles, placement.budget_texture_size = True, 1500, 128
    assert bpy.ops.tripo.text_to_3d(prompt="a vase [triangles=8000]", use_scene_settings=False) == {"FINISHED"}
    (by_script,) = models()
    assert triangles(by_script) > 6000, "a script says what it wants"
    bpy.context.scene.tripo.prompt = "a vase [triangles=8000]"
    assert bpy.ops.tripo.text_to_3d(use_scene_settings=True) == {"FINISHED"}
    (reduced,) = set(models()) - {by_script}
    assert triangles(reduced) == pytest.approx(1500, rel=0.02)
