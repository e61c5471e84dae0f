"""Operators on jobs that exist: stop, import, take up again, remove, adopt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event, Operator

from ..client.errors import InvalidSetting, StoreUnavailable, TripoError
from ..client.states import LIVE, Status
from ..placement_props import placement_arguments
from ..preferences import get_account
from . import follow, session, spending
from .ready import NeedsService, check_online, report_problem

if TYPE_CHECKING:
    from ..client.store import Job

_TRIES = 5
_NO_REFUND = "Cancelled here; the service has no cancel, so the credits stay spent"


class _OnJob(Operator):
    """An operator on one job. ``change`` does the work and raises TripoError with the reason why not."""

    job_id: StringProperty(name="Job ID", description="The job's name on this machine", options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: Context) -> set[Any]:
        """Do it, or report why not."""
        try:
            current = session.get()
            result = self.change(context, current, find_job(current, self.job_id))
        except TripoError as error:
            return report_problem(self, error)
        follow.start()
        current.tick(deliver=False)
        return result or {"FINISHED"}

    def change(self, context: Context, current: session.Session, job: Job) -> set[Any] | None:
        """Do the work; returns what ``execute`` returns, None for FINISHED."""
        raise NotImplementedError


class TRIPO_OT_cancel_job(_OnJob):
    """Stop watching this job"""

    bl_idname = "tripo.cancel_job"
    bl_label = "Cancel Job"
    bl_options = set()

    def change(self, context: Context, current: session.Session, job: Job) -> set[Any] | None:
        """Write CANCELLED; the agent drops what it was doing for the job."""
        with current.patient() as jobs:
            for _ in range(_TRIES):
                if job.status not in LIVE | {Status.UNCERTAIN, Status.READY}:
                    raise TripoError(f"This job cannot be cancelled: it is {job.status.lower()}")
                unsent = job.status is Status.PREPARED
                message = "Cancelled before it was sent: nothing was charged" if unsent else _NO_REFUND
                if jobs.transition(job.job_id, job.status, Status.CANCELLED, message=message, error=""):
                    return None
                job = find_job(current, job.job_id)
        raise StoreUnavailable("The job changes too fast to be cancelled: try again")


class TRIPO_OT_import_job(_OnJob):
    """Put this job's model into the scene, at the 3D cursor if that was asked for"""

    bl_idname = "tripo.import_job"
    bl_label = "Import Job"
    bl_options = set()
    __annotations__ = {
        **placement_arguments(),
        "use_scene_settings": BoolProperty(
            name="Use Scene Settings",
            description="Take the placement that the panel shows, instead of the job's own",
            options={"HIDDEN", "SKIP_SAVE"},
        ),
    }

    def change(self, context: Context, current: session.Session, job: Job) -> set[Any] | None:
        """Deliver into the present scene, or fetch the model again when it left the cache."""
        from . import delivery, options

        if job.status not in {Status.READY, Status.IMPORTED}:
            raise TripoError(f"There is nothing to import yet: this job is {job.status.lower()}")
        if not delivery.has_files(current.home, job):
            check_account(context, job)
            self._fetch_again(context, current, job)
            return wait_for(self, context, current, job.job_id)
        job, was_made_for = self._placed(context, job)
        if delivery.has_blend(current.home, job) and options.must_convert(was_made_for, job.placement):
            check_account(context, job)
            self._convert_again(context, current, job)
            return wait_for(self, context, current, job.job_id)
        problem = delivery.waits_for() or delivery.waits_for_mode(current.home, job, context.scene)
        if problem:
            raise TripoError(problem)
        with current.patient() as jobs:
            if job.status is Status.IMPORTED and not jobs.transition(job.job_id, job.status, Status.READY):
                raise TripoError("The job was changed by another Blender at the same moment: try again")
            problem = current.deliver(job, context.scene)
        if problem:
            raise TripoError(problem)
        return None

    def _placed(self, context: Context, job: Job) -> tuple[Job, str]:
        """Return the job with the placement that is wanted now, and the placement that its model was made for."""
        from dataclasses import replace

        from . import options

        return replace(job, placement=options.placement_for_import(self, job, context.scene).to_json()), job.placement

    def _convert_again(self, context: Context, current: session.Session, job: Job) -> None:
        """Let the agent clean the model up in another way; it comes by itself then."""
        if not job.file or not (current.home.root / job.file).is_file():
            raise TripoError("The downloaded file is no longer in the cache: import the model without these options")
        target = "" if bpy.app.background else current.scenes.claim(context.scene)
        with current.patient() as jobs:
            changes = {"placement": job.placement, "target": target, "message": "Making it ready again", "error": ""}
            if not jobs.transition(job.job_id, job.status, Status.CONVERTING, **changes):
                raise TripoError("The job was changed by another Blender at the same moment: try again")

    def _fetch_again(self, context: Context, current: session.Session, job: Job) -> None:
        if not job.task_id:
            raise TripoError("The model is no longer in the cache and its task is not known")
        target = "" if bpy.app.background else current.scenes.claim(context.scene)
        with current.patient() as jobs:
            jobs.transition(
                job.job_id,
                job.status,
                Status.QUEUED,
                target=target,
                file="",
                blend="",
                kept=0,
                message="Fetching it again",
            )
        self.report({"INFO"}, "The model is no longer in the cache: it is fetched again, for free")


