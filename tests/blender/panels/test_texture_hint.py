"""Where a view shows no textures, a textured model's details say so, with a button that switches that view alone."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

from support.ui.layout import Drawn, Layout

Package = Callable[[str], ModuleType]

TEXTURED, BARE = '{"parameters": {"prompt": "a cup"}}', '{"parameters": {"prompt": "a cup", "texture": false}}'


@pytest.fixture
def job(state: Any) -> Any:
    made = state.jobs.add()
    made.job_id, made.name, made.status, made.kind = "job", "a cup", "IMPORTED", "text_to_3d"
    made.request, made.model_here = TEXTURED, True
    return made


def space() -> Any:
    """A 3D view of the open file."""
    areas = [area for area in bpy.context.window_manager.windows[0].screen.areas if area.type == "VIEW_3D"]
    return areas[0].spaces.active


def buttons(package: Package, job: Any, space_data: Any) -> list[str]:
    drawn: list[Drawn] = []
    context = SimpleNamespace(
        scene=bpy.context.scene,
        space_data=space_data,
        region=SimpleNamespace(width=300),
        preferences=bpy.context.preferences,
        window_manager=bpy.context.window_manager,
    )
    package("panels.job_details").draw_job(Layout(drawn), context, job)
    return [one.arguments["operator"] for one in drawn if one.function == "operator"]


@pytest.mark.parametrize(
    ("shading", "colour", "is_offered"),
    [
        ("SOLID", "MATERIAL", True),
        ("SOLID", "TEXTURE", False),
        ("WIREFRAME", "MATERIAL", True),
        ("MATERIAL", "MATERIAL", False),
        ("RENDERED", "MATERIAL", False),
    ],
)
def test_it_is_there_when_it_is_needed(package: Package, job: Any, shading: str, colour: str, is_offered: bool) -> None:
    view = space()
    view.shading.type = "SOLID"
    view.shading.color_type = colour
    view.shading.type = shading
    assert ("tripo.show_textures" in buttons(package, job, view)) is is_offered


@pytest.mark.parametrize("why", ["no texture", "not in the scene", "no 3D view"])
def test_it_is_not_there_for_nothing(package: Package, job: Any, why: str) -> None:
    view = space()
    view.shading.type = "SOLID"
    if why == "no texture":
        job.request = BARE
    elif why == "not in the scene":
        job.model_here = False
    assert "tripo.show_textures" not in buttons(package, job, None if why == "no 3D view" else view)


def test_the_button_switches_the_view_that_it_is_in(extension: str) -> None:
    window = bpy.context.window_manager.windows[0]
    area = next(one for one in window.screen.areas if one.type == "VIEW_3D")
    others = [
        one.spaces.active.shading
        for screen in bpy.data.screens
        for one in screen.areas
        if one.type == "VIEW_3D" and one != area
    ]
    before = [one.type for one in others]
    area.spaces.active.shading.type = "SOLID"
    with bpy.context.temp_override(window=window, area=area):
        assert bpy.ops.tripo.show_textures() == {"FINISHED"}
    assert area.spaces.active.shading.type == "MATERIAL" and [one.type for one in others] == before
