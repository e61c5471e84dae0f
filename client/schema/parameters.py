# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request parameter, under the API's own name."""

from __future__ import annotations

from collections.abc import Mapping

from .tools import (
    CONVERTING,
    CONVERTING_FACE_LIMIT,
    TEXTURING,
    TEXTURING_PROMPT,
    TEXTURING_SEED,
    TEXTURING_STYLE,
    TOOL_PARAMETERS,
)
from .types import (
    FROM_IMAGES,
    IMAGE,
    P1,
    SEED_MAX,
    TEXT,
    V3,
    Choice,
    Group,
    Parameter,
    Scope,
    switch,
)

_EVERYWHERE = (Scope(V3), Scope(P1, source="B"))
"""P1's page lists the options of text; that images take them too is U."""
_ONLY_TEXT, _ONLY_IMAGE = frozenset({TEXT}), frozenset({IMAGE})


STANDARD_OR_DETAILED = (
    Choice("standard", "Standard", "Tripo's normal quality"),
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
        (
            Scope(V3, _ONLY_TEXT, minimum=1, maximum=1024, required=True),
            Scope(P1, _ONLY_TEXT, minimum=1, maximum=1024, required=True, source="B"),
            TEXTURING_PROMPT,
        ),
    ),
    Parameter(
        "style",
        "string",
        "Style Line",
        "A sentence that is added to every prompt of this file, after a comma",
        "",
        Group.INPUT,
        (Scope(kinds=_ONLY_TEXT), TEXTURING_STYLE),
        joins="prompt",
    ),
    Parameter(
        "negative_prompt",
        "string",
        "Negative Prompt",
        "What the model should not have",
        "",
        Group.INPUT,
        (
            Scope(V3, _ONLY_TEXT, minimum=0, maximum=1024),
            Scope(V3, FROM_IMAGES, minimum=0, maximum=1024, source="I"),
            Scope(P1, _ONLY_TEXT, minimum=0, maximum=255, source="B"),
            Scope(P1, FROM_IMAGES, minimum=0, maximum=255, source="U"),
        ),
    ),
    switch(
        "enable_image_autofix",
        "Fix Image",
        "Let Tripo repair problems in the image before it is used",
        Group.INPUT,
        Scope(V3, _ONLY_IMAGE),
        Scope(P1, _ONLY_IMAGE, source="U"),
    ),
    Parameter(
        "orientation",
        "choice",
        "Orientation",
        "Which way the model faces",
        "default",
        Group.INPUT,
        (Scope(P1, FROM_IMAGES, source="U"),),
        (
            Choice("default", "Default", "Tripo's usual direction"),
            Choice("align_image", "Align to Image", "Turned as it is seen in the image"),
        ),
    ),
    Parameter(
        "image_seed",
        "integer",
        "Image Seed",
        "The same seed gives the same intermediate image again",
        None,
        Group.SHAPE,
        (Scope(P1, _ONLY_TEXT, minimum=0, maximum=SEED_MAX, source="B"),),
    ),
    Parameter(
        "model_seed",
        "integer",
        "Model Seed",
        "The same seed gives the same shape again",
        None,
        Group.SHAPE,
        (
            Scope(P1, _ONLY_TEXT, minimum=0, maximum=SEED_MAX, source="B"),
            Scope(P1, FROM_IMAGES, minimum=0, maximum=SEED_MAX, source="U"),
        ),
    ),
    Parameter(
        "geometry_quality",
        "choice",
        "Geometry",
        "Level of geometric detail",
        "standard",
        Group.SHAPE,
        (Scope(V3),),
        STANDARD_OR_DETAILED,
    ),
    Parameter(
        "face_limit",
        "integer",
        "Face Limit",
        "Largest number of faces the model may have",
        None,
        Group.SHAPE,
        (
            Scope(V3, minimum=500, maximum=500_000),
            Scope(P1, minimum=48, maximum=20_000, source="B"),
            CONVERTING_FACE_LIMIT,
        ),
    ),
    switch("quad", "Quads", "Rebuild the mesh from four-sided faces", Group.SHAPE, Scope(V3), CONVERTING),
    switch("smart_low_poly", "Smart Low Poly", "Reduce the mesh while keeping its look", Group.SHAPE, Scope(V3)),
    switch("generate_parts", "Parts", "Make separate parts instead of one mesh", Group.SHAPE, Scope(V3)),
    switch("auto_size", "Real-World Size", "Let Tripo estimate the size in metres", Group.SHAPE, *_EVERYWHERE),
    switch("texture", "Texture", "Generate a texture", Group.SURFACE, *_EVERYWHERE, TEXTURING, default=True),
    switch(
        "pbr",
        "PBR",
        "Make metallic, roughness and normal maps too",
        Group.SURFACE,
        *_EVERYWHERE,
        TEXTURING,
        default=True,
    ),
    Parameter(
        "texture_quality",
        "choice",
        "Texture Quality",
        "How fine the texture is",
        "standard",
        Group.SURFACE,
        (*_EVERYWHERE, TEXTURING),
        STANDARD_OR_DETAILED,
    ),
    Parameter(
        "texture_alignment",
        "choice",
        "Texture Alignment",
        "What the texture follows where image and shape differ",
        "original_image",
        Group.SURFACE,
        (Scope(V3, FROM_IMAGES), Scope(P1, FROM_IMAGES, source="U"), TEXTURING),
        (
            Choice("original_image", "Original Image", "Keep the look of the image"),
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
        (
            Scope(V3, minimum=0, maximum=SEED_MAX),
            Scope(P1, minimum=0, maximum=SEED_MAX, source="B"),
            TEXTURING_SEED,
        ),
    ),
    switch("export_uv", "UVs", "Include UV coordinates", Group.RESULT, *_EVERYWHERE, default=True),
    Parameter(
        "compress",
        "choice",
        "Compression",
        "How the file is packed for the download",
        "",
        Group.RESULT,
        (*_EVERYWHERE, TEXTURING),
        (
            Choice("", "None", "A plain file"),
            Choice("geometry", "Geometry", "A smaller download with compressed geometry"),
        ),
    ),
    *TOOL_PARAMETERS,
)
"""In panel order within each group."""

BY_NAME: Mapping[str, Parameter] = {parameter.name: parameter for parameter in PARAMETERS}
