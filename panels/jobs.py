"""The jobs: a row each with its picture, its progress and the button that matters now; the chosen one in full below."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import bpy
from bpy.types import Context, Panel, UILayout, UIList

from ..client.record import Record
from ..preferences import get_preferences
from .base import TripoPanel
from .wrapping import draw_wrapped

_ROWS = 8
"""How many jobs are shown without scrolling."""


class _Found(Record):
    """The answer to a search, kept until the list or the question changes."""

    question: tuple[Any, ...]
    flags: list[int]


_found = _Found((), [])


@cache
def _row_drawer() -> Callable[[UILayout, Context, Any], None]:
    """Return what draws a row: a module that is needed for the first one, and asked for by every one."""
    from .job_row import draw_row

    return draw_row


class TRIPO_UL_jobs(UIList):
    """The jobs, in the order in which they are kept: newest first."""

    def draw_item(
        self,
        context: Context,
        layout: UILayout,
        data: Any,
        item: Any,
        icon: int | None,
        active_data: Any,
        active_property: str | None,
        index: int | None = 0,
        flt_flag: int | None = 0,
    ) -> None:
        """Draw one job: picture, name, mode, progress or state, one button."""
        _row_drawer()(layout, context, item)

    def draw_filter(self, context: Context, layout: UILayout) -> None:
        """Draw the search field; which states are shown stands above the list."""
        row = layout.row(align=True)
        row.prop(self, "filter_name", text="", icon="VIEWZOOM")
        row.prop(self, "use_filter_invert", text="", icon="ARROW_LEFTRIGHT")
        row.prop(self, "use_filter_sort_reverse", text="", icon="SORT_DESC")

    def filter_items(self, context: Context, data: Any, property: str) -> tuple[list[int], list[int]]:
        """Return which jobs are shown, in the order in which they are kept."""
        return search(data, self.filter_name, self.bitflag_filter_item), []


def search(state: Any, text: str, flag: int) -> list[int]:
    """Return ``flag`` for each job that ``state.show`` lets through and whose name holds all the words, 0 for the
    others; an empty list when all are shown."""
    global _found
    words = text.lower().split()
    if state.show == "ALL" and not words:
        return []
    question = (state.revision, len(state.jobs), state.show, text, flag)
    if question != _found.question:
        from .job_words import FILTERS

        states = FILTERS.get(state.show)
        _found = _Found(question, [flag if _fits(job, states, words) else 0 for job in state.jobs])
    return _found.flags


def _fits(job: Any, states: frozenset[str] | None, words: list[str]) -> bool:
    if states is not None and job.status not in states:
        return False
    name = job.name.lower() if words else ""
    return all(word in name for word in words)


class TRIPO_PT_jobs(TripoPanel, Panel):
    """The jobs and what they need."""

    bl_label = "Jobs"

    def draw_header_preset(self, context: Context) -> None:
        """Draw the switch of the boxes in the viewport."""
        # As a button: a switch without one is drawn white while it is on, which a light theme does not show.
        self.layout.prop(get_preferences(context), "show_targets", text="", icon="SHADING_BBOX")
        self.layout.separator()

    def draw(self, context: Context) -> None:
        """Draw the list and the chosen job."""
        from .job_details import draw_details, draw_job

        layout = self.layout
        state = context.window_manager.tripo
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


_register, _unregister = bpy.utils.register_classes_factory((TRIPO_UL_jobs, TRIPO_PT_jobs))


def register() -> None:
    """Register the list and its panel."""
    _register()


def unregister() -> None:
    """Unregister them."""
    _unregister()
