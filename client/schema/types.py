# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of the schema: kinds, model versions, parameters.

What Blender loads at its start is made of named tuples: defining a frozen dataclass takes about twenty times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, NamedTuple

Value = str | bool | int | float | tuple[str, ...]
"""What a parameter may hold."""

Source = Literal["A", "B", "C", "U", "I"]
"""How well a fact is known: see the package's docstring."""


class Kind(StrEnum):
    """What a job does; the value is the operator's name and the last part of the endpoint's path."""

    TEXT = "text_to_3d"
    IMAGE = "image_to_3d"
    MULTIVIEW = "multiview_to_3d"
    TEXTURE_MODEL = "texture_model"
    CONVERT_MODEL = "convert_model"
    MESH_SEGMENTATION = "mesh_segmentation"


class ModelVersion(StrEnum):
    """Tripo's model versions, spelled as the operators take them."""

    V3_0 = "3.0"
    V3_1 = "3.1"
    P1 = "P1"


class Group(StrEnum):
    """How an artist thinks of the options; one sub-panel each."""

    INPUT = "Input"
    SHAPE = "Geometry"
    SURFACE = "Texture"
    RESULT = "Delivery"


TEXT, IMAGE, MULTIVIEW = Kind.TEXT, Kind.IMAGE, Kind.MULTIVIEW
V3 = frozenset({ModelVersion.V3_0, ModelVersion.V3_1})
P1 = frozenset({ModelVersion.P1})
EVERY_VERSION = V3 | P1
NO_VERSION: frozenset[ModelVersion] = frozenset()
"""The versions of a scope whose endpoint knows none."""
GENERATION = frozenset({TEXT, IMAGE, MULTIVIEW})
MESH_TOOLS = frozenset({Kind.TEXTURE_MODEL, Kind.CONVERT_MODEL, Kind.MESH_SEGMENTATION})
FROM_IMAGES = frozenset({IMAGE, MULTIVIEW})

DEFAULT_VERSION = ModelVersion.V3_0
"""The service's default when the path names no version (A)."""

VERSION_LABELS: Mapping[ModelVersion, tuple[str, str]] = {
    ModelVersion.V3_0: ("v3.0", "For most things: Tripo's default, stable and well tested"),
    ModelVersion.V3_1: ("v3.1", "For finer shapes and textures: newer, with every option and at the same price"),
    ModelVersion.P1: ("P1", "For games: clean low-poly topology of up to 20,000 faces, at a higher base price"),
}

VERSION_CHOICES: Mapping[ModelVersion, str] = {
    ModelVersion.V3_0: "v3.0 · Most Things",
    ModelVersion.V3_1: "v3.1 · Finer Shapes",
    ModelVersion.P1: "P1 · Games",
}
"""The labels where one is chosen, with what each is for."""

SEED_MAX = 2_147_483_647
"""Largest seed: the service documents none; this is what a signed 32-bit integer holds."""

MOST_VARIATIONS = 8
"""Largest number of models that one press of Generate makes."""


class Scope(NamedTuple):
    """Where a parameter is accepted, and its bounds there (of numbers; of strings and lists, how long they are).

    Without ``versions`` it is for an endpoint that takes no model version. What is ``only_if_set`` is never sent with
    its default: that the service is told it at all may already cost credits.
    """

    versions: frozenset[ModelVersion] = EVERY_VERSION
    kinds: frozenset[Kind] = GENERATION
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    source: Source = "A"
    only_if_set: bool = False

    @property
    def is_documented(self) -> bool:
        """Whether the service itself documents the parameter here; what it does not is sent only when it must be."""
        return self.source in ("A", "B")

    @property
    def sends_default(self) -> bool:
        """Whether the default is sent too, so that a changed default of the service changes nothing."""
        return self.is_documented and not self.only_if_set

    def takes(self, kind: Kind, version: ModelVersion | None) -> bool:
        """Whether this is the scope of an endpoint with a version, None for an endpoint without versions."""
        return kind in self.kinds and (version in self.versions if self.versions else version is None)


class Cost(NamedTuple):
    """Credits added when every parameter named in ``when`` has the given value, and one of ``any_of`` is not as it is
    by default. An image slot counts as a parameter that is True when it is filled.

    Where the service's pages leave open whether it is added, it is not ``certain``.
    """

    label: str
    credits: int
    when: Mapping[str, Value]
    versions: frozenset[ModelVersion] = EVERY_VERSION
    kinds: frozenset[Kind] = GENERATION
    any_of: frozenset[str] = frozenset()
    certain: bool = True


class Choice(NamedTuple):
    """One allowed value of a ``choice`` parameter, with its label and a sentence of help."""

    value: str
    label: str
    help: str


class Parameter(NamedTuple):
    """One request parameter, under the API's own name.

    ``default`` is the service's default; ``None`` means "absent", which numbers may be, and what is required.
    An empty string and an empty list also mean "absent". What ``joins`` another parameter is ours: it is kept apart
    and sent at the end of that one's text, after a comma.
    """

    name: str
    type: Literal["string", "boolean", "integer", "float", "choice", "list"]
    label: str
    help: str
    default: Value | None
    group: Group
    scopes: tuple[Scope, ...]
    choices: tuple[Choice, ...] = ()
    joins: str = ""

    def scope(self, kind: Kind, version: ModelVersion | None) -> Scope | None:
        """Return where-and-bounds for this endpoint and version, or None where it is not accepted."""
        return next((scope for scope in self.scopes if scope.takes(kind, version)), None)

    @property
    def values(self) -> tuple[str, ...]:
        """The allowed values of a ``choice`` parameter, as sent; the empty one means absent."""
        return tuple(choice.value for choice in self.choices)


def switch(name: str, label: str, help_: str, group: Group, *scopes: Scope, default: bool = False) -> Parameter:
    """Return a parameter that is on or off."""
    return Parameter(name, "boolean", label, help_, default, group, scopes)
