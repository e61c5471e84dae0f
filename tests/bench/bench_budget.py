"""What does a budget cost, and how much of a model does it keep?

    TRIPO_ZIP=… PYTHONPATH=.:tests python tests/bench/bench_budget.py [--runs 5] [--triangles 1400000]

A model of 1,400,000 triangles, whose surface lies on 96 pieces of three JPEG maps of 4096 pixels, is reduced by a
converter process to 15,000 triangles with three coarser levels and maps of 2048 pixels:

- counts: each level has its number of triangles within 2 %;
- time and memory of the conversion, beside those of one without a budget;
- looks: the full model, the reduced one and one by Blender's Decimate modifier alone, which keeps UV map and maps of
  the full one, are rendered from four sides by Cycles. Of each against the full one the mean difference of the pixels
  that show it, in parts of 255, in the display's colours;
- hold: how long `session.delivery.deliver`, the evaluation and the undo step take of the reduced model, against the
  same file without the levels, in turns and each in a Blender of its own. Medians of the runs, of the clock and of the
  processor; where more wants to run than the machine has processors, the clock measures the others too.

Exit status 1 if a bound is broken.
"""
# bench: bpy

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bench_delivery import OURS

from support.measuring.blender_runs import MODULE, Profile, profile
from support.measuring.warm_memory import warm_memory
from support.models.glb_json import write_glb
from support.models.worker import Worker

FULL, BUDGET = 1_400_000, {"triangles": 15_000, "lods": 3, "texture_size": 2048}
RELEASE = (4, 2)
"""It takes minutes, and the others would tell nothing new."""
TOLERANCE = 0.02
SECONDS = 600.0
LOOKS_BOUND = 4.0
"""Mean difference of the reduced model's renders, in parts of 255."""
BETTER_BOUND = 0.6
"""Of that by Decimate alone."""
HOLD_BOUND = 1.25
SIDE, SAMPLES = 512, 16
READY = {"merge_seams": True, "euler": True, "apply_scale": True}

WITHOUT_LEVELS = """
import bpy
bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
with bpy.data.libraries.load(arguments[0]) as (there, wanted):
    wanted.collections = ["Tripo result"]
(collection,) = wanted.collections
counts = {}
for one in list(collection.all_objects):
    if one.type == "MESH":
        counts[one.name] = len(one.data.loops) - 2 * len(one.data.polygons)
for child in list(collection.children):
    bpy.data.batch_remove([*child.objects, child])
bpy.data.libraries.write(arguments[1], {collection}, fake_user=False, compress=False)
images = sorted(image.size[0] for image in bpy.data.images)
result = [counts, images]
"""
RENDER = """
import bpy, math
import numpy as np
from mathutils import Euler
bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
with bpy.data.libraries.load(arguments[0]) as (there, wanted):
    wanted.collections = ["Tripo result"]
scene = bpy.context.scene
scene.collection.children.link(wanted.collections[0])
for one in scene.objects:
    if one.type == "MESH" and float(arguments[2]) < 1:
        one.modifiers.new("decimate", "DECIMATE").ratio = float(arguments[2])
        with bpy.context.temp_override(object=one, active_object=one):
            bpy.ops.object.modifier_apply(modifier="decimate")
world = bpy.data.worlds.new("white")
world.use_nodes = True
background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
background.inputs["Strength"].default_value = 0.4
scene.world = world
camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
camera.data.type, camera.data.ortho_scale = "ORTHO", 1.1
lamp = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
lamp.data.energy, lamp.parent, lamp.rotation_euler = 3.0, camera, (0.6, 0.5, 0)
for one in (camera, lamp):
    scene.collection.objects.link(one)
scene.camera = camera
scene.render.engine = "CYCLES"
scene.cycles.device, scene.cycles.samples, scene.cycles.use_denoising = "CPU", int(arguments[4]), False
scene.cycles.max_bounces, scene.cycles.seed = 2, 1
scene.render.resolution_x = scene.render.resolution_y = int(arguments[3])
scene.render.film_transparent = True
scene.view_settings.view_transform = "Standard"
scene.render.image_settings.file_format = "PNG"
for number in range(4):
    camera.rotation_euler = Euler((math.radians(75), 0, math.radians(90 * number + 20)))
    camera.location = camera.rotation_euler.to_matrix() @ __import__("mathutils").Vector((0, 0, 3))
    scene.render.filepath = f"{arguments[1]}-{number}.png"
    bpy.ops.render.render(write_still=True)
"""


