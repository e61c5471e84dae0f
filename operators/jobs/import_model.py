# SPDX-License-Identifier: GPL-3.0-or-later
"""Import a job's model: deliver it at once, or convert or download it again first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context

from ...client.errors import TripoError
from ...client.files.kept_model import kept_model
from ...client.jobs.notices import JobNotice
from ...client.jobs.placement import needs_blend
from ...client.jobs.states import WITH_MODEL, Status
from ...client.notices import N_, read, text
from ...client.store.press import write_retry
from ...properties.preferences import get_limits
from ...session import delivery
from ...session.delivery import waiting
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import check_receives
from ..generate import request
from .find_job import wait_for
from .stop_and_resume import Changes, check_account, in_hand

if TYPE_CHECKING:
    from ...client.store import Job
    from ...session.session import Session
    from .actions import TRIPO_OT_import_job


def import_model(operator: TRIPO_OT_import_job, context: Context, session: Session, job: Job) -> OperatorReturn | None:
    """Deliver into the present scene, or fetch the model again when it left the cache. Without a window, wait for a
    job that is still under way.

    A job that ended in any other way is brought from what is on the disk of it.
    """
    if job.is_live and bpy.app.background:
        check_receives(context.scene)
        check_account(context, job)
        return wait_for(operator, context, session, job.job_id)
    if job.status not in WITH_MODEL:
        kept = kept_model(session.home, job)
        if job.is_live or not kept.is_there:
            raise TripoError(N_("There is nothing to import yet: this job is {state}"), state=text(job.status.lower()))
        job = replace(job, file=kept.file, blend=kept.blend)
    check_receives(context.scene)
    if session.claims.is_held(job):
        raise TripoError(N_("Another Blender is importing this model at this moment: try again"))
    is_prepared, has_file = delivery.is_prepared(session.home, job), delivery.has_file(session.home, job)
    if not (is_prepared or has_file):
        _fetch_again(operator, context, session, job, check_account(context, job))
        return wait_for(operator, context, session, job.job_id)
    was_made_for = job.placement
    job = replace(job, placement=request.placement_for_import(operator, job, context.scene).to_json())
    is_refused = job.job_id in session.file.deliveries.refused
    may_be_spoiled = is_refused and has_file and needs_blend(job.kind, job.placement)
    if not is_prepared or may_be_spoiled or request.must_convert(was_made_for, job.placement):
        _convert_again(context, session, job, check_account(context, job))
        return wait_for(operator, context, session, job.job_id)

    problem = waiting.waits_for() or waiting.waits_for_mode(job, context.scene)
    if problem:
        raise TripoError(read(problem))
    with session.patient():
        changes = {} if job.status in WITH_MODEL else in_hand(session, job, "")
        with session.database.transaction():  # so that no other Blender sees a READY job that nobody has claimed
            if job.status is not Status.READY:
                write_retry(session.database, job, Status.READY, get_limits(context), changes)
            if not session.claims.claim(job.job_id):
                raise TripoError(N_("Another Blender is importing this model at this moment: try again"))
        problem = session.deliver(job, context.scene)
    if problem:
        raise TripoError(problem)
    if said := session.file.deliveries.note:
        operator.report({"INFO"}, tell(said))
    return None


def _convert_again(context: Context, session: Session, job: Job, account: Changes) -> None:
    """Let the agent clean the model up in another way; it comes by itself then."""
    if not delivery.has_file(session.home, job):
        raise TripoError(N_("The downloaded file is no longer in the cache: import the model without these options"))
    target = "" if bpy.app.background else session.file.scenes.claim(context.scene)
    with session.patient():
        changes = {"placement": job.placement, "target": target, "message": JobNotice.CONVERTING, "error": ""}
        changes |= {"file": job.file, "blend": job.blend, **account}
        write_retry(session.database, job, Status.CONVERTING, get_limits(context), changes)
    session.file.deliveries.refused.discard(job.job_id)


def _fetch_again(operator: TRIPO_OT_import_job, context: Context, session: Session, job: Job, account: Changes) -> None:
    if not job.task_id:
        raise TripoError(N_("The model is no longer in the cache and its task is not known"))
    target = "" if bpy.app.background else session.file.scenes.claim(context.scene)
    with session.patient() as jobs:
        jobs.transition(
            job.job_id,
            job.status,
            Status.QUEUED,
            target=target,
            file="",
            blend="",
            kept=0,
            message=JobNotice.FETCHING,
            **account,
        )
    operator.report({"INFO"}, "The model is no longer in the cache: it is fetched again, for free")
