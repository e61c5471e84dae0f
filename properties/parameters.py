# SPDX-License-Identifier: GPL-3.0-or-later
"""Declare the schema's parameters as Blender properties, and read them back.

``Scene.tripo`` and the operators carry the same properties, made here from ``client.schema``. An integer that
may be absent has a companion ``use_<name>`` boolean; the empty choice, an illegal identifier, is ``NONE``; a list is
one text with commas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty
from bpy.types import Context, bpy_struct

from ..client.notices import N_
from ..client.schema import (
    BY_NAME,
    DEFAULT_VERSION,
    ENDPOINTS,
    GENERATION,
    VERSION_CHOICES,
    VERSION_LABELS,
    Kind,
    ModelVersion,
    Parameter,
    Value,
    parameters_for,
)
from ..client.schema import PARAMETERS as ALL_PARAMETERS
from ..client.schema.texts import bounded_help, has_switch, switch_help, switch_label
from ..client.schema.types import MOST_VARIATIONS

if TYPE_CHECKING:
    from .scene import TripoSceneSettings

_Options = set[Literal["SKIP_SAVE"]]
_Reader = Callable[..., Value]

ABSENT = "NONE"
"""Identifier of a choice that is not sent."""

_UNBOUNDED = 2**31 - 1
_UNBOUNDED_FLOAT = 3.402823e38
_FIRST_VALUES: Mapping[str, int] = {"face_limit": 10_000, "texture_size": 2048}
"""What a field shows when it is switched on; others show the smallest value that is valid everywhere."""


class View(NamedTuple):
    """The callbacks of a boolean whose value is kept elsewhere."""

    get: Callable[[bpy_struct[Any]], bool] | None = None
    set: Callable[[bpy_struct[Any], bool], None] | None = None


_NO_VIEW = View()
_NO_VIEWS: Mapping[str, View] = {}


def companion(name: str) -> str:
    """Return the name of the boolean that says whether an integer is given."""
    return f"use_{name}"


def parameter_annotations(
    kinds: Iterable[Kind] = GENERATION, *, skip_save: bool = False, views: Mapping[str, View] = _NO_VIEWS
) -> dict[str, object]:
    """Return the annotations of every parameter that one of these kinds takes, companions included.

    Bounds are the widest of these kinds' scopes. ``skip_save`` keeps an operator from remembering values. ``views``
    holds the callbacks of booleans whose value is kept elsewhere.
    """
    options: _Options = {"SKIP_SAVE"} if skip_save else set()
    wanted = frozenset(kinds)
    annotations: dict[str, object] = {}
    for parameter in ALL_PARAMETERS:
        if not any(wanted & scope.kinds for scope in parameter.scopes):
            continue
        if has_companion(parameter):
            annotations[companion(parameter.name)] = BoolProperty(
                name=switch_label(parameter),
                description=switch_help(parameter),
                options={*options},
            )
        annotations[parameter.name] = _property(parameter, wanted, options, views.get(parameter.name, _NO_VIEW))
    return annotations


def model_version_property(
    *, skip_save: bool = False, update: Callable[[TripoSceneSettings, Context], None] | None = None
) -> object:
    """Return the annotation of ``model_version``."""
    return EnumProperty(
        name="Model",
        description="Version of Tripo's model",
        items=[(version.value, VERSION_CHOICES[version], help_) for version, (_label, help_) in VERSION_LABELS.items()],
        default=DEFAULT_VERSION.value,
        options={"SKIP_SAVE"} if skip_save else set(),
        update=update,
    )


def variations_property(*, skip_save: bool = False) -> object:
    """Return the annotation of ``variations``: how many models one press makes."""
    return IntProperty(
        name="Variations",
        description="How many models one press makes, each with a seed of its own and each paid for",
        default=1,
        min=1,
        max=MOST_VARIATIONS,
        options={"SKIP_SAVE"} if skip_save else set(),
    )


_NO_TEXTURE = ("OFF", N_("Off"), N_("A shape without texture, at a lower price"))


def texture_choice_property() -> object:
    """Return the annotation of one choice in the place of ``texture`` and ``texture_quality``, a view of both."""
    quality = BY_NAME["texture_quality"]
    names = quality.values

    def get(self: bpy_struct[Any]) -> int:
        settings = cast("TripoSceneSettings", self)
        return 1 + names.index(settings.texture_quality) if settings.texture else 0

    def put(self: bpy_struct[Any], value: int) -> None:
        settings = cast("TripoSceneSettings", self)
        settings.texture = value > 0
        if value > 0:
            settings.texture_quality = names[value - 1]

    return EnumProperty(
        name="Texture",
        description="Whether the model is painted, and how finely",
        items=[_NO_TEXTURE, *((one.value, one.label, one.help) for one in quality.choices)],
        get=get,
        set=put,
        options=set(),
    )


def keep_alpha_property(
    *, skip_save: bool = False, update: Callable[[TripoSceneSettings, Context], None] | None = None
) -> object:
    """Return the annotation of ``keep_alpha``: how images are sent, which is no parameter of the service."""
    return BoolProperty(
        name="Keep Transparency",
        description="Send images as they are. Otherwise transparent ones are sent over a plain background, since 3D AI"
        " Studio may refuse them",
        options={"SKIP_SAVE"} if skip_save else set(),
        update=update,
    )


def image_arguments(kind: Kind) -> dict[str, object]:
    """Return the annotations of an operator's images, one for each slot of the endpoint, and how they are sent."""
    slots: dict[str, object] = {
        slot: StringProperty(
            name=slot.replace("_", " ").title(),
            description="A path, an https address, or the name of an image of this file",
            maxlen=8192,
            subtype="FILE_PATH",
            search=_image_names,
            search_options={"SUGGESTION"},
            options={"SKIP_SAVE"},
        )
        for slot in ENDPOINTS[kind].image_slots
    }
    return {**slots, "keep_alpha": keep_alpha_property(skip_save=True)} if slots else {}


