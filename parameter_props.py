"""The schema's parameters as Blender sees them: declared, read back and drawn in one way.

``Scene.tripo`` and the operators carry the same properties, made here from ``client.schema``. An integer that
may be absent has a companion ``use_<name>`` boolean; the empty choice, an illegal identifier, is ``NONE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from functools import cache
from typing import Any, NamedTuple

from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty
from bpy.types import UILayout

from .client.schema import (
    CONFLICTS,
    DEFAULT_VERSION,
    VERSION_LABELS,
    Conflict,
    Group,
    Kind,
    ModelVersion,
    Parameter,
    Value,
    parameters_for,
    parameters_in,
)
from .client.schema import PARAMETERS as ALL_PARAMETERS
from .client.schema.texts import bounded_help, has_switch, switch_help, switch_label
from .client.schema.words import MOST_VARIATIONS

ABSENT = "NONE"
"""Identifier of a choice that is not sent."""

_FIRST_VALUES: Mapping[str, int] = {"face_limit": 10_000}
"""What a field shows when it is switched on; others show the smallest value that is valid everywhere."""

_MAY_BE_RULED_OUT = frozenset(conflict.name for conflict in CONFLICTS)
"""What another setting may rule out."""
_IN_CONFLICT = _MAY_BE_RULED_OUT | {conflict.other for conflict in CONFLICTS}
"""What has to be read to tell."""

_NOTHING: Mapping[str, dict[str, Any]] = {}

_NARROW_LABELS: Mapping[str, str] = {"texture_alignment": "Alignment"}
"""Labels that would be cut off at the sidebar's usual width."""


def companion(name: str) -> str:
    """Return the name of the boolean that says whether an integer is given."""
    return f"use_{name}"


def parameter_annotations(
    kinds: Iterable[Kind] = tuple(Kind), *, skip_save: bool = False, views: Mapping[str, dict[str, Any]] = _NOTHING
) -> dict[str, Any]:
    """Return the annotations of every parameter that one of these kinds takes, companions included.

    Bounds are the widest of these kinds' scopes. ``skip_save`` keeps an operator from remembering values. ``views``
    holds the callbacks of booleans whose value is kept elsewhere.
    """
    options: Any = {"SKIP_SAVE"} if skip_save else set()
    wanted = frozenset(kinds)
    annotations: dict[str, Any] = {}
    for parameter in ALL_PARAMETERS:
        if not any(wanted & scope.kinds for scope in parameter.scopes):
            continue
        if has_companion(parameter):
            annotations[companion(parameter.name)] = BoolProperty(
                name=switch_label(parameter),
                description=switch_help(parameter),
                options=options,
            )
        annotations[parameter.name] = _property(parameter, wanted, options, views.get(parameter.name, {}))
    return annotations


def model_version_property(*, skip_save: bool = False) -> Any:
    """Return the annotation of ``model_version``."""
    return EnumProperty(
        name="Model",
        description="Version of Tripo's model",
        items=[(version.value, label, help_) for version, (label, help_) in VERSION_LABELS.items()],
        default=DEFAULT_VERSION.value,
        options={"SKIP_SAVE"} if skip_save else set(),
    )


def variations_property(*, skip_save: bool = False) -> Any:
    """Return the annotation of ``variations``: how many models one press makes."""
    return IntProperty(
        name="Variations",
        description="How many models one press makes, each with a seed of its own and each paid for",
        default=1,
        min=1,
        max=MOST_VARIATIONS,
        options={"SKIP_SAVE"} if skip_save else set(),
    )


def has_companion(parameter: Parameter) -> bool:
    """Tell whether the parameter may be absent and so needs a switch."""
    return has_switch(parameter)


class _Reading(NamedTuple):
    """How a parameter is read: its switch, if it has one, and the value that stands for its absence, if any."""

    name: str
    switch: str
    absent: str | None


_ABSENT_VALUES: Mapping[str, str] = {"choice": ABSENT, "string": ""}


@cache
def _readings(kind: Kind, version: ModelVersion) -> tuple[_Reading, ...]:
    return tuple(
        _Reading(one.name, companion(one.name) if has_companion(one) else "", _ABSENT_VALUES.get(one.type))
        for one in parameters_for(kind, version)
    )


