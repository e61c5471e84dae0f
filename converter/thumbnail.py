# SPDX-License-Identifier: GPL-3.0-or-later
"""Render a thumbnail of a finished model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import bpy
from mathutils import Matrix, Vector

from client.files import disk
from converter.bounds import corners, shown
from converter.rehearsal import append

SIZE = 256
SAMPLES = 16
_MARGIN = 1.06
_EYE = (1.0, -0.6, 0.45)
"""Where the camera stands: results face +X, so this is their front, a little from the left and above."""
_SURFACES = {"CURVE", "SURFACE", "META", "FONT", "POINTCLOUD"}


class NothingToSee(Exception):
    """The model has no surface."""


def render(blend: Path, target: Path) -> None:
    """Render the collection of ``blend`` as a PNG on a transparent ground; raises NothingToSee, OSError, RuntimeError.

    ``target`` appears complete or not at all. Works without a window and without a GPU.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    collection = append(blend)
    scene = bpy.context.scene
    assert scene is not None
    scene.collection.children.link(collection)
    _place_camera(scene)
    _light(scene)
    _settings(scene)
    partial = target.with_name(f"{target.stem}.partial.png")
    scene.render.filepath = str(partial)
    bpy.ops.render.render(write_still=True)
    disk.replace(partial, target)


def _place_camera(scene: bpy.types.Scene) -> None:
    """Look at the whole model without perspective."""
    rotation = Vector(_EYE).to_track_quat("Z", "Y")
    view = rotation.inverted().to_matrix().to_4x4()
    found = corners(shown(bpy.context.evaluated_depsgraph_get(), _SURFACES, view=view))
    if found is None:
        raise NothingToSee
    low, high = (Vector(corner.tolist()) for corner in found)
    size = max((high - low)[:]) or 1.0
    camera = bpy.data.cameras.new("thumbnail")
    camera.type = "ORTHO"
    camera.ortho_scale = max(high.x - low.x, high.y - low.y, size * 1e-3) * _MARGIN
    camera.clip_start = size * 1e-3
    camera.clip_end = size * 4.0
    eye = (low + high) / 2
    eye.z = high.z + size
    owner = bpy.data.objects.new("thumbnail", camera)
    owner.matrix_world = Matrix.LocRotScale(cast(Any, rotation @ eye), rotation, None)
    scene.collection.objects.link(owner)
    scene.camera = owner


def _light(scene: bpy.types.Scene) -> None:
    world = bpy.data.worlds.new("thumbnail")
    world.use_nodes = True
    background: Any = next(node for node in world.node_tree.nodes if node.bl_idname == "ShaderNodeBackground")
    background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    background.inputs["Strength"].default_value = 0.55
    scene.world = world
    sun: Any = bpy.data.lights.new("thumbnail", "SUN")
    sun.energy = 3.0
    owner = bpy.data.objects.new("sun", sun)
    owner.rotation_mode = "QUATERNION"
    owner.rotation_quaternion = Vector((0.9, -0.9, 1.2)).to_track_quat("Z", "Y")
    scene.collection.objects.link(owner)


def _settings(scene: Any) -> None:
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = SAMPLES
    cycles.use_denoising = False
    cycles.max_bounces = 2
    # The artist is at work meanwhile.
    scene.render.threads_mode = "FIXED"
    scene.render.threads = max(1, (os.cpu_count() or 2) // 2)
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.render.resolution_percentage = 100
    scene.render.film_transparent = True
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.view_settings.view_transform = "Standard"