def _image_names(_operator: object, _context: Context, text: str) -> list[str]:
    return [image.name for image in bpy.data.images if text.lower() in image.name.lower()]


def has_companion(parameter: Parameter) -> bool:
    """Whether the parameter may be absent and so needs a switch."""
    return has_switch(parameter)


def properties_of(parameter: Parameter) -> tuple[str, ...]:
    """Return the names of the properties that hold a parameter: its switch, if it has one, and itself."""
    return (companion(parameter.name), parameter.name) if has_companion(parameter) else (parameter.name,)


def held_as(parameter: Parameter, value: Value | None) -> dict[str, Any]:
    """Return what these properties hold for a value, None for an absent one."""
    held: dict[str, Any] = {companion(parameter.name): value is not None} if has_companion(parameter) else {}
    if value is not None:
        held[parameter.name] = ABSENT if parameter.type == "choice" and value == "" else value
    return held


_ABSENT_VALUES: Mapping[str, str | tuple[str, ...]] = {"choice": ABSENT, "string": "", "list": ()}


@cache
def _readings(
    kind: Kind, version: ModelVersion | None, names: frozenset[str] | None
) -> tuple[tuple[str, str, str | tuple[str, ...] | None, _Reader | None], ...]:
    """Return each parameter's name, its switch, if it has one, the value that stands for its absence, if any, and what
    makes its value of the property's, where they differ."""
    return tuple(
        (
            one.name,
            companion(one.name) if has_companion(one) else "",
            _ABSENT_VALUES.get(one.type),
            _READERS.get(one.type),
        )
        for one in parameters_for(kind, version)
        if names is None or one.name in names
    )


def _items_of(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _as_typed(value: float) -> float:
    """Return a number as it was typed: a property holds single precision, and 0.1 must not be sent as 0.10000000149."""
    return float(f"{value:.6g}")


_READERS: Mapping[str, _Reader] = {"list": _items_of, "float": _as_typed}


def values_of(
    source: object, kind: Kind, version: ModelVersion | None, names: frozenset[str] | None = None
) -> dict[str, Value]:
    """Return what ``Scene.tripo`` or an operator holds for this endpoint, under the API's names.

    Absent integers, empty texts and absent choices are left out; nothing out of scope is included. ``names`` says
    which are wanted, None all of them.
    """
    values: dict[str, Value] = {}
    for name, switch, absent, read in _readings(kind, version, names):
        if switch and not getattr(source, switch):
            continue
        value = getattr(source, name)
        if read is not None:
            value = read(value)
        if value != absent:
            values[name] = value
    return values


def _property(parameter: Parameter, kinds: frozenset[Kind], options: _Options, view: View) -> object:
    scopes = [scope for scope in parameter.scopes if scope.kinds & kinds]
    label, help_ = parameter.label, bounded_help(parameter, kinds)
    if parameter.type == "boolean":
        return BoolProperty(
            name=label,
            description=help_,
            default=bool(parameter.default),
            options={*options},
            get=view.get,
            set=view.set,
        )
    if parameter.type == "choice":
        items = [(choice.value or ABSENT, choice.label, choice.help) for choice in parameter.choices]
        default = items[0][0] if parameter.default is None else str(parameter.default) or ABSENT
        return EnumProperty(name=label, description=help_, items=items, default=default, options={*options})
    if parameter.type == "list":
        default = ", ".join(cast(tuple[str, ...], parameter.default))
        return StringProperty(name=label, description=help_, default=default, options={*options})
    if parameter.type == "string":
        # No `maxlen`: Blender would cut the text at so many bytes, and a cut prompt must not be paid for.
        return StringProperty(name=label, description=help_, default=str(parameter.default or ""), options={*options})
    minima = [scope.minimum for scope in scopes if scope.minimum is not None]
    maxima = [scope.maximum for scope in scopes if scope.maximum is not None]
    number = cast(float | None, parameter.default)
    if number is None:
        number = _FIRST_VALUES.get(parameter.name, max(minima, default=0))
    if parameter.type == "float":
        return FloatProperty(
            name=label,
            description=help_,
            default=number,
            min=min(minima, default=-_UNBOUNDED_FLOAT),
            max=max(maxima, default=_UNBOUNDED_FLOAT),
            precision=3,
            options={*options},
        )
    return IntProperty(
        name=label,
        description=help_,
        default=int(number),
        min=int(min(minima, default=-_UNBOUNDED - 1)),
        max=int(max(maxima, default=_UNBOUNDED)),
        options={*options},
    )
