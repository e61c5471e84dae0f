"""A small picture of a finished model, for jobs that the service sent none for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import bpy
from mathutils import Matrix, Vector

SIZE = 256
SAMPLES = 16
_MARGIN = 1.06
_EYE = (1.0, -0.6, 0.45)
"""Where the camera stands: results face +X, so this is their front, a little from the left and above."""


class NothingToSee(Exception):
    """The model has no surface."""


def render(blend: Path, target: Path, size: int = SIZE) -> None:
    """Render the collection of ``blend`` as a PNG on a transparent ground; raises NothingToSee, OSError, RuntimeError.

    ``target`` appears complete or not at all. Works without a window and without a GPU.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with cast(Any, bpy.data.libraries).load(str(blend), link=True) as (source, wanted):
        wanted.collections = source.collections[:]
    scene = bpy.context.scene
    assert scene is not None
    for collection in wanted.collections:
        scene.collection.children.link(collection)
    _place_camera(scene)
    _light(scene)
    _settings(scene, size)
    partial = target.with_name(f"{target.stem}.partial.png")
    scene.render.filepath = str(partial)
    bpy.ops.render.render(write_still=True)
    os.replace(partial, target)


def _corners(scene: bpy.types.Scene) -> list[Vector]:
    """Return the corners of the boxes around all surfaces, instances too, in the world."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    corners: list[Vector] = []
    for instance in depsgraph.object_instances:
        obj = instance.object
        if obj.type in {"MESH", "CURVE", "SURFACE", "META", "FONT", "POINTCLOUD"}:
            corners += [instance.matrix_world @ Vector(corner) for corner in obj.bound_box]
    return corners


def _place_camera(scene: bpy.types.Scene) -> None:
    """Look at the whole model without perspective."""
    corners = _corners(scene)
    if not corners:
        raise NothingToSee
    rotation = Vector(_EYE).to_track_quat("Z", "Y")
    seen = [rotation.inverted() @ corner for corner in corners]
    low = Vector([min(corner[axis] for corner in seen) for axis in range(3)])
    high = Vector([max(corner[axis] for corner in seen) for axis in range(3)])
    size = max((high - low)[:]) or 1.0
    camera = bpy.data.cameras.new("thumbnail")
    camera.type = "ORTHO"
    camera.ortho_scale = max(high.x - low.x, high.y - low.y, size * 1e-3) * _MARGIN
    camera.clip_start = size * 1e-3
    camera.clip_end = size * 4.0
    eye = (low + high) / 2
    eye.z = high.z + size
    owner = bpy.data.objects.new("thumbnail", camera)
    owner.matrix_world = Matrix.LocRotScale(rotation @ eye, rotation, None)
    scene.collection.objects.link(owner)
    scene.camera = owner


def _light(scene: bpy.types.Scene) -> None:
    world = bpy.data.worlds.new("thumbnail")
    world.use_nodes = True
    background: Any = next(node for node in world.node_tree.nodes if node.bl_idname == "ShaderNodeBackground")
    background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    background.inputs["Strength"].default_value = 0.55
    scene.world = world
    sun = bpy.data.lights.new("thumbnail", "SUN")
    sun.energy = 3.0
    owner = bpy.data.objects.new("sun", sun)
    owner.rotation_mode = "QUATERNION"
    owner.rotation_quaternion = Vector((0.9, -0.9, 1.2)).to_track_quat("Z", "Y")
    scene.collection.objects.link(owner)


def _settings(scene: bpy.types.Scene, size: int) -> None:
    scene.render.engine = "CYCLES"
    cycles: Any = cast(Any, scene).cycles
    cycles.device = "CPU"
    cycles.samples = SAMPLES
    cycles.use_denoising = False
    cycles.max_bounces = 2
    # The artist is at work meanwhile.
    scene.render.threads_mode = "FIXED"
    scene.render.threads = max(1, (os.cpu_count() or 2) // 2)
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.film_transparent = True
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.view_settings.view_transform = "Standard"
