# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that are built: robot, rocket, house. Each faces +Z."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import textures as paint
from .kit import Kit, Model, Part
from .mesh import Mesh, ball, box, curve, extrude, join, lathe, rounded, tube
from .objects import disc, ring

CHROME = (0.62, 0.64, 0.67)
DARK = (0.10, 0.12, 0.15)


def robot(kit: Kit) -> Model:
    coat = kit.color((0.88, 0.50, 0.10), (0.10, 0.44, 0.56), (0.72, 0.14, 0.11), (0.86, 0.84, 0.78), (0.36, 0.52, 0.22))
    light = kit.color((0.25, 0.90, 1.0), (0.40, 1.0, 0.55), (1.0, 0.75, 0.25), index=1)
    head_w, head_h = kit.between(0.40, 0.47), kit.between(0.29, 0.34)
    k, sides = kit.n(6, 1), kit.n(28, 6)
    coats: list[Part] = []
    metal: list[Mesh] = []
    lights: list[Mesh] = []
    dark: list[Mesh] = []
    head_y = 0.66 + head_h / 2
    coats.append(Part("Head", "coat", box(head_w, head_h, 0.33, 0.095, k).move(y=head_y)))
    dark.append(box(head_w * 0.78, head_h * 0.60, 0.05, 0.045, k).move(y=head_y, z=0.152))
    eye = ball(0.042, sides).scale(0.85, 1.15, 0.4)
    lights += [eye.move(x * head_w * 0.19, head_y + 0.012, 0.176) for x in (-1, 1)]
    smile = [(x, head_y - 0.055 + 9 * x * x, 0.177) for x in np.linspace(-0.04, 0.04, kit.n(10, 4))]
    lights.append(tube(np.array(smile), 0.006, kit.n(10, 4)))
    for x in (-1, 1):
        ear = lathe(rounded([(0, 0), (0.062, 0), (0.062, 0.03), (0.04, 0.05), (0, 0.05)], 0.012, k), sides)
        metal.append(ear.rotate("z", -90 * x).move(x * (head_w / 2 - 0.012), head_y, 0))
    metal.append(
        tube(
            np.linspace((0, head_y + head_h / 2 - 0.01, 0), (0, head_y + head_h / 2 + 0.1, 0), 3),
            0.009,
            sides,
        )
    )
    metal.append(
        lathe(rounded([(0, 0), (0.045, 0), (0.025, 0.025), (0, 0.025)], 0.008, k), sides).move(
            y=head_y + head_h / 2 - 0.006
        )
    )
    lights.append(ball(0.03, sides).move(y=head_y + head_h / 2 + 0.115))
    neck = [(0.07 + 0.012 * np.cos(t * 6 * np.pi), 0.60 + 0.09 * t) for t in np.linspace(0, 1, kit.n(28, 4))]
    metal.append(lathe(np.array(neck), sides))
    coats.append(Part("Body", "coat", box(0.36, 0.36, 0.27, 0.08, k).move(y=0.445)))
    dark.append(box(0.20, 0.15, 0.03, 0.02, k).move(y=0.47, z=0.128))
    button = ball(0.017, kit.n(16, 5)).scale(1, 1, 0.5)
    lights += [button.move(x, 0.435, 0.143) for x in (-0.055, 0.0, 0.055)]
    wave = [(x, 0.495 + 0.02 * np.sin(x * 90), 0.144) for x in np.linspace(-0.07, 0.07, kit.n(24, 6))]
    lights.append(tube(np.array(wave), 0.005, kit.n(8, 4)))
    metal.append(lathe(rounded([(0, 0.225), (0.11, 0.225), (0.13, 0.275), (0, 0.275)], 0.012, k), sides))
    for x in (-1, 1):
        metal.append(ball(0.062, sides).move(x * 0.205, 0.55, 0))
        elbow, hand = (x * 0.285, 0.41, 0.015), (x * 0.29, 0.30, 0.075)
        metal.append(tube(curve([(x * 0.215, 0.545, 0), (x * 0.262, 0.49, 0), elbow], kit.n(8, 3)), 0.03, sides))
        metal.append(ball(0.04, sides).move(*elbow))
        arm = tube(np.linspace(elbow, hand, 4), np.array([0.036, 0.05, 0.054, 0.05]), sides)
        coats.append(Part("Arms", "coat", arm))
        for turn in (-38, 38, 180):
            lean = np.radians(turn)
            out = np.array([np.sin(lean), 0, np.cos(lean)]) * 0.034
            claw = curve(
                [
                    np.array(hand) + out * 0.8,
                    np.array(hand) + out * 1.25 + (0, -0.045, 0),
                    np.array(hand) + out * 0.5 + (0, -0.085, 0),
                ],
                kit.n(8, 3),
            )
            metal.append(tube(claw, 0.0135, kit.n(12, 4)))
        metal.append(tube(np.linspace((x * 0.09, 0.25, 0), (x * 0.1, 0.09, 0), 4), 0.042, sides))
        metal.append(
            lathe(rounded([(0, -0.02), (0.052, -0.02), (0.052, 0.02), (0, 0.02)], 0.01, k), sides).move(
                x * 0.095, 0.17, 0
            )
        )
        coats.append(Part("Feet", "coat", box(0.15, 0.095, 0.23, 0.042, k).move(x * 0.105, 0.0475, 0.025)))
    parts = (
        *coats,
        Part("Joints", "metal", join(metal)),
        Part("Screens", "screen", join(dark)),
        Part("Lights", "light", join(lights)),
    )
    surfaces = {
        "coat": (paint.panels, coat, coat),
        "metal": (paint.metal, CHROME, CHROME),
        "screen": (paint.glass, DARK, DARK),
        "light": (paint.glow, light, light),
    }
    return Model("Robot", 1.2, surfaces, parts)


