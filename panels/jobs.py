# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the job list and the details of the active job."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..properties.preferences import get_preferences
from ..properties.window import window_state
from ..widgets.wrapped_text import draw_wrapped
from .job_details import draw_details, draw_job
from .job_variations import draw_variations
from .welcome import is_welcome

_ROWS = 8
"""How many jobs are shown without scrolling."""


def is_shown(context: Context) -> bool:
    """Whether there are jobs, or a way to make one."""
    return bool(window_state().jobs) or not is_welcome(context)


def draw_switch(layout: UILayout, context: Context) -> None:
    """Draw the switch of the boxes in the viewport, and the list's menu."""
    # As a button: a switch without one is drawn white while it is on, which a light theme does not show.
    layout.prop(get_preferences(context), "show_targets", text="", icon="SHADING_BBOX")
    if window_state().jobs:
        layout.menu("VIEW3D_MT_tripo_jobs", text="", icon="DOWNARROW_HLT")
    layout.separator()


def draw(layout: UILayout, context: Context) -> None:
    """Draw the list and the chosen job."""
    state = window_state()
    if state.notice:
        draw_wrapped(layout.box(), context, state.notice, icon="ERROR", inset=16)
    if not state.jobs:
        layout.label(text="No jobs yet")
        return
    if len(state.jobs) > _ROWS or state.show != "ALL":
        layout.prop(state, "show", text="", icon="FILTER")
    rows = min(max(len(state.jobs), 2), _ROWS)
    layout.template_list("TRIPO_UL_jobs", "", state, "jobs", state, "active_job", rows=rows, maxrows=rows)
    if not 0 <= state.active_job < len(state.jobs):
        return
    job = state.jobs[state.active_job]
    if job.press:
        draw_variations(layout, context, state)
    draw_job(layout, context, job)
    header, body = layout.panel("tripo_job_details", default_closed=True)
    header.label(text="Details")
    if body is not None:
        draw_details(body, context, job)