def directions(face: int, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Points of the unit sphere over one face of a cube."""
    a, b = np.tan((u - 0.5) * np.pi / 2), np.tan((v - 0.5) * np.pi / 2)
    one = np.ones_like(a)
    sides = ((one, a, b), (-one, -a, b), (-a, one, b), (a, -one, b), (-b, a, one), (b, a, -one))
    points = np.stack(sides[face], axis=-1)
    return points / np.linalg.norm(points, axis=-1, keepdims=True)


def radius(points: np.ndarray) -> np.ndarray:
    """How far the surface is from the middle: lumps, folds and a fine grain."""
    x, y, z = (points[..., axis] for axis in range(3))
    lumps = 0.10 * np.sin(5 * x + 1) * np.sin(4 * y + 2) + 0.06 * np.sin(9 * z + 3 * x)
    folds = 0.012 * np.abs(np.sin(18 * x + 7 * y)) + 0.008 * np.sin(40 * z + 11 * y)
    grain = 0.002 * np.sin(110 * x) * np.sin(120 * y) * np.sin(130 * z)
    return 0.4 + lumps * 0.4 + folds + grain


def colour(points: np.ndarray) -> np.ndarray:
    """What is painted on the surface: broad fields, stripes and specks."""
    x, y, z = (points[..., axis] for axis in range(3))
    field = 0.5 + 0.4 * np.stack([np.sin(4 * x), np.sin(5 * y + 1), np.sin(3 * z + 2)], axis=-1)
    stripes = 0.15 * np.sign(np.sin(30 * z + 5 * np.sin(6 * x)))
    specks = 0.1 * (np.sin(90 * x) * np.sin(95 * y) * np.sin(100 * z) > 0.5)
    return np.clip(field + (stripes + specks)[..., None], 0, 1)


PIECES, CELLS = 4, 10
"""Along each side of a face of the cube, and of the maps."""
PADDING = 0.06
MAPS = ("colour", "surface", "normal")


def places() -> dict[tuple[int, int, int], tuple[int, int]]:
    """Where each piece of the surface lies on the maps."""
    cells = np.random.default_rng(7).permutation(CELLS * CELLS)
    pieces = [(face, row, column) for face in range(6) for row in range(PIECES) for column in range(PIECES)]
    return {one: divmod(int(cell), CELLS) for one, cell in zip(pieces, cells, strict=False)}


def normals(points: np.ndarray) -> np.ndarray:
    """Of the surface over points of the unit sphere."""
    aside = np.where(np.abs(points[..., :1]) < 0.8, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    first = np.cross(points, aside)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    here, steps = points * radius(points)[..., None], []
    for way in (first, np.cross(points, first)):
        beside = points + 1e-4 * way
        beside /= np.linalg.norm(beside, axis=-1, keepdims=True)
        steps.append(beside * radius(beside)[..., None] - here)
    found = np.cross(*steps)
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


def write_model(path: Path, triangles: int, side: int) -> Path:
    """Write the model as GLB, its vertices split along the pieces as files have them."""
    count = round((triangles / (12 * PIECES * PIECES)) ** 0.5)
    u, v = np.meshgrid(*[np.linspace(0, 1, count + 1)] * 2)
    grid = np.arange((count + 1) ** 2).reshape(count + 1, count + 1)
    low, right, up, corner = grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]
    faces = np.stack([low, right, corner, low, corner, up], axis=-1).reshape(-1, 3)
    cell = side // CELLS
    texels = ((np.arange(cell) + 0.5) / cell - PADDING) / (1 - 2 * PADDING)
    across, along = np.meshgrid(texels, texels)
    maps = [np.ones((side, side, 4), np.float32) for _ in range(3)]
    found: list[list[np.ndarray]] = [[], [], [], []]
    for number, ((face, row, column), (top, left)) in enumerate(places().items()):
        points = directions(face, (column + u) / PIECES, (row + v) / PIECES).reshape(-1, 3)
        inside = [PADDING + one.ravel() * (1 - 2 * PADDING) for one in (u, v)]
        uv = np.stack([(left + inside[0]) / CELLS, 1 - (top + inside[1]) / CELLS], axis=-1)
        corners = faces + number * len(points)
        for one, values in zip(found, (points * radius(points)[:, None], normals(points), uv, corners), strict=True):
            one.append(values)
        there = directions(face, (column + across) / PIECES, (row + along) / PIECES)
        where = np.s_[top * cell : (top + 1) * cell, left * cell : (left + 1) * cell]
        maps[0][where][..., :3] = colour(there)
        maps[1][where][..., 1], maps[1][where][..., 2] = 0.5 + 0.3 * np.sin(20 * there[..., 0]), 0.0
        maps[2][where][..., :2] = 0.5 + 0.08 * np.sin(150 * there[..., :2])
    images = [saved(path.with_name(f"{name}.jpg"), one) for name, one in zip(MAPS, maps, strict=True)]
    return write(path, [np.concatenate(one) for one in found], images)


def saved(path: Path, pixels: np.ndarray) -> bytes:
    """Return an image as JPEG."""
    image: Any = bpy.data.images.new(path.stem, pixels.shape[1], pixels.shape[0])
    image.pixels.foreach_set(pixels.ravel())
    image.file_format, image.filepath_raw = "JPEG", str(path)
    image.save(quality=90)
    bpy.data.images.remove(image)
    return path.read_bytes()


def write(path: Path, arrays: list[np.ndarray], images: list[bytes]) -> Path:
    """Write places, normals, UV map, corners and images as a GLB of one mesh."""
    data = [one.astype(np.float32).tobytes() for one in arrays[:3]] + [arrays[3].astype(np.uint32).tobytes(), *images]
    views, binary = [], b""
    for one in data:
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(one)})
        binary += one + b"\0" * (-len(one) % 4)
    accessors: list[dict[str, Any]] = [
        {"bufferView": number, "componentType": 5126, "count": len(one), "type": f"VEC{one.shape[1]}"}
        for number, one in enumerate(arrays[:3])
    ]
    accessors[0] |= {"min": arrays[0].min(axis=0).tolist(), "max": arrays[0].max(axis=0).tolist()}
    accessors.append({"bufferView": 3, "componentType": 5125, "count": arrays[3].size, "type": "SCALAR"})
    attributes = {"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2}
    material = {
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicRoughnessTexture": {"index": 1}},
        "normalTexture": {"index": 2},
    }
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "thing"}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 3, "material": 0}]}],
        "materials": [material],
        "textures": [{"source": number} for number in range(3)],
        "images": [{"bufferView": 4 + number, "mimeType": "image/jpeg"} for number in range(3)],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    return write_glb(path, document, binary)


def converted(one: Profile, source: Path, target: Path, **more: object) -> tuple[float, float, Any]:
    """Convert in a process of its own; return seconds, peak memory in MiB, and what it told of the size."""
    worker = Worker(one.extensions / "tripo_generator", env=one.environment)
    try:
        worker.wait_up()
        began = time.perf_counter()
        answer = worker.order(patience=2 * SECONDS, source=source, target=target, **READY, **more)
        took = time.perf_counter() - began
        assert answer == {"ok": True}, (answer, "".join(worker.noise[-20:]))
        status = Path(f"/proc/{worker.process.pid}/status").read_text()
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        return took, peak / 1024, worker.measured
    finally:
        worker.close()


def rendered(one: Profile, blend: Path, ratio: float) -> list[np.ndarray]:
    """Return the pictures of a model from four sides, (height, width, 4), from 0 to 255, in the display's colours."""
    target = one.folder / f"{blend.stem}-{ratio:g}"
    one.run(RENDER, blend, target, ratio, SIDE, SAMPLES)
    pictures: list[np.ndarray] = []
    for number in range(4):
        image: Any = bpy.data.images.load(f"{target}-{number}.png")
        image.colorspace_settings.name = "Non-Color"
        pixels = np.empty(SIDE * SIDE * 4, np.float32)
        image.pixels.foreach_get(pixels)
        pictures.append(pixels.reshape(SIDE, SIDE, 4) * 255)
        bpy.data.images.remove(image)
    return pictures


def difference(one: list[np.ndarray], other: list[np.ndarray]) -> float:
    """Return the mean difference of the pixels in which either picture shows the model."""
    gaps = [np.abs(a - b)[(a[..., 3] > 0) | (b[..., 3] > 0)] for a, b in zip(one, other, strict=True)]
    return float(np.concatenate(gaps).mean())


def hold(one: Profile, blends: list[Path], runs: int) -> list[float]:
    """Return how much longer the first of two files holds than the second: by the clock and of the processor."""
    times: list[list[list[float]]] = [
        [one.run(OURS, MODULE, one.folder, blend.name)[:2] for blend in blends] for _ in range(runs)
    ]
    for number, blend in enumerate(blends):
        clock, spent = (statistics.median(run[number][kind] for run in times) for kind in range(2))
        print(f"{blend.stem:>16}  {clock * 1000:>7.1f} ms, of the processor {spent * 1000:.1f} ms")
    return [statistics.median(run[0][kind] / run[1][kind] for run in times) for kind in range(2)]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what a budget costs, and how much of a model it keeps.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--triangles", type=int, default=FULL)
    parser.add_argument("--maps", type=int, default=4096)
    options = parser.parse_args()
    if bpy.app.version[:2] != RELEASE:
        print(f"Blender {bpy.app.version_string}: it is measured in {RELEASE[0]}.{RELEASE[1]}")
        return 0
    print(f"Blender {bpy.app.version_string}; load of the machine {os.getloadavg()[0]:.1f}")
    kept: dict[str, bool] = {}
    with warm_memory(), profile() as one:
        path = write_model(one.folder / "model.glb", options.triangles, options.maps)
        full, reduced, alone = (one.folder / f"{name}.blend" for name in ("full", "reduced", "without-levels"))
        for blend, more in ((full, {}), (reduced, {"budget": BUDGET})):
            seconds, memory, measured = converted(one, path, blend, **more)
            print(f"{blend.stem:>16}  {measured[0]:>9,} faces  {seconds:>6.1f} s  {memory:>6.0f} MiB", flush=True)
        kept[f"longer than {SECONDS:.0f} s"] = seconds <= SECONDS
        counts, images = one.run(WITHOUT_LEVELS, reduced, alone)
        print(f"{'levels':>16}  {', '.join(f'{name} {count:,}' for name, count in counts.items())}; maps {images}")
        wanted = {f"_LOD{level}": BUDGET["triangles"] / 2**level for level in range(BUDGET["lods"] + 1)}
        close = [abs(counts[f"thing{suffix}"] / count - 1) <= TOLERANCE for suffix, count in wanted.items()]
        kept["counts"] = all(close) and max(images) <= BUDGET["texture_size"]

        pictures = [
            rendered(one, full, 1),
            rendered(one, reduced, 1),
            rendered(one, full, BUDGET["triangles"] / measured[2]),
        ]
        ours, plain = (difference(pictures[0], other) for other in pictures[1:])
        print(f"{'looks':>16}  {ours:.2f} of 255, by Decimate alone {plain:.2f}: {ours / plain:.2f}", flush=True)
        kept[f"looks > {LOOKS_BOUND}"] = ours <= LOOKS_BOUND
        kept[f"looks > {BETTER_BOUND} of Decimate's"] = ours <= BETTER_BOUND * plain

        ratios = hold(one, [reduced, alone], options.runs)
        print(f"{'hold':>16}  {ratios[0]:.2f} of that without levels, of the processor {ratios[1]:.2f}")
        kept[f"hold > {HOLD_BOUND}"] = min(ratios) <= HOLD_BOUND
    broken = [name for name, holds in kept.items() if not holds]
    print(f"{'':>16}  {'; '.join(broken) or 'ok'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
