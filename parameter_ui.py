"""Drawing the schema's parameters: the same in the panels and in the operators' dialogs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpy.types import UILayout

from .client.schema import CONFLICTS, Conflict, Group, Kind, ModelVersion, Parameter, Value, parameters_in
from .parameter_props import companion, has_companion, values_of

_MAY_BE_RULED_OUT = frozenset(conflict.name for conflict in CONFLICTS)
"""What another setting may rule out."""
_IN_CONFLICT = _MAY_BE_RULED_OUT | {conflict.other for conflict in CONFLICTS}
"""What has to be read to tell."""

_NARROW_LABELS: Mapping[str, str] = {"texture_alignment": "Alignment"}
"""Labels that would be cut off at the sidebar's usual width."""


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
