# SPDX-License-Identifier: GPL-3.0-or-later
"""The presets that ship: options by purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .parameters import PARAMETERS
from .types import GENERATION, Group, ModelVersion, Parameter, Value

IN_PRESETS: tuple[Parameter, ...] = tuple(
    parameter
    for parameter in PARAMETERS
    if parameter.group is not Group.INPUT
    and not parameter.name.endswith("_seed")
    and any(scope.kinds & GENERATION for scope in parameter.scopes)
)
"""What a preset decides. Prompt, images and seeds belong to the thing that is made, not to its purpose."""


class Preset(NamedTuple):
    """A purpose: the model version and what differs from the service's defaults; everything else has its default."""

    label: str
    help: str
    version: ModelVersion
    differs: Mapping[str, Value]

    @property
    def values(self) -> dict[str, Value | None]:
        """Every parameter of IN_PRESETS with its value; None is absent."""
        return {parameter.name: self.differs.get(parameter.name, parameter.default) for parameter in IN_PRESETS}


_BARE: Mapping[str, Value] = {"texture": False, "pbr": False}

PRESETS: Mapping[str, Preset] = {
    "DRAFT": Preset(
        "Draft",
        "A shape without texture, at the lowest price",
        ModelVersion.V3_0,
        _BARE,
    ),
    "GAME_ASSET": Preset(
        "Game Asset",
        "Clean low-poly topology of up to 8,000 faces with PBR maps",
        ModelVersion.P1,
        {"face_limit": 8_000},
    ),
    "HERO": Preset(
        "Hero",
        "The finest shape and the finest texture, for what is seen up close",
        ModelVersion.V3_1,
        {"geometry_quality": "detailed", "texture_quality": "detailed"},
    ),
    "PRINT": Preset(
        "3D Print",
        "A finely worked shape without texture",
        ModelVersion.V3_1,
        {**_BARE, "geometry_quality": "detailed", "export_uv": False},
    ),
    "PARTS": Preset(
        "Parts",
        "Separate parts instead of one mesh, without texture",
        ModelVersion.V3_1,
        {**_BARE, "generate_parts": True},
    ),
}
