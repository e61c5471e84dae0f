"""Presets: the shipped ones set a purpose and nothing else, the artist's own are Blender's preset files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

from support.ui.layout import Drawn, Layout
from support.ui.sidebar import context

Package = Callable[[str], ModuleType]

NAMES = ("DRAFT", "GAME_ASSET", "HERO", "PRINT", "PARTS")


@pytest.fixture
def settings(extension: str) -> Any:
    return bpy.context.scene.tripo


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the artist's own presets are; emptied afterwards."""
    path = Path(bpy.utils.user_resource("SCRIPTS")) / "presets" / "tripo_generator"
    shutil.rmtree(path, ignore_errors=True)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def everything(settings: Any, *, but: set[str]) -> dict[str, Any]:
    kept = but | {"rna_type"}
    plain = [one for one in settings.bl_rna.properties if one.type not in {"POINTER", "COLLECTION"}]
    return {one.identifier: getattr(settings, one.identifier) for one in plain if one.identifier not in kept}


def test_the_schema_has_them_and_every_value_is_one_of_it(package: Package) -> None:
    schema = package("client.schema")
    assert tuple(schema.PRESETS) == NAMES
    known = {one.name for one in schema.IN_PRESETS}
    for preset in schema.PRESETS.values():
        assert set(preset.differs) <= known
        for parameter in schema.IN_PRESETS:
            value = preset.values[parameter.name]
            assert parameter.type != "choice" or value in parameter.values
        taken = {one.name for one in schema.parameters_for(schema.TEXT, preset.version)}
        assert set(preset.differs) <= taken, "a preset says nothing that its model ignores"


@pytest.mark.parametrize(("name", "kind"), [*product(NAMES, ("TEXT", "IMAGE", "MULTIVIEW"))])
def test_a_preset_makes_a_valid_request_from_any_options(package: Package, settings: Any, name: str, kind: str) -> None:
    schema, request = package("client.schema"), package("client.jobs.request")
    settings.kind, settings.prompt = kind, "a chair"
    for slot in ("image", "front", "left"):
        getattr(settings, slot).source, getattr(settings, slot).url = "URL", "https://example.com/a.png"
    settings.quad = settings.smart_low_poly = settings.use_face_limit = settings.auto_size = True
    settings.face_limit, settings.compress = 400_000, "geometry"
    kept = {"prompt", "negative_prompt", "kind", "texture_seed", "use_texture_seed"}
    before = {one: getattr(settings, one) for one in kept}
    assert bpy.ops.tripo.apply_preset(preset=name) == {"FINISHED"}
    wish = package("panels.base").sketch(bpy.context)
    assert request.problems(wish) == ()
    preset = schema.PRESETS[name]
    assert wish.model_version is preset.version
    expected = {one: value for one, value in preset.values.items() if value not in (None, "")}
    given = {one: value for one, value in wish.parameters.items() if one in preset.values}
    taken = {one.name for one in schema.parameters_for(schema.Kind[kind], preset.version)}
    assert given == {one: value for one, value in expected.items() if one in taken}
    assert {one: getattr(settings, one) for one in kept} == before


def test_prices_follow(package: Package, settings: Any) -> None:
    settings.prompt = "a chair"
    totals = {}
    for name in NAMES:
        bpy.ops.tripo.apply_preset(preset=name)
        totals[name] = package("panels.base").sketch(bpy.context).price.total
    assert totals == {"DRAFT": 20, "GAME_ASSET": 80, "HERO": 100, "PRINT": 60, "PARTS": 60}


def test_prompt_images_and_seeds_stay(settings: Any) -> None:
    settings.prompt, settings.negative_prompt = "a chair", "arms"
    settings.image.path, settings.front.source = "/a.png", "URL"
    settings.use_texture_seed, settings.texture_seed = True, 7
    for name in NAMES:
        bpy.ops.tripo.apply_preset(preset=name)
    assert (settings.prompt, settings.negative_prompt) == ("a chair", "arms")
    assert (settings.image.path, settings.front.source) == ("/a.png", "URL")
    assert settings.use_texture_seed and settings.texture_seed == 7


def test_an_artists_own_preset(settings: Any, folder: Path) -> None:
    settings.prompt, settings.model_version, settings.quad = "a chair", "3.1", True
    settings.use_face_limit, settings.face_limit = True, 1234
    saved = everything(settings, but={"prompt"})
    assert bpy.ops.tripo.add_preset(name="For The Film") == {"FINISHED"}
    (file,) = folder.glob("*.py")
    text = file.read_text()
    assert "prompt" not in text and "tripo.image" not in text and "seed" not in text
    assert bpy.ops.tripo.reset_options() == {"FINISHED"}
    assert not settings.quad
    settings.prompt = "a table"
    bpy.ops.script.execute_preset(filepath=str(file), menu_idname="TRIPO_PT_presets")
    assert everything(settings, but={"prompt"}) == saved
    assert settings.prompt == "a table"
    assert bpy.ops.tripo.add_preset(name="For The Film", remove_name=True) == {"FINISHED"}
    assert not list(folder.glob("*.py"))


def test_reset_gives_every_default_and_keeps_what_was_made(settings: Any) -> None:
    settings.prompt, settings.kind, settings.image.path = "a chair", "IMAGE", "/a.png"
    kept = {"prompt", "kind", "negative_prompt", "token"}
    untouched = everything(settings, but=kept)
    settings.model_version, settings.texture, settings.use_texture_seed = "P1", False, True
    settings.face_limit, settings.compress = 900, "geometry"
    assert everything(settings, but=kept) != untouched
    bpy.ops.tripo.reset_options()
    assert everything(settings, but=kept) == untouched
    assert (settings.prompt, settings.kind, settings.image.path) == ("a chair", "IMAGE", "/a.png")


@pytest.mark.parametrize("has_own", [False, True])
def test_the_popover_lists_them(package: Package, settings: Any, folder: Path, has_own: bool) -> None:
    if has_own:
        bpy.ops.tripo.add_preset(name="Mine")
    panel = package("panels.presets").TRIPO_PT_presets
    drawn: list[Drawn] = []
    stand_in = SimpleNamespace(layout=Layout(drawn))
    for name in ("preset_subdir", "preset_operator", "preset_add_operator", "bl_idname"):
        setattr(stand_in, name, getattr(panel, name, panel.__name__))
    stand_in.path_menu = lambda *_arguments, **_named: None
    panel.draw(stand_in, context())
    buttons = [one for one in drawn if one.function == "operator"]
    applied = [one.properties.preset for one in buttons if one.arguments["operator"] == "tripo.apply_preset"]
    assert tuple(applied) == NAMES
    assert any(one.arguments["operator"] == "tripo.reset_options" for one in buttons)
    assert has_own or any(one.arguments["operator"] == "tripo.add_preset" for one in buttons)
