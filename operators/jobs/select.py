# SPDX-License-Identifier: GPL-3.0-or-later
"""Select jobs in the list, and import the selected ones."""

import contextlib
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Event, Operator

from ...client.errors import TripoError
from ...client.notices import N_
from ...properties.window import chosen_jobs, window_state
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import OfJob, call

if TYPE_CHECKING:
    from ...properties.window import TripoJob


class TRIPO_OT_select_job(OfJob):
    """Make this job the active one. Ctrl: add it to the selected ones, or take it out. Shift: select all up to it"""

    bl_idname = "tripo.select_job"
    bl_label = "Select Job"
    bl_options = {"INTERNAL"}

    toggle: BoolProperty(
        name="Toggle", description="Add it to the selected jobs, or take it out", options={"SKIP_SAVE"}
    )
    extend: BoolProperty(name="Extend", description="Select all from the active one to this", options={"SKIP_SAVE"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        toggle: bool
        extend: bool

    def invoke(self, context: Context, event: Event) -> OperatorReturn:
        """Select as the keys say that are held."""
        self.toggle, self.extend = event.ctrl, event.shift
        return self.execute(context)

    def execute(self, context: Context) -> OperatorReturn:
        """Select; where one of several variations is shown alone, it is the active one from now on."""
        state = window_state()
        index = next((number for number, job in enumerate(state.jobs) if job.job_id == self.job_id), -1)
        if index < 0:
            self.report({"ERROR"}, tell(N_("There is no such job in the list")))
            return {"CANCELLED"}
        if self.extend:
            from ...widgets.job_filter import is_shown

            first, last = sorted((state.active_job, index))
            for number, job in enumerate(state.jobs):
                job.selected = first <= number <= last and is_shown(state, number)
            return {"FINISHED"}
        if self.toggle:
            for job in chosen_jobs(state):
                job.selected = True
            state.jobs[index].selected = not state.jobs[index].selected
        else:
            for job in state.jobs:
                job.selected = False
            _follow(state.jobs[index])
        state.active_job = index
        return {"FINISHED"}


def _follow(job: "TripoJob") -> None:
    """Show the job's model alone where another one of its variations is."""
    if job.solo_hidden:
        with contextlib.suppress(TripoError):  # a mode holds an object: it stays as it is
            call("solo_variant", "EXEC_DEFAULT", True, job_id=job.job_id)


class TRIPO_OT_import_jobs(Operator):
    """Put the models of the selected jobs into the scene"""

    bl_idname = "tripo.import_jobs"
    bl_label = "Import Jobs"
    bl_options = {"INTERNAL"}

    def execute(self, context: Context) -> OperatorReturn:
        """Import each, oldest first, and report those that failed."""
        problems: list[str] = []
        done = 0
        for job_id, name in [(job.job_id, job.name) for job in reversed(chosen_jobs(window_state()))]:
            try:
                done += call("import_job", "EXEC_DEFAULT", job_id=job_id) == {"FINISHED"}
            except TripoError as error:
                problems.append(f"{name}: {tell(error.notice)}")
        if problems:
            self.report({"WARNING" if done else "ERROR"}, problems[0])
        return {"FINISHED"} if done else {"CANCELLED"}


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_select_job, TRIPO_OT_import_jobs))
