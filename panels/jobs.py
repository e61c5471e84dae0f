# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the job list and the details of the active job."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bpy.types import Context, UILayout

from ..properties.preferences import get_preferences
from ..properties.window import window_state
from ..widgets.wrapped_text import draw_wrapped
from .job_details import draw_details, draw_job
from .welcome import is_welcome

if TYPE_CHECKING:
    from ..properties.window import TripoJob, TripoWindowState

_ROWS = 8
"""How many jobs are shown without scrolling."""


class _Found(NamedTuple):
    """The answer to a search, kept until the list or the question changes."""

    question: tuple[object, ...]
    flags: list[int]


_found = _Found((), [])


def search(state: TripoWindowState, text: str, flag: int) -> list[int]:
    """Return ``flag`` for each job that ``state.show`` lets through and whose name holds all the words, 0 for the
    others; an empty list when all are shown."""
    global _found
    words = text.lower().split()
    if state.show == "ALL" and not words:
        return []
    question = (state.revision, len(state.jobs), state.show, text, flag)
    if question != _found.question:
        from .job_texts import FILTERS

        states = FILTERS.get(state.show)
        _found = _Found(question, [flag if _fits(job, states, words) else 0 for job in state.jobs])
    return _found.flags


def _fits(job: TripoJob, states: frozenset[str] | None, words: list[str]) -> bool:
    if states is not None and job.status not in states:
        return False
    name = job.name.lower() if words else ""
    return all(word in name for word in words)


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
    draw_job(layout, context, job)
    header, body = layout.panel("tripo_job_details", default_closed=True)
    header.label(text="Details")
    if body is not None:
        draw_details(body, context, job)
