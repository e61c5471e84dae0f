# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the Mesh panel: what can be done with the selected objects, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import bpy
from bpy.types import Context, Object, UILayout

from ..client.formats.selection import SURFACES
from ..client.notices import N_
from ..client.schema import Kind, Value
from ..client.schema.pricing import price
from ..properties.parts import object_settings
from ..properties.scene import settings_of
from ..properties.tools_used import used_last
from ..session.delivered_models import BESIDE, LOOKS, owner_of, parent_of_parts
from ..translations.translate import tell
from ..widgets.parameters import plain_note
from .job_texts import KIND_ICONS

RETOPOLOGY: dict[str, Value] = {"format": "FBX", "quad": True}
"""What the dialog of a retopology begins with: of the formats that Blender reads with quads, the one with materials."""


class _Tool(NamedTuple):
    kind: Kind
    text: str
    result: str
    values: Mapping[str, Any] = {}


_TOOLS = (
    _Tool(Kind.TEXTURE_MODEL, text=N_("Texture…"), result=N_("New look on the same object")),
    _Tool(Kind.MESH_SEGMENTATION, text=N_("Segment…"), result=N_("Parts in its place; it is hidden")),
    _Tool(
        Kind.CONVERT_MODEL,
        text=N_("Retopologize…"),
        result=N_("Quads in its place; it is hidden"),
        values={**RETOPOLOGY, "import_result": True},
    ),
    _Tool(Kind.CONVERT_MODEL, text=N_("Convert…"), result=N_("Saved as a file")),
)


def is_shown(context: Context) -> bool:
    """Whether something with a surface is selected, or the parent of parts."""
    chosen = context.selected_objects
    solid = any(one.type in SURFACES or one.instance_collection is not None for one in chosen)
    return solid or any(parent_of_parts(one) is not None for one in chosen)


def draw(layout: UILayout, context: Context) -> None:
    """Draw what is selected and a button for each tool."""
    chosen = context.selected_objects
    named = chosen[0].name if len(chosen) == 1 else tell(N_("{count} objects"), count=len(chosen))
    layout.label(text=named, icon="OBJECT_DATA", translate=False)
    layout.operator_context = "INVOKE_DEFAULT"
    for number, tool in enumerate(_TOOLS):
        column = layout.column(align=True)
        _draw_tool(column, context, number)
        plain_note(column, tool.result)
    if owner_of(context) is not None:
        layout.operator("tripo.generate_again", text="Generate Again…", icon="FILE_REFRESH")
    if context.active_object is not None:
        _draw_results(layout, context, context.active_object)


def draw_for_job(layout: UILayout, context: Context, job_id: str) -> None:
    """Draw the same tools for the result of a job."""
    for number in range(len(_TOOLS)):
        _draw_tool(layout, context, number).job_id = job_id


def _draw_tool(layout: UILayout, context: Context, number: int) -> Any:
    kind, text, _, values = _TOOLS[number]
    credits = _price_of(number, settings_of(context.scene).tools_used)
    button: Any = layout.operator(
        f"tripo.{kind.value}", text=f"{tell(text)} ({credits})", icon=KIND_ICONS[kind], translate=False
    )
    for name, value in values.items():
        setattr(button, name, value)
    return button


@lru_cache(maxsize=16)
def _price_of(number: int, used: str) -> str:
    """Return what a tool costs as its dialog begins, in credits; ``used`` is what the dialogs remember."""
    kind, _, _, values = _TOOLS[number]
    given = {name: value for name, value in values.items() if name in RETOPOLOGY}
    remembered, images = used_last(used, kind, quad=bool(given))
    return price(kind, None, remembered | given, images).text


def _draw_results(layout: UILayout, context: Context, active: Object) -> None:
    """Draw what came of earlier uses: the looks of the active object, a textured model beside it, or how far its parts
    are spread."""
    if active.get(LOOKS):
        from ..session.delivery import looks

        names, column = looks.names_of(active), layout.column(align=True)
        if len(names) > 1:
            column.label(text="Looks")
            for number, name in enumerate(names):
                button: Any = column.operator(
                    "tripo.set_variant",
                    text=name,
                    translate=False,
                    icon="RADIOBUT_ON" if number == looks.active_of(active) else "RADIOBUT_OFF",
                )
                button.object, button.look = active.name, number
            row = column.row(align=True)
            flip: Any = row.operator("tripo.flip_variants", text="Flip", icon="ARROW_LEFTRIGHT")
            keep: Any = row.operator("tripo.keep_variant", text="Keep Only This", icon="CHECKMARK")
            flip.object = keep.object = active.name
    if has_model_beside(context, active):
        transfer: Any = layout.operator("tripo.transfer_texture", icon="RENDER_STILL")
        transfer.object = active.name
        plain_note(layout, N_("Baked onto this object in the background, for free"))
    parent = parent_of_parts(active)
    if parent is not None:
        layout.prop(object_settings(parent), "explode", slider=True)
        spread: Any = layout.operator("tripo.parts_to_face_sets", icon="FACE_MAPS")
        spread.object = parent.name


def has_model_beside(context: Context, active: Object) -> bool:
    """Whether a textured model stands beside this object, or this is one."""
    if not any(BESIDE in one for one in bpy.data.collections):
        return False
    from ..session.delivery import result_beside

    return result_beside.find(active, context.scene) is not None


def entries() -> tuple[tuple[str, str, Any, Mapping[str, Any]], ...]:
    """Return the same as operator, text, icon and values, for a menu."""
    return tuple((f"tripo.{kind.value}", text, KIND_ICONS[kind], values) for kind, text, _, values in _TOOLS)
