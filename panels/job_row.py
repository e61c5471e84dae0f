# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a row of the job list: thumbnail and name, progress or what it needs, one button."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.jobs.states import LIVE, Status
from ..widgets.wrapped_text import is_narrow
from .job_texts import STATUS_ICONS, STATUS_WORDS, TROUBLE, progress_text, row_action

if TYPE_CHECKING:
    from ..properties.window import TripoJob


def draw_row(layout: UILayout, context: Context, item: TripoJob) -> None:
    """Draw one job."""
    status, thumbnail = item.status, item.thumbnail
    live = status in LIVE
    narrow = is_narrow(context)
    words = "" if status == Status.IMPORTED else STATUS_WORDS.get(status, status)  # words are for what needs a person
    if narrow and words:
        share = 0.42
    elif live or status == Status.UNCERTAIN:
        share = 0.55
    else:
        share = 0.66 if words else 0.87
    split = layout.split(factor=share)
    name = split.row(align=True)
    if thumbnail:
        name.label(text=item.name, icon_value=thumbnail, translate=False)
    else:
        name.label(text=item.name, icon="NONE" if narrow else STATUS_ICONS.get(status, "NONE"), translate=False)
    row = split.row(align=True)
    if live:
        row.progress(factor=item.progress / 100, text=progress_text(item, time.time(), narrow=narrow))
    elif words:
        state = row
        if status in TROUBLE:
            state = row.row()
            state.alert = True
        state.label(text=words)
    action = row_action(status, model_here=item.model_here)
    if action:
        row.operator(action.operator, text="", icon=action.icon, emboss=False).job_id = item.job_id
