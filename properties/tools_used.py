# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write what the dialogs of the mesh tools were last used with (``Scene.tripo.tools_used``).

A conversion with quads and one without, at different prices, are remembered apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from ..client.schema import ENDPOINTS, Kind, Value, parameters_for
from .parameters import ABSENT, companion, has_companion, properties_of

Used = Mapping[str, Any]
"""The properties of an operator by their names."""


def names_of(kind: Kind) -> list[str]:
    """Return which properties of a tool's operator are remembered."""
    names = [*ENDPOINTS[kind].image_slots, "keep_alpha", "import_result"]
    for parameter in parameters_for(kind, None):
        names += () if parameter.joins else properties_of(parameter)  # what joins is kept with the scene
    return names


def read_used(text: str, kind: Kind, *, quad: bool = False) -> Used:
    """Return what a tool was last used with; nothing when it was not, or when it cannot be read."""
    found = _read(text).get(_key(kind, quad))
    return cast(Used, found) if isinstance(found, dict) else {}


def with_used(text: str, kind: Kind, used: Used) -> str:
    """Return the text that remembers this use too."""
    return json.dumps(_read(text) | {_key(kind, used.get("quad") is True): dict(used)}, sort_keys=True)


def used_last(text: str, kind: Kind, *, quad: bool = False) -> tuple[dict[str, Value], list[str]]:
    """Return the parameters and the image slots that decide what the next use costs."""
    used = read_used(text, kind, quad=quad)
    values: dict[str, Value] = {}
    for parameter in parameters_for(kind, None):
        value = used.get(parameter.name)
        is_absent = has_companion(parameter) and not used.get(companion(parameter.name))
        if isinstance(value, str | bool | int | float) and not is_absent and value != ABSENT:
            values[parameter.name] = value
    return values, [slot for slot in ENDPOINTS[kind].image_slots if used.get(slot)]


def _key(kind: Kind, quad: bool) -> str:
    return f"{kind.value} quad" if quad else kind.value


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}
