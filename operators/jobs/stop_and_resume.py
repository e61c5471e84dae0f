# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancel a job, and where and how a stopped one goes on: retry it, recover its task."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context

from ...client.account import SANDBOX_ACCOUNT
from ...client.errors import ErrorCode, InvalidSetting, StoreUnavailable, TripoError
from ...client.files.kept_model import kept_model
from ...client.files.own_files import bytes_of
from ...client.jobs.notices import JobNotice
from ...client.jobs.outcome import TRANSFER
from ...client.jobs.request import GenerationRequest, can_flatten, with_flattening
from ...client.jobs.states import LIVE, WITHOUT_MODEL, Status
from ...client.notices import N_, notice, text
from ...client.schema import TEXT
from ...client.store import NewJob
from ...client.store.press import write_adopted, write_cancelled, write_recovered, write_retry
from ...properties.account import get_account
from ...properties.preferences import get_limits
from ...session.orphaned_jobs import is_orphan
from ..base import check_online, check_receives
from ..generate import request
from .find_job import find_job

if TYPE_CHECKING:
    from ...client.store import Job
    from ...session.session import Session

Changes = dict[str, str | int | float | JobNotice | None]
_TRIES = 5


def check_account(context: Context, job: Job) -> Changes:
    """Return what is written so that the present key works a job: nothing when it was sent with it.

    The account's new key may follow a job of its old one: the agent asks for the task, and gives the job back if it is
    not known. Raises InvalidSetting when the service may not be called.
    """
    check_online()
    account_id = get_account(context).account_id
    if account_id == job.account_id:
        return {}
    if SANDBOX_ACCOUNT in (account_id, job.account_id):
        raise InvalidSetting(
            N_("The Sandbox and 3D AI Studio do not know each other's jobs: press Generate for a new one")
        )
    return {"account_id": account_id, "former_account": (job.former_account or job.account_id) if job.task_id else ""}


def next_status(session: Session, job: Job) -> Status:
    """Return where a stopped job begins again; PREPARED, and only that, costs credits.

    A model on the disk comes before everything that was said of its task. A live one goes on where it is.
    """
    if job.is_live:
        return job.status
    kept = kept_model(session.home, job)
    if kept.is_there:
        return Status.READY if kept.blend else Status.CONVERTING
    if job.status is Status.UNCERTAIN or not job.task_id or job.error == ErrorCode.TASK_FAILED:
        return Status.PREPARED
    return Status.QUEUED


def changes_of(session: Session, job: Job, *, flatten: bool = False) -> Changes:
    """Return what else is written; raises TripoError when the job cannot be taken up again.

    With ``flatten`` the request is sent once more, with flattened images.
    """
    after = next_status(session, job)
    may_begin = job.status in WITHOUT_MODEL | {Status.UNCERTAIN}
    if not may_begin and (job.status is Status.SUBMITTING or not is_orphan(session.file.reader, session.database, job)):
        raise TripoError(N_("This job cannot be retried: it is {state}"), state=text(job.status.lower()))
    if after is Status.PREPARED and job.kind == TRANSFER:
        raise TripoError(JobNotice.COPY_GONE)
    waits_again = job.status is Status.CANCELLED and job.error == ErrorCode.NO_MODEL
    if after is Status.PREPARED and job.status in {Status.CANCELLED, Status.EXPIRED} and not waits_again:
        if job.notice.code == JobNotice.CANCELLED.code:  # while it was sent, or after no clear answer
            raise TripoError(N_("3D AI Studio has given no task id for this job"))
        raise TripoError(N_("This job was never sent: press Generate for a new one"))
    if flatten and (after is not Status.PREPARED or job.status is not Status.FAILED):
        raise TripoError(N_("Only a job that failed at 3D AI Studio can be sent again with flattened images"))
    if after is Status.PREPARED:
        again = {"request": _flattened(job.request)} if flatten else {}
        fresh = {"task_id": None, "submitted_at": None, "progress": 0, "message": "", "error": ""}
        return {**fresh, "pressed_at": time.time(), **again}
    if after is Status.QUEUED or job.is_live:
        return {"message": JobNotice.RETRYING, "error": ""}
    return in_hand(session, job, JobNotice.RETRYING if after is Status.CONVERTING else "")


