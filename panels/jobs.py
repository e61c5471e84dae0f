"""The jobs: a row each with its progress and the action that matters now; the chosen one in full below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpy
from bpy.types import Context, Panel, UILayout, UIList

from ..client.schema import Kind
from ..client.states import LIVE, Status
from .base import TripoPanel
from .wrapping import draw_wrapped

KIND_ICONS: Mapping[str, Any] = {
    Kind.TEXT: "FONT_DATA",
    Kind.IMAGE: "IMAGE_DATA",
    Kind.MULTIVIEW: "RENDERLAYERS",
}
STATUS_WORDS: Mapping[str, str] = {
    Status.PREPARED: "Waiting",
    Status.SUBMITTING: "Sending",
    Status.UNCERTAIN: "Unclear",
    Status.QUEUED: "Queued",
    Status.RUNNING: "Running",
    Status.DOWNLOADING: "Fetching",
    Status.CONVERTING: "Preparing",
    Status.READY: "Ready",
    Status.IMPORTED: "Done",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
    Status.EXPIRED: "Expired",
}
ACTIONS: Mapping[str, tuple[tuple[str, str, Any], ...]] = {
    Status.READY: (("tripo.import_job", "Import", "IMPORT"), ("tripo.remove_job", "Remove", "TRASH")),
    Status.IMPORTED: (
        ("tripo.import_job", "Import Again", "IMPORT"),
        ("tripo.remove_job", "Remove", "TRASH"),
    ),
    Status.FAILED: (
        ("tripo.retry_job", "Try Again", "FILE_REFRESH"),
        ("tripo.remove_job", "Remove", "TRASH"),
    ),
    Status.CANCELLED: (
        ("tripo.retry_job", "Resume", "FILE_REFRESH"),
        ("tripo.remove_job", "Remove", "TRASH"),
    ),
    Status.EXPIRED: (("tripo.remove_job", "Remove", "TRASH"),),
    Status.UNCERTAIN: (
        ("tripo.recover_task", "Enter Task ID…", "VIEWZOOM"),
        ("tripo.retry_job", "Send Again", "FILE_REFRESH"),
        ("tripo.cancel_job", "Forget", "X"),
    ),
}
"""What may be done with a job that waits for a person: operator, label, icon; the likeliest first."""

TROUBLE = frozenset({Status.FAILED, Status.EXPIRED, Status.UNCERTAIN})
"""States that ended badly or may have."""

_NARROW = 240
"""Region width, in pixels at an interface scale of 1, below which names need the room of the icons."""

_CANCEL = (("tripo.cancel_job", "Cancel", "X"),)


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
        """Draw one job: name, progress or state, one button."""
        live = item.status in LIVE
        narrow = context.region.width < _NARROW * context.preferences.system.ui_scale
        icon_of_kind = "NONE" if narrow else KIND_ICONS.get(item.kind, "MESH_DATA")
        split = layout.split(factor=(0.42 if narrow else 0.54) if live else 0.62)
        split.label(text=item.name, icon=icon_of_kind, translate=False)
        row = split.row(align=True)
        word = STATUS_WORDS.get(item.status, item.status)
        if live:
            text = f"{item.progress}%" if item.status == Status.RUNNING else word
            row.progress(factor=item.progress / 100, text=text)
        else:
            state = row.row()
            state.alert = item.status in TROUBLE
            state.label(text=word)
        if live or item.status == Status.READY:
            operator, _label, symbol = actions(item.status)[0]
            row.operator(operator, text="", icon=symbol, emboss=False).job_id = item.job_id


class TRIPO_PT_jobs(TripoPanel, Panel):
    """The jobs and what they need."""

    bl_label = "Jobs"

    def draw(self, context: Context) -> None:
        """Draw the list and the details of the chosen job."""
        layout = self.layout
        state = context.window_manager.tripo
        if state.notice:
            draw_wrapped(layout.box(), context, state.notice, icon="ERROR", inset=16)
        if not state.jobs:
            layout.label(text="No jobs yet")
            return
        rows = min(max(len(state.jobs), 2), 6)
        layout.template_list("TRIPO_UL_jobs", "", state, "jobs", state, "active_job", rows=rows, maxrows=rows)
        if 0 <= state.active_job < len(state.jobs):
            _draw_details(layout, context, state.jobs[state.active_job])


def actions(status: str) -> tuple[tuple[str, str, Any], ...]:
    """Return what may be done with a job in a state, the most likely first: operator, label, icon."""
    return ACTIONS.get(status, _CANCEL)


def _draw_details(layout: UILayout, context: Context, job: Any) -> None:
    column = layout.column()
    draw_wrapped(column, context, job.name, icon=KIND_ICONS.get(job.kind, "MESH_DATA"), translate=False)
    facts = f"{STATUS_WORDS.get(job.status, job.status)} · {job.credits} Credits · {job.created_at[5:16]}"
    draw_wrapped(column, context, facts, icon="BLANK1", dim=True)
    if job.message:
        icon = "ERROR" if job.status in TROUBLE else "BLANK1"
        draw_wrapped(column, context, job.message, icon=icon)
    offered = actions(job.status)
    buttons = column.row(align=True) if len(offered) < 3 else column.column(align=True)
    for operator, label, symbol in offered:
        buttons.operator(operator, text=label, icon=symbol).job_id = job.job_id


_register, _unregister = bpy.utils.register_classes_factory((TRIPO_UL_jobs, TRIPO_PT_jobs))


def register() -> None:
    """Register the list and its panel."""
    _register()


def unregister() -> None:
    """Unregister them."""
    _unregister()
