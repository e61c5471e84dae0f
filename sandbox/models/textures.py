# SPDX-License-Identifier: GPL-3.0-or-later
"""Surfaces: procedural, tileable maps for wood, metal, stone and the like.

A surface is made for one square cell: base colour (sRGB 0-1), roughness, metallic, height (for the normal
map) and, if it shines, emission. All noise is periodic, so a cell can run round a turned body without a seam.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.floating[Any]]
Color = tuple[float, float, float]


@dataclass(frozen=True)
class Maps:
    """color (n, n, 3), rough, metal, height (n, n), glow (n, n, 3) or None. Row 0 is the top."""

    color: Map
    rough: Map
    metal: Map
    height: Map
    glow: Map | None = None


@dataclass(frozen=True)
class Cell:
    """What a surface is drawn on: its size in pixels, its main and second colour, and a source of chance."""

    size: int
    color: Color
    second: Color
    rng: np.random.Generator

    def noise(self, scale: float = 4.0, roughness: float = 1.6, stretch: tuple[float, float] = (1, 1)) -> Map:
        """Periodic noise, mean 0 and deviation 1. `scale` is about the number of bumps, `stretch` lengthens
        (x, y).
        """
        n = self.size
        fy = np.fft.fftfreq(n, 1 / n)[:, None] * stretch[1]
        fx = np.fft.rfftfreq(n, 1 / n)[None, :] * stretch[0]
        power = (fx**2 + fy**2 + scale**2) ** (-(roughness + 1) / 2)
        power[0, 0] = 0
        phase = self.rng.normal(size=power.shape) + 1j * self.rng.normal(size=power.shape)
        field = np.fft.irfft2(power * phase, s=(n, n))
        return (field / field.std()).astype(np.float32)

    def axes(self) -> tuple[Map, Map]:
        """(u, v) of every pixel centre, v upwards."""
        at = (np.arange(self.size, dtype=np.float32) + 0.5) / self.size
        u, v = np.meshgrid(at, 1 - at)
        return u, v

    def full(self, value: float) -> Map:
        return np.full((self.size, self.size), value, np.float32)

    def cells(self, count: int) -> tuple[Map, Map]:
        """Periodic Worley noise: distance to the nearest of count*count points and to the border, in cell
        widths.
        """
        u, v = self.axes()
        x, y = u * count, v * count
        jitter = self.rng.uniform(0.15, 0.85, (count, count, 2))
        near = self.full(9)
        second = self.full(9)
        cx, cy = np.floor(x).astype(int), np.floor(y).astype(int)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                spot = jitter[(cx + dx) % count, (cy + dy) % count]
                gap = np.hypot(cx + dx + spot[..., 0] - x, cy + dy + spot[..., 1] - y).astype(np.float32)
                second = np.minimum(second, np.maximum(near, gap))
                near = np.minimum(near, gap)
        return near, second - near


def mix(a: Sequence[float] | Map, b: Sequence[float] | Map, amount: Map) -> Map:
    """Blend colours by a map of 0-1."""
    t = np.clip(amount, 0, 1)[..., None]
    return (np.asarray(a, np.float32) * (1 - t) + np.asarray(b, np.float32) * t).astype(np.float32)


def shade(color: Color, factor: float) -> Color:
    """Darker (< 1) or lighter (> 1, towards white)."""
    if factor <= 1:
        return (color[0] * factor, color[1] * factor, color[2] * factor)
    t = min(1.0, factor - 1)
    return (color[0] + (1 - color[0]) * t, color[1] + (1 - color[1]) * t, color[2] + (1 - color[2]) * t)


def step(value: Map, edge: float | Map, soft: float) -> Map:
    """0 below the edge, 1 above, smooth over `soft` on both sides."""
    t = np.clip((value - edge) / (2 * soft) + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def wood(cell: Cell) -> Maps:
    """Grain along v."""
    warp = cell.noise(2, 2.2, (1, 4))
    u, _ = cell.axes()
    fine = cell.noise(20, 1.0, (1, 14))
    ring = 0.5 + 0.5 * np.sin(2 * math.pi * 7 * u + 1.8 * warp)
    color = mix(shade(cell.color, 0.62), cell.color, ring * 0.75 + 0.2 + 0.1 * fine)
    color = mix(color, shade(cell.color, 1.25), step(fine, 1.2, 0.8) * 0.5)
    return Maps(color, cell.full(0.55) + 0.06 * fine, cell.full(0), 0.25 * ring + 0.12 * fine)


def planks(cell: Cell) -> Maps:
    """Five boards side by side, grain along v, with dark gaps."""
    base = wood(cell)
    u, _ = cell.axes()
    board = u * 5
    number = np.floor(board).astype(int)
    tone = cell.rng.uniform(0.72, 1.12, 5).astype(np.float32)[number]
    edge = np.minimum(board - number, 1 - (board - number))
    gap = step(edge, 0.05, 0.03)
    color = np.clip(base.color * tone[..., None], 0, 1) * (0.25 + 0.75 * gap[..., None])
    return Maps(color, base.rough + 0.1, base.metal, base.height * 0.6 + 2.2 * gap)


def metal(cell: Cell) -> Maps:
    """Brushed and a little worn."""
    brushed, blot = cell.noise(30, 0.8, (10, 1)), cell.noise(5, 1.8)
    color = mix(shade(cell.color, 0.82), cell.color, 0.75 + 0.12 * brushed + 0.2 * blot)
    return Maps(color, np.clip(0.27 + 0.03 * brushed + 0.06 * blot, 0.08, 1), cell.full(1), 0.03 * brushed)


def hammered(cell: Cell) -> Maps:
    near, _ = cell.cells(7)
    blot = cell.noise(6, 1.6)
    color = mix(shade(cell.color, 0.6), cell.color, 0.4 + 0.9 * near + 0.1 * blot)
    return Maps(color, np.clip(0.42 - 0.1 * near + 0.07 * blot, 0.1, 1), cell.full(0.95), 1.6 * near**2)


def leather(cell: Cell) -> Maps:
    """Wound strips, slanting, with a fine grain."""
    u, v = cell.axes()
    wound = (v * 9 + u) % 1
    strip = np.sin(math.pi * wound) ** 0.5
    _, border = cell.cells(24)
    grain = step(border, 0.12, 0.12)
    color = mix(shade(cell.color, 0.35), cell.color, strip * 0.8 + 0.2 * grain)
    return Maps(color, 0.75 - 0.15 * strip, cell.full(0), 3 * strip + 0.5 * grain)


def glaze(cell: Cell) -> Maps:
    """Shiny ceramic: main colour, speckles, and a pale unglazed foot with a soft edge."""
    _, v = cell.axes()
    drip = cell.noise(4, 2.2, (1, 30))
    speck = step(cell.noise(60, 0.6), 2.1, 0.15)
    blot = cell.noise(4, 2.0)
    color = mix(cell.color, shade(cell.color, 0.72), 0.3 + 0.22 * blot)
    edge = step(v - 0.018 * drip, 0.3, 0.006)
    color = mix(cell.second, color, edge)
    color = mix(color, shade(cell.color, 0.35), speck * 0.6)
    rough = 0.62 - 0.5 * edge
    return Maps(color, np.clip(rough, 0.1, 1), cell.full(0), 0.7 * edge + 0.06 * blot)


def banded(cell: Cell) -> Maps:
    """Painted pottery: bands, a zigzag and a row of dots in the second colour."""
    u, v = cell.axes()
    wobble = 0.004 * cell.noise(5, 2.0)
    y = v + wobble
    zig = np.abs(((u * 12) % 1) - 0.5) * 0.12
    pattern = cell.full(0)
    for at, half in ((0.30, 0.008), (0.325, 0.004), (0.52, 0.008), (0.70, 0.008), (0.725, 0.004)):
        pattern = np.maximum(pattern, 1 - step(np.abs(y - at), half, 0.002))
    pattern = np.maximum(pattern, 1 - step(np.abs(y - 0.60 - zig), 0.011, 0.002))
    dots = np.hypot(((u * 16) % 1 - 0.5) / 16 * 2.2, y - 0.42)
    pattern = np.maximum(pattern, 1 - step(dots, 0.03, 0.003))
    blot = cell.noise(4, 2.0)
    color = mix(cell.color, shade(cell.color, 0.75), 0.3 + 0.2 * blot)
    color = mix(color, cell.second, pattern * (0.92 + 0.05 * blot))
    return Maps(color, cell.full(0.28) + 0.04 * blot, cell.full(0), 0.3 * pattern + 0.1 * blot)


def paint(cell: Cell) -> Maps:
    """Lacquer with a faint orange peel."""
    peel, blot = cell.noise(40, 1.2), cell.noise(3, 2.0)
    color = mix(cell.color, shade(cell.color, 0.8), 0.25 + 0.15 * blot)
    return Maps(color, np.clip(0.3 + 0.05 * blot, 0.1, 1), cell.full(0), 0.03 * peel)


def panels(cell: Cell) -> Maps:
    """Painted sheet metal: panel lines, rivets, and bare metal where it is worn."""
    u, v = cell.axes()
    base = paint(cell)
    x, y = (u * 4) % 1, (v * 4) % 1
    line = step(np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y)), 0.018, 0.01)
    rivet = 1 - step(np.hypot(np.minimum(x, 1 - x) - 0.09, np.minimum(y, 1 - y) - 0.09), 0.025, 0.01)
    wear = step(cell.noise(8, 1.2) - 1.5 * line, 0.9, 0.25)
    color = base.color * (0.55 + 0.45 * line[..., None])
    color = mix(color, (0.6, 0.6, 0.62), wear * 0.7)
    return Maps(color, base.rough + 0.12 * wear, 0.7 * wear, 1.2 * line + 0.9 * rivet)


def fabric(cell: Cell) -> Maps:
    u, v = cell.axes()
    threads = 36
    weave = np.sin(2 * math.pi * threads * u) * np.sin(2 * math.pi * threads * v)
    blot = cell.noise(4, 1.6)
    color = mix(shade(cell.color, 0.75), cell.color, 0.6 + 0.2 * weave + 0.15 * blot)
    return Maps(color, cell.full(0.9), cell.full(0), 0.25 * weave + 0.2 * blot)


def rock(cell: Cell) -> Maps:
    big, fine = cell.noise(4, 1.8), cell.noise(20, 1.2)
    near, border = cell.cells(5)
    crack = step(border, 0.03, 0.03)
    tone = 0.55 + 0.2 * big + 0.12 * fine - 0.1 * near
    color = mix(shade(cell.color, 0.5), shade(cell.color, 1.12), tone) * (0.75 + 0.25 * crack[..., None])
    moss = step(big + 0.5 * fine, 1.1, 0.3)
    return Maps(
        mix(color, cell.second, moss * 0.7),
        cell.full(0.88),
        cell.full(0),
        0.8 * big + 0.4 * fine + 0.6 * crack,
    )


def masonry(cell: Cell) -> Maps:
    """Courses of stones with pale joints."""
    u, v = cell.axes()
    rows, across = 8, 5
    row = np.floor(v * rows)
    x = (u * across + 0.5 * (row % 2)) % across
    fx, fy = x % 1, (v * rows) % 1
    edge = np.minimum(np.minimum(fx, 1 - fx) * 1.6, np.minimum(fy, 1 - fy))
    stone = step(edge + 0.03 * cell.noise(10, 1.5), 0.12, 0.06)
    tones = cell.rng.uniform(0.75, 1.1, (rows, across)).astype(np.float32)
    tone = tones[row.astype(int) % rows, x.astype(int) % across]
    color = np.clip(np.asarray(cell.color, np.float32) * tone[..., None], 0, 1)
    color = color * (1 + 0.06 * cell.noise(14, 1.2))[..., None]
    return Maps(mix(cell.second, color, stone), cell.full(0.85), cell.full(0), 2 * stone + 0.2 * cell.noise(16, 1.0))


def plaster(cell: Cell) -> Maps:
    big, fine = cell.noise(3, 2.0), cell.noise(30, 1.2)
    color = mix(cell.color, shade(cell.color, 0.8), 0.25 + 0.15 * big + 0.05 * fine)
    return Maps(color, cell.full(0.85), cell.full(0), 0.25 * big + 0.12 * fine)


def shingles(cell: Cell) -> Maps:
    """Rounded tiles in staggered rows, each a little different."""
    u, v = cell.axes()
    rows, across = 9, 8
    row = np.floor(v * rows)
    x = (u * across + 0.5 * (row % 2)) % across
    fx, fy = x % 1 - 0.5, (v * rows) % 1
    tip = 0.42 - np.sqrt(np.clip(0.25 - fx**2, 0, 1)) * 0.84
    under = step(fy, tip, 0.04)
    tones = cell.rng.uniform(0.68, 1.1, (rows, across)).astype(np.float32)
    here = tones[row.astype(int) % rows, x.astype(int) % across]
    below = tones[(row.astype(int) - 1) % rows, ((x + 0.5 * np.where(row % 2 == 0, 1, -1)).astype(int)) % across]
    tone = here * under + below * (1 - under) * 0.62
    gap = step(0.5 - np.abs(fx), 0.03, 0.02)
    tone = tone * (0.6 + 0.4 * np.maximum(gap, 1 - under)) * (1 - 0.22 * fy * under)
    color = np.clip(np.asarray(cell.color, np.float32) * tone[..., None], 0, 1)
    return Maps(color, cell.full(0.7), cell.full(0), 2.5 * under * (1 - 0.6 * fy) + 0.2 * cell.noise(20, 1.0))


def leaves(cell: Cell) -> Maps:
    """Dense foliage: overlapping light and dark leaf shapes."""
    near, border = cell.cells(16)
    big = cell.noise(4, 1.6)
    leaf = np.clip(1 - near * 1.2, 0, 1)
    color = mix(shade(cell.color, 0.5), cell.color, 0.25 + 0.7 * leaf + 0.12 * big)
    color = mix(color, cell.second, step(leaf + 0.25 * big, 0.85, 0.3) * 0.6)
    return Maps(color, cell.full(0.75), cell.full(0), 2.5 * leaf + 0.5 * step(border, 0.05, 0.05))


def bark(cell: Cell) -> Maps:
    ridge = cell.noise(9, 1.2, (1, 5))
    crack = step(np.abs(ridge), 0.28, 0.22)
    color = mix(shade(cell.color, 0.42), cell.color, crack * 0.8 + 0.1 * cell.noise(20, 1.0))
    return Maps(color, cell.full(0.9), cell.full(0), 2.0 * crack)


def grass(cell: Cell) -> Maps:
    blades, big = cell.noise(40, 0.7, (2, 1)), cell.noise(4, 1.8)
    color = mix(shade(cell.color, 0.6), cell.second, 0.45 + 0.18 * blades + 0.2 * big)
    return Maps(color, cell.full(0.92), cell.full(0), 0.5 * blades)


def gem(cell: Cell) -> Maps:
    """Deep at the foot, bright at the tip, with inner light."""
    _, v = cell.axes()
    cloud, vein = cell.noise(3, 2.0, (1, 3)), cell.noise(10, 1.4, (1, 6))
    color = mix(shade(cell.color, 0.4), shade(cell.color, 1.2), v * 0.95 + 0.1 * cloud + 0.05 * vein)
    color = mix(color, cell.second, step(cloud + v, 1.3, 0.7) * 0.3)
    glow = color * np.clip(0.05 + 0.12 * v, 0, 1)[..., None]
    return Maps(color, np.clip(0.1 + 0.04 * vein, 0.04, 1), cell.full(0), 0.12 * cloud, glow.astype(np.float32))


def spots(cell: Cell) -> Maps:
    """A mushroom's cap: raised pale spots that shrink towards the rim (v = 0)."""
    u, v = cell.axes()
    color = mix(shade(cell.color, 0.6), cell.color, 0.25 + 0.8 * v + 0.1 * cell.noise(5, 1.8))
    raised = cell.full(0)
    for level, (at, count, size) in enumerate(((0.97, 1, 0.1), (0.7, 5, 0.085), (0.42, 8, 0.07), (0.2, 12, 0.045))):
        turn = cell.rng.uniform(0, 1)
        for number in range(count):
            wide = 2 * math.pi * (1 - at) ** 0.85 + 0.35
            x = (u - (number + turn + cell.rng.uniform(-0.2, 0.2)) / count + 0.5) % 1 - 0.5
            y = v - at - cell.rng.uniform(-0.05, 0.05)
            radius = size * cell.rng.uniform(0.75, 1.2)
            far = np.hypot(x * wide * (0 if level == 0 else 0.5), y * 1.0)
            raised = np.maximum(raised, 1 - step(far, radius, 0.014))
    color = mix(color, cell.second, raised)
    return Maps(color, 0.32 + 0.4 * raised, cell.full(0), 3.0 * raised)


