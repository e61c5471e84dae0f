# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of the schema: kinds, model versions, parameters.

What Blender loads at its start is made of named tuples: defining a frozen dataclass takes about twenty times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, NamedTuple

Value = str | bool | int
"""What a parameter may hold."""

Source = Literal["A", "B", "C", "U", "I"]
"""How well a fact is known: see the package's docstring."""


class Kind(StrEnum):
    """What a job does; the value is the operator's name and the last part of the endpoint's path."""

    TEXT = "text_to_3d"
    IMAGE = "image_to_3d"
    MULTIVIEW = "multiview_to_3d"


class ModelVersion(StrEnum):
    """Tripo's model versions, spelled as the operators take them."""

    V3_0 = "3.0"
    V3_1 = "3.1"
    P1 = "P1"


class Group(StrEnum):
    """How an artist thinks of the options; one sub-panel each."""

    INPUT = "Input"
    SHAPE = "Shape"
    SURFACE = "Surface"
    RESULT = "Result"


TEXT, IMAGE, MULTIVIEW = Kind.TEXT, Kind.IMAGE, Kind.MULTIVIEW
V3 = frozenset({ModelVersion.V3_0, ModelVersion.V3_1})
P1 = frozenset({ModelVersion.P1})
EVERY_VERSION = V3 | P1
GENERATION = frozenset({TEXT, IMAGE, MULTIVIEW})
FROM_IMAGES = frozenset({IMAGE, MULTIVIEW})

DEFAULT_VERSION = ModelVersion.V3_0
"""The service's default when the path names no version (A)."""

VERSION_LABELS: Mapping[ModelVersion, tuple[str, str]] = {
    ModelVersion.V3_0: ("v3.0", "For most things: the service's default, stable and well tested"),
    ModelVersion.V3_1: ("v3.1", "For finer shapes and textures: newer, with every option and at the same price"),
    ModelVersion.P1: ("P1", "For games: clean low-poly topology of up to 20,000 faces, at a higher base price"),
}

SEED_MAX = 2_147_483_647
"""Largest seed: the service documents none; this is what a signed 32-bit integer holds."""

MOST_VARIATIONS = 8
"""Largest number of models that one press of Generate makes."""


class Scope(NamedTuple):
    """Where a parameter is accepted, and its bounds there (numbers for integers, characters for strings)."""

    kinds: frozenset[Kind]
    versions: frozenset[ModelVersion]
    minimum: int | None = None
    maximum: int | None = None
    required: bool = False
    source: Source = "A"

    @property
    def is_documented(self) -> bool:
        """Whether the service itself documents the parameter here; what it does not is sent only when it must be."""
        return self.source in ("A", "B")


class Cost(NamedTuple):
    """Credits added when every parameter named in ``when`` has the given value."""

    label: str
    credits: int
    when: Mapping[str, Value]
    versions: frozenset[ModelVersion] = EVERY_VERSION


class Choice(NamedTuple):
    """One allowed value of a ``choice`` parameter, with its label and a sentence of help."""

    value: str
    label: str
    help: str


class Parameter(NamedTuple):
    """One request parameter, under the API's own name.

    ``default`` is the service's default; ``None`` means "absent", which only integers may be.
    An empty string also means "absent".
    """

    name: str
    type: Literal["string", "boolean", "integer", "choice"]
    label: str
    help: str
    default: Value | None
    group: Group
    scopes: tuple[Scope, ...]
    choices: tuple[Choice, ...] = ()

    def scope(self, kind: Kind, version: ModelVersion) -> Scope | None:
        """Return where-and-bounds for this endpoint and version, or None where it is not accepted."""
        for scope in self.scopes:
            if kind in scope.kinds and version in scope.versions:
                return scope
        return None

    @property
    def values(self) -> tuple[str, ...]:
        """The allowed values of a ``choice`` parameter, as sent; the empty one means absent."""
        return tuple(choice.value for choice in self.choices)
