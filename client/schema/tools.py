# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters that only the mesh tools take (B, unless marked), and their part of the shared ones."""

from __future__ import annotations

from .types import NO_VERSION, SEED_MAX, Choice, Group, Kind, Parameter, Scope, Source, switch

_TEXTURE = frozenset({Kind.TEXTURE_MODEL})
_CONVERT = frozenset({Kind.CONVERT_MODEL})


def _convert(
    minimum: float | None = None, maximum: float | None = None, *, required: bool = False, source: Source = "B"
) -> Scope:
    """Every option of a conversion is sent only when it is chosen: some make it an advanced one, at twice the price,
    and the pages do not say whether naming their default already does."""
    return Scope(NO_VERSION, _CONVERT, minimum, maximum, required, source, only_if_set=True)


TEXTURING = Scope(NO_VERSION, _TEXTURE, source="B")
TEXTURING_STYLE = Scope(NO_VERSION, _TEXTURE)
TEXTURING_PROMPT = Scope(NO_VERSION, _TEXTURE, 0, 1024, source="B")
TEXTURING_SEED = Scope(NO_VERSION, _TEXTURE, 0, SEED_MAX, source="B")
CONVERTING = _convert()
CONVERTING_FACE_LIMIT = _convert(1)

_FORMATS = (
    Choice("GLTF", "glTF", "For the web, game engines and Blender, with materials"),
    Choice("USDZ", "USDZ", "For Apple's devices, with materials"),
    Choice("FBX", "FBX", "For game engines and other programs; keeps quads"),
    Choice("OBJ", "OBJ", "Meshes with simple materials; keeps quads"),
    Choice("STL", "STL", "For 3D printing; without textures"),
    Choice("3MF", "3MF", "For 3D printing; without textures"),
)
_TEXTURE_FORMATS = tuple(
    Choice(value, label, f"Textures are saved as {label}")
    for value, label in (
        ("BMP", "BMP"),
        ("DPX", "DPX"),
        ("HDR", "HDR"),
        ("JPEG", "JPEG"),
        ("OPEN_EXR", "OpenEXR"),
        ("PNG", "PNG"),
        ("TARGA", "Targa"),
        ("TIFF", "TIFF"),
        ("WEBP", "WebP"),
    )
)
_ORIENTATIONS = tuple(
    Choice(value, value.upper(), f"The model's front faces {value.upper()}") for value in ("+x", "-x", "+y", "-y")
)
_FBX_PRESETS = (
    Choice("", "None", "Tripo's own way"),
    Choice("blender", "Blender", "Axes and sizes for Blender"),
    Choice("mixamo", "Mixamo", "Axes and sizes for Mixamo"),
    Choice("3dsmax", "3ds Max", "Axes and sizes for 3ds Max"),
    Choice("bake_scale", "Baked Scale", "Sizes are in the mesh, not in the object"),
)


TOOL_PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "format",
        "choice",
        "Format",
        "The format of the file",
        None,
        Group.INPUT,
        (_convert(required=True),),
        _FORMATS,
    ),
    switch("force_symmetry", "Symmetry", "Make the quads the same on both sides", Group.SHAPE, CONVERTING),
    switch("flatten_bottom", "Flatten Bottom", "Cut the underside flat, for printing", Group.SHAPE, CONVERTING),
    Parameter(
        "flatten_bottom_threshold",
        "float",
        "Depth",
        "How much of the height is flattened",
        0.01,
        Group.SHAPE,
        (_convert(0.01, 1.0),),
    ),
    switch(
        "pivot_to_center_bottom",
        "Origin at Bottom",
        "Put the origin below the middle of the model",
        Group.SHAPE,
        CONVERTING,
    ),
    Parameter(
        "scale_factor",
        "float",
        "Scale",
        "How many times as large the model becomes",
        1.0,
        Group.SHAPE,
        (_convert(0.0001),),
    ),
    Parameter(
        "texture_size",
        "integer",
        "Texture Size",
        "Side of the textures in pixels",
        None,
        Group.SURFACE,
        (_convert(1, 4096),),
    ),
    Parameter(
        "texture_format",
        "choice",
        "Texture Format",
        "The format of the textures",
        "JPEG",
        Group.SURFACE,
        (_convert(),),
        _TEXTURE_FORMATS,
    ),
    switch("bake", "Bake", "Bake materials into plain textures", Group.SURFACE, TEXTURING, CONVERTING, default=True),
    switch("pack_uv", "Pack UVs", "Put all UV islands into one texture", Group.SURFACE, CONVERTING),
    switch("export_vertex_colors", "Vertex Colors", "Save the colours of the vertices too", Group.SURFACE, CONVERTING),
    switch("with_animation", "Animation", "Save the animation too", Group.RESULT, CONVERTING, default=True),
    switch("animate_in_place", "In Place", "Keep an animated model where it stands", Group.RESULT, CONVERTING),
    Parameter(
        "export_orientation",
        "choice",
        "Front",
        "Which way the model's front faces",
        "+x",
        Group.RESULT,
        (_convert(),),
        _ORIENTATIONS,
    ),
    Parameter(
        "fbx_preset",
        "choice",
        "FBX Preset",
        "Which program the FBX file is for",
        "",
        Group.RESULT,
        (_convert(),),
        _FBX_PRESETS,
    ),
    Parameter(
        "part_names",
        "list",
        "Part Names",
        "Which parts of the model are converted, separated by commas; all when empty",
        (),
        Group.RESULT,
        (_convert(source="U"),),
    ),
)
"""Under the API's own names."""
