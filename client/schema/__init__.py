"""The one schema: every endpoint, model version, request parameter, price and conflict of the service.

Validation, price, Blender properties, operator arguments and the reference table in ``docs/`` are all made
from the data here; a parameter added here appears everywhere.

Facts come from three places, marked per parameter in ``source``: ``A`` the service's Tripo reference page,
``B`` its other public pages, ``C`` inferred from Tripo's own API and not documented by the service. Parameters
from ``C`` are sent only when they differ from the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from .endpoints import CONFLICTS, COSTS, ENDPOINTS, MULTIVIEW_SLOTS, Conflict, Endpoint
from .parameters import BY_NAME, PARAMETERS
from .presets import IN_PRESETS, PRESETS, Preset
from .words import (
    DEFAULT_VERSION,
    EVERY_VERSION,
    FROM_PICTURES,
    GENERATION,
    IMAGE,
    MULTIVIEW,
    P1,
    SEED_MAX,
    TEXT,
    V3,
    VERSION_LABELS,
    Choice,
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
    "FROM_PICTURES",
    "GENERATION",
    "IMAGE",
    "IN_PRESETS",
    "MULTIVIEW",
    "MULTIVIEW_SLOTS",
    "P1",
    "PARAMETERS",
    "PRESETS",
    "SEED_MAX",
    "TEXT",
    "V3",
    "VERSION_LABELS",
    "Choice",
    "Conflict",
    "Cost",
    "Endpoint",
    "Group",
    "Kind",
    "ModelVersion",
    "Parameter",
    "Preset",
    "Scope",
    "Value",
    "conflicts_in",
    "effective_values",
    "parameters_for",
    "parameters_in",
]


@cache
def parameters_for(kind: Kind, version: ModelVersion) -> tuple[Parameter, ...]:
    """Return the parameters that an endpoint takes with a version, in panel order."""
    return tuple(parameter for parameter in PARAMETERS if parameter.scope(kind, version))


@cache
def parameters_in(kind: Kind, version: ModelVersion, group: Group) -> tuple[Parameter, ...]:
    """Return those of one group, in panel order."""
    return tuple(parameter for parameter in parameters_for(kind, version) if parameter.group is group)


def effective_values(kind: Kind, version: ModelVersion, given: Mapping[str, Value]) -> dict[str, Value | None]:
    """Return every parameter of the endpoint with its given value, or its default."""
    return {parameter.name: given.get(parameter.name, parameter.default) for parameter in parameters_for(kind, version)}


def conflicts_in(values: Mapping[str, Value | None]) -> list[Conflict]:
    """Return the conflicts that a set of effective values breaks."""
    return [
        conflict
        for conflict in CONFLICTS
        if values.get(conflict.name) == conflict.value and values.get(conflict.other) == conflict.other_value
    ]
