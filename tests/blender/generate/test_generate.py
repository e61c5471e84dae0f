"""The three operators end to end: press, agent, converter, model in the scene; and everything that stops a press."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.models.placed import models
from support.sandbox_service.service import API_KEY, SandboxControl

Package = Callable[[str], ModuleType]

pytestmark = pytest.mark.usefixtures("short_past")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A small PNG file."""
    image = bpy.data.images.new("made for a file", 8, 8)
    image.filepath_raw, image.file_format = str(tmp_path / "mug.png"), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return tmp_path / "mug.png"


def place(one: Any) -> tuple[float, ...]:
    return tuple(one.location)


def tops(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    return [one for one in collection.all_objects if one.parent is None]


def refused(operator: Any, **arguments: Any) -> str:
    """The sentence that a call is refused with; the scene must not change."""
    before = len(bpy.data.objects), len(bpy.data.collections)
    with pytest.raises(RuntimeError) as caught:
        operator(**arguments)
    assert (len(bpy.data.objects), len(bpy.data.collections)) == before
    return str(caught.value)


def test_text_becomes_a_model(quick: SandboxControl, capsys: pytest.CaptureFixture[str]) -> None:
    bpy.context.scene.cursor.location = (1.0, 2.0, 3.0)
    result = bpy.ops.tripo.text_to_3d(prompt="a small teapot", texture_quality="detailed", face_limit=5000)
    assert result == {"FINISHED"}

    (sent,) = quick.state()["submissions"]
    assert (sent["endpoint"], sent["version"], sent["credits"]) == ("text-to-3d", "3.0", 60)
    assert sent["parameters"]["prompt"] == "a small teapot"
    assert sent["parameters"]["texture_quality"] == "detailed"
    assert sent["parameters"]["face_limit"] == 5000

    (collection,) = models()
    assert collection.name == "a small teapot"
    assert any(one.type == "MESH" and one.data.polygons for one in collection.all_objects)
    assert [place(top) for top in tops(collection)] == [(1.0, 2.0, 3.0)]
    (row,) = bpy.context.window_manager.tripo.jobs
    assert (row.status, row.name, row.credits) == ("IMPORTED", "a small teapot", 60)
    for owner in (collection, *tops(collection)):
        assert owner["tripo_task_id"] == sent["task_id"] == row.task_id
        assert owner["tripo_job_id"] == row.job_id
        assert json.loads(owner["tripo_request"])["parameters"]["prompt"] == "a small teapot"
        assert API_KEY not in owner["tripo_request"]
    printed = capsys.readouterr().out
    assert "tripo: a small teapot: PREPARED" in printed
    assert "tripo: Imported a small teapot" in printed


def test_delivery_leaves_nothing_else(quick: SandboxControl) -> None:
    mesh = bpy.data.meshes.new("mine")
    mine = bpy.data.objects.new("mine", mesh)
    bpy.context.scene.collection.objects.link(mine)
    mine.select_set(True)
    bpy.context.view_layer.objects.active = mine
    assert bpy.ops.tripo.text_to_3d(prompt="a vase", location="ORIGIN") == {"FINISHED"}
    assert [one for one in bpy.context.view_layer.objects if one.select_get()] == [mine]
    assert bpy.context.view_layer.objects.active == mine
    assert not bpy.data.libraries
    assert len(bpy.data.scenes) == 1
    assert [place(top) for top in tops(models()[0])] == [pytest.approx((0.0, 0.0, 0.0), abs=1e-6)]


def test_one_undo_takes_the_model_away(quick: SandboxControl) -> None:
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.tripo.text_to_3d(prompt="a vase") == {"FINISHED"}
    assert len(models()) == 1
    bpy.ops.ed.undo()
    assert not models() and not bpy.data.objects
    bpy.ops.ed.redo()
    assert len(models()) == 1
    assert len(quick.state()["submissions"]) == 1


def test_image_file_is_sent(quick: SandboxControl, image: Path) -> None:
    assert bpy.ops.tripo.image_to_3d(image=str(image), model_version="P1", texture=False) == {"FINISHED"}
    (sent,) = quick.state()["submissions"]
    assert (sent["endpoint"], sent["version"].lower(), sent["credits"]) == ("image-to-3d", "p1", 80)
    assert len(sent["images"]) == 1
    assert models()[0].name == "mug"


def test_views_come_in_order_from_anywhere(quick: SandboxControl, image: Path) -> None:
    bpy.data.images.new("side view", 8, 8)
    address = "https://images.example.com/back.png"
    assert bpy.ops.tripo.multiview_to_3d(right=address, left="side view", front=str(image)) == {"FINISHED"}
    (sent,) = quick.state()["submissions"]
    assert sent["endpoint"] == "multiview-to-3d"
    assert len(sent["images"]) == 3
    assert address in json.dumps(sent["images"][2])
    assert not bpy.data.images["side view"].packed_file


def test_scene_settings_are_sent(quick: SandboxControl) -> None:
    settings = bpy.context.scene.tripo
    settings.prompt, settings.quad, settings.model_version = "a robot", True, "3.1"
    settings.location = "ORIGIN"
    bpy.context.scene.cursor.location = (9.0, 9.0, 9.0)
    assert bpy.ops.tripo.text_to_3d("INVOKE_DEFAULT", use_scene_settings=True) == {"FINISHED"}
    (sent,) = quick.state()["submissions"]
    assert (sent["version"], sent["parameters"]["quad"], sent["credits"]) == ("3.1", True, 50)
    assert [place(top) for top in tops(models()[0])] == [pytest.approx((0.0, 0.0, 0.0), abs=1e-6)]


def test_scripts_begin_with_the_services_defaults(quick: SandboxControl) -> None:
    bpy.context.scene.tripo.quad = True
    assert bpy.ops.tripo.text_to_3d(prompt="one", smart_low_poly=True) == {"FINISHED"}
    assert bpy.ops.tripo.text_to_3d(prompt="two") == {"FINISHED"}
    first, second = quick.state()["submissions"]
    assert first["credits"] == 60
    assert second["credits"] == 40, "nothing is remembered from the scene or from the call before"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "Prompt is empty"),
        ({"prompt": "   "}, "Prompt is empty"),
        ({"prompt": "x" * 1025}, "1,025 characters"),
        ({"prompt": "x", "quad": True, "generate_parts": True}, "cannot be combined"),
        ({"prompt": "x", "model_version": "P1", "quad": True}, "not available"),
        ({"prompt": "x", "model_version": "P1", "face_limit": 30_000}, "between 48 and 20,000"),
    ],
)
def test_broken_rules_are_told_and_nothing_is_sent(
    sandbox: SandboxControl, home: Path, arguments: dict[str, Any], sentence: str
) -> None:
    assert sentence in refused(bpy.ops.tripo.text_to_3d, **arguments)
    assert not sandbox.state()["requests"]
    assert not bpy.context.window_manager.tripo.jobs


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        ("", "No image is chosen"),
        ("/nowhere/at/all.png", "is not there"),
        ("http://images.example.com/a.png", "https://"),
        (__file__, "not a PNG, JPEG or WebP"),
    ],
)
def test_bad_images_are_told(sandbox: SandboxControl, home: Path, image: str, sentence: str) -> None:
    assert sentence in refused(bpy.ops.tripo.image_to_3d, image=image)
    assert not sandbox.state()["requests"]
    assert not list((home / "inputs").glob("*"))


