# SPDX-License-Identifier: GPL-3.0-or-later
"""Take many ended jobs off the list at once."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Operator

from ...client.notices import N_
from ...properties.window import chosen_jobs, window_state
from ...session import current, timer
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import reporting

if TYPE_CHECKING:
    from ...client.store import Job
    from ...session.session import Session


class TRIPO_OT_remove_jobs(Operator):
    """Take ended jobs off the list: models in your scenes, their files and the record of what was spent stay"""

    bl_idname = "tripo.remove_jobs"
    bl_label = "Remove Jobs"
    bl_options = {"INTERNAL"}

    which: EnumProperty(
        name="Jobs",
        description="Which jobs go",
        items=[
            ("FINISHED", "Finished", "Jobs whose model is in a scene"),
            ("FAILED", "Failed", "Jobs that failed, expired or were cancelled"),
            ("SELECTED", "Selected", "Those of the selected jobs that are not running, or else the active one"),
        ],
        options={"SKIP_SAVE"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        which: str

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Hide the rows, then remove what was written for their requests alone."""
        from ...client.files.unneeded_files import remove_with_job
        from ...client.jobs.notices import JobNotice
        from ...client.notices import notice
        from ...client.store.press import write_removed

        session = current.session()
        with session.patient():
            with session.database.transaction():
                shown = [job for job in self._find(session) if not (job.hidden or job.is_live)]
                for job in shown:
                    write_removed(session.database, job, notice(JobNotice.CANCELLED))
            with session.database.transaction():
                for job in shown:
                    remove_with_job(session.home, session.database, job.job_id)
        timer.start()
        session.tick(deliver=False)
        words = N_("Jobs removed from the list: {count}") if shown else N_("There is nothing to remove")
        self.report({"INFO"}, tell(words, count=len(shown)))
        return {"FINISHED"} if shown else {"CANCELLED"}

    def _find(self, session: "Session") -> "list[Job]":
        """Return the jobs that go. What is ready to import or unclear needs a person and stays, and so does what is
        under way."""
        from ...client.jobs.states import WITHOUT_MODEL, Status

        if self.which != "SELECTED":
            return session.jobs.in_states(WITHOUT_MODEL if self.which == "FAILED" else [Status.IMPORTED])
        found = (session.jobs.get(job.job_id) for job in chosen_jobs(window_state()))
        return [job for job in found if job is not None]


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_remove_jobs,))
