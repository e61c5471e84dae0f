"""The one schema: every endpoint, model version, request parameter, price and conflict of the service.

Validation, price, Blender properties, operator arguments and the reference table in ``docs/`` are all made
from the data here; a parameter added here appears everywhere.

Facts come from three places, marked per parameter in ``source``: ``A`` the service's Tripo reference page,
``B`` its other public pages, ``C`` inferred from Tripo's own API and not documented by the service. Parameters
from ``C`` are sent only when they differ from the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Value = str | bool | int
"""What a parameter may hold."""


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
FROM_PICTURES = frozenset({IMAGE, MULTIVIEW})

DEFAULT_VERSION = ModelVersion.V3_0
"""The service's default when the path names no version (A)."""

VERSION_LABELS: Mapping[ModelVersion, tuple[str, str]] = {
    ModelVersion.V3_0: ("v3.0", "Default model, stable and well tested"),
    ModelVersion.V3_1: ("v3.1", "Newer model with improved quality"),
    ModelVersion.P1: ("P1", "Clean low-poly topology, up to 20,000 faces, at a higher base price"),
}

SEED_MAX = 2_147_483_647
"""Largest seed: the service documents none; this is what a signed 32-bit integer holds."""


@dataclass(frozen=True)
class Scope:
    """Where a parameter is accepted, and its bounds there (numbers for integers, characters for strings)."""

    kinds: frozenset[Kind]
    versions: frozenset[ModelVersion]
    minimum: int | None = None
    maximum: int | None = None
    required: bool = False


@dataclass(frozen=True)
class Cost:
    """Credits added when every parameter named in ``when`` has the given value."""

    label: str
    credits: int
    when: Mapping[str, Value]
    versions: frozenset[ModelVersion] = EVERY_VERSION


@dataclass(frozen=True)
class Choice:
    """One allowed value of a ``choice`` parameter, with its label and a sentence of help."""

    value: str
    label: str
    help: str


@dataclass(frozen=True)
class Parameter:
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
    source: Literal["A", "B", "C"] = "A"

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


def _scope(
    versions: frozenset[ModelVersion] = EVERY_VERSION,
    kinds: frozenset[Kind] = GENERATION,
    *,
    minimum: int | None = None,
    maximum: int | None = None,
    required: bool = False,
) -> Scope:
    return Scope(kinds, versions, minimum, maximum, required)


STANDARD_OR_DETAILED = (
    Choice("standard", "Standard", "The service's normal quality"),
    Choice("detailed", "Detailed", "Finer detail for more credits"),
)

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "prompt",
        "string",
        "Prompt",
        "What the model should look like",
        "",
        Group.INPUT,
        (_scope(kinds=frozenset({TEXT}), minimum=1, maximum=1024, required=True),),
    ),
    Parameter(
        "negative_prompt",
        "string",
        "Negative Prompt",
        "What the model should not have",
        "",
        Group.INPUT,
        (_scope(V3, minimum=0, maximum=1024), _scope(P1, minimum=0, maximum=255)),
    ),
    Parameter(
        "enable_image_autofix",
        "boolean",
        "Fix Image",
        "Let the service repair problems of the picture before it is used",
        False,
        Group.INPUT,
        (_scope(V3, frozenset({IMAGE})), _scope(P1, FROM_PICTURES)),
    ),
    Parameter(
        "orientation",
        "choice",
        "Orientation",
        "Which way the model faces",
        "default",
        Group.INPUT,
        (_scope(P1, FROM_PICTURES),),
        (
            Choice("default", "Default", "The service's usual direction"),
            Choice("align_image", "Align to Image", "Turned as it is seen in the picture"),
        ),
        source="C",
    ),
    Parameter(
        "image_seed",
        "integer",
        "Image Seed",
        "The same seed gives the same intermediate picture again",
        None,
        Group.SHAPE,
        (_scope(P1, minimum=0, maximum=SEED_MAX),),
        source="B",
    ),
    Parameter(
        "model_seed",
        "integer",
        "Model Seed",
        "The same seed gives the same shape again",
        None,
        Group.SHAPE,
        (_scope(P1, minimum=0, maximum=SEED_MAX),),
        source="B",
    ),
    Parameter(
        "geometry_quality",
        "choice",
        "Geometry",
        "How finely the shape is worked out",
        "standard",
        Group.SHAPE,
        (_scope(V3),),
        STANDARD_OR_DETAILED,
    ),
    Parameter(
        "face_limit",
        "integer",
        "Face Limit",
        "Largest number of faces the model may have",
        None,
        Group.SHAPE,
        (_scope(V3, minimum=500, maximum=500_000), _scope(P1, minimum=48, maximum=20_000)),
    ),
    Parameter(
        "quad",
        "boolean",
        "Quads",
        "Rebuild the mesh from four-sided faces",
        False,
        Group.SHAPE,
        (_scope(V3),),
    ),
    Parameter(
        "smart_low_poly",
        "boolean",
        "Smart Low Poly",
        "Reduce the mesh while keeping its look",
        False,
        Group.SHAPE,
        (_scope(V3),),
    ),
    Parameter(
        "generate_parts",
        "boolean",
        "Parts",
        "Make separate parts instead of one mesh",
        False,
        Group.SHAPE,
        (_scope(V3),),
    ),
    Parameter(
        "auto_size",
        "boolean",
        "Real-World Size",
        "Let the service estimate the size in metres",
        False,
        Group.SHAPE,
        (_scope(),),
    ),
    Parameter(
        "texture",
        "boolean",
        "Texture",
        "Paint the model",
        True,
        Group.SURFACE,
        (_scope(),),
    ),
    Parameter(
        "pbr",
        "boolean",
        "PBR",
        "Make metallic, roughness and normal maps too",
        True,
        Group.SURFACE,
        (_scope(),),
    ),
    Parameter(
        "texture_quality",
        "choice",
        "Texture Quality",
        "How fine the texture is",
        "standard",
        Group.SURFACE,
        (_scope(),),
        STANDARD_OR_DETAILED,
    ),
    Parameter(
        "texture_alignment",
        "choice",
        "Texture Alignment",
        "What the texture follows where picture and shape differ",
        "original_image",
        Group.SURFACE,
        (_scope(EVERY_VERSION, FROM_PICTURES),),
        (
            Choice("original_image", "Original Image", "Keep the look of the picture"),
            Choice("geometry", "Geometry", "Keep to the shape's own edges"),
        ),
    ),
    Parameter(
        "texture_seed",
        "integer",
        "Texture Seed",
        "The same seed gives the same texture again",
        None,
        Group.SURFACE,
        (_scope(minimum=0, maximum=SEED_MAX),),
    ),
    Parameter(
        "export_uv",
        "boolean",
        "UVs",
        "Deliver texture coordinates with the mesh",
        True,
        Group.RESULT,
        (_scope(),),
    ),
    Parameter(
        "compress",
        "choice",
        "Compression",
        "How the file is packed for the download",
        "",
        Group.RESULT,
        (_scope(),),
        (
            Choice("", "None", "A plain file"),
            Choice("geometry", "Geometry", "A smaller download with compressed geometry"),
        ),
    ),
)

