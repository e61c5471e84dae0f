# SPDX-License-Identifier: GPL-3.0-or-later
"""Take many ended jobs off the list at once."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Operator

from ...client.errors import TripoError
from ...client.notices import N_
from ...session import current, timer
from ...session.operator_return import OperatorReturn
from ...translations.interface import tell
from ..base import report_problem

_STATES = {"FINISHED": ("IMPORTED",), "FAILED": ("FAILED", "CANCELLED", "EXPIRED")}
"""Which states go. What is ready to import, under way or unclear needs a person and always stays."""


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
        ],
        options={"SKIP_SAVE"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        which: str

    def execute(self, context: Context) -> OperatorReturn:
        """Hide the rows, then remove what was written for their requests alone."""
        from ...client.files.unneeded_files import remove_with_job
        from ...client.jobs.states import Status

        try:
            session = current.session()
            with session.patient():
                with session.database.transaction():
                    found = session.jobs.in_states([Status(name) for name in _STATES[self.which]])
                    shown = [job.job_id for job in found if not job.hidden]
                    for job_id in shown:
                        session.jobs.hide(job_id)
                with session.database.transaction():
                    for job_id in shown:
                        remove_with_job(session.home, session.database, job_id)
        except TripoError as error:
            return report_problem(self, error)
        timer.start()
        session.tick(deliver=False)
        words = N_("Jobs removed from the list: {count}") if shown else N_("There is nothing to remove")
        self.report({"INFO"}, tell(words, count=len(shown)))
        return {"FINISHED"} if shown else {"CANCELLED"}


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_remove_jobs,))
