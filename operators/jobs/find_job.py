# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the job that an operator is for, and wait for it where nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Operator

from ...client.errors import TripoError
from ...client.notices import N_
from ...session import wait
from ...session.operator_return import OperatorReturn

if TYPE_CHECKING:
    from ...client.store import Job
    from ...session.session import Session


def find_job(session: Session, job_id: str) -> Job:
    """Return a job of the store; raises TripoError."""
    with session.patient() as jobs:
        job = jobs.get(job_id)
    if job is None:
        raise TripoError(N_("There is no such job in the list"))
    return job


def wait_for(operator: Operator, context: Context, session: Session, job_id: str) -> OperatorReturn | None:
    """Without a window, wait for the job and deliver it; in a window that happens by itself."""
    if not bpy.app.background:
        return None

    return wait.wait_and_deliver(operator, context, session, job_id)