def gills(cell: Cell) -> Maps:
    u, _ = cell.axes()
    rib = 0.5 + 0.5 * np.sin(2 * math.pi * 40 * u)
    color = mix(shade(cell.color, 0.6), cell.color, rib)
    return Maps(color, cell.full(0.85), cell.full(0), 2 * rib)


def glass(cell: Cell) -> Maps:
    """Dark, glossy pane with a sky-like gradient."""
    _, v = cell.axes()
    color = mix(shade(cell.color, 0.4), cell.color, v + 0.05 * cell.noise(3, 2))
    return Maps(color, cell.full(0.08), cell.full(0), 0.02 * cell.noise(3, 2))


def glow(cell: Cell) -> Maps:
    color = cell.full(1)[..., None] * np.asarray(cell.color, np.float32)
    return Maps(color, cell.full(0.3), cell.full(0), cell.full(0), color.copy())


def coins(cell: Cell) -> Maps:
    near, border = cell.cells(9)
    rim = step(border, 0.08, 0.05)
    color = mix(shade(cell.color, 0.45), cell.color, 0.4 + 0.6 * rim - 0.2 * near)
    return Maps(color, 0.25 + 0.15 * near, cell.full(1), 2.5 * rim - 1.5 * near)


Painter = Callable[[Cell], Maps]
Surface = tuple[Painter, Color, Color]