def rocket(kit: Kit) -> Model:
    hull = kit.color((0.88, 0.87, 0.83), (0.80, 0.82, 0.84), index=1)
    accent = kit.color((0.76, 0.12, 0.09), (0.88, 0.42, 0.06), (0.09, 0.34, 0.56), (0.48, 0.14, 0.46))
    fat, fins = kit.between(0.92, 1.1), int(kit.rng.integers(3, 5))
    sides = kit.n(64, 8)
    r = 0.19 * fat
    outline = curve(
        [
            (r * 0.58, 0.16),
            (r * 0.9, 0.30),
            (r, 0.48),
            (r * 0.9, 0.66),
            (r * 0.62, 0.82),
            (r * 0.3, 0.935),
            (0.0, 1.0),
        ],
        200,
    )
    outline[-1, 0] = 0

    def section(low: float, high: float, count: int) -> Mesh:
        heights = np.linspace(low, high, kit.n(count, 4))
        return lathe(np.column_stack([np.interp(heights, outline[:, 1], outline[:, 0]), heights]), sides)

    def band(at: float, half: float) -> Mesh:
        here = float(np.interp(at, outline[:, 1], outline[:, 0]))
        profile = [
            (here - 0.01, at - half),
            (here + 0.009, at - half),
            (here + 0.009, at + half),
            (here - 0.01, at + half),
        ]
        return lathe(rounded(profile, 0.005, kit.n(3, 1)), sides)

    body, nose = section(0.16, 0.745, 30), section(0.745, 1.0, 18)
    metal = [band(0.745, 0.011), band(0.225, 0.011)]
    bell = curve([(0.045, 0.175), (0.06, 0.14), (0.095, 0.075)], kit.n(10, 3))
    metal.append(lathe(bell[::-1], sides))
    inside = curve([(0.095, 0.075), (0.088, 0.076), (0.05, 0.14), (0.0, 0.15)], kit.n(10, 4))
    inside[-1, 0] = 0
    tip = [
        tube(np.linspace((0, 0.985, 0), (0, 1.05, 0), 3), 0.007, kit.n(12, 4)),
        ball(0.014, kit.n(16, 5)).move(y=1.06),
    ]
    shape = [
        (r * 0.80, 0.44),
        (r * 0.72, 0.20),
        (r * 1.18, 0.0),
        (r * 1.62, 0.0),
        (r * 1.66, 0.16),
        (r * 1.36, 0.34),
    ]
    fin_outline = rounded(shape, 0.04, kit.n(5, 1), True)
    fin = extrude(fin_outline[::-1] if _area(fin_outline) < 0 else fin_outline, 0.036, 0.014, (r * 1.15, 0.2))
    turn = 45.0 if fins == 4 else 60.0
    fin_list = [fin.rotate("y", turn - 90 + number * 360 / fins) for number in range(fins)]
    windows: list[Mesh] = []
    for at, size in ((0.60, 0.062), (0.41, 0.05)):
        here = float(np.interp(at, outline[:, 1], outline[:, 0]))
        tilt = -float(
            np.degrees(
                np.arctan2(
                    np.interp(at - 0.03, outline[:, 1], outline[:, 0])
                    - np.interp(at + 0.03, outline[:, 1], outline[:, 0]),
                    0.06,
                )
            )
        )
        metal.append(ring(size, 0.014, kit.n(40, 8), kit.n(12, 4)).rotate("x", tilt).move(y=at, z=here - 0.006))
        windows.append(ball(size, kit.n(28, 6)).scale(1, 1, 0.3).rotate("x", tilt).move(y=at, z=here - 0.012))
    parts = (
        Part("Hull", "hull", body),
        Part("Nose", "accent", nose),
        Part("Fins", "accent", join(fin_list)),
        Part("Fittings", "metal", join([*metal, *tip, lathe(inside, sides)])),
        Part("Windows", "glass", join(windows)),
    )
    surfaces = {
        "hull": (paint.panels, hull, hull),
        "accent": (paint.paint, accent, accent),
        "metal": (paint.metal, CHROME, CHROME),
        "glass": (paint.glass, (0.20, 0.48, 0.66), DARK),
    }
    return Model("Rocket", 8.0, surfaces, parts)


