# SPDX-License-Identifier: GPL-3.0-or-later
"""Show one of several variations alone, or keep it alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bpy.types import Context

from ..client.errors import TripoError
from ..client.jobs.states import LIVE, Status
from ..client.notices import N_
from . import visibility
from .delivered_models import SOLO, models_of
from .delivery import removal

if TYPE_CHECKING:
    from ..client.store import Job
    from .session import Session

_TRIES = 5
_NOT_HERE = N_("This variation is not in the scene: import it first")


def solo(context: Context, job: Job, group: Sequence[Job]) -> bool:
    """Show one variation and hide the others, or show all again when it is so already; whether it is alone now.

    Raises TripoError.
    """
    models = models_of({one.job_id for one in group}, context.scene)
    if job.job_id not in models:
        raise TripoError(_NOT_HERE)
    others = [model for job_id, found in models.items() if job_id != job.job_id for model in found]
    shown = models[job.job_id]
    is_alone = any(SOLO in one for one in others) and not any(SOLO in one for one in shown)
    for one in (*shown, *others) if is_alone else shown:
        visibility.end_solo(one, context.scene)
    for one in () if is_alone else others:
        visibility.hide_for_solo(one, context.view_layer)
    return not is_alone


def keep(context: Context, session: Session, job: Job, group: Sequence[Job]) -> bool:
    """Remove the models of all other variations, and see that none of them comes by itself; whether there was any.

    Raises TripoError.
    """
    others = {one.job_id for one in group if one.job_id != job.job_id}
    models = models_of({one.job_id for one in group}, context.scene)
    if job.job_id not in models:
        raise TripoError(_NOT_HERE)
    leaving = [model for job_id in others for model in models.get(job_id, ())]
    stopped = [_stay_in_list(session, one) for one in group if one.job_id in others]
    for one in models[job.job_id]:
        visibility.end_solo(one, context.scene)
    removal.remove(leaving, context.scene)
    return bool(leaving) or any(stopped)


def _stay_in_list(session: Session, job: Job) -> bool:
    """Let a job that is not imported yet wait for a press of Import; whether anything was changed."""
    with session.patient() as jobs:
        for _ in range(_TRIES):
            if not job.target or job.status not in LIVE | {Status.READY}:
                return False
            if jobs.update(job.job_id, job.status, target=""):
                return True
            job = jobs.get(job.job_id) or job  # the agent was faster
    return False
