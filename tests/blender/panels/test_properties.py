"""``Scene.tripo`` and the operators' arguments against the schema they are made from."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

Package = Callable[[str], ModuleType]

KINDS = ("TEXT", "IMAGE", "MULTIVIEW")
VERSIONS = ("3.0", "3.1", "P1")


@pytest.fixture
def settings(extension: str) -> Any:
    return bpy.context.scene.tripo


def check_properties(package: Package, properties: Any, kinds: frozenset[Any]) -> set[str]:
    """Compare Blender's properties with the schema's parameters of these kinds; return the names expected."""
    expected: set[str] = set()
    for parameter in package("client.schema").PARAMETERS:
        scopes = [scope for scope in parameter.scopes if scope.kinds & kinds]
        if not scopes:
            continue
        expected.add(parameter.name)
        found = properties[parameter.name]
        assert found.name == parameter.label
        assert found.description.startswith(parameter.help)
        if parameter.type == "integer":
            assert found.hard_min == min(scope.minimum for scope in scopes)
            assert found.hard_max == max(scope.maximum for scope in scopes)
            if parameter.default is None:
                expected.add(f"use_{parameter.name}")
                assert properties[f"use_{parameter.name}"].default is False
                assert any(scope.minimum <= found.default <= scope.maximum for scope in scopes)
        elif parameter.type == "choice":
            assert [item.identifier for item in found.enum_items] == [value or "NONE" for value in parameter.values]
            assert found.default == (parameter.default or "NONE")
        else:
            assert found.default == parameter.default
    return expected


def test_scene_has_every_parameter(package: Package, settings: Any) -> None:
    kinds = package("client.schema").GENERATION
    own = {"rna_type", "name", "kind", "model_version", "location", "placement", "variations", "token", "keep_alpha"}
    own |= {"texture_choice", "tools_used", "put_aside"}
    slots = {"image", "front", "left", "back", "right"}
    expected = check_properties(package, settings.bl_rna.properties, kinds)
    assert set(settings.bl_rna.properties.keys()) == expected | own | slots


@pytest.mark.parametrize("kind", KINDS)
def test_operator_has_its_parameters_and_no_other(package: Package, kind: str) -> None:
    schema = package("client.schema")
    operator = getattr(bpy.ops.tripo, schema.Kind[kind].value)
    properties = operator.get_rna_type().properties
    expected = check_properties(package, properties, frozenset({schema.Kind[kind]}))
    every = {one.name for one in schema.PARAMETERS} | {f"use_{one.name}" for one in schema.PARAMETERS}
    assert set(properties.keys()) & every == expected
    assert {"model_version", "location", *schema.ENDPOINTS[schema.Kind[kind]].image_slots} <= set(properties.keys())
    assert all(properties[name].is_skip_save for name in expected)


def test_every_help_is_one_sentence_without_a_stop(package: Package, settings: Any) -> None:
    groups = [settings, settings.image, bpy.context.window_manager.tripo, package("properties.window").TripoJob]
    groups.append(package("properties.preferences").TripoPreferences)
    for group in groups:
        for found in group.bl_rna.properties:
            if found.identifier not in {"rna_type", "name", "bl_idname"}:
                assert found.description, found.identifier
                assert not found.description.endswith("."), found.identifier


@pytest.mark.parametrize(("kind", "version"), [*product(KINDS, VERSIONS)])
def test_untouched_settings_are_the_service_defaults(package: Package, settings: Any, kind: str, version: str) -> None:
    schema = package("client.schema")
    endpoint = schema.Kind[kind], schema.ModelVersion(version)
    values = package("properties.parameters").values_of(settings, *endpoint)
    defaults = schema.effective_values(*endpoint, {})
    assert values == {name: value for name, value in defaults.items() if value not in (None, "")}


def test_switched_off_integer_and_none_are_left_out(package: Package, settings: Any) -> None:
    schema = package("client.schema")
    settings.face_limit = 900
    values = package("properties.parameters").values_of(settings, schema.Kind.TEXT, schema.ModelVersion.V3_0)
    assert "face_limit" not in values and "compress" not in values
    settings.use_face_limit = True
    settings.compress = "geometry"
    values = package("properties.parameters").values_of(settings, schema.Kind.TEXT, schema.ModelVersion.V3_0)
    assert (values["face_limit"], values["compress"]) == (900, "geometry")


@pytest.mark.parametrize("character", ["a", "ü", "漢", "\N{GRINNING FACE}"])
def test_a_prompt_is_never_cut_to_a_valid_one(package: Package, settings: Any, character: str) -> None:
    settings.prompt = character * 1024
    assert settings.prompt == character * 1024
    settings.prompt = character * 1500
    request = package("panels.base").sketch(bpy.context)
    (problem,) = package("client.jobs.request").problems(request, look_at_files=False)
    assert problem.field == "prompt"


def test_view_state_is_not_saved(extension: str, tmp_path: Path) -> None:
    bpy.context.window_manager.tripo.jobs.add().name = "a job of somebody else's file"
    file = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file), compress=False, copy=True)
    assert b"somebody else's" not in file.read_bytes()
