# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a snapshot of the viewport or of the camera's view, drawn off screen."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Image, Operator, Region, SpaceView3D
from mathutils import Matrix

from ...client.notices import N_
from ...session.operator_return import OperatorReturn
from ..base import may_run
from .slots import put_own_image, slot_property

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_SIDE = 1536
"""Pixels of a still's longer side."""

_DRAWN_ENGINES = frozenset({"BLENDER_EEVEE", "BLENDER_EEVEE_NEXT", "BLENDER_WORKBENCH"})
"""The engines that draw off screen; others, like Cycles, draw only in their viewport."""


class TRIPO_OT_take_still(Operator):
    """Take an image of the 3D view as it is shaded now, without overlays"""

    bl_idname = "tripo.take_still"
    bl_label = "Take Snapshot"
    bl_options = {"UNDO", "INTERNAL"}

    slot: slot_property()
    view: EnumProperty(
        name="View",
        description="Where the image is taken from",
        items=[
            ("VIEWPORT", "Viewport", "What the 3D view shows"),
            ("CAMERA", "Camera", "What the scene's camera sees"),
        ],
        options={"SKIP_SAVE"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        slot: str
        view: str

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there is a 3D view to draw with."""
        reason = ""
        if bpy.app.background:
            reason = N_("Snapshots need a window")
        elif context.space_data is None or context.space_data.type != "VIEW_3D":
            reason = N_("Snapshots are taken in a 3D view")
        elif context.space_data.shading.type == "RENDERED" and context.scene.render.engine not in _DRAWN_ENGINES:
            reason = N_("Rendered shading cannot be captured: use Material Preview, or render and choose Render Result")
        return may_run(cls, reason)

    def execute(self, context: Context) -> OperatorReturn:
        """Draw, and put the image into the slot as a packed image."""
        if self.view == "CAMERA" and context.scene.camera is None:
            self.report({"WARNING"}, "The scene has no camera: add one, or take a snapshot of the viewport")
            return {"CANCELLED"}
        put_own_image(
            context.scene, self.slot, _capture(context, self.view), f"Tripo {self.view.capitalize()} Snapshot"
        )
        return {"FINISHED"}


def _capture(context: Context, view: str) -> Image:
    region = next(region for region in context.area.regions if region.type == "WINDOW")
    space = context.space_data
    assert isinstance(space, SpaceView3D)
    if view == "CAMERA":
        render, camera = context.scene.render, context.scene.camera
        shape = (render.resolution_x * render.pixel_aspect_x, render.resolution_y * render.pixel_aspect_y)
        width, height = _size(*shape)
        looking = camera.matrix_world.normalized().inverted()
        lens = camera.calc_matrix_camera(context.evaluated_depsgraph_get(), x=width, y=height)
    else:
        width, height = _size(region.width, region.height)
        looking, lens = space.region_3d.view_matrix.copy(), space.region_3d.window_matrix.copy()
    with _without_overlays(space):
        pixels = _draw(context, region, (width, height), looking, lens)
    return _image(width, height, pixels)


def _size(width: float, height: float) -> tuple[int, int]:
    factor = LONGEST_SIDE / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


@contextmanager
def _without_overlays(space: SpaceView3D) -> Generator[None]:
    """Hide grid, outlines and gizmos for a while."""
    overlays = space.overlay.show_overlays
    space.overlay.show_overlays = False
    try:
        yield
    finally:
        space.overlay.show_overlays = overlays


def _draw(
    context: Context, region: Region, size: tuple[int, int], looking: Matrix, lens: Matrix
) -> "NDArray[np.uint8]":
    """Draw the 3D view off screen, colour-managed as on the screen; the bytes as rows of RGBA from the bottom."""
    import gpu
    import numpy as np

    screen = gpu.types.GPUOffScreen(*size)
    try:
        screen.draw_view3d(
            context.scene,
            context.view_layer,
            context.space_data,  # type: ignore[arg-type]
            region,
            looking,
            lens,
            do_color_management=True,
            draw_background=True,
        )
        buffer: Any = screen.texture_color.read()
        buffer.dimensions = size[0] * size[1] * 4
        return np.asarray(buffer, dtype=np.uint8)
    finally:
        screen.free()


def _image(width: int, height: int, pixels: "NDArray[np.uint8]") -> Image:
    """Make a packed image of bytes that look as they are to be seen."""
    import numpy as np

    values = pixels.astype(np.float32) / 255.0
    values[3::4] = 1.0
    image = bpy.data.images.new("Tripo Snapshot", width, height, alpha=False)
    image.pixels.foreach_set(values)  # type: ignore[attr-defined]
    image.update()
    image.pack()
    return image


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_take_still,))
