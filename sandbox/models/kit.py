# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shape is made with and of: detail, chance, colours by the prompt's words; parts and surfaces."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

import numpy as np

from .mesh import Mesh
from .textures import Color, Surface

NAMED: dict[str, Color] = {
    "red": (0.74, 0.10, 0.09),
    "crimson": (0.60, 0.05, 0.12),
    "orange": (0.90, 0.42, 0.08),
    "yellow": (0.93, 0.74, 0.14),
    "gold": (0.95, 0.72, 0.28),
    "golden": (0.95, 0.72, 0.28),
    "green": (0.20, 0.50, 0.20),
    "emerald": (0.05, 0.55, 0.32),
    "teal": (0.07, 0.46, 0.47),
    "turquoise": (0.14, 0.66, 0.64),
    "blue": (0.13, 0.30, 0.68),
    "navy": (0.08, 0.13, 0.33),
    "purple": (0.42, 0.18, 0.62),
    "violet": (0.45, 0.24, 0.72),
    "pink": (0.90, 0.45, 0.60),
    "magenta": (0.76, 0.14, 0.52),
    "brown": (0.40, 0.24, 0.13),
    "black": (0.06, 0.06, 0.07),
    "white": (0.90, 0.89, 0.86),
    "grey": (0.46, 0.47, 0.49),
    "gray": (0.46, 0.47, 0.49),
    "silver": (0.78, 0.79, 0.80),
}


@dataclass(frozen=True)
class Part:
    """A piece of the model: which part it belongs to, which surface it wears, its mesh."""

    name: str
    surface: str
    mesh: Mesh


@dataclass(frozen=True)
class Model:
    """A shape facing +Z, of any size. `natural_size` is its longest side in metres."""

    title: str
    natural_size: float
    surfaces: dict[str, Surface]
    parts: tuple[Part, ...]


class Kit:
    """Given to every shape. The same words, seed and detail give the same shape; detail does not disturb the
    chances.
    """

    def __init__(self, words: str, seed: int, detail: float) -> None:
        self.rng = np.random.default_rng(seed)
        self.detail = detail
        self._colors = [NAMED[word] for word in re.findall(r"[a-z-]+", words.lower()) if word in NAMED]

    def n(self, count: int, least: int = 3) -> int:
        """A number of segments, by the level of detail."""
        return max(least, round(count * self.detail))

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def seed(self) -> np.random.Generator:
        """A source of chance of its own for one piece."""
        return np.random.default_rng(int(self.rng.integers(2**32)))

    def color(self, *choices: Color, index: int = 0) -> Color:
        """The prompt's colour (the second one for index 1), or one of the choices, slightly varied."""
        picked = choices[int(self.rng.integers(len(choices)))]
        shift = self.rng.uniform(-1, 1, 3)
        if index < len(self._colors):
            return self._colors[index]
        hue, light, saturation = colorsys.rgb_to_hls(*picked)
        light = min(1.0, max(0.0, light + 0.02 * shift[1]))
        saturation = min(1.0, max(0.0, saturation * (1 + 0.1 * shift[2])))
        return colorsys.hls_to_rgb((hue + 0.012 * shift[0]) % 1, light, saturation)
