"""Delivered models as assets: only when asked for, complete when the image comes later, saved with the file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = both_ends


@pytest.fixture
def preferences(extension: str) -> Iterator[Any]:
    one = bpy.context.preferences.addons[extension].preferences
    one.requests_per_minute = 600
    yield one
    one.property_unset("mark_assets")


@pytest.fixture
def quick(sandbox: SandboxControl, preferences: Any, short_past: None) -> SandboxControl:
    sandbox.settings(requests_per_minute=0, seconds=0.5)
    return sandbox


def model() -> Any:
    (collection,) = models()
    return collection


def wait_for_thumbnail(package: Package) -> Any:
    """Tick until the store tells of the thumbnail; the job then."""
    session = package("session.current").session()
    job_id = bpy.context.window_manager.tripo.jobs[0].job_id
    deadline = time.monotonic() + 60
    while not (job := session.jobs.get(job_id)).thumbnail and time.monotonic() < deadline:
        time.sleep(0.05)
    assert job.thumbnail
    return job


def refresh(package: Package) -> None:
    session = package("session.current").session()
    session.file.refreshed_at = 0.0
    session.tick(deliver=False)


def test_not_unless_asked_for(quick: SandboxControl) -> None:
    assert bpy.ops.tripo.text_to_3d(prompt="a cup") == {"FINISHED"}
    assert model().asset_data is None


def test_a_new_model_becomes_an_asset(
    quick: SandboxControl, preferences: Any, package: Package, tmp_path: Path
) -> None:
    """Delivered into an unsaved file, before its image is there; both the image and the catalog follow."""
    preferences.mark_assets = True
    assert bpy.ops.tripo.text_to_3d(prompt="a cup with two handles", model_version="3.1") == {"FINISHED"}
    data = model().asset_data
    assert data.description == "a cup with two handles"
    assert data.author == "Tripo v3.1 (3D AI Studio)"
    assert [tag.name for tag in data.tags] == ["Tripo", "Text to 3D", "v3.1"]
    assert data.catalog_id == package("client.files.asset_catalog").CATALOG_ID
    wait_for_thumbnail(package)
    refresh(package)
    assert tuple(model().preview.image_size) == (256, 256)

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "project.blend"))
    catalogs = tmp_path / "blender_assets.cats.txt"
    assert not catalogs.exists()
    refresh(package)
    assert f"{data.catalog_id}:Tripo:Tripo" in catalogs.read_text().splitlines()

    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "project.blend"))
    assert model().asset_data.catalog_id == package("client.files.asset_catalog").CATALOG_ID
    assert tuple(model().preview.image_size) == (256, 256), "the image is saved with the file"
    assert not list(tmp_path.glob("*.tripo"))


def test_by_hand(quick: SandboxControl, package: Package, tmp_path: Path) -> None:
    """One press marks the collection of the active object; what the artist wrote stays."""
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "project.blend"))
    assert bpy.ops.tripo.text_to_3d(prompt="a vase") == {"FINISHED"}
    wait_for_thumbnail(package)
    bpy.context.view_layer.objects.active = model().all_objects[0]
    assert bpy.ops.tripo.mark_asset() == {"FINISHED"}
    data = model().asset_data
    assert data.description == "a vase" and tuple(model().preview.image_size) == (256, 256)
    assert (tmp_path / "blender_assets.cats.txt").is_file()
    data.author = "me"
    job_id = model()["tripo_job_id"]
    assert bpy.ops.tripo.mark_asset(job_id=job_id) == {"FINISHED"}
    assert data.author == "me" and len(data.tags) == 3
    assert all(one.asset_data is None for one in model().all_objects)


def test_an_asset_without_its_collection(package: Package) -> None:
    """The artist has moved the object elsewhere: then the object is the asset, with no job in any store."""
    one = bpy.data.objects.new("mine", bpy.data.meshes.new("mine"))
    one["tripo_job_id"] = "0123456789ab"
    one["tripo_request"] = '{"kind": "image_to_3d", "images": [{"path": "cup.png", "url": ""}], "model_version": "P1"}'
    bpy.context.scene.collection.objects.link(one)
    bpy.context.view_layer.objects.active = one
    assert bpy.ops.tripo.mark_asset() == {"FINISHED"}
    data: Any = one.asset_data
    assert data.description == "cup.png" and [tag.name for tag in data.tags] == ["Tripo", "Image to 3D", "P1"]


def test_what_is_not_ours_is_told(home: Path) -> None:
    with pytest.raises(RuntimeError, match="made with Tripo"):
        bpy.ops.tripo.mark_asset()
    with pytest.raises(RuntimeError, match="not in this file"):
        bpy.ops.tripo.mark_asset(job_id="0123456789ab")


def test_inside_an_asset_library(quick: SandboxControl, preferences: Any, package: Package, tmp_path: Path) -> None:
    """The catalog belongs to the library's root, where Blender reads it."""
    library = tmp_path / "library"
    (library / "props").mkdir(parents=True)
    bpy.ops.preferences.asset_library_add(directory=str(library))
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(library / "props" / "cup.blend"))
        preferences.mark_assets = True
        assert bpy.ops.tripo.text_to_3d(prompt="a cup") == {"FINISHED"}
        assert (library / "blender_assets.cats.txt").is_file()
        assert not (library / "props" / "blender_assets.cats.txt").exists()
    finally:
        bpy.ops.preferences.asset_library_remove(index=len(bpy.context.preferences.filepaths.asset_libraries) - 1)


def test_delivery_and_marking_are_one_undo_step(quick: SandboxControl, preferences: Any) -> None:
    bpy.ops.ed.undo_push(message="before")
    preferences.mark_assets = True
    assert bpy.ops.tripo.text_to_3d(prompt="a cup") == {"FINISHED"}
    assert model().asset_data is not None
    bpy.ops.ed.undo()
    assert not bpy.context.scene.collection.children and not bpy.data.objects
    bpy.ops.ed.redo()
    assert model().asset_data is not None and model().all_objects
