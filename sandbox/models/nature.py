# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that grow: tree, mushrooms, crystals. Each faces +Z."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import textures as paint
from .kit import Kit, Model, Part
from .mesh import Mesh, blob, curve, join, lathe, tube

MOSS = (0.24, 0.36, 0.13)
LIGHT_GRASS = (0.45, 0.58, 0.22)


def mound(kit: Kit, radius: float, height: float) -> Mesh:
    """A low hill with a rounded rim."""
    profile = curve(
        [
            (0.0, 0.0),
            (radius * 0.9, 0.0),
            (radius, height * 0.35),
            (radius * 0.8, height * 0.75),
            (0.0, height),
        ],
        kit.n(18, 5),
    )
    profile[[0, -1], 0] = 0
    profile[:, 0] = np.clip(profile[:, 0], 0, None)
    profile[:, 1] = np.clip(profile[:, 1], 0, None)
    return lathe(profile, kit.n(48, 7))


def tree(kit: Kit) -> Model:
    rng = kit.seed()
    sway = kit.between(-0.05, 0.05)
    green = kit.color(
        (0.22, 0.46, 0.14), (0.36, 0.52, 0.14), (0.14, 0.40, 0.20), (0.72, 0.36, 0.10), (0.85, 0.52, 0.62)
    )
    bright = (min(1, green[0] * 1.5 + 0.1), min(1, green[1] * 1.35 + 0.08), green[2] * 1.2)
    bark = kit.color((0.40, 0.27, 0.17), (0.33, 0.24, 0.18), index=1)
    sides = kit.n(20, 6)
    spine = curve([(0, 0, 0), (sway, 0.18, 0.01), (-sway * 0.6, 0.36, 0), (sway * 0.3, 0.56, 0.01)], kit.n(18, 5))
    girth = np.interp(np.linspace(0, 1, len(spine)), [0, 0.12, 0.3, 1], [0.105, 0.074, 0.058, 0.03])
    wood = [tube(spine, girth, sides)]
    for number in range(6):
        angle = number * np.pi / 3 + rng.uniform(-0.3, 0.3)
        out = np.array([np.cos(angle), 0, np.sin(angle)])
        far = rng.uniform(0.15, 0.2)
        path = curve([(0, 0.11, 0) + out * 0.03, (0, 0.045, 0) + out * 0.1, (0, 0.008, 0) + out * far], kit.n(8, 3))
        wood.append(tube(path, np.linspace(0.045, 0.012, len(path)), kit.n(12, 5)))
    clumps = [(0.0, 0.80, 0.0, 0.225)]
    for number in range(6):
        angle = number * np.pi / 3 + rng.uniform(-0.25, 0.25)
        far, up = rng.uniform(0.19, 0.235), rng.uniform(0.60, 0.70)
        clumps.append(
            (
                float(np.cos(angle) * far),
                float(up),
                float(np.sin(angle) * far),
                float(rng.uniform(0.145, 0.18)),
            )
        )
        start = spine[int(len(spine) * rng.uniform(0.55, 0.75))]
        end = np.array(clumps[-1][:3])
        middle = (start + end) / 2 + (0, -0.03, 0)
        path = curve([start, middle, end], kit.n(8, 3))
        wood.append(tube(path, np.linspace(0.026, 0.012, len(path)), kit.n(10, 5)))
    crown = [
        blob(r, kit.n(18, 3), np.random.default_rng(rng.integers(2**32)), 0.07, 8).scale(1, 0.88, 1).move(x, y, z)
        for x, y, z, r in clumps
    ]
    parts = (
        Part("Trunk", "bark", join(wood)),
        Part("Crown", "leaves", join(crown)),
        Part("Ground", "grass", mound(kit, 0.3, 0.035)),
    )
    surfaces = {
        "bark": (paint.bark, bark, bark),
        "leaves": (paint.leaves, green, bright),
        "grass": (paint.grass, MOSS, LIGHT_GRASS),
    }
    return Model("Tree", 5.0, surfaces, parts)


