# SPDX-License-Identifier: GPL-3.0-or-later
"""Things made by hand: sword, mug, chair, treasure chest, vase. Each faces +Z."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import textures as paint
from .kit import Kit, Model, Part
from .mesh import Mesh, ball, blob, box, curve, extrude, grid, join, lathe, rounded, tube

GOLD = (0.93, 0.70, 0.30)
STEEL = (0.80, 0.82, 0.85)
IRON = (0.33, 0.33, 0.35)
OAK = (0.55, 0.34, 0.17)
WALNUT = (0.36, 0.21, 0.12)


def disc(radius: float, thickness: float, sides: int, bevel: float, steps: int = 3) -> Mesh:
    """A coin with rounded rims, its axis along Z."""
    half = thickness / 2
    profile = rounded([(0, -half), (radius, -half), (radius, half), (0, half)], bevel, steps)
    return lathe(profile, sides).rotate("x", 90)


def ring(radius: float, thickness: float, sides: int, round_: int) -> Mesh:
    """A torus about the Z axis."""
    angle = np.linspace(0, 2 * np.pi, round_ + 1)
    profile = np.column_stack([radius + thickness * np.cos(angle), thickness * np.sin(angle)])
    profile[-1] = profile[0]
    return lathe(profile, sides).rotate("x", 90)


def sword(kit: Kit) -> Model:
    long, wide = kit.between(0.92, 1.08), kit.between(0.9, 1.15)
    span = kit.between(0.115, 0.15)
    droop = kit.between(-0.05, 0.045)
    gem = kit.color((0.65, 0.04, 0.10), (0.05, 0.28, 0.66), (0.05, 0.50, 0.28), (0.42, 0.10, 0.62))
    leather = kit.color((0.28, 0.13, 0.07), (0.13, 0.09, 0.08), (0.30, 0.06, 0.06), index=1)
    brass = kit.color(GOLD, (0.85, 0.64, 0.36), index=9)

    rows = kit.n(28, 6)
    t = np.linspace(0, 1, rows)
    y = 0.262 + t * 0.74 * long
    taper = (1 - 0.28 * t) * np.where(t > 0.86, np.sqrt(np.clip((1 - t) / 0.14, 0, 1)), 1)
    half, thick = 0.044 * wide * taper, 0.0105 * (1 - 0.45 * t) * np.clip(taper * 1.4, 0, 1)
    groove = np.clip((0.66 - t) / 0.06, 0, 1) * 0.6
    right = [(1.0, 0.0), (0.82, 0.42), (0.34, 1.0)]
    columns: list[NDArray[np.float64]] = []
    for sx, sz, order in ((1, 1, 1), (-1, 1, -1), (-1, -1, 1), (1, -1, -1)):
        corner = [np.column_stack([sx * a * half, y, sz * b * thick]) for a, b in right]
        corner.append(np.column_stack([sx * 0.2 * half, y, sz * thick * (1 - groove)]))
        columns += corner[::order]
    columns.append(columns[0])
    strips = [
        grid(np.stack([columns[i], columns[i + 1]], axis=1)[:, ::-1]).map_uv(u=(i / 16, (i + 1) / 16))
        for i in range(len(columns) - 1)
        if np.abs(columns[i] - columns[i + 1]).max() > 1e-9
    ]
    guard_y = 0.245
    arm = ((-1, 1), (-0.6, 0.25), (0, 0), (0.6, 0.25), (1, 1))
    path = curve([(x * span, guard_y - drop * droop, 0) for x, drop in arm], kit.n(24, 5))
    along = np.abs(np.linspace(-1, 1, len(path)))
    sides = kit.n(20, 6)
    guard = [tube(path, 0.0125 + 0.006 * along**3, sides)]
    guard += [ball(0.024, sides).move(way * span, guard_y - droop) for way in (-1, 1)]
    guard.append(box(0.078, 0.044, 0.046, 0.012, 3).move(y=guard_y))
    grip = lathe(curve([(0.0165, 0.085), (0.0205, 0.13), (0.019, 0.18), (0.0165, 0.232)], kit.n(14, 4)), sides)
    collars = [
        lathe(rounded([(0.0, at - h), (r, at - h), (r, at + h), (0.0, at + h)], 0.005, 3), sides)
        for at, h, r in ((0.084, 0.007, 0.022), (0.157, 0.004, 0.0225), (0.225, 0.006, 0.021))
    ]
    rim = ring(0.03, 0.004, kit.n(32, 8), kit.n(10, 4))
    pommel = [disc(0.044, 0.036, kit.n(32, 8), 0.009).move(y=0.044)]
    pommel += [rim.move(y=0.044, z=z) for z in (0.018, -0.018)]
    stone = ball(0.022, sides)
    gems = [stone.scale(1, 1, 0.55).move(y=0.044, z=z) for z in (0.017, -0.017)]
    gems += [stone.scale(0.8, 0.62, 0.4).move(y=guard_y, z=z) for z in (0.023, -0.023)]
    parts = [
        Part("Blade", "steel", join(strips)),
        Part("Guard", "brass", join(guard)),
        Part("Grip", "leather", grip),
        Part("Grip", "brass", join(collars)),
        Part("Pommel", "brass", join(pommel)),
        Part("Gems", "gem", join(gems)),
    ]
    surfaces = {
        "steel": (paint.metal, STEEL, STEEL),
        "brass": (paint.hammered, brass, brass),
        "leather": (paint.leather, leather, leather),
        "gem": (paint.gem, gem, (1.0, 1.0, 1.0)),
    }
    return Model("Sword", 1.05, surfaces, tuple(parts))


def mug(kit: Kit) -> Model:
    fat, belly = kit.between(0.92, 1.12), kit.between(-0.02, 0.035)
    color = kit.color(
        (0.10, 0.36, 0.46), (0.66, 0.22, 0.15), (0.85, 0.62, 0.22), (0.24, 0.38, 0.24), (0.20, 0.24, 0.46)
    )
    clay = kit.color((0.74, 0.60, 0.46), (0.82, 0.74, 0.62), index=1)
    r = 0.36 * fat
    sides = kit.n(72, 8)
    outline = [(0.0, 0.035), (r - 0.09, 0.035), (r - 0.085, 0.0), (r - 0.045, 0.0), (r - 0.01, 0.07)]
    outline += [(r + belly, 0.38), (r, 0.80), (r - 0.05, 0.80), (r - 0.055 + belly, 0.38)]
    outline += [(r - 0.07, 0.11), (r - 0.12, 0.07), (0.0, 0.07)]
    body = lathe(rounded(outline, 0.045, kit.n(5, 1)), sides)
    loop = [
        (r - 0.02, 0.64, 0),
        (r + 0.13, 0.675, 0),
        (r + 0.245, 0.56, 0),
        (r + 0.235, 0.38, 0),
        (r + 0.11, 0.22, 0),
    ]
    path = curve([*loop, (r - 0.03, 0.17, 0)], kit.n(36, 6))
    bend = np.abs(np.linspace(-1, 1, len(path)))
    handle = tube(path, 0.04 + 0.014 * bend**4, kit.n(24, 5), caps=False, flat=0.72).map_uv(v=(0.45, 0.95))
    top = lathe(np.array([(r - 0.045 + belly / 2, 0.672), (r - 0.075, 0.664), (0.0, 0.664)]), sides)
    foam_line = curve([(r - 0.055, 0.666), (r - 0.07, 0.676), (r - 0.10, 0.665)], kit.n(8, 3))
    parts = (
        Part("Cup", "glaze", body),
        Part("Handle", "glaze", handle),
        Part("Coffee", "coffee", top),
        Part("Coffee", "foam", lathe(foam_line, sides)),
    )
    surfaces = {
        "glaze": (paint.glaze, color, clay),
        "coffee": (paint.paint, (0.16, 0.075, 0.03), (0.2, 0.1, 0.05)),
        "foam": (paint.plaster, (0.62, 0.42, 0.25), (0.7, 0.5, 0.3)),
    }
    return Model("Mug", 0.13, surfaces, parts)


def chair(kit: Kit) -> Model:
    slats = int(kit.rng.integers(3, 6))
    lean, arch = kit.between(9, 15), kit.between(0.0, 0.06)
    cloth = kit.color(
        (0.62, 0.18, 0.14), (0.16, 0.32, 0.36), (0.72, 0.52, 0.20), (0.30, 0.38, 0.22), (0.25, 0.25, 0.40)
    )
    tree = kit.color(OAK, WALNUT, (0.68, 0.47, 0.27), index=1)
    sides = kit.n(18, 5)
    seat_y, back = 0.44, -0.19
    seat = box(0.46, 0.045, 0.44, 0.02, kit.n(3, 1)).move(y=seat_y)
    cushion = box(0.42, 0.075, 0.40, 0.036, kit.n(5, 1), kit.n(4, 1)).move(y=seat_y + 0.052)
    legs: list[Mesh] = []
    for x in (-1, 1):
        for z in (-1, 1):
            path = curve([(x * 0.235, 0.0, z * 0.225), (x * 0.205, 0.22, z * 0.2), (x * 0.185, seat_y, z * 0.18)], 5)
            legs.append(tube(path, np.linspace(0.0165, 0.0275, 5), sides))
    rods = [((-0.2, 0.2, -0.2), (0.2, 0.2, -0.2)), *(((x, 0.17, -0.2), (x, 0.17, 0.2)) for x in (-0.208, 0.208))]
    stretchers = [tube(np.linspace(a, b, 4), 0.0125, sides) for a, b in rods]
    slope = np.tan(np.radians(lean))

    def behind(y: float) -> float:
        return back - (y - seat_y) * slope * (0.55 + 0.45 * (y - seat_y) / 0.56)

    heights = np.linspace(seat_y - 0.01, 0.99, kit.n(10, 3))
    posts = [
        tube(
            np.array([(x * (1 + 0.12 * (y - seat_y)), y, behind(y)) for y in heights]),
            np.linspace(0.024, 0.018, len(heights)),
            sides,
        )
        for x in (-0.2, 0.2)
    ]
    spindle: list[Mesh] = []
    for number in range(slats):
        x = (number - (slats - 1) / 2) * 0.3 / max(1, slats - 1)
        levels = np.linspace(seat_y, 0.9, kit.n(8, 3))
        path = np.array([(x * (1 + 0.12 * (y - seat_y)), y, behind(y) - 0.02 * np.cos(x * 6)) for y in levels])
        spindle.append(tube(path, 0.0175, sides, flat=0.55))
    across = np.linspace(-1, 1, kit.n(16, 4))
    crest = [(0.232 * a, 0.93 + arch * (1 - a * a), behind(0.93) - 0.025 * (1 - a * a)) for a in across]
    rail = tube(np.array(crest), 0.058 - 0.012 * np.abs(across) ** 3, sides, flat=0.36).spin_uv()
    wood = [mesh.map_uv(u=(0, 0.45)) for mesh in legs]
    parts = (
        Part("Seat", "wood", seat),
        Part("Cushion", "fabric", cushion),
        Part("Legs", "wood", join([*wood, *stretchers])),
        Part("Back", "wood", join([*posts, *spindle, rail])),
    )
    surfaces = {"wood": (paint.wood, tree, tree), "fabric": (paint.fabric, cloth, cloth)}
    return Model("Chair", 0.95, surfaces, parts)


def chest(kit: Kit) -> Model:
    wide, open_ = kit.between(0.92, 1.06), kit.between(30, 48)
    wood = kit.color((0.42, 0.24, 0.11), (0.50, 0.30, 0.14), (0.34, 0.17, 0.09), index=1)
    trim = kit.color(IRON, (0.55, 0.42, 0.22), (0.30, 0.31, 0.35), index=2)
    w, h, d = 0.9 * wide, 0.36, 0.56
    k = kit.n(3, 1)
    body = box(w, h, d, 0.012, k).move(y=h / 2 + 0.03)
    radius = d / 2
    arc = kit.n(36, 6)
    lid = lathe(rounded([(0, -w / 2), (radius, -w / 2), (radius, w / 2), (0, w / 2)], 0.012, k), arc, arc=180)
    lining = box(w - 0.03, 0.02, d - 0.03, 0.006, 1).move(y=0.008)

    def hoop(x: float, half: float) -> Mesh:
        profile = [
            (radius - 0.01, -half),
            (radius + 0.016, -half),
            (radius + 0.016, half),
            (radius - 0.01, half),
        ]
        return lathe(rounded(profile, 0.006, k), arc, arc=180).rotate("z", 90).move(x=x)

    upper = [Part("Lid", "wood", lid.rotate("z", 90)), Part("Lid", "wood", lining.spin_uv())]
    hoops = [hoop(x, 0.032) for x in (-w * 0.3, w * 0.3)] + [hoop(x, 0.024) for x in (-w / 2 + 0.02, w / 2 - 0.02)]
    hoops += [box(w + 0.012, 0.05, 0.022, 0.006, k).move(y=0.025, z=z) for z in (radius, -radius)]
    plate = extrude(
        rounded([(-0.06, -0.09), (0.06, -0.09), (0.07, 0.06), (-0.07, 0.06)], 0.03, kit.n(5, 1), True),
        0.03,
        0.008,
    )
    upper.append(Part("Lid", "iron", join([*hoops, plate.move(y=0.02, z=radius + 0.018)])))
    hinge_y, hinge_z = h + 0.035, -d / 2
    turned = [
        Part(p.name, p.surface, p.mesh.move(z=-hinge_z).rotate("x", -open_).move(y=hinge_y, z=hinge_z)) for p in upper
    ]
    bands = [box(0.064, h + 0.03, 0.02, 0.006, k).move(x, h / 2 + 0.03, d / 2 + 0.008) for x in (-w * 0.3, w * 0.3)]
    bands += [
        box(0.06, h + 0.03, 0.06, 0.008, k).move(x * (w / 2 - 0.022), h / 2 + 0.03, z * (d / 2 - 0.022))
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    bands += [
        box(w + 0.024, 0.05, 0.02, 0.006, k).move(0, y, z * (d / 2 + 0.004)) for y in (0.05, h + 0.012) for z in (-1, 1)
    ]
    bands += [
        box(0.02, 0.05, d + 0.02, 0.006, k).move(x * (w / 2 + 0.004), y, 0) for y in (0.05, h + 0.012) for x in (-1, 1)
    ]
    bands += [
        box(0.09, 0.06, 0.09, 0.02, k).move(x * (w / 2 - 0.03), 0.03, z * (d / 2 - 0.03))
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    rivet = ball(0.011, kit.n(12, 4)).scale(1, 1, 0.6)
    bands += [rivet.move(x, y, d / 2 + 0.019) for x in (-w * 0.3, w * 0.3) for y in (0.13, 0.23, 0.33)]
    lock = extrude(
        rounded([(-0.07, -0.08), (0.07, -0.08), (0.07, 0.08), (-0.07, 0.08)], 0.03, kit.n(5, 1), True),
        0.03,
        0.009,
    )
    keyhole = disc(0.02, 0.01, kit.n(20, 6), 0.003)
    slot = box(0.016, 0.05, 0.01, 0.003, 1)
    gold = [lock.move(y=h - 0.06, z=d / 2 + 0.016)]
    handle = ring(0.055, 0.011, kit.n(28, 8), kit.n(10, 4)).rotate("y", 90)
    gold += [handle.move(x * (w / 2 + 0.022), h * 0.6, 0) for x in (-1, 1)]
    rng = kit.seed()
    heap = blob(0.5, kit.n(24, 3), rng, 0.05).scale(w * 0.93, 0.26, d * 0.88).move(y=h + 0.01)
    money: list[Mesh] = []
    coin = disc(0.036, 0.009, kit.n(18, 5), 0.003, 1)
    for _ in range(46):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.95) ** 0.6
        x, z = np.cos(angle) * far * 0.43 * w, np.sin(angle) * far * 0.42 * d
        y = h + 0.01 + 0.128 * np.sqrt(max(0.0, 1 - far**2)) + 0.004
        money.append(coin.rotate("x", 90 + rng.uniform(-38, 38)).rotate("z", rng.uniform(-32, 32)).move(x, y, z))
    jewels = [
        ball(0.036, 6).scale(1, 0.8, 1).rotate("z", rng.uniform(-30, 30)).move(x, h + y, z)
        for x, y, z in ((-0.2, 0.125, 0.1), (0.13, 0.135, 0.12), (0.26, 0.10, -0.04), (-0.05, 0.15, -0.03))
    ]
    gem = kit.color((0.70, 0.05, 0.12), (0.06, 0.52, 0.34), (0.1, 0.3, 0.75))
    parts = (
        Part("Box", "wood", body.spin_uv()),
        *turned,
        Part("Fittings", "iron", join(bands)),
        Part("Fittings", "gold", join(gold).map_uv((0.4, 0.6), (0.4, 0.6))),
        Part("Fittings", "iron", join([keyhole, slot.move(y=-0.03)]).move(y=h - 0.045, z=d / 2 + 0.03)),
        Part("Treasure", "gold", join([heap, *money])),
        Part("Treasure", "gem", join(jewels)),
    )
    surfaces = {
        "wood": (paint.planks, wood, wood),
        "iron": (paint.hammered, trim, trim),
        "gold": (paint.coins, GOLD, GOLD),
        "gem": (paint.gem, gem, (1.0, 1.0, 1.0)),
    }
    return Model("Treasure_Chest", 0.8, surfaces, parts)


def vase(kit: Kit) -> Model:
    belly, neck, lip = kit.between(0.26, 0.34), kit.between(0.085, 0.12), kit.between(0.13, 0.18)
    high = kit.between(0.42, 0.55)
    color = kit.color(
        (0.72, 0.38, 0.22), (0.12, 0.34, 0.44), (0.80, 0.74, 0.62), (0.36, 0.44, 0.30), (0.22, 0.24, 0.42)
    )
    pattern = kit.color((0.95, 0.90, 0.78), (0.10, 0.10, 0.16), (0.90, 0.66, 0.28), index=1)
    outer = curve(
        [
            (0.15, 0.0),
            (0.155, 0.02),
            (belly * 0.82, 0.2),
            (belly, high),
            (neck * 1.35, 0.78),
            (neck, 0.88),
            (lip, 1.0),
        ],
        kit.n(56, 9),
    )
    rim = curve([(lip, 1.0), (lip - 0.008, 1.012), (lip - 0.022, 1.004)], kit.n(6, 3))
    inner = curve(
        [
            (lip - 0.022, 1.004),
            (neck - 0.02, 0.88),
            (neck * 1.3 - 0.02, 0.78),
            (belly * 0.7, 0.5),
            (0.0, 0.3),
        ],
        kit.n(20, 4),
    )
    sides = kit.n(80, 8)
    foot = np.array([(0.0, 0.012), (0.125, 0.012), (0.13, 0.0), (0.15, 0.0)])
    parts = (
        Part("Body", "pottery", lathe(outer, sides)),
        Part("Rim", "clay", join([lathe(np.vstack([rim, inner[1:]]), sides), lathe(foot, sides)])),
    )
    surfaces = {"pottery": (paint.banded, color, pattern), "clay": (paint.plaster, color, color)}
    return Model("Vase", 0.45, surfaces, parts)
