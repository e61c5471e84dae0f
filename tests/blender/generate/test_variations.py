"""Several models in one press: one price, one decision, seeds of their own, side by side."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.machine.releases import both_ends
from support.models.placed import models
from support.sandbox_service.service import SandboxControl
from support.ui import sidebar
from support.ui.layout import Drawn

Package = Callable[[str], ModuleType]

pytestmark = [pytest.mark.usefixtures("short_past"), both_ends]


def rows() -> list[Any]:
    return sorted(bpy.context.window_manager.tripo.jobs, key=lambda row: row.name)


def test_three_at_once(quick: SandboxControl) -> None:
    result = bpy.ops.tripo.text_to_3d(
        prompt="a cup", model_version="P1", texture=False, pbr=False, model_seed=7, variations=3
    )
    assert result == {"FINISHED"}
    assert [row.name for row in rows()] == [f"{number}/3 a cup" for number in (1, 2, 3)]
    assert {row.status for row in rows()} == {"IMPORTED"}
    assert [json.loads(row.request)["parameters"]["model_seed"] for row in rows()] == [7, 8, 9]
    assert len(quick.state()["submissions"]) == 3
    made = sorted(models(), key=lambda one: one.name)
    assert [model.name for model in made] == [f"a cup {number}/3" for number in (1, 2, 3)]
    places = [next(one.location.x for one in model.all_objects if one.parent is None) for model in made]
    assert [round(place - places[0], 3) for place in places] == [0.0, 1.25, 2.5]


def test_seeds_are_drawn_and_recorded(quick: SandboxControl) -> None:
    assert bpy.ops.tripo.text_to_3d(prompt="a cup", texture=False, pbr=False, variations=2) == {"FINISHED"}
    seeds = [json.loads(row.request)["parameters"]["texture_seed"] for row in rows()]
    assert len(set(seeds)) == 2


def test_the_sum_is_checked_before_anything_is_written(quick: SandboxControl, extension: str) -> None:
    preferences = bpy.context.preferences.addons[extension].preferences
    preferences.use_daily_cap, preferences.daily_cap = True, 79
    try:
        with pytest.raises(RuntimeError, match="This costs 80 credits"):
            bpy.ops.tripo.text_to_3d(prompt="a cup", variations=2)
    finally:
        preferences.property_unset("use_daily_cap")
        preferences.property_unset("daily_cap")
    assert not rows() and not quick.state()["requests"]


def test_all_are_written_or_none(sandbox: SandboxControl, package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    current = package("session.current").session()
    table = package("client.store.jobs").JobTable
    insert, made = table.insert, []

    def fail_at_the_third(*arguments: Any, **named: Any) -> str:
        if len(made) == 2:
            raise package("client.errors").StoreUnavailable("The disk is full: make room")
        made.append(insert(*arguments, **named))
        return made[-1]

    monkeypatch.setattr(table, "insert", fail_at_the_third)
    with pytest.raises(RuntimeError, match="disk is full"):
        bpy.ops.tripo.text_to_3d(prompt="a cup", variations=3)
    assert len(made) == 2 and not current.jobs.recent(10)


@pytest.mark.parametrize("count", [0, 9])
def test_no_more_than_eight(sandbox: SandboxControl, count: int) -> None:
    settings: Any = bpy.context.scene.tripo
    settings.variations = count
    assert settings.variations == min(8, max(1, count))


def test_the_panel_shows_the_sum(sandbox: SandboxControl, package: Package) -> None:
    settings: Any = bpy.context.scene.tripo
    settings.prompt, settings.variations = "a cup", 4

    def drawn(name: str) -> list[Drawn]:
        return sidebar.draw(getattr(package("panels.tab"), name))

    panel = drawn("TRIPO_PT_generate")
    assert "Generate · 160 Credits" in [one.text for one in panel]
    assert "variations" in [one.arguments["property"] for one in panel if one.function == "prop"]
    shape = drawn("TRIPO_PT_shape")
    assert "texture seed of its own" in " ".join(one.text for one in shape)
    settings.model_version = "P1"
    assert "model seed of its own" in " ".join(one.text for one in drawn("TRIPO_PT_shape"))
