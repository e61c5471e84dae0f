# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw parameters, the same in panels and dialogs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from bpy.types import UILayout

from ..client.jobs.placement_choices import REAL_WORLD
from ..client.notices import N_
from ..client.schema import (
    CONFLICTS,
    IMPLIED,
    NOTES,
    Group,
    Kind,
    ModelVersion,
    Parameter,
    Value,
    conflicts_in,
    effective_values,
    notes_in,
    parameters_in,
)
from ..properties.parameters import companion, has_companion, values_of

_HAS_WORDS = frozenset(one.name for one in (*CONFLICTS, *IMPLIED, *NOTES))
"""What another setting may rule out or make pointless."""
_DECIDES = (
    _HAS_WORDS
    | {one.other for one in (*CONFLICTS, *IMPLIED)}
    | {name for one in NOTES for name in (*one.when, *one.outside)}
)
"""What has to be read to tell."""

_NARROW_LABELS: Mapping[str, str] = {"texture_alignment": N_("Alignment")}
"""Labels that would be cut off at the sidebar's usual width."""


def plain_note(layout: UILayout, text: str) -> None:
    """Draw a greyed remark on one line."""
    row = layout.row()
    row.active = False
    row.label(text=text, icon="BLANK1")


def draw_parameters(
    layout: UILayout,
    source: object,
    kind: Kind,
    version: ModelVersion | None,
    group: Group,
    *,
    skip: frozenset[str] = frozenset(),
    note: Callable[[UILayout, str], None] = plain_note,
    narrow: bool = False,
) -> None:
    """Draw one group of an endpoint's parameters from ``Scene.tripo`` or an operator.

    What another setting makes pointless is greyed. ``note`` draws, below a parameter, why its value cannot be combined
    with another one, and what is worth knowing about it. ``skip`` names what the caller draws by itself.
    Where it is ``narrow``, labels stand above their fields.
    """
    words: Mapping[str, _Words] | None = None
    for parameter in parameters_in(kind, version, group):
        if parameter.name in skip:
            continue
        if words is None and parameter.name in _HAS_WORDS:
            words = _words(kind, version, tuple(values_of(source, kind, version, _DECIDES).items()))
        said = words.get(parameter.name) if words is not None else None
        if said is None:
            _draw(layout, source, parameter, narrow)
            continue
        column = layout.column(align=True)
        column.enabled = not said.is_pointless
        _draw(column, source, parameter, narrow)
        for text in said.texts:
            note(column, text)


def size_note(source: object, kind: Kind, version: ModelVersion | None, fit: str) -> str:
    """Return what is worth knowing about ``auto_size``, which is chosen with the placement by its ``fit``."""
    given = {**values_of(source, kind, version, _DECIDES), "auto_size": fit == REAL_WORLD}
    said = _words(kind, version, tuple(given.items())).get("auto_size")
    return said.texts[0] if said else ""


class _Words(NamedTuple):
    """What is said below a parameter: why its value is refused, or what is worth knowing about it. Nothing is said of
    one that another setting makes pointless."""

    is_pointless: bool
    texts: tuple[str, ...]


@lru_cache(maxsize=32)
def _words(kind: Kind, version: ModelVersion | None, given: tuple[tuple[str, Value], ...]) -> Mapping[str, _Words]:
    """Return what is said below each parameter; kept, since a panel is drawn many times before anything changes."""
    values = effective_values(kind, version, dict(given))
    notes: dict[str, tuple[str, ...]] = {}
    for one in notes_in(kind, values):
        notes[one.name] = (*notes.get(one.name, ()), one.message)
    words = {name: _Words(False, texts) for name, texts in notes.items()}
    for conflict in conflicts_in(kind, values):
        words[conflict.name] = _Words(False, (conflict.message,))
    for implied in IMPLIED:
        if kind in implied.kinds and values.get(implied.other) == implied.other_value:
            words[implied.name] = _Words(True, ())
    return words


def draw_narrow(layout: UILayout, source: object, name: str, label: str, *, is_choice: bool) -> None:
    """Draw a property in the whole width; a choice, which needs it for its value, has its label above."""
    column = layout.column(align=True)
    column.use_property_split = False
    if is_choice:
        column.label(text=label)
    column.prop(source, name, text="" if is_choice else label)


def _draw(layout: UILayout, source: object, parameter: Parameter, narrow: bool) -> None:
    if narrow:
        _draw_narrow(layout, source, parameter)
        return
    if not has_companion(parameter):
        layout.prop(source, parameter.name, text=_NARROW_LABELS.get(parameter.name, parameter.label))
        return
    switch = companion(parameter.name)
    row = layout.row(align=True, heading=parameter.label)
    row.prop(source, switch, text="")
    field = row.row(align=True)
    field.active = getattr(source, switch)
    field.prop(source, parameter.name, text="")


def _draw_narrow(layout: UILayout, source: object, parameter: Parameter) -> None:
    if not has_companion(parameter):
        draw_narrow(layout, source, parameter.name, parameter.label, is_choice=bool(parameter.choices))
        return
    switch = companion(parameter.name)
    draw_narrow(layout, source, switch, parameter.label, is_choice=False)
    if getattr(source, switch):
        layout.prop(source, parameter.name, text="")