def values_of(source: Any, kind: Kind, version: ModelVersion, names: Set[str] | None = None) -> dict[str, Value]:
    """Return what ``Scene.tripo`` or an operator holds for this endpoint, under the API's names.

    Absent integers, empty texts and absent choices are left out; nothing out of scope is included. ``names`` says
    which are wanted, None all of them.
    """
    values: dict[str, Value] = {}
    for name, switch, absent in _readings(kind, version):
        if names is not None and name not in names:
            continue
        if switch and not getattr(source, switch):
            continue
        value = getattr(source, name)
        if value != absent:
            values[name] = value
    return values


def plain_note(layout: UILayout, text: str) -> None:
    """Draw a greyed remark on one line."""
    row = layout.row()
    row.active = False
    row.label(text=text, icon="BLANK1")


def draw_parameters(
    layout: UILayout,
    source: Any,
    kind: Kind,
    version: ModelVersion,
    group: Group,
    *,
    skip: frozenset[str] = frozenset(),
    note: Callable[[UILayout, str], None] = plain_note,
) -> None:
    """Draw one group of an endpoint's parameters from ``Scene.tripo`` or an operator.

    What a conflict rules out is greyed, and ``note`` draws the reason below it. ``skip`` names what the
    caller draws by itself.
    """
    values: Mapping[str, Value] | None = None
    for parameter in parameters_in(kind, version, group):
        if parameter.name in skip:
            continue
        if parameter.name not in _MAY_BE_RULED_OUT:
            _draw(layout, source, parameter)
            continue
        if values is None:
            values = values_of(source, kind, version, _IN_CONFLICT)
        conflict = ruled_out(parameter, values)
        if conflict is None:
            _draw(layout, source, parameter)
            continue
        column = layout.column(align=True)
        field = column.row()
        field.enabled = False
        _draw(field, source, parameter)
        note(column, conflict.message)


def ruled_out(parameter: Parameter, values: Mapping[str, Value]) -> Conflict | None:
    """Return the conflict that forbids changing a parameter to its conflicting value, or None.

    A parameter that already holds the conflicting value stays free, so that it can be switched off.
    """
    for conflict in CONFLICTS:
        if conflict.name != parameter.name or values.get(conflict.other) != conflict.other_value:
            continue
        if values.get(parameter.name) != conflict.value:
            return conflict
    return None


def _draw(layout: UILayout, source: Any, parameter: Parameter) -> None:
    if not has_companion(parameter):
        layout.prop(source, parameter.name, text=_NARROW_LABELS.get(parameter.name, parameter.label))
        return
    switch = companion(parameter.name)
    row = layout.row(align=True, heading=parameter.label)
    row.prop(source, switch, text="")
    field = row.row(align=True)
    field.active = getattr(source, switch)
    field.prop(source, parameter.name, text="")


def _property(parameter: Parameter, kinds: frozenset[Kind], options: Any, view: dict[str, Any]) -> Any:
    scopes = [scope for scope in parameter.scopes if scope.kinds & kinds]
    texts: dict[str, Any] = {"name": parameter.label, "description": bounded_help(parameter, kinds)}
    if parameter.type == "boolean":
        return BoolProperty(**texts, default=bool(parameter.default), options=options, **view)
    if parameter.type == "choice":
        items = [(choice.value or ABSENT, choice.label, choice.help) for choice in parameter.choices]
        return EnumProperty(**texts, items=items, default=parameter.default or ABSENT, options=options)
    if parameter.type == "string":
        # No `maxlen`: Blender would cut the text at so many bytes, and a cut prompt must not be paid for.
        return StringProperty(**texts, default=str(parameter.default or ""), options=options)
    minima = [scope.minimum for scope in scopes if scope.minimum is not None]
    maxima = [scope.maximum for scope in scopes if scope.maximum is not None]
    limits: dict[str, Any] = ({"min": min(minima)} if minima else {}) | ({"max": max(maxima)} if maxima else {})
    first = _FIRST_VALUES.get(parameter.name, max(minima, default=0))
    default = first if parameter.default is None else int(parameter.default)
    return IntProperty(**texts, **limits, default=default, options=options)
