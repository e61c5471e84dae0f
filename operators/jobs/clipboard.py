# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy a job's task id or error to the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.types import Context

from ...client.errors import TripoError
from ...client.notices import N_
from ...session import current
from ...session.operator_return import OperatorReturn
from ..base import reporting
from .actions import OnJob

if TYPE_CHECKING:
    from ...client.store import Job


class _Copy(OnJob):
    """Puts a text about one job on the clipboard; ``text`` makes it."""

    bl_options = {"INTERNAL"}

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Copy, or report why not."""
        from .find_job import find_job

        context.window_manager.clipboard = self.text(find_job(current.session(), self.job_id))
        self.report({"INFO"}, "Copied to the clipboard")
        return {"FINISHED"}

    def text(self, job: Job) -> str:
        """Return what is copied; raises TripoError when there is nothing."""
        raise NotImplementedError


class TRIPO_OT_copy_task_id(_Copy):
    """Copy the id under which 3D AI Studio knows this job"""

    bl_idname = "tripo.copy_task_id"
    bl_label = "Copy Task ID"

    def text(self, job: Job) -> str:
        """Return the task id."""
        if not job.task_id:
            raise TripoError(N_("3D AI Studio has given no task id for this job"))
        return job.task_id


class TRIPO_OT_copy_error(_Copy):
    """Copy what went wrong with this job, with the ids that support asks for"""

    bl_idname = "tripo.copy_error"
    bl_label = "Copy Error"

    def text(self, job: Job) -> str:
        """Return the sentence and the ids; the key is in none of them."""
        from ...client.local_time import exact_time_text

        if not job.message:
            raise TripoError(N_("There is no error to copy"))
        facts = {
            "Error": job.error,
            "State": job.status.value,
            "Job": job.job_id,
            "Task": job.task_id or "",
            "Created": exact_time_text(job.created_at),
            "Blender": bpy.app.version_string,
        }
        lines = [f"{name}: {value}" for name, value in facts.items() if value]
        return "\n".join([str(job.notice), *lines])


classes = (TRIPO_OT_copy_task_id, TRIPO_OT_copy_error)
register, unregister = bpy.utils.register_classes_factory(classes)