def _area(outline: NDArray[np.float64]) -> float:
    after = np.roll(outline, -1, axis=0)
    return float((outline[:, 0] * after[:, 1] - after[:, 0] * outline[:, 1]).sum() / 2)


def house(kit: Kit) -> Model:
    roof = kit.color((0.62, 0.22, 0.13), (0.28, 0.32, 0.38), (0.45, 0.26, 0.16), (0.20, 0.36, 0.36))
    wall = kit.color((0.90, 0.85, 0.74), (0.86, 0.78, 0.64), (0.80, 0.82, 0.80), index=1)
    door = kit.color((0.16, 0.36, 0.34), (0.46, 0.12, 0.10), (0.16, 0.24, 0.44), index=2)
    timber = (0.27, 0.17, 0.10)
    wide, tall = kit.between(0.68, 0.78), kit.between(0.34, 0.40)
    deep, peak = 0.82, tall + wide * kit.between(0.44, 0.52)
    k = kit.n(3, 1)
    base_y, front = 0.07, deep / 2
    half = wide / 2
    shell = np.array([(-half, base_y), (half, base_y), (half, tall), (0, peak), (-half, tall)])
    walls = extrude(shell, deep, 0.004, (0, tall * 0.6))
    base = box(wide + 0.07, 0.09, deep + 0.07, 0.015, k).move(y=0.045)
    pitch = float(np.degrees(np.arctan2(peak - tall, half)))
    length = float(np.hypot(half, peak - tall)) + 0.11
    slabs: list[Mesh] = []
    for way in (-1, 1):
        slab = box(length, 0.04, deep + 0.16, 0.012, k).spin_uv()
        slab = slab.move(x=length / 2 - 0.012).rotate("z", -pitch)
        slabs.append((slab if way > 0 else slab.rotate("y", 180)).move(y=peak + 0.026))
    ridge = tube(np.linspace((0, peak + 0.04, -front - 0.085), (0, peak + 0.04, front + 0.085), 4), 0.03, kit.n(16, 5))
    wood: list[Mesh] = []
    for z, face in ((front, 1), (-front, -1)):
        for x in (-1, 1):
            wood.append(box(0.05, tall - base_y, 0.05, 0.01, k).move(x * (half - 0.018), (tall + base_y) / 2, z))
            rake = box(length - 0.06, 0.055, 0.03, 0.01, k).spin_uv().move(x=length / 2 - 0.03).rotate("z", -pitch)
            wood.append((rake if x > 0 else rake.rotate("y", 180)).move(y=peak - 0.035, z=z + face * 0.012))
        wood.append(box(wide, 0.05, 0.04, 0.01, k).spin_uv().move(y=tall, z=z))
        wood.append(box(0.045, peak - tall - 0.05, 0.036, 0.01, k).move(y=(peak + tall) / 2 - 0.03, z=z))
    panes: list[Mesh] = []

    def window(x: float, y: float, w: float, h: float) -> list[Mesh]:
        panes.append(box(w, h, 0.02, 0.004, 1).move(x, y, 0.0))
        bars = [box(w + 0.05, 0.026, 0.04, 0.007, k).spin_uv().move(x, y + s * h / 2, 0.004) for s in (-1, 1)]
        bars += [box(0.026, h + 0.03, 0.04, 0.007, k).move(x + s * w / 2, y, 0.004) for s in (-1, 1)]
        bars += [
            box(0.012, h, 0.03, 0.004, 1).move(x, y, 0.003),
            box(w, 0.012, 0.03, 0.004, 1).spin_uv().move(x, y, 0.003),
        ]
        return bars

    facade = window(wide * 0.25, tall * 0.60, 0.15, 0.13)
    wood += [mesh.move(z=front + 0.004) for mesh in facade]
    fronts = [mesh.move(z=front + 0.004) for mesh in panes]
    panes.clear()
    side_bars = window(-0.19, tall * 0.6, 0.16, 0.13) + window(0.19, tall * 0.6, 0.16, 0.13)
    for turn in (90, -90):
        wood += [mesh.move(z=half + 0.004).rotate("y", turn) for mesh in side_bars]
        fronts += [mesh.move(z=half + 0.004).rotate("y", turn) for mesh in panes]
    round_y = tall + (peak - tall) * 0.34
    for x in (-1, 1):
        fronts.append(disc(0.05, 0.02, kit.n(28, 8), 0.004).move(x * wide * 0.17, round_y, front + 0.004))
        wood.append(ring(0.054, 0.012, kit.n(32, 8), kit.n(10, 4)).move(x * wide * 0.17, round_y, front + 0.012))
    angle = np.linspace(0, np.pi, kit.n(14, 4))
    dx, dw, dh = -wide * 0.2, 0.085, 0.15

    def arch(w: float, h: float) -> NDArray[np.float64]:
        top = np.column_stack([w * np.cos(angle), h + w * np.sin(angle)])
        outline: NDArray[np.float64] = np.vstack([top, np.array([(-w, 0.0), (w, 0.0)])])
        return outline + np.array([dx, base_y + 0.015])

    frame = extrude(arch(dw + 0.024, dh), 0.04, 0.008, (dx, base_y + 0.12)).move(z=front)
    leaf = extrude(arch(dw, dh), 0.05, 0.006, (dx, base_y + 0.12)).move(z=front + 0.006)
    steps = [
        box(0.26, 0.045, 0.14, 0.012, k).move(dx, 0.0225, front + 0.09),
        box(0.21, 0.045, 0.07, 0.012, k).move(dx, 0.062, front + 0.055),
    ]
    chimney = box(0.12, 0.36, 0.13, 0.012, k).move(wide * 0.24, peak + 0.02, -0.17)
    cap = box(0.155, 0.04, 0.165, 0.012, k).move(wide * 0.24, peak + 0.2, -0.17)
    knob = ball(0.013, kit.n(14, 5)).move(dx + 0.055, base_y + 0.13, front + 0.04)
    planter = box(0.21, 0.045, 0.06, 0.012, k).spin_uv().move(wide * 0.25, tall * 0.60 - 0.1, front + 0.035)
    rng = kit.seed()
    flowers = [
        ball(rng.uniform(0.018, 0.027), kit.n(12, 4)).move(
            wide * 0.25 + x, tall * 0.6 - 0.073 + rng.uniform(0, 0.012), front + 0.04
        )
        for x in np.linspace(-0.085, 0.085, 7)
    ]
    parts = (
        Part("Walls", "plaster", walls),
        Part("Roof", "tiles", join([*slabs, ridge.map_uv((0, 0.2), (0, 1))])),
        Part("Timber", "timber", join([*wood, frame, planter])),
        Part("Door", "door", join([leaf])),
        Part("Windows", "glass", join(fronts)),
        Part("Stone", "stone", join([base, *steps, chimney, cap])),
        Part("Flowers", "flowers", join(flowers)),
        Part("Door", "brass", knob),
    )
    surfaces = {
        "plaster": (paint.plaster, wall, wall),
        "tiles": (paint.shingles, roof, roof),
        "timber": (paint.wood, timber, timber),
        "door": (paint.planks, door, door),
        "glass": (paint.glass, (0.34, 0.46, 0.52), DARK),
        "stone": (paint.masonry, (0.52, 0.49, 0.45), (0.70, 0.68, 0.62)),
        "flowers": (paint.leaves, (0.32, 0.46, 0.16), (0.86, 0.26, 0.36)),
        "brass": (paint.metal, (0.9, 0.68, 0.3), (0.9, 0.68, 0.3)),
    }
    return Model("House", 8.0, surfaces, parts)
