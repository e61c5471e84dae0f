# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a row of the job list: thumbnail and name, progress or what it needs, one button."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.jobs.states import LIVE, TROUBLE, Status
from ..widgets.wrapped_text import is_narrow
from .job_actions import draw_action, remedy, row_action
from .job_texts import STATUS_ICONS, STATUS_WORDS, progress_text

if TYPE_CHECKING:
    from ..properties.window import TripoJob


def draw_row(layout: UILayout, context: Context, item: TripoJob, is_active: bool) -> None:
    """Draw one job. A click on its image selects; a double click on its name, a field in all but its looks where the
    first click has made the row active, renames."""
    status, thumbnail = item.status, item.thumbnail
    live = status in LIVE
    narrow = is_narrow(context)
    words = "" if status == Status.IMPORTED else STATUS_WORDS.get(status, status)  # words are for what needs a person
    if words and (narrow or status == Status.UNCERTAIN):
        share = 0.42
    elif live:
        share = 0.55
    else:
        share = 0.66 if words else 0.87
    split = layout.split(factor=share)
    name = split.row(align=True)
    if item.selected:
        select = name.operator("tripo.select_job", text="", icon="CHECKBOX_HLT", emboss=False)
    elif thumbnail:
        select = name.operator("tripo.select_job", text="", icon_value=thumbnail, emboss=False)
    else:
        select = name.operator("tripo.select_job", text="", icon=STATUS_ICONS.get(status, "DOT"), emboss=False)
    select.job_id = item.job_id
    if is_active:
        name.prop(item, "title", text="", emboss=False)
    else:
        name.label(text=item.name, translate=False)
    row = split.row(align=True)
    if live:
        row.progress(factor=item.progress / 100, text=progress_text(item, time.time(), narrow=narrow))
    elif words:
        state = row
        if status in TROUBLE:
            state = row.row()
            state.alert = True
        state.label(text=words)
    has_room = status in TROUBLE and not narrow  # else the details alone have the button
    fix = remedy(status, item.kind, item.error, item.notice, item.request) if has_room else None
    action = row_action(status, model_here=item.model_here, fix=fix)
    if action:
        draw_action(row, action, item.job_id, in_row=True)
