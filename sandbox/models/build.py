# SPDX-License-Identifier: GPL-3.0-or-later
"""From a recipe to a GLB: choose the shape, meet the face limit, paint the atlas, put it together."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, replace

import numpy as np

from .atlas import build_atlas, mean_color
from .glb import Material, Node, encode_glb
from .kit import Kit, Model, Part
from .mesh import Array, Mesh, box, cluster, join
from .png import encode_png
from .shapes import SHAPES, shape_for
from .textures import Surface

_TRIANGLES = re.compile(r"\[triangles[ =](\d{1,7})\]")
CLAY = Material("Clay", (0.55, 0.54, 0.52), 0.0, 0.7)


@dataclass(frozen=True)
class Recipe:
    """Everything a model depends on. Equal recipes give equal bytes.

    `words` choose shape and colours; `variation` is hashed for proportions; `[triangles=N]` in the words asks
    for about that many.
    """

    words: str = ""
    variation: str = ""
    texture_seed: int = 0
    texture: bool = True
    pbr: bool = True
    detailed_texture: bool = False
    detailed_geometry: bool = False
    low_poly: bool = False
    parts: bool = False
    uv: bool = True
    face_limit: int | None = None
    auto_size: bool = False
    p1: bool = False


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def shape_name(recipe: Recipe) -> str:
    """The shape a recipe leads to. Without any words (an unknown image) the hash chooses."""
    if recipe.words.strip():
        return shape_for(recipe.words)
    names = sorted(SHAPES)
    return names[_hash(recipe.variation) % len(names)]


def _shape(recipe: Recipe, detail: float) -> Model:
    name = shape_name(recipe)
    return SHAPES[name](Kit(recipe.words, _hash(recipe.variation), detail))


def surfaces_for(recipe: Recipe) -> dict[str, Surface]:
    """What the shape wears that a recipe leads to."""
    return _shape(recipe, 0.3).surfaces


def _count(model: Model) -> int:
    return sum(len(part.mesh.faces) for part in model.parts)


def _model(recipe: Recipe) -> Model:
    """The shape with as many triangles as it may have."""
    detail = 0.45 if recipe.low_poly else 2.0 if recipe.detailed_geometry else 0.8 if recipe.p1 else 1.0
    model = _shape(recipe, detail)
    wanted = _TRIANGLES.search(recipe.words)
    if wanted:
        for _ in range(3):
            detail *= math.sqrt(int(wanted.group(1)) / _count(model))
            model = _shape(recipe, detail)
    limit = recipe.face_limit
    while limit is not None and _count(model) > limit and detail > 0.08:
        detail *= max(0.5, min(0.93, math.sqrt(limit / _count(model))))
        model = _shape(recipe, detail)
    return model if limit is None or _count(model) <= limit else _reduced(model, limit)


def _reduced(model: Model, limit: int) -> Model:
    """Melt vertices together until few enough triangles are left; in the end a box."""
    for cells in (24, 16, 12, 9, 7, 6, 5, 4, 3, 2):
        parts = [replace(part, mesh=cluster(part.mesh, cells)) for part in model.parts]
        parts = [part for part in parts if len(part.mesh.faces)]
        if parts and sum(len(part.mesh.faces) for part in parts) <= limit:
            return replace(model, parts=tuple(parts))
    whole = join([part.mesh for part in model.parts]).positions
    size = whole.max(axis=0) - whole.min(axis=0)
    middle = (whole.max(axis=0) + whole.min(axis=0)) / 2
    block = box(*(float(side) for side in size), bevel=0.0, steps=0).move(*(float(part) for part in middle))
    return replace(model, parts=(Part(model.parts[0].name, model.parts[0].surface, block),))


def _placed(model: Model, auto_size: bool) -> Model:
    """On the ground, about the origin, 1 m (or natural) in its longest side, and turned from +Z to +X."""
    parts = [replace(part, mesh=part.mesh.rotate("y", 90)) for part in model.parts]
    whole = np.concatenate([part.mesh.positions for part in parts])
    low, high = whole.min(axis=0), whole.max(axis=0)
    size = model.natural_size if auto_size else 1.0
    scale = size / float((high - low).max())
    x, z = -(low[0] + high[0]) / 2, -(low[2] + high[2]) / 2
    moved = [replace(part, mesh=part.mesh.move(x, -low[1], z).scale(scale)) for part in parts]
    return replace(model, parts=tuple(moved))


def _merged(parts: tuple[Part, ...]) -> dict[str, list[Part]]:
    groups: dict[str, list[Part]] = {}
    for part in parts:
        groups.setdefault(part.name, []).append(part)
    return groups


def build_model(recipe: Recipe) -> bytes:
    """The GLB. A texture needs UVs, so without `uv` each surface is one plain material."""
    model = _placed(_model(recipe), recipe.auto_size)
    seed = _hash(f"{recipe.variation}#{recipe.texture_seed}")
    if recipe.texture and recipe.uv:
        return _textured(model, recipe, seed)
    if recipe.texture:
        return _plain_colors(model, seed)
    title = model.title
    if recipe.parts:
        nodes = [
            Node(f"{title}_{name}", ((join([part.mesh for part in parts]), 0),))
            for name, parts in _merged(model.parts).items()
        ]
        return encode_glb(nodes, [CLAY], with_uv=recipe.uv, root=title)
    return encode_glb([Node(title, ((join([part.mesh for part in model.parts]), 0),))], [CLAY], with_uv=recipe.uv)


def _textured(model: Model, recipe: Recipe, seed: int) -> bytes:
    atlas = build_atlas(model.surfaces, 1024 if recipe.detailed_texture else 512, seed, recipe.pbr)
    mesh = join([_into_atlas(part.mesh, atlas.places[part.surface]) for part in model.parts])
    return encode_glb([Node(model.title, ((mesh, 0),))], [atlas.material(model.title)], with_uv=True)


def _into_atlas(mesh: Mesh, place: tuple[float, float, float]) -> Mesh:
    left, bottom, width = place
    uvs = np.array([left, bottom]) + np.clip(mesh.uvs, 0, 1) * width
    # glTF counts v from the top of the image.
    return replace(mesh, uvs=np.column_stack([uvs[:, 0], 1 - uvs[:, 1]]))


def _plain_colors(model: Model, seed: int) -> bytes:
    names = list(dict.fromkeys(part.surface for part in model.parts))
    materials = [Material(f"{model.title}_{name}", *mean_color(model.surfaces[name], seed)) for name in names]
    primitives = tuple(
        (join([part.mesh for part in model.parts if part.surface == name]), number) for number, name in enumerate(names)
    )
    return encode_glb([Node(model.title, primitives)], materials, with_uv=False)


def build_thumbnail(recipe: Recipe) -> bytes:
    """A small PNG of the model from its front left, drawn as a cloud of points."""
    size = 256
    model = _placed(_model(replace(recipe, face_limit=None)), False)
    seed = _hash(f"{recipe.variation}#{recipe.texture_seed}")
    view = model_view()
    light = np.array([0.45, 0.75, 0.5]) / 0.98
    rng = np.random.default_rng(1)
    spots: list[Array] = []
    tones: list[Array] = []
    areas = [part.mesh.areas() for part in model.parts]
    total = sum(float(area.sum()) for area in areas)
    for part, area in zip(model.parts, areas, strict=True):
        color = np.array(mean_color(model.surfaces[part.surface], seed)[0] if recipe.texture else CLAY.color)
        count = int(300_000 * area.sum() / total) + 1
        faces = part.mesh.faces[rng.choice(len(area), count, p=area / area.sum())]
        weight = rng.exponential(size=(count, 3, 1))
        weight /= weight.sum(axis=1, keepdims=True)
        spots.append((part.mesh.positions[faces] * weight).sum(axis=1))
        normals = (part.mesh.normals[faces] * weight).sum(axis=1)
        lit = 0.35 + 0.75 * np.clip(normals @ view.T @ light, 0, 1)
        tones.append(np.clip(color * lit[:, None], 0, 1) ** (1 / 2.2))
    points, colors = np.concatenate(spots) @ view.T, np.concatenate(tones)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 0.86 * size / float((high - low)[:2].max())
    order = np.argsort(points[:, 2], kind="stable")
    at = ((points[order] - (low + high) / 2)[:, :2] * scale + size / 2).astype(int)
    tone = (colors[order] * 255).astype(np.uint8)
    # Each point covers two by two pixels, the nearest one last.
    at = np.repeat(at, 4, axis=0) + np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (len(at), 1))
    at = at.clip(0, size - 1)
    pixels = np.full((size, size, 3), 46, np.uint8)
    pixels[size - 1 - at[:, 1], at[:, 0]] = np.repeat(tone, 4, axis=0)
    return encode_png(pixels)


def model_view() -> Array:
    """Rows: right, up, towards the eye, for an eye at the front (+X), to the left and above."""
    eye = np.array([1.0, 0.45, 0.6])
    eye /= np.linalg.norm(eye)
    right = np.cross([0, 1, 0], eye)
    right /= np.linalg.norm(right)
    return np.array([right, np.cross(eye, right), eye])
