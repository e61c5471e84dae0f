# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancel, import, retry, remove and recover jobs."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event

from ...client.errors import TripoError
from ...client.jobs.spending_limits import credit_text
from ...client.notices import N_, notice
from ...properties.placement import PlacementArguments
from ...session import current, timer
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import NeedsService, OfJob, check_online, follow, job_id_property, reporting

if TYPE_CHECKING:
    from ...client.store import Job
    from ...session.session import Session


class OnJob(OfJob):
    """An operator on one job. ``change`` does the work and raises TripoError with the reason why not."""

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Do it, or report why not."""
        from .find_job import find_job

        session = current.session()
        result = self.change(context, session, find_job(session, self.job_id))
        timer.start()
        session.tick(deliver=False)
        return result or {"FINISHED"}

    def change(self, context: Context, session: "Session", job: "Job") -> OperatorReturn | None:
        """Do the work; return what ``execute`` returns, None for FINISHED."""
        raise NotImplementedError


class TRIPO_OT_cancel_job(OnJob):
    """Stop watching this job"""

    bl_idname = "tripo.cancel_job"
    bl_label = "Cancel Job"
    bl_options = {"INTERNAL"}

    def change(self, context: Context, session: "Session", job: "Job") -> None:
        """Cancel."""
        from .stop_and_resume import cancel

        cancel(session, job)


class TRIPO_OT_import_job(PlacementArguments, OnJob):
    """Put this job's model into the scene, at the 3D cursor if that was asked for"""

    bl_idname = "tripo.import_job"
    bl_label = "Import Job"
    bl_options = {"INTERNAL"}

    use_scene_settings: BoolProperty(
        name="Use Scene Settings",
        description="Take the placement that the panel shows, instead of the job's own",
        options={"HIDDEN", "SKIP_SAVE"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        use_scene_settings: bool

    def change(self, context: Context, session: "Session", job: "Job") -> OperatorReturn | None:
        """Deliver into the present scene, or have the model made ready again."""
        from .import_model import import_model

        return import_model(self, context, session, job)


class TRIPO_OT_retry_job(OnJob):
    """Retry this job from where it stopped"""

    bl_idname = "tripo.retry_job"
    bl_label = "Retry"
    bl_options = {"INTERNAL"}

    flatten: BoolProperty(
        name="Flatten",
        description="Send the images of a failed job again as flattened copies, without transparency",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        flatten: bool

    def invoke(self, context: Context, event: Event) -> OperatorReturn:
        """Ask first when it costs credits."""
        from ..double_press import once

        return once((self.bl_idname, self.job_id), lambda: self._ask(context, event))

    @reporting
    def _ask(self, context: Context, event: Event) -> OperatorReturn:
        from ...client.jobs.states import Status
        from .find_job import find_job
        from .stop_and_resume import changes_of, next_status

        job = find_job(current.session(), self.job_id)
        changes_of(current.session(), job, flatten=self.flatten)
        if bpy.app.background or next_status(current.session(), job) is not Status.PREPARED:
            return self.execute(context)
        words = N_("This sends the request for {credits} credits.")
        if job.status is Status.UNCERTAIN:
            words = N_("The first try may have been charged. Sending again costs {credits} credits.")
        message = tell(words, credits=credit_text(job.credits))
        return context.window_manager.invoke_confirm(
            self, event, title="Send Again", message=message, confirm_text="Send"
        )

    def change(self, context: Context, session: "Session", job: "Job") -> OperatorReturn | None:
        """Move the job back to the last step that is safe."""
        from .find_job import wait_for
        from .stop_and_resume import retry

        retry(context, session, job, flatten=self.flatten)
        return wait_for(self, context, session, job.job_id)


class TRIPO_OT_remove_job(OnJob):
    """Take this ended job off the list"""

    bl_idname = "tripo.remove_job"
    bl_label = "Remove Job"
    bl_options = {"INTERNAL"}

    def change(self, context: Context, session: "Session", job: "Job") -> OperatorReturn | None:
        """Hide the row and remove what was written for its request; the record of what was spent stays."""
        from ...client.files.unneeded_files import remove_with_job
        from ...client.jobs.notices import JobNotice
        from ...client.store.press import write_removed

        if job.is_live:
            raise TripoError(N_("This job is still running: cancel it first"))
        with session.patient():
            if not write_removed(session.database, job, notice(JobNotice.CANCELLED)):
                raise TripoError(N_("The job has changed meanwhile: try again"))
            remove_with_job(session.home, session.database, job.job_id)
        return None


class TRIPO_OT_recover_task(NeedsService):
    """Fetch a task that 3D AI Studio knows and this list does not"""

    bl_idname = "tripo.recover_task"
    bl_label = "Enter Task ID"
    bl_options = set()

    task_id: StringProperty(
        name="Task ID", description="As the dashboard of 3D AI Studio shows it", maxlen=200, options={"SKIP_SAVE"}
    )
    job_id: job_id_property(description="The uncertain job it belongs to, if any")
    if TYPE_CHECKING:  # made by tools/property_types.py
        task_id: str
        job_id: str

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Ask for the task id."""
        if self.task_id:
            return self.execute(context)
        return context.window_manager.invoke_props_dialog(self, width=400, confirm_text="Fetch")

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Write a job that begins where the service already is; it costs nothing."""
        from .stop_and_resume import adopt

        check_online()
        session = current.session()
        job_id = adopt(context, session, self.task_id, self.job_id)
        return follow(self, context, session, [job_id])


classes = (
    TRIPO_OT_cancel_job,
    TRIPO_OT_import_job,
    TRIPO_OT_retry_job,
    TRIPO_OT_remove_job,
    TRIPO_OT_recover_task,
)
register, unregister = bpy.utils.register_classes_factory(classes)
