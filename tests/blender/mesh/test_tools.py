"""The mesh tools end to end: press, export, agent, converter, delivery; and everything that stops a press."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.sandbox_service.service import SandboxControl
from support.ui.layout import Drawn, Layout

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), both_ends]


@pytest.fixture
def service(quick: SandboxControl) -> SandboxControl:
    quick.settings(topology="same")
    return quick


def sent(service: SandboxControl) -> dict[str, Any]:
    (submission,) = service.state()["submissions"]
    return submission


def refused(operator: Any, **arguments: Any) -> str:
    with pytest.raises(RuntimeError) as caught:
        operator(**arguments)
    return str(caught.value)


def test_a_selection_is_textured_by_prompt(service: SandboxControl, suzanne: Any) -> None:
    before = len(suzanne.data.polygons), tuple(suzanne.location)
    wanted = {"prompt": "red iron", "style": "matte", "texture_quality": "detailed"}
    assert bpy.ops.tripo.texture_model(**wanted) == {"FINISHED"}
    submission = sent(service)
    assert (submission["endpoint"], submission["credits"]) == ("texture-model", 40)
    assert submission["parameters"]["prompt"] == "red iron, matte" and "style" not in submission["parameters"]
    assert "sha256:" in submission["parameters"]["model"]
    (row,) = bpy.context.window_manager.tripo.jobs
    assert (row.status, row.name, row.credits) == ("IMPORTED", "Texture of Suzanne", 40)
    assert (len(suzanne.data.polygons), tuple(suzanne.location)) == before
    assert [slot.material for slot in suzanne.material_slots if slot.material is not None]


@pytest.mark.parametrize("where", ["folder", "beside", "beside, read only"])
def test_a_folder_for_the_result_gets_a_file_named_after_the_object(
    service: SandboxControl, suzanne: Any, package: Package, home: Path, tmp_path: Path, where: str, monkeypatch: Any
) -> None:
    """Beside the file, unless nothing can be written there: that is known before it is paid for."""
    (tmp_path / "exports").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    if where == "beside, read only":
        convert = package("operators.mesh.convert")
        monkeypatch.setattr(convert.os, "access", lambda path, _mode: path != tmp_path)
    given = {"filepath": f"{tmp_path}/exports/"} if where == "folder" else {}
    assert bpy.ops.tripo.convert_model(object="Suzanne", format="FBX", **given) == {"FINISHED"}
    folder = {"folder": tmp_path / "exports", "beside": tmp_path}.get(where, home / "results")
    assert [path.name for path in folder.glob("*.fbx")] == ["Suzanne.fbx"]


def test_an_object_is_named_and_need_not_be_selected(service: SandboxControl, suzanne: Any) -> None:
    suzanne.select_set(False)
    assert bpy.ops.tripo.mesh_segmentation(object="Suzanne") == {"FINISHED"}
    assert sent(service)["credits"] == 80
    (row,) = bpy.context.window_manager.tripo.jobs
    assert row.name == "Parts of Suzanne" and suzanne.hide_viewport
    parts = bpy.data.collections["Parts of Suzanne"].all_objects
    assert len(parts) > 1 and {one.rotation_mode for one in parts} == {"XYZ"}, "as new models are"


@pytest.fixture
def file(tmp_path: Path, suzanne: Any) -> Path:
    path = tmp_path / "old mug.glb"
    bpy.ops.export_scene.gltf(filepath=str(path), use_selection=True)
    return path


def test_a_file_is_textured(service: SandboxControl, file: Path) -> None:
    assert bpy.ops.tripo.texture_model(model=str(file), prompt="blue") == {"FINISHED"}
    (row,) = bpy.context.window_manager.tripo.jobs
    assert row.name == "Texture of old mug"
    request = json.loads(service.state()["submissions"][0]["parameters"] and "{}")
    assert request == {}


def test_an_address_is_segmented(service: SandboxControl, extension: str) -> None:
    assert bpy.ops.tripo.mesh_segmentation(model_url="https://example.com/a%20chair.glb?key=1") == {"FINISHED"}
    assert sent(service)["parameters"]["model_url"] == "https://example.com/a%20chair.glb?key=1"


def test_the_result_of_a_job_is_textured(service: SandboxControl, extension: str) -> None:
    bpy.ops.tripo.text_to_3d(prompt="a mug", face_limit=500)
    (row,) = bpy.context.window_manager.tripo.jobs
    assert bpy.ops.tripo.texture_model(job_id=row.job_id, prompt="green") == {"FINISHED"}
    assert [one["endpoint"] for one in service.state()["submissions"]] == ["text-to-3d", "texture-model"]
    assert bpy.context.window_manager.tripo.jobs[0].name == "Texture of a mug"


@pytest.mark.parametrize(("wanted", "name", "start"), [
    ("GLTF", "result.glb", b"glTF"), ("FBX", "result.fbx", b"Kaydara"), ("OBJ", "result.zip", b"PK"),
    ("STL", "result.stl", b"made by"), ("USDZ", "result.usdz", b"PK"), ("3MF", "result.3mf", b"PK"),
])  # fmt: skip
def test_a_file_of_every_format_is_saved(
    service: SandboxControl, suzanne: Any, tmp_path: Path, wanted: str, name: str, start: bytes
) -> None:
    before = set(bpy.data.objects)
    assert bpy.ops.tripo.convert_model(format=wanted, filepath=str(tmp_path / name)) == {"FINISHED"}
    submission = sent(service)
    assert (submission["credits"], submission["parameters"]["format"]) == (10, wanted)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert set(bpy.data.objects) == before


def test_what_blender_does_not_import_is_refused_before_it_is_sent(
    service: SandboxControl, suzanne: Any, tmp_path: Path
) -> None:
    words = refused(bpy.ops.tripo.convert_model, format="3MF", filepath=str(tmp_path / "a.3mf"), import_result=True)
    assert "Blender imports no 3MF" in words and not service.state()["submissions"]


def test_quads_come_into_the_objects_place(service: SandboxControl, suzanne: Any, tmp_path: Path) -> None:
    bpy.ops.tripo.convert_model(
        format="FBX", quad=True, face_limit=1000, filepath=str(tmp_path / "quads.fbx"), import_result=True
    )
    made: Any = bpy.data.objects["Suzanne_retopo"]
    sides: list[int] = [polygon.loop_total for polygon in made.data.polygons]
    assert 0 < len(sides) <= 1000 and sum(side == 4 for side in sides) >= 0.95 * len(sides)
    assert suzanne.hide_viewport
    assert (made.matrix_world.translation - suzanne.matrix_world.translation).length < 1e-4


def test_quads_are_dearer(service: SandboxControl, suzanne: Any, tmp_path: Path) -> None:
    bpy.ops.tripo.convert_model(format="FBX", quad=True, face_limit=1000, filepath=str(tmp_path / "quads.fbx"))
    submission = sent(service)
    assert submission["credits"] == 30
    assert {"quad": True, "face_limit": 1000}.items() <= submission["parameters"].items()


@pytest.mark.parametrize(("operator", "arguments", "said"), [
    ("texture_model", {}, "describe the look"),
    ("texture_model", {"prompt": "iron", "image": "https://example.com/a.png"}, "either a prompt or an image"),
    ("texture_model", {"style_image": "https://example.com/a.png", "image": "https://example.com/a.png"}, "style"),
    ("texture_model", {"prompt": "iron", "texture": False}, "switch Texture on"),
    ("texture_model", {"prompt": "iron", "object": "Suzanne", "model": "/a.glb"}, "only one"),
    ("texture_model", {"prompt": "iron", "object": "nobody"}, "no object"),
    ("texture_model", {"prompt": "iron", "job_id": "0123456789ab"}, "no such job"),
    ("texture_model", {"prompt": "iron", "model": "/nowhere/mug.glb"}, "is not there"),
    ("mesh_segmentation", {"model_url": "http://example.com/a.glb"}, "https://"),
    ("convert_model", {}, "Format must be one of"),
    ("convert_model", {"format": "3MF", "quad": True}, "3MF"),
    ("convert_model", {"format": "FBX", "filepath": "/nowhere/at/all.fbx"}, "folder"),
])  # fmt: skip
def test_what_cannot_be_done_is_said_before_anything_is_sent(
    service: SandboxControl, package: Package, suzanne: Any, operator: str, arguments: dict[str, Any], said: str
) -> None:
    assert said in refused(getattr(bpy.ops.tripo, operator), **arguments)
    assert service.state()["submissions"] == []
    assert not list(package("session.current").session().home.inputs.iterdir())


def test_nothing_selected_is_nothing_to_do(service: SandboxControl, suzanne: Any) -> None:
    suzanne.select_set(False)
    assert "select" in refused(bpy.ops.tripo.mesh_segmentation)


def test_a_selection_that_was_not_submitted_leaves_no_file(
    service: SandboxControl, package: Package, suzanne: Any, extension: str
) -> None:
    preferences: Any = bpy.context.preferences.addons[extension].preferences
    preferences.use_daily_cap, preferences.daily_cap = True, 10
    try:
        assert "cap" in refused(bpy.ops.tripo.mesh_segmentation)
    finally:
        preferences.use_daily_cap = False
    assert not list(package("session.current").session().home.inputs.iterdir())


def test_no_mesh_tool_is_run_again_by_blender(extension: str) -> None:
    for name in ("texture_model", "mesh_segmentation", "convert_model"):
        assert not getattr(bpy.types, f"TRIPO_OT_{name}").bl_options & {"REGISTER", "UNDO", "PRESET"}


def test_the_operators_have_every_parameter(package: Package, extension: str) -> None:
    schema = package("client.schema")
    for kind in schema.MESH_TOOLS:
        names = set(getattr(bpy.ops.tripo, kind.value).get_rna_type().properties.keys())
        assert {one.name for one in schema.parameters_for(kind, None)} <= names
        assert {"object", "job_id", "model", "model_url", *schema.ENDPOINTS[kind].image_slots} <= names


def test_the_panel_is_there_for_a_selection_and_tells_prices(package: Package, suzanne: Any) -> None:
    mesh = package("panels.mesh")
    assert mesh.is_shown(bpy.context)
    suzanne.select_set(False)
    assert not mesh.is_shown(bpy.context)


def test_the_panel_draws_what_came_of_the_tools(service: SandboxControl, package: Package, suzanne: Any) -> None:
    mesh = package("panels.mesh")

    def drawn() -> set[str]:
        found: list[Drawn] = []
        mesh.draw(Layout(found), bpy.context)
        return {str(one.arguments.get("operator") or one.arguments.get("property")) for one in found if one.arguments}

    tools = {"tripo.texture_model", "tripo.mesh_segmentation", "tripo.convert_model"}
    assert tools <= drawn() and "tripo.set_variant" not in drawn()
    bpy.ops.tripo.texture_model(prompt="red iron")
    assert "tripo.set_variant" in drawn()
    bpy.ops.tripo.mesh_segmentation()
    (parent,) = {one.parent for one in bpy.data.objects if one.name.startswith("part_")}
    bpy.context.view_layer.objects.active = parent
    assert {"explode", "tripo.parts_to_face_sets"} <= drawn()