class TRIPO_OT_retry_job(_OnJob):
    """Take this job up again where it stopped"""

    bl_idname = "tripo.retry_job"
    bl_label = "Try Again"
    bl_options = set()

    def invoke(self, context: Context, event: Event) -> set[Any]:
        """Ask first when it costs credits."""
        try:
            job = find_job(session.get(), self.job_id)
            _changes(session.get(), job)
        except TripoError as error:
            return report_problem(self, error)
        if _next_status(session.get(), job) is not Status.PREPARED:
            return self.execute(context)
        message = f"This sends the request for {job.credits} credits."
        if job.status is Status.UNCERTAIN:
            message = f"The first try may have been charged. Sending again costs {job.credits} credits."
        return context.window_manager.invoke_confirm(
            self, event, title="Send Again", message=message, confirm_text="Send"
        )

    def change(self, context: Context, current: session.Session, job: Job) -> set[Any] | None:
        """Move the job back to the last step that is safe."""
        check_account(context, job)
        before, changes = job.status, _changes(current, job)
        if _next_status(current, job) is Status.PREPARED:
            # An uncertain job's own credits are counted as spent already.
            price = 0 if before is Status.UNCERTAIN else job.credits
            spending.check_cap(context, current, job.account_id, price)
        if not bpy.app.background and not current.scenes.has(job.target):
            changes["target"] = current.scenes.claim(context.scene)
        with current.patient() as jobs:
            if not jobs.transition(job.job_id, before, _next_status(current, job), **changes):
                raise TripoError("The job has changed meanwhile: try again")
        current.refused.discard(job.job_id)
        return wait_for(self, context, current, job.job_id)


class TRIPO_OT_remove_job(_OnJob):
    """Take this ended job off the list"""

    bl_idname = "tripo.remove_job"
    bl_label = "Remove Job"
    bl_options = set()

    def change(self, context: Context, current: session.Session, job: Job) -> set[Any] | None:
        """Hide the row; the record of what was spent stays."""
        if job.is_live:
            raise TripoError("This job is still running: cancel it first")
        with current.patient() as jobs:
            jobs.hide(job.job_id)
        return None


