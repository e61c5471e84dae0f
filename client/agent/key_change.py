# SPDX-License-Identifier: GPL-3.0-or-later
"""Move jobs to the account's new key when the service knows their tasks."""

from __future__ import annotations

from ..errors import TripoError
from ..jobs.notices import JobNotice
from ..jobs.states import Status
from ..notices import notice
from ..service.exceptions import ServiceError
from ..store import Job, JobTable
from ..store.ledger import Ledger

_NOT_OURS = frozenset({401, 403, 404})


def adopt(jobs: JobTable, ledger: Ledger, job: Job) -> Job:
    """Move a job, with its cost, to the present account, since the service has told its state; return the changed
    job."""
    if not job.former_account:
        return job
    jobs.update(job.job_id, job.status, former_account="")
    ledger.move(job.job_id, job.former_account, job.account_id)
    return jobs.get(job.job_id) or job


def return_to_former_account(jobs: JobTable, job: Job, error: TripoError) -> bool:
    """Return whether a job that was being tried stays with its former account, as its task is not known to this one."""
    if not (job.former_account and isinstance(error, ServiceError) and error.status in _NOT_OURS):
        return False
    return jobs.transition(
        job.job_id,
        job.status,
        Status.FAILED,
        account_id=job.former_account,
        former_account="",
        message=error.notice if error.status == 401 else notice(JobNotice.UNKNOWN_TO_KEY),
        error=error.code,
    )