def mushroom(kit: Kit) -> Model:
    rng = kit.seed()
    cap = kit.color((0.76, 0.09, 0.07), (0.80, 0.30, 0.07), (0.48, 0.22, 0.55), (0.14, 0.36, 0.56))
    wide = kit.between(0.9, 1.12)
    pale = (0.93, 0.89, 0.78)
    groups: dict[str, list[Mesh]] = {"Cap": [], "Gills": [], "Stem": []}
    sides = kit.n(56, 8)
    for x, z, size, lean in ((0, 0, 1.0, 3), (0.27, 0.16, 0.46, -14), (-0.25, 0.2, 0.34, 15)):
        r = 0.36 * wide
        dome = curve([(r, 0.56), (r * 0.97, 0.63), (r * 0.72, 0.77), (r * 0.36, 0.855), (0.0, 0.88)], kit.n(26, 5))
        dome[-1, 0] = 0
        under = curve([(0.075, 0.60), (r * 0.5, 0.565), (r * 0.9, 0.535), (r, 0.56)], kit.n(14, 4))
        stem = curve([(0.0, 0.0), (0.10, 0.0), (0.125, 0.06), (0.085, 0.22), (0.07, 0.42), (0.085, 0.61)], kit.n(24, 6))
        stem[:, 0] = np.clip(stem[:, 0], 0, None)
        skirt = curve(
            [(0.07, 0.47), (0.105, 0.445), (0.15, 0.40), (0.145, 0.395), (0.10, 0.425), (0.072, 0.44)],
            kit.n(14, 6),
        )
        turn = float(rng.uniform(0, 360))
        for name, meshes in (
            ("Cap", [lathe(dome, sides)]),
            ("Gills", [lathe(under, sides)]),
            ("Stem", [lathe(stem, kit.n(32, 6)), lathe(skirt[::-1], kit.n(40, 6))]),
        ):
            groups[name] += [m.rotate("y", turn).scale(size).rotate("z", lean).move(x, 0.03, z) for m in meshes]
    parts = (
        *(Part(name, name.lower(), join(meshes)) for name, meshes in groups.items()),
        Part("Ground", "grass", mound(kit, 0.46, 0.06)),
    )
    surfaces = {
        "cap": (paint.spots, cap, pale),
        "gills": (paint.gills, (0.90, 0.80, 0.64), pale),
        "stem": (paint.plaster, pale, pale),
        "grass": (paint.grass, MOSS, LIGHT_GRASS),
    }
    return Model("Mushroom", 0.25, surfaces, parts)


def crystal(kit: Kit) -> Model:
    rng = kit.seed()
    color = kit.color((0.34, 0.14, 0.66), (0.06, 0.46, 0.64), (0.10, 0.58, 0.36), (0.74, 0.18, 0.46))
    stone = kit.color((0.34, 0.32, 0.33), (0.40, 0.36, 0.31), index=1)

    def shard(high: float, radius: float, lean: float, turn: float, out: float) -> Mesh:
        tip = rng.uniform(0.2, 0.28)
        rough = [(0.0, -0.1), (radius * 0.8, -0.1), (radius, high * (1 - tip)), (0.0, high)]
        mesh = lathe(np.array(rough), 6, smooth=False)
        skew = rng.uniform(0.86, 1.14)
        mesh = mesh.scale(skew, 1, 1 / skew).rotate("y", rng.uniform(0, 60)).rotate("z", -lean).move(x=out)
        return mesh.rotate("y", turn)

    shards = [shard(0.92, 0.125, 4, 40, 0.0)]
    for number in range(5):
        shards.append(
            shard(
                rng.uniform(0.48, 0.68),
                rng.uniform(0.075, 0.1),
                rng.uniform(16, 28),
                72 * number + rng.uniform(-14, 14),
                0.1,
            )
        )
    for number in range(7):
        shards.append(
            shard(
                rng.uniform(0.24, 0.34),
                rng.uniform(0.035, 0.058),
                rng.uniform(34, 50),
                51 * number + rng.uniform(-12, 12),
                0.17,
            )
        )
    base = [
        blob(0.24, kit.n(16, 3), np.random.default_rng(rng.integers(2**32)), 0.08, 10)
        .scale(1.15, 0.5, 1.15)
        .move(y=0.02)
    ]
    for number in range(6):
        angle = number * 1.05 + rng.uniform(-0.3, 0.3)
        lump = blob(rng.uniform(0.07, 0.12), kit.n(12, 3), np.random.default_rng(rng.integers(2**32)), 0.1, 10)
        base.append(lump.scale(1.1, 0.7, 1).move(0.25 * np.cos(angle), 0.03, 0.25 * np.sin(angle)))
    parts = (Part("Crystals", "gem", flattened(join(shards))), Part("Rock", "rock", flattened(join(base))))
    surfaces = {"gem": (paint.gem, color, (1.0, 1.0, 1.0)), "rock": (paint.rock, stone, (0.3, 0.36, 0.2))}
    return Model("Crystal", 0.3, surfaces, parts)


def flattened(mesh: Mesh) -> Mesh:
    """Cut off below the ground by pressing everything under it up to it."""
    return replace(mesh, positions=np.maximum(mesh.positions, (-np.inf, 0.0, -np.inf)))