class TRIPO_OT_recover_task(NeedsService):
    """Fetch a task that the service knows and this list does not"""

    bl_idname = "tripo.recover_task"
    bl_label = "Enter Task ID"
    bl_options = set()

    task_id: StringProperty(
        name="Task ID", description="As the service's website shows it", maxlen=200, options={"SKIP_SAVE"}
    )
    job_id: StringProperty(
        name="Job ID", description="The uncertain job it belongs to, if any", options={"SKIP_SAVE", "HIDDEN"}
    )

    def invoke(self, context: Context, _event: Event) -> set[Any]:
        """Ask for the task id."""
        if self.task_id:
            return self.execute(context)
        return context.window_manager.invoke_props_dialog(self, width=400, confirm_text="Fetch")

    def execute(self, context: Context) -> set[Any]:
        """Write a job that begins where the service already is; it costs nothing."""
        try:
            check_online()
            current = session.get()
            job_id = self._adopt(context, current)
        except TripoError as error:
            return report_problem(self, error)
        follow.start()
        return wait_for(self, context, current, job_id) or {"FINISHED"}

    def _adopt(self, context: Context, current: session.Session) -> str:
        from ..client.answers import is_task_id
        from ..client.request import GenerationRequest
        from ..client.schema import TEXT
        from ..client.store import NewJob
        from . import options

        task_id = self.task_id.strip()
        if not is_task_id(task_id):
            raise TripoError("This is not a task id: copy it from the service's website")
        account = get_account(context)
        known = current.jobs.with_task(task_id)
        if known is not None and known.job_id != self.job_id:
            raise TripoError(f"This task is already in the list, as {known.name!r}")
        target = "" if bpy.app.background else current.scenes.claim(context.scene)
        with current.patient() as jobs:
            if self.job_id:
                job = find_job(current, self.job_id)
                check_account(context, job)
                changes = {
                    "task_id": task_id,
                    "target": target,
                    "message": "Looking for the task",
                    "error": "",
                }
                if job.status is not Status.UNCERTAIN or not jobs.transition(
                    job.job_id, Status.UNCERTAIN, Status.QUEUED, **changes
                ):
                    raise TripoError("This job needs no task id")
                return job.job_id
            placement = options.placement_from_scene(context.scene)
            new = NewJob(account.account_id, GenerationRequest(TEXT), placement.to_json(), target)
            job_id = jobs.insert(new, status=Status.QUEUED, task_id=task_id)
            jobs.update(job_id, Status.QUEUED, name=f"Task {task_id[:8]}", credits=0)
        return job_id


def wait_for(operator: Operator, context: Context, current: session.Session, job_id: str) -> set[Any] | None:
    """Without a window, wait for the job and deliver it; in a window that happens by itself."""
    if not bpy.app.background:
        return None
    from . import blocking

    return blocking.wait_and_deliver(operator, context, current, job_id)


def check_account(context: Context, job: Job) -> None:
    """Raise InvalidSetting unless the service may be called with the key that the job was sent with."""
    check_online()
    if get_account(context).account_id != job.account_id:
        raise InvalidSetting("This job was sent with another API key: enter that one in the preferences first")


def find_job(current: session.Session, job_id: str) -> Job:
    """Return a job of the store; raises TripoError."""
    job = current.jobs.get(job_id)
    if job is None:
        raise TripoError("There is no such job in the list")
    return job


def _next_status(current: session.Session, job: Job) -> Status:
    """Return where a stopped job begins again; PREPARED, and only that, costs credits."""
    if job.status is Status.UNCERTAIN or not job.task_id or job.error == "TASK_FAILED":
        return Status.PREPARED
    if job.status is Status.FAILED and job.file and (current.home.root / job.file).is_file():
        return Status.CONVERTING
    return Status.QUEUED


def _changes(current: session.Session, job: Job) -> dict[str, str | int | float | None]:
    """Return what else is written; raises TripoError when the job cannot be taken up again."""
    after = _next_status(current, job)
    if job.status not in {Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.UNCERTAIN}:
        raise TripoError(f"This job needs no second try: it is {job.status.lower()}")
    if after is Status.PREPARED and job.status in {Status.CANCELLED, Status.EXPIRED}:
        raise TripoError("This job was never sent: press Generate for a new one")
    if after is Status.PREPARED:
        return {"task_id": None, "submitted_at": None, "progress": 0, "message": "", "error": ""}
    return {"message": "Taken up again", "error": ""}


classes = (
    TRIPO_OT_cancel_job,
    TRIPO_OT_import_job,
    TRIPO_OT_retry_job,
    TRIPO_OT_remove_job,
    TRIPO_OT_recover_task,
)
register, unregister = bpy.utils.register_classes_factory(classes)
