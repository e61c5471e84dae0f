# SPDX-License-Identifier: GPL-3.0-or-later
"""The atlas: all surfaces of a model painted into one set of square images."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .glb import Material
from .png import encode_png
from .textures import Cell, Color, Map, Surface

# Pixels round every cell that repeat it, so that filtering does not fetch the neighbour's colours.
PADDING = 3


@dataclass(frozen=True)
class Atlas:
    """The finished maps as PNG, None for those that there are not, and for each surface its square in UV: (left,
    bottom, width)."""

    base_color: bytes
    metallic_roughness: bytes | None
    normal: bytes | None
    emissive: bytes | None
    places: dict[str, tuple[float, float, float]]

    def material(self, name: str) -> Material:
        """The material that shows the maps."""
        metallic, roughness = (0.0, 0.8) if self.metallic_roughness is None else (1.0, 1.0)
        maps = (self.base_color, self.metallic_roughness, self.normal, self.emissive)
        return Material(name, (1.0, 1.0, 1.0), metallic, roughness, *maps)


def _pad(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    widths = [(PADDING, PADDING)] * 2 + [(0, 0)] * (maps.ndim - 2)
    return np.pad(maps, widths, mode="wrap")


def _normals(height: Map, strength: float) -> Map:
    dx = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) * strength
    dy = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) * strength
    # Rows run down, green points up: a height that grows downwards leans the normal upwards.
    vector = np.stack([-dx, dy, np.ones_like(dx)], -1)
    return (vector / np.linalg.norm(vector, axis=-1, keepdims=True)).astype(np.float32)


def _bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)


def build_atlas(surfaces: dict[str, Surface], size: int, seed: int, pbr: bool) -> Atlas:
    """Paint every surface into one square of `size` pixels; without `pbr` there is a base colour only."""
    across = math.ceil(math.sqrt(len(surfaces)))
    cell_size = size // across
    inner = cell_size - 2 * PADDING
    color = np.zeros((size, size, 3), np.float32)
    surface = np.zeros((size, size, 3), np.float32)
    normal = np.zeros((size, size, 3), np.float32) + np.array([0.5, 0.5, 1], np.float32)
    emissive = np.zeros((size, size, 3), np.float32)
    places: dict[str, tuple[float, float, float]] = {}
    for number, (name, (painter, main, second)) in enumerate(surfaces.items()):
        maps = painter(Cell(inner, main, second, np.random.default_rng([seed, number])))
        row, column = number // across * cell_size, number % across * cell_size
        where = np.s_[row : row + cell_size, column : column + cell_size]
        color[where] = _pad(maps.color)
        places[name] = ((column + PADDING) / size, 1 - (row + cell_size - PADDING) / size, inner / size)
        if pbr:
            surface[where] = np.stack([np.ones((cell_size,) * 2, np.float32), _pad(maps.rough), _pad(maps.metal)], -1)
            normal[where] = _pad(_normals(maps.height, 0.5 * inner / 250)) * 0.5 + 0.5
            if maps.glow is not None:
                emissive[where] = _pad(maps.glow)
    shines = pbr and bool(emissive.any())
    return Atlas(
        encode_png(_bytes(color)),
        encode_png(_bytes(surface)) if pbr else None,
        encode_png(_bytes(normal)) if pbr else None,
        encode_png(_bytes(emissive)) if shines else None,
        places,
    )


def mean_color(surface: Surface, seed: int) -> tuple[Color, float, float]:
    """(linear colour, metallic, roughness) that stand for a surface where it cannot be textured."""
    painter, main, second = surface
    maps = painter(Cell(32, main, second, np.random.default_rng([seed, 0])))
    srgb = maps.color.reshape(-1, 3).mean(axis=0).clip(0, 1)
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    red, green, blue = (float(part) for part in linear)
    return (red, green, blue), float(maps.metal.mean()), float(maps.rough.mean())