def in_hand(session: Session, job: Job, message: JobNotice | str) -> Changes:
    """Return what is written of a job whose model is on the disk, and which goes on from there."""
    file, blend = kept_model(session.home, job)
    return {
        "file": file,
        "blend": blend,
        "kept": bytes_of(session.home, file, blend),
        "message": message,
        "error": "",
    }


def _flattened(text: str) -> str:
    request = GenerationRequest.read(text)
    if request is None:
        raise TripoError(JobNotice.DAMAGED_REQUEST)
    if not can_flatten(request):
        raise TripoError(N_("This job's images were flattened already: choose other ones"))
    return with_flattening(request).to_json()


def cancel(session: Session, job: Job) -> None:
    """Write CANCELLED; the agent drops what it was doing for the job."""
    with session.patient():
        for _ in range(_TRIES):
            if job.status not in LIVE | {Status.UNCERTAIN, Status.READY}:
                raise TripoError(N_("This job cannot be cancelled: it is {state}"), state=text(job.status.lower()))
            unsent = job.status is Status.PREPARED
            stopped = JobNotice.CANCELLED_TRANSFER if job.kind == TRANSFER else JobNotice.CANCELLED
            if write_cancelled(session.database, job, notice(JobNotice.CANCELLED_UNSENT if unsent else stopped)):
                return
            job = find_job(session, job.job_id)
    raise StoreUnavailable(N_("The job changes too fast to be cancelled: try again"))


def retry(context: Context, session: Session, job: Job, *, flatten: bool = False) -> None:
    """Move a stopped job back to the last step that is safe; raises TripoError."""
    account = check_account(context, job)
    if bpy.app.background or not session.file.scenes.has(job.target):
        check_receives(context.scene)
    changes = changes_of(session, job, flatten=flatten) | account
    if not bpy.app.background and not session.file.scenes.has(job.target):
        changes["target"] = session.file.scenes.claim(context.scene)
    with session.patient():
        write_retry(session.database, job, next_status(session, job), get_limits(context), changes)
    session.file.deliveries.refused.discard(job.job_id)


def adopt(context: Context, session: Session, task_id: str, job_id: str) -> str:
    """Write a job that begins where the service already is, or give its task to an uncertain one; returns its id.

    Raises TripoError. It costs nothing.
    """
    from ...client.service.responses import is_task_id

    task_id = task_id.strip()
    if not is_task_id(task_id):
        raise TripoError(N_("This is not a task id: copy it from 3D AI Studio's website"))
    check_receives(context.scene)
    account = get_account(context)
    if task_id == account.api_key:
        raise TripoError(N_("This is the API key, not a task id: copy the task id from 3D AI Studio's website"))
    with session.patient() as jobs:
        known = jobs.with_task(task_id)
    if known is not None and known.job_id != job_id:
        raise TripoError(N_("This task is already in the list, as '{name}'"), name=known.name)
    target = "" if bpy.app.background else session.file.scenes.claim(context.scene)
    with session.patient():
        if job_id:
            job = find_job(session, job_id)
            changes = check_account(context, job) | {"target": target, "message": JobNotice.RECOVERING, "error": ""}
            if not write_recovered(session.database, job, task_id, changes):
                raise TripoError(N_("This job needs no task id"))
            return job.job_id
        placement = request.placement_from_scene(context.scene).to_json()
        new = NewJob(account.account_id, GenerationRequest(TEXT), placement, target, f"Task {task_id[:8]}")
        return write_adopted(session.database, new, task_id)
