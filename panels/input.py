# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw what a model is made from: the prompt, or the image slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.notices import N_
from ..client.schema import ENDPOINTS, Group, Kind
from ..properties import render_result
from ..properties.image_slots import is_filled, thumbnail_of
from ..widgets.parameters import draw_parameters
from ..widgets.wrapped_text import draw_wrapped, is_narrow
from .base import chosen
from .prompt import draw_prompt

if TYPE_CHECKING:
    from ..properties.scene import TripoImageSlot, TripoSceneSettings

_OWN_ROWS = frozenset({"prompt", "style", "negative_prompt"})
"""Texts get the whole width."""

_SMALL = 2.0
"""Height of a thumbnail beside a slot's two rows, in rows."""
_LARGE = 6.0
"""Height of the one image of Image to 3D, in rows."""


def draw_input(layout: UILayout, context: Context, settings: TripoSceneSettings, kind: Kind) -> None:
    """Draw what the model is made from: the prompt or the image slots."""
    if kind is Kind.TEXT:
        draw_prompt(layout, context, settings)
    elif kind is Kind.IMAGE:
        _draw_image(layout, context, settings)
    else:
        _draw_views(layout, context, settings)


def draw_options(layout: UILayout, context: Context) -> None:
    """Draw the options that belong to the input."""
    settings, kind, version = chosen(context)
    if kind is Kind.TEXT:
        layout.prop(settings, "style", text="", placeholder="Style line (optional)")
    layout.prop(settings, "negative_prompt", text="", placeholder="Avoid (optional)")
    options = layout.column()
    narrow = is_narrow(context)
    options.use_property_split = not narrow
    options.use_property_decorate = False
    if kind is not Kind.TEXT:
        options.prop(settings, "keep_alpha")
    draw_parameters(options, settings, kind, version, Group.INPUT, skip=_OWN_ROWS, narrow=narrow)


def draw_ways(layout: UILayout, context: Context) -> None:
    """List other ways to fill the slot that the menu was opened from; those not possible now say why."""
    image: TripoImageSlot = context.tripo_slot  # type: ignore[attr-defined]
    slot = image.path_from_id().rpartition(".")[2]
    for view, text, icon in (
        ("VIEWPORT", N_("Viewport Snapshot"), "VIEW3D"),
        ("CAMERA", N_("Camera Snapshot"), "CAMERA_DATA"),
    ):
        still = layout.operator("tripo.take_still", text=text, icon=icon)  # type: ignore[arg-type]
        still.slot, still.view = slot, view
    rendered = layout.column()
    rendered.enabled = not render_result.is_empty()
    words = N_("Render Result") if rendered.enabled else N_("Render Result: render first (F12)")
    render = rendered.operator("tripo.send_image", text=words, icon="RENDER_RESULT")
    render.slot, render.image = slot, "Render Result"
    paste = layout.operator("tripo.paste_image", text="Paste", icon="PASTEDOWN")
    paste.slot = slot
    layout.separator()
    emptied = layout.column()
    emptied.enabled = is_filled(image)
    clear = emptied.operator("tripo.clear_image", text="Clear", icon="X")
    clear.slot = slot


def _draw_image(layout: UILayout, context: Context, settings: TripoSceneSettings) -> None:
    image = settings.image
    if icon := _thumbnail(layout, image):
        layout.template_icon(icon_value=icon, scale=_LARGE)
    row = layout.row(align=True)
    _draw_source(row, image, "image", N_("PNG, JPEG or WebP"))
    _draw_menu(row, image)
    _draw_words(layout, context, image)


def _draw_views(layout: UILayout, context: Context, settings: TripoSceneSettings) -> None:
    for number, slot in enumerate(ENDPOINTS[Kind.MULTIVIEW].image_slots):
        image: TripoImageSlot = getattr(settings, slot)
        row = layout.row()
        if icon := _thumbnail(layout, image):
            row.template_icon(icon_value=icon, scale=_SMALL)
        column = row.column(align=True)
        head = column.row(align=True)
        head.label(text=settings.bl_rna.properties[slot].name)
        _draw_menu(head, image)
        _draw_source(column.row(align=True), image, slot, "Optional" if number else N_("PNG, JPEG or WebP"))
        _draw_words(layout, context, image)
    if is_narrow(context):
        layout.operator("tripo.capture_views", text="Capture Views", icon="OUTLINER_OB_CAMERA")
    else:
        layout.operator("tripo.capture_views", icon="OUTLINER_OB_CAMERA")


def _draw_source(row: UILayout, image: TripoImageSlot, slot: str, placeholder: str) -> None:
    row.prop(image, "source", text="", icon_only=True)
    if image.source == "FILE":
        row.prop(image, "path", text="", placeholder=placeholder)
        browse = row.operator("tripo.open_image", text="", icon="FILEBROWSER")
        browse.slot = slot
    elif image.source == "URL":
        row.prop(image, "url", text="", placeholder="https://…")
    else:
        row.prop(image, "image", text="")


def _draw_menu(row: UILayout, image: TripoImageSlot) -> None:
    row.context_pointer_set("tripo_slot", image)
    row.menu("TRIPO_MT_image", text="", icon="DOWNARROW_HLT")


def _draw_words(layout: UILayout, context: Context, image: TripoImageSlot) -> None:
    if image.problem:
        draw_wrapped(layout, context, image.problem, icon="ERROR")
        if image.problem == render_result.NOT_RENDERED:
            layout.operator("render.render", text="Render Image", icon="RENDER_STILL").use_viewport = True
    for note in () if image.problem else image.note.splitlines():
        draw_wrapped(layout, context, note, icon="INFO", dim=True)


def _thumbnail(layout: UILayout, image: TripoImageSlot) -> int:
    """Return the icon of what a slot holds, 0 while it has none; Blender draws those of images by itself."""
    if image.source == "IMAGE":
        return layout.icon(image.image) if image.image else 0
    return thumbnail_of(image)
