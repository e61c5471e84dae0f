# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the variations of the active job's press side by side, and what chooses between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpy.types import Context, UILayout

from ..client.jobs.names import variation_of
from ..properties.window import rows_of_press
from ..widgets.wrapped_text import is_narrow
from .job_texts import STATUS_ICONS

if TYPE_CHECKING:
    from ..properties.window import TripoWindowState

_IN_A_ROW = 4
_MARGIN = 56
"""Pixels, at an interface scale of 1, that the panel's borders take."""
_ROW = 20
_LARGEST = 3.5
"""Side of a thumbnail in rows of the interface, where there is room."""


def draw_variations(layout: UILayout, context: Context, state: TripoWindowState) -> None:
    """Draw a thumbnail and a button for each variation; Solo, Flip and Keep where there is something to compare."""
    group = rows_of_press(state, state.active_job)
    if len(group) < 2:
        return
    width = context.region.width / context.preferences.system.ui_scale - _MARGIN
    scale = min(_LARGEST, width / _ROW / min(_IN_A_ROW, len(group)))
    column = layout.column(align=True)
    for first in range(0, len(group), _IN_A_ROW):
        row = column.row(align=True)
        for number, index in enumerate(group[first : first + _IN_A_ROW], first + 1):
            _draw_cell(row.column(align=True), state, index, number, scale)
    active = state.jobs[state.active_job]
    if active.model_here and sum(state.jobs[index].model_here for index in group) > 1:
        hidden = [index for index in group if state.jobs[index].solo_hidden]
        column = layout.column(align=True)
        row = column if is_narrow(context) else column.row(align=True)
        solo: Any = row.operator(
            "tripo.solo_variant", text="Solo", icon="SOLO_ON", depress=bool(hidden) and not active.solo_hidden
        )
        flip: Any = row.operator("tripo.flip_variants", text="Flip", icon="ARROW_LEFTRIGHT")
        keep: Any = column.operator("tripo.keep_variant", text="Keep Only This", icon="CHECKMARK")
        solo.job_id = flip.job_id = keep.job_id = active.job_id


def _draw_cell(layout: UILayout, state: TripoWindowState, index: int, number: int, scale: float) -> None:
    job = state.jobs[index]
    if job.thumbnail:
        layout.template_icon(icon_value=job.thumbnail, scale=scale)
    else:
        empty = layout.row()
        empty.alignment = "CENTER"
        empty.scale_y = scale
        empty.label(text="", icon=STATUS_ICONS.get(job.status, "DOT"))
    button: Any = layout.operator(
        "tripo.select_job",
        text=variation_of(job.name) or str(number),
        icon="HIDE_ON" if job.solo_hidden else "NONE",
        depress=index == state.active_job,
        translate=False,
    )
    button.job_id = job.job_id
