"""Every parameter of the schema, for each mode and model: it is in the panel, in the request and in the price.

Nothing here is listed by hand: the tests walk the schema, and take the price from the Sandbox, which has the service's
tables from its documentation and shares no code with the client.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import API_KEY
from support.ui.sidebar import draw_all, labels, operators, property_of

Package = Callable[[str], ModuleType]

KINDS = ("TEXT", "IMAGE", "MULTIVIEW")
VERSIONS = ("3.0", "3.1", "P1")
SHOWN_AS: dict[str, str] = {"auto_size": "fit", "texture": "texture_choice", "texture_quality": "texture_choice"}
"""A parameter that is one choice of a property with more."""
ENDPOINTS = [*product(KINDS, VERSIONS)]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch, home: Any) -> None:
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)


@pytest.fixture
def settings(extension: str) -> Any:
    return bpy.context.scene.tripo


def fill(settings: Any, kind: str, version: str) -> None:
    """Give what the request cannot do without."""
    settings.kind, settings.model_version = kind, version
    settings.prompt = "a chair" if kind == "TEXT" else ""
    for slot in ("image", "front", "left"):
        getattr(settings, slot).source = "URL"
        getattr(settings, slot).url = f"https://example.com/{slot}.png"


def another_value(parameter: Any, scope: Any) -> Any:
    """A valid value that is not the default."""
    if parameter.type == "boolean":
        return not parameter.default
    if parameter.type == "choice":
        return next(value for value in parameter.values if value and value != parameter.default)
    if parameter.type == "integer":
        return scope.maximum - 1
    return "something in words"


def give(settings: Any, parameter: Any, value: Any) -> None:
    """Set it as the panel does."""
    if parameter.type == "integer" and parameter.default is None:
        setattr(settings, f"use_{parameter.name}", True)
    setattr(settings, parameter.name, value or "NONE" if parameter.type == "choice" else value)


def clear_the_way(package: Package, settings: Any, name: str, value: Any) -> None:
    """Change what the service would refuse together with it."""
    schema = package("client.schema")
    for one in schema.CONFLICTS:
        if schema.TEXT not in one.kinds:
            continue
        if (one.name, one.value) == (name, value) and getattr(settings, one.other) == one.other_value:
            setattr(settings, one.other, not one.other_value)
        if (one.other, one.other_value) == (name, value) and getattr(settings, one.name) == one.value:
            setattr(settings, one.name, not one.value)


def documented_price(package: Package, kind: Any, version: str, values: dict[str, Any]) -> int:
    """The credits by the tables of the Sandbox."""
    tool = kind.value.replace("_", "-")
    full = {"texture": True, "texture_quality": "standard", "quad": False, "smart_low_poly": False}
    full |= {"generate_parts": False, "geometry_quality": "standard"} | values
    return package("sandbox.prices").generation_cost(tool, version.lower(), full)


@pytest.mark.parametrize(("kind", "version"), ENDPOINTS)
def test_each_parameter_reaches_panel_request_and_price(
    package: Package, extension: str, kind: str, version: str
) -> None:
    schema, request = package("client.schema"), package("client.jobs.request")
    endpoint = schema.Kind[kind], schema.ModelVersion(version)
    for parameter in schema.parameters_for(*endpoint):
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        settings = bpy.context.scene.tripo
        fill(settings, kind, version)
        value = another_value(parameter, parameter.scope(*endpoint))
        clear_the_way(package, settings, parameter.name, value)
        give(settings, parameter, value)

        wish = package("panels.base").sketch(bpy.context)
        assert request.problems(wish) == (), parameter.name
        body = request.body(wish)
        if parameter.joins:
            assert body[parameter.joins] == f"{getattr(settings, parameter.joins)}, {value}"
            assert parameter.name not in body
        else:
            assert body[parameter.name] == value
        drawn = draw_all(extension)
        name = str(parameter.name)
        (field,) = property_of(drawn, SHOWN_AS.get(name, name))
        assert field.enabled, parameter.name
        credits = documented_price(package, endpoint[0], version, body)
        assert wish.price.total == credits
        button = operators(drawn)[f"tripo.{endpoint[0].value}"]
        assert button.enabled and button.text == f"Generate · {credits} Credits", parameter.name


@pytest.mark.parametrize(("kind", "version"), ENDPOINTS)
def test_what_the_endpoint_does_not_take_is_neither_shown_nor_sent(
    package: Package, extension: str, settings: Any, kind: str, version: str
) -> None:
    schema, request = package("client.schema"), package("client.jobs.request")
    endpoint = schema.Kind[kind], schema.ModelVersion(version)
    fill(settings, kind, version)
    settings.texture = settings.pbr = False
    others = [one for one in schema.PARAMETERS if one.scope(*endpoint) is None]
    assert others
    for parameter in others:
        give(settings, parameter, another_value(parameter, parameter.scopes[0]))
    body = request.body(package("panels.base").sketch(bpy.context))
    drawn = draw_all(extension)
    for parameter in others:
        assert parameter.name not in body
        assert not property_of(drawn, parameter.name)


@pytest.mark.parametrize(("kind", "version"), ENDPOINTS)
def test_what_cannot_be_combined_is_told_when_it_is_and_not_before(
    package: Package, extension: str, settings: Any, kind: str, version: str
) -> None:
    schema = package("client.schema")
    taken = {one.name for one in schema.parameters_for(schema.Kind[kind], schema.ModelVersion(version))}
    conflicts = [one for one in schema.CONFLICTS if kind in {name.name for name in one.kinds}]
    for conflict in conflicts:
        if not {conflict.name, conflict.other} <= taken:
            continue
        fill(settings, kind, version)
        for one in conflicts:
            setattr(settings, one.name, not one.value)
        setattr(settings, conflict.other, conflict.other_value)
        assert conflict.message not in labels(draw_all(extension))
        setattr(settings, conflict.name, conflict.value)
        drawn = draw_all(extension)
        (field,) = property_of(drawn, conflict.name)
        assert field.enabled, "it can be switched off again"
        assert conflict.message in labels(drawn[drawn.index(field) + 1 :][:3])
        assert not operators(drawn)[f"tripo.{schema.Kind[kind].value}"].enabled
        setattr(settings, conflict.name, not conflict.value)


@pytest.mark.parametrize(("kind", "version"), ENDPOINTS)
def test_what_another_option_decides_is_greyed_out(
    package: Package, extension: str, settings: Any, kind: str, version: str
) -> None:
    for implied in package("client.schema").IMPLIED:
        if kind not in {one.name for one in implied.kinds}:
            continue
        fill(settings, kind, version)
        setattr(settings, implied.name, not implied.value)
        setattr(settings, implied.other, not implied.other_value)
        assert property_of(draw_all(extension), implied.name)[0].enabled
        setattr(settings, implied.other, implied.other_value)
        assert not property_of(draw_all(extension), implied.name)[0].enabled
        wish = package("panels.base").sketch(bpy.context)
        assert package("client.jobs.request").body(wish)[implied.name] == implied.value
        credits = documented_price(package, wish.kind, version, package("client.jobs.request").body(wish))
        assert wish.price.total == credits


def test_what_an_option_wastes_is_noted_beside_it(package: Package, extension: str, settings: Any) -> None:
    seen: set[str] = set()
    schema = package("client.schema")
    notes = [one for one in schema.NOTES if schema.TEXT in one.kinds]
    for note in notes:
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        settings = bpy.context.scene.tripo
        fill(settings, "TEXT", "3.0")
        for name, value in note.when.items():
            if value is not None:
                setattr(settings, name, value)
        for name, (_low, high) in note.outside.items():
            setattr(settings, name, high + 1)
            setattr(settings, f"use_{name}", True)
        drawn = draw_all(extension)
        (field,) = property_of(drawn, SHOWN_AS.get(str(note.name), str(note.name)))
        assert field.enabled
        assert note.message in labels(drawn[drawn.index(field) + 1 :][:5])
        assert operators(drawn)["tripo.text_to_3d"].enabled
        seen.add(note.message)
    assert len(seen) == len(notes) >= 5


@pytest.mark.parametrize(("kind", "version"), ENDPOINTS)
def test_whatever_is_off_has_a_sentence_below_it(
    package: Package, extension: str, settings: Any, kind: str, version: str
) -> None:
    """Also what no schema knows of: buttons, images, the whole tab, with nothing filled in."""
    settings.kind, settings.model_version = kind, version
    for empty in (True, False):
        settings.generate_parts = not empty
        drawn = draw_all(extension)
        off = [one for one in drawn if not one.enabled and one.function in ("prop", "operator")]
        assert off, "an empty request cannot be sent"
        for one in off:
            below = drawn[drawn.index(one) + 1 :][:4]
            assert any(next_one.function == "label" and next_one.text for next_one in below), one


def test_each_model_says_what_it_is_good_for(package: Package, settings: Any) -> None:
    schema = package("client.schema")
    items = settings.bl_rna.properties["model_version"].enum_items
    for version in schema.ModelVersion:
        label, help_ = schema.VERSION_LABELS[version]
        assert items[version.value].description == help_
        assert items[version.value].name.startswith(f"{label} · ")
