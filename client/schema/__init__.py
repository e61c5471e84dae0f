# SPDX-License-Identifier: GPL-3.0-or-later
"""The one schema: every endpoint, model version, parameter, price and conflict of the service.

Validation, price, Blender properties, operator arguments and the reference table in ``docs/`` are all made
from the data here; a parameter added here appears everywhere.

How well a fact is known is marked per scope in ``source``: ``A`` the service's Tripo reference page, ``B`` its other
public pages, ``C`` public programs that call this service, ``U`` Tripo's own documents and programs, ``I`` inferred.
What the service itself does not document is sent only when it differs from the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from .endpoints import (
    CONFLICTS,
    COSTS,
    ENDPOINTS,
    IMPLIED,
    MULTIVIEW_SLOTS,
    NOTES,
    Conflict,
    Endpoint,
    Implied,
    Note,
)
from .parameters import BY_NAME, PARAMETERS
from .presets import IN_PRESETS, PRESETS
from .types import (
    DEFAULT_VERSION,
    EVERY_VERSION,
    GENERATION,
    IMAGE,
    MESH_TOOLS,
    MULTIVIEW,
    NO_VERSION,
    SEED_MAX,
    TEXT,
    VERSION_CHOICES,
    VERSION_LABELS,
    Cost,
    Group,
    Kind,
    ModelVersion,
    Parameter,
    Scope,
    Value,
)

__all__ = [
    "BY_NAME",
    "CONFLICTS",
    "COSTS",
    "DEFAULT_VERSION",
    "ENDPOINTS",
    "EVERY_VERSION",
    "GENERATION",
    "IMAGE",
    "IMPLIED",
    "IN_PRESETS",
    "MESH_TOOLS",
    "MULTIVIEW",
    "MULTIVIEW_SLOTS",
    "NOTES",
    "NO_VERSION",
    "PARAMETERS",
    "PRESETS",
    "SEED_MAX",
    "TEXT",
    "VERSION_CHOICES",
    "VERSION_LABELS",
    "Conflict",
    "Cost",
    "Endpoint",
    "Group",
    "Implied",
    "Kind",
    "ModelVersion",
    "Note",
    "Parameter",
    "Scope",
    "Value",
    "conflicts_in",
    "effective_values",
    "joined_text",
    "notes_in",
    "parameters_for",
    "parameters_in",
]


_JOINING = {one.joins: (one.name,) for one in PARAMETERS if one.joins}
"""The parameters whose text joins another one's."""


@cache
def parameters_for(kind: Kind, version: ModelVersion | None) -> tuple[Parameter, ...]:
    """Return the parameters that an endpoint takes with a version, in panel order; None is for the mesh tools."""
    return tuple(parameter for parameter in PARAMETERS if parameter.scope(kind, version))


@cache
def parameters_in(kind: Kind, version: ModelVersion | None, group: Group) -> tuple[Parameter, ...]:
    """Return those of one group, in panel order."""
    return tuple(parameter for parameter in parameters_for(kind, version) if parameter.group is group)


def effective_values(kind: Kind, version: ModelVersion | None, given: Mapping[str, Value]) -> dict[str, Value | None]:
    """Return every parameter of the endpoint as it is sent: its given value or its default, unless another one
    implies what it is."""
    values = {
        parameter.name: given.get(parameter.name, parameter.default) for parameter in parameters_for(kind, version)
    }
    for implied in IMPLIED:
        if kind in implied.kinds and implied.name in values and values.get(implied.other) == implied.other_value:
            values[implied.name] = implied.value
    return values


def joined_text(name: str, values: Mapping[str, Value | None]) -> str:
    """Return the text of a parameter as it is sent: with what joins it, unless there is nothing to join."""
    text = values.get(name)
    if not isinstance(text, str):
        return ""
    added = [values.get(one) for one in _JOINING.get(name, ()) if text.strip()]
    parts = [one.strip() for one in added if isinstance(one, str) and one.strip()]
    return ", ".join([text.strip(), *parts]) if parts else text


def conflicts_in(kind: Kind, values: Mapping[str, Value | None]) -> list[Conflict]:
    """Return the conflicts that a set of effective values breaks."""
    return [
        conflict
        for conflict in CONFLICTS
        if kind in conflict.kinds
        and values.get(conflict.name) == conflict.value
        and values.get(conflict.other) == conflict.other_value
    ]


def notes_in(kind: Kind, values: Mapping[str, Value | None]) -> list[Note]:
    """Return the notes that apply to a set of effective values, in which a filled image slot is True."""
    return [note for note in NOTES if kind in note.kinds and _applies(note, values)]


def _applies(note: Note, values: Mapping[str, Value | None]) -> bool:
    if not all(name in values and values[name] == wanted for name, wanted in note.when.items()):
        return False
    for name, (low, high) in note.outside.items():
        value = values.get(name)
        if not isinstance(value, int) or low <= value <= high:
            return False
    return True