def test_without_a_key_nothing_runs(sandbox: SandboxControl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THREEDAISTUDIO_API_KEY")
    for operator in (bpy.ops.tripo.text_to_3d, bpy.ops.tripo.check_balance):
        assert not operator.poll()
    assert "API key is missing" in refused(bpy.ops.tripo.text_to_3d, prompt="x")
    assert not sandbox.state()["requests"]


def test_offline_nothing_runs(sandbox: SandboxControl) -> None:
    bpy.context.preferences.system.use_online_access = False
    assert not bpy.ops.tripo.text_to_3d.poll()
    assert "Allow Online Access" in refused(bpy.ops.tripo.text_to_3d, prompt="x")
    assert not sandbox.state()["requests"]


def test_the_services_reason_is_reported(quick: SandboxControl) -> None:
    quick.add_fault("status", "failed", reason="The prompt is not allowed")
    assert "The prompt is not allowed" in refused(bpy.ops.tripo.text_to_3d, prompt="x")
    (row,) = bpy.context.window_manager.tripo.jobs
    assert row.status == "FAILED"


def test_an_uncertain_answer_is_never_sent_twice(quick: SandboxControl) -> None:
    quick.add_fault("submit", "reset_after")
    refused(bpy.ops.tripo.text_to_3d, prompt="x")
    (row,) = bpy.context.window_manager.tripo.jobs
    assert row.status == "UNCERTAIN"
    assert len(quick.state()["submissions"]) == 1


def test_balance(quick: SandboxControl) -> None:
    assert bpy.ops.tripo.check_balance() == {"FINISHED"}
    state = bpy.context.window_manager.tripo
    (balance,) = set(quick.state()["balances"].values())
    assert float(state.balance) == float(balance)
    assert state.balance_at and not state.balance_pending and not state.balance_problem


def test_no_operator_that_spends_is_run_again_by_blender(extension: str, package: Package) -> None:
    kinds = [kind.value for kind in package("client.schema").GENERATION]
    for name in (*kinds, "generate_again", "retry_job", "recover_task", "import_job", "cancel_job", "remove_job"):
        found = getattr(bpy.types, f"TRIPO_OT_{name}")
        assert not found.bl_options & {"REGISTER", "UNDO", "PRESET"}, name
