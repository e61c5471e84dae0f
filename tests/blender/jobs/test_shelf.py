"""The shelf: results in an asset library, with what they are and where they come from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import bpy
import pytest

from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]


@pytest.fixture(autouse=True)
def libraries() -> Iterator[Any]:
    """The preferences' asset libraries; those that come are removed."""
    found: Any = bpy.context.preferences.filepaths.asset_libraries
    before = len(found)
    yield found
    while len(found) > before:
        found.remove(found[-1])


def wait_for_shelf(package: Package, name: str) -> Any:
    """Wait until the store tells that the newest job is on the shelf under a name; the job then."""
    session = package("session.current").session()
    job_id = bpy.context.window_manager.tripo.jobs[0].job_id
    deadline = time.monotonic() + 120
    while (job := session.jobs.get(job_id)).shelf != name and time.monotonic() < deadline:
        session.tick(deliver=False)
        time.sleep(0.05)
    assert job.shelf == name, (home_log := session.home.log).is_file() and home_log.read_text()[-3000:]
    return job


def assets_of(blend: Path) -> list[str]:
    with cast(Any, bpy.data.libraries).load(str(blend), link=False, assets_only=True) as (source, _target):
        return [*source.collections, *source.objects]


def test_a_model_is_on_the_shelf_and_what_is_delivered_is_no_asset(
    quick: SandboxControl, package: Package, home: Path, libraries: Any
) -> None:
    assert bpy.ops.tripo.text_to_3d(prompt="a cup", style="low poly", model_version="3.1") == {"FINISHED"}
    assert bpy.ops.tripo.add_shelf() == {"FINISHED"}
    job = wait_for_shelf(package, "a cup")
    (library,) = [one for one in libraries if Path(one.path) == home / "results"]
    assert (library.name, library.import_method) == ("Tripo", "APPEND")
    assert bpy.ops.tripo.add_shelf() == {"FINISHED"}
    assert [one.name for one in libraries].count("Tripo") == 1, "there is one library, however often it is asked for"

    assert bpy.ops.tripo.rename_job(job_id=job.job_id, name="a mug") == {"FINISHED"}
    job = wait_for_shelf(package, "a mug")
    blend = home / job.blend
    assert assets_of(blend) == ["a mug"]

    (delivered,) = models()
    assert delivered.asset_data is None
    assert bpy.ops.tripo.import_job(job_id=job.job_id) == {"FINISHED"}
    present = (*bpy.data.collections, *bpy.data.objects)
    assert all(one.asset_data is None for one in present), "nothing that is imported becomes an asset"
    (size,) = (one.dimensions[:] for one in delivered.all_objects)

    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with cast(Any, bpy.data.libraries).load(str(blend), link=False, assets_only=True) as (source, target):
        target.objects = source.objects
    (asset,) = target.objects
    data = asset.asset_data
    assert (data.description, data.author) == ("a cup, low poly", "Tripo v3.1 (3D AI Studio)")
    assert [tag.name for tag in data.tags] == ["Tripo", "Text to 3D", "v3.1"]
    assert f"{data.catalog_id}:" in (home / "results" / "blender_assets.cats.txt").read_text()
    assert tuple(asset.preview.image_size) == (256, 256)
    assert not bpy.data.collections, "what is one object comes as one"
    bpy.context.scene.collection.objects.link(asset)
    bpy.context.view_layer.objects.active = asset
    bpy.context.view_layer.update()
    assert asset.dimensions[:] == pytest.approx(size, rel=1e-4)
    assert bpy.ops.tripo.use_settings() == {"FINISHED"}
    settings = bpy.context.scene.tripo
    assert (settings.prompt, settings.style) == ("a cup", "low poly")
    assert bpy.ops.tripo.generate_again() == {"FINISHED"}
    assert len(quick.state()["submissions"]) == 2


def test_a_textured_result_keeps_its_looks_on_the_shelf(quick: SandboxControl, package: Package, home: Path) -> None:
    bpy.ops.mesh.primitive_monkey_add()
    assert bpy.ops.tripo.texture_model(prompt="rust") == {"FINISHED"}
    assert bpy.ops.tripo.add_shelf() == {"FINISHED"}
    job = wait_for_shelf(package, "Texture of Suzanne")
    looks = package("session.delivery.append").looks_from(home / job.blend)
    assert looks, "it can be given to the object again"
    package("session.delivery.append").discard_looks(looks)


def test_what_is_not_there_cannot_be_shown(home: Path) -> None:
    assert bpy.ops.tripo.show_on_shelf(job_id="0123456789ab") == {"CANCELLED"}


def test_a_library_whose_folder_was_moved_follows_it(home: Path, libraries: Any, tmp_path: Path) -> None:
    libraries.new(name="Tripo", directory=str(tmp_path / "gone"))
    assert bpy.ops.tripo.add_shelf() == {"FINISHED"}
    assert [Path(one.path) for one in libraries if one.name == "Tripo"] == [home / "results"]
