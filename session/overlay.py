# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw boxes and labels in the 3D viewport."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Literal, NamedTuple

import blf
import bpy
import gpu
from bpy_extras.view3d_utils import location_3d_to_region_2d
from gpu_extras.batch import batch_for_shader
from mathutils import Vector

from ..properties.preferences import get_preferences, redraw_viewports
from ..properties.scene import settings_of

if TYPE_CHECKING:
    from gpu.types import GPUBatch

Corner = tuple[float, float, float]

_EDGES = tuple((one, other) for one, other in combinations(range(8), 2) if (one ^ other).bit_count() == 1)
"""Corners in the order of ``itertools.product``: an edge joins two that differ in one coordinate."""

_FLOOR = ((0, 2, 6), (0, 6, 4))
_FRONT = (4, 6), (0, 2)
"""The lower corners of the model's front, which faces +X as delivered, and those of its back."""
_MARK_WIDTH, _MARK_LENGTH = 0.5, 0.3
"""Of the triangle before the front, in widths of the front and in lengths of the box."""
_MARK = (8, 9, 10)
_MARK_EDGES = ((8, 10), (9, 10))
_POINTS = 11
"""Of a box with its mark."""
_STROKE, _FILL = "POLYLINE_UNIFORM_COLOR", "UNIFORM_COLOR"
_MOST_LINES = 5
_LINE_WIDTH = 1.5
_HALO_WIDTH = 3.5


class Box(NamedTuple):
    """A box to draw in one scene, named by its token, or in all when that is empty; its corners and the words above."""

    scene: str
    corners: Sequence[Corner]
    lines: tuple[str, ...]


class _Shown:
    """The boxes on show and the handlers that draw them; there are no handlers while there are no boxes."""

    boxes: tuple[Box, ...] = ()
    preview: Box | None = None
    handles: tuple[object, ...] = ()
    uploaded: tuple[Box, ...] = ()
    batches: tuple[GPUBatch | None, GPUBatch | None] = (None, None)


def show(boxes: Iterable[Box]) -> None:
    """Draw these boxes from now on, in place of the ones before."""
    _change(tuple(boxes), _Shown.preview)


def show_preview(box: Box | None) -> None:
    """Draw one further box, or none: the place that is being picked."""
    _change(_Shown.boxes, box)


def is_drawing() -> bool:
    """Whether anything of ours is called when a viewport is drawn."""
    return bool(_Shown.handles)


def _change(boxes: tuple[Box, ...], preview: Box | None) -> None:
    if (boxes, preview) == (_Shown.boxes, _Shown.preview):
        return
    _Shown.boxes, _Shown.preview = boxes, preview
    wanted = bool(boxes or preview)
    if wanted and not _Shown.handles:
        add = bpy.types.SpaceView3D.draw_handler_add
        _Shown.handles = (
            add(_draw_lines, (), "WINDOW", "POST_VIEW"),
            add(_draw_words, (), "WINDOW", "POST_PIXEL"),
        )
    elif not wanted:
        for handle in _Shown.handles:
            bpy.types.SpaceView3D.draw_handler_remove(handle, "WINDOW")
        _Shown.handles = ()
        _Shown.uploaded, _Shown.batches = (), (None, None)
    redraw_viewports()


def _visible(context: bpy.types.Context) -> list[Box]:
    """Return what this viewport shows: its scene's boxes, while overlays and ours are on."""
    if not context.space_data.overlay.show_overlays:
        return []
    boxes = [_Shown.preview] if _Shown.preview is not None else []
    if get_preferences(context).show_targets:
        token = settings_of(context.scene).token
        boxes += [box for box in _Shown.boxes if token and box.scene == token]
    return boxes


def _draw_lines() -> None:
    context = bpy.context
    boxes = _visible(context)
    if not boxes:
        return
    edges, floors = _batches(tuple(boxes))
    theme = context.preferences.themes[0]
    colour = _mixed(tuple(theme.user_interface.wcol_progress.item)[:3], tuple(theme.view_3d.space.text_hi)[:3])
    halo = tuple(theme.view_3d.space.gradients.high_gradient)[:3]
    scale = context.preferences.system.ui_scale
    gpu.state.blend_set("ALPHA")
    passes: tuple[tuple[Literal["NONE", "LESS_EQUAL"], float], ...] = (("NONE", 0.3), ("LESS_EQUAL", 1.0))
    for depth, strength in passes:  # faintly through what stands before it
        gpu.state.depth_test_set(depth)
        _fill(floors, (*colour, 0.15 * strength))
        _stroke(edges, (*halo, 0.6 * strength), _HALO_WIDTH * scale)
        _stroke(edges, (*colour, strength), _LINE_WIDTH * scale)
    gpu.state.depth_test_set("NONE")
    gpu.state.blend_set("NONE")


