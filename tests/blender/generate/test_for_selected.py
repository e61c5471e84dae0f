"""Generate for Selected by a script: what cannot be meant is refused, and nothing is spent."""

from __future__ import annotations

import json
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import SandboxControl


@pytest.fixture
def barrel(quick: SandboxControl) -> Any:
    bpy.ops.mesh.primitive_cube_add()
    made: Any = bpy.context.object
    made.name = "Barrel"
    return made


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"objects": "Barell"}, "'Barell' is not an object"),
        ({"objects": "Barrel", "prompts": json.dumps({"Barell": "a keg"})}, "'Barell' is not an object"),
        ({"objects": "Barrel", "views": "Barell"}, "'Barell' is not an object"),
        ({"objects": "Barrel", "prompts": json.dumps({"Barrel": None})}, "The JSON in prompts cannot be read"),
        ({"objects": "Barrel", "prompts": "a keg"}, "The JSON in prompts cannot be read"),
        ({"objects": "[Barrel]"}, "The JSON in objects cannot be read"),
        ({"objects": "Barrel", "views": "[Barrel]"}, "The JSON in views cannot be read"),
        ({}, "Select the placeholders"),
    ],
)
def test_nothing_is_sent_for_what_is_not_there(
    quick: SandboxControl, barrel: Any, arguments: dict[str, str], reason: str
) -> None:
    barrel.select_set(False)
    with pytest.raises(RuntimeError, match=reason):
        bpy.ops.tripo.generate_for_selected(**arguments)
    assert not quick.state()["submissions"] and "tripo_blockout" not in barrel


def test_a_copy_of_a_placeholder_that_was_renamed_gets_a_model_of_its_own(quick: SandboxControl, barrel: Any) -> None:
    assert bpy.ops.tripo.generate_for_selected(objects="Barrel") == {"FINISHED"}
    assert barrel.hide_viewport
    copy: Any = barrel.copy()
    bpy.context.collection.objects.link(copy)
    copy.location.x, copy.hide_viewport, barrel.name = 5.0, False, "replaced"
    for _ in range(2):
        assert bpy.ops.tripo.generate_for_selected(objects=json.dumps([copy.name])) == {"FINISHED"}
        assert len(quick.state()["submissions"]) == 2 and copy.hide_viewport
