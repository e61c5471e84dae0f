# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a row of the job list: thumbnail, name, mode, progress or state, one button."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.jobs.states import LIVE
from ..widgets.wrapped_text import is_narrow
from .job_texts import KIND_ICONS, STATUS_ICONS, STATUS_WORDS, TROUBLE, progress_text, row_action

if TYPE_CHECKING:
    from ..properties.window import TripoJob


def draw_row(layout: UILayout, context: Context, item: TripoJob) -> None:
    """Draw one job."""
    status, thumbnail = item.status, item.thumbnail
    live = status in LIVE
    narrow = is_narrow(context)  # names need the room of the icons
    split = layout.split(factor=0.42 if narrow else 0.56 if live else 0.66)
    name = split.row(align=True)
    if thumbnail:
        name.label(text="", icon_value=thumbnail)
    elif not narrow:
        name.label(text="", icon=STATUS_ICONS.get(status, "NONE"))
    icon_of_kind = "NONE" if narrow else KIND_ICONS.get(item.kind, "MESH_DATA")
    name.label(text=item.name, icon=icon_of_kind, translate=False)
    row = split.row(align=True)
    if live:
        row.progress(factor=item.progress / 100, text=progress_text(item, time.time(), narrow=narrow))
    else:
        state = row
        if status in TROUBLE:
            state = row.row()
            state.alert = True
        state.label(text=STATUS_WORDS.get(status, status))
    action = row_action(status, model_here=item.model_here)
    if action:
        row.operator(action.operator, text="", icon=action.icon, emboss=False).job_id = item.job_id