BY_NAME: Mapping[str, Parameter] = {parameter.name: parameter for parameter in PARAMETERS}


@dataclass(frozen=True)
class Endpoint:
    """Where a kind of job is sent, what it costs at least, and which picture slots it takes."""

    kind: Kind
    label: str
    help: str
    path: str
    base_credits: Mapping[ModelVersion, int]
    image_slots: tuple[str, ...] = ()
    minimum_images: int = 0

    def url_path(self, version: ModelVersion) -> str:
        """Return the path for a version; versions are always named, so a changed default changes nothing."""
        return f"{self.path}{version.lower()}/"


def _base(v3: int, p1: int) -> dict[ModelVersion, int]:
    return {ModelVersion.V3_0: v3, ModelVersion.V3_1: v3, ModelVersion.P1: p1}


MULTIVIEW_SLOTS = ("front", "left", "back", "right")
"""The service's order of views; the front is required (C: Tripo's own API)."""

ENDPOINTS: Mapping[Kind, Endpoint] = {
    TEXT: Endpoint(
        TEXT,
        "Text to 3D",
        "Generate a 3D model from a text prompt",
        "/v1/3d-models/tripo/text-to-3d/",
        _base(20, 60),
    ),
    IMAGE: Endpoint(
        IMAGE,
        "Image to 3D",
        "Generate a 3D model from one picture",
        "/v1/3d-models/tripo/image-to-3d/",
        _base(40, 80),
        ("image",),
        1,
    ),
    MULTIVIEW: Endpoint(
        MULTIVIEW,
        "Multiview to 3D",
        "Generate a 3D model from two to four views of the same thing",
        "/v1/3d-models/tripo/multiview-to-3d/",
        _base(40, 80),
        MULTIVIEW_SLOTS,
        2,
    ),
}

COSTS: tuple[Cost, ...] = (
    Cost("Texture", 20, {"texture": True, "texture_quality": "standard"}),
    Cost("Detailed texture", 40, {"texture": True, "texture_quality": "detailed"}),
    Cost("Detailed geometry", 40, {"geometry_quality": "detailed"}, V3),
    Cost("Smart low poly", 20, {"smart_low_poly": True}, V3),
    Cost("Parts", 40, {"generate_parts": True}, V3),
    Cost("Quads", 10, {"quad": True}, V3),
)


@dataclass(frozen=True)
class Conflict:
    """Two settings that the service refuses together; ``name`` is the one to grey out."""

    name: str
    value: Value
    other: str
    other_value: Value
    message: str


CONFLICTS: tuple[Conflict, ...] = (
    Conflict("quad", True, "generate_parts", True, "Quads and Parts cannot be combined: switch one of them off"),
    Conflict("generate_parts", True, "texture", True, "Parts come without texture: switch Texture off"),
    Conflict("generate_parts", True, "pbr", True, "Parts come without PBR maps: switch PBR off"),
)


def parameters_for(kind: Kind, version: ModelVersion) -> tuple[Parameter, ...]:
    """Return the parameters that an endpoint takes with a version, in panel order."""
    return tuple(parameter for parameter in PARAMETERS if parameter.scope(kind, version))


def effective_values(kind: Kind, version: ModelVersion, given: Mapping[str, Value]) -> dict[str, Value | None]:
    """Return every parameter of the endpoint with its given value, or its default."""
    return {
        parameter.name: given.get(parameter.name, parameter.default) for parameter in parameters_for(kind, version)
    }


def conflicts_in(values: Mapping[str, Value | None]) -> list[Conflict]:
    """Return the conflicts that a set of effective values breaks."""
    return [
        conflict
        for conflict in CONFLICTS
        if values.get(conflict.name) == conflict.value and values.get(conflict.other) == conflict.other_value
    ]