def _mixed(colour: Corner, other: Corner) -> Corner:
    """Return a colour that stands out from the background as the viewport's own words do."""
    red, green, blue = (0.7 * one + 0.3 * two for one, two in zip(colour, other, strict=True))
    return (red, green, blue)


def _batches(boxes: tuple[Box, ...]) -> tuple[GPUBatch | None, GPUBatch | None]:
    """Return the edges and the floors of these boxes for the graphics card, made once."""
    if _Shown.uploaded != boxes:
        corners = [corner for box in boxes for corner in (*box.corners, *_front_mark(box.corners))]
        starts = range(0, len(corners), _POINTS)
        edges = [(start + one, start + other) for start in starts for one, other in (*_EDGES, *_MARK_EDGES)]
        floors = [tuple(start + one for one in triangle) for start in starts for triangle in (*_FLOOR, _MARK)]
        _Shown.batches = (
            batch_for_shader(gpu.shader.from_builtin(_STROKE), "LINES", {"pos": corners}, indices=edges),
            batch_for_shader(gpu.shader.from_builtin(_FILL), "TRIS", {"pos": corners}, indices=floors),
        )
        _Shown.uploaded = boxes
    return _Shown.batches


def _front_mark(corners: Sequence[Corner]) -> tuple[Corner, ...]:
    """Return a triangle on the floor that points out of a box where the model's front will be."""
    (left, right), back = ((Vector(corners[one]) for one in pair) for pair in _FRONT)
    front, side = (left + right) / 2, (right - left) * _MARK_WIDTH / 2
    tip = front + (front - sum(back, Vector()) / 2) * _MARK_LENGTH
    return tuple((one.x, one.y, one.z) for one in (front - side, front + side, tip))


def _stroke(batch: GPUBatch | None, colour: tuple[float, ...], width: float) -> None:
    shader = gpu.shader.from_builtin(_STROKE)
    shader.bind()
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", width)
    shader.uniform_float("color", colour)
    batch.draw(shader)


def _fill(batch: GPUBatch | None, colour: tuple[float, ...]) -> None:
    shader = gpu.shader.from_builtin(_FILL)
    shader.bind()
    shader.uniform_float("color", colour)
    batch.draw(shader)


def _draw_words() -> None:
    context = bpy.context
    boxes = [box for box in _visible(context) if box.lines]
    if not boxes:
        return
    preferences = context.preferences
    size = preferences.ui_styles[0].widget.points * preferences.system.ui_scale
    colour = tuple(preferences.themes[0].view_3d.space.text_hi)[:3]
    shade = 0.0 if sum(colour) > 1.5 else 1.0
    blf.size(0, size)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 3, shade, shade, shade, 0.9)
    blf.shadow_offset(0, 0, 0)
    red, green, blue = colour
    blf.color(0, red, green, blue, 1.0)
    for box in boxes:
        seen = [location_3d_to_region_2d(context.region, context.region_data, Vector(one)) for one in box.corners]
        places = [one for one in seen if one is not None]  # None is behind the eye
        if len(places) == len(box.corners):
            _write(sum(one.x for one in places) / 8, max(one.y for one in places), box.lines, size)
    blf.disable(0, blf.SHADOW)


def _write(x: float, y: float, lines: tuple[str, ...], size: float) -> None:
    """Write lines above a point of the region, the first at the top."""
    shown = lines if len(lines) <= _MOST_LINES else (*lines[: _MOST_LINES - 1], f"+{len(lines) - _MOST_LINES + 1}")
    for number, line in enumerate(reversed(shown)):
        width, _height = blf.dimensions(0, line)
        blf.position(0, x - width / 2, y + size * (0.6 + 1.4 * number), 0)
        blf.draw(0, line)
