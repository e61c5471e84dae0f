# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the balance before and after a job with its price.

A look at the balance is steady when no request that costs credits was on its way and nothing was charged or given back
while it was asked for, nor since (`Ledger` sees to that). ``Job.balance_before`` is such a look, taken before the job
was sent; the ledger empties it as soon as another job of the account is charged or given back.
"""

from __future__ import annotations

import logging
import time
from decimal import Decimal

from ..jobs.credit_amounts import read_credits
from ..jobs.notices import JobNotice
from ..jobs.spending_limits import credit_text
from ..jobs.states import Status
from ..notices import notice
from ..store import Job
from ..store.ledger import Ledger
from .live_jobs import LiveJobs

log = logging.getLogger(__name__)

FRESH_SECONDS = 600.0
"""How old a look may be when a job is sent, and how late it may come after the charge, to show what was charged."""
_MAY_MOVE_IT = (Status.SUBMITTING, Status.QUEUED, Status.RUNNING)
"""Jobs that are charged now, or that the service may have given up without our knowing yet."""


class BalanceChecks:
    """The looks of one account. Used by the main loop only, within its transactions."""

    def __init__(self, live_jobs: LiveJobs) -> None:
        self.live_jobs = live_jobs
        self.ledger = Ledger(live_jobs.database)
        self._mark = -1

    def before(self, job_id: str) -> str:
        """Return the balance that a job which is sent now begins with; empty unless the job alone will move it."""
        look = self.live_jobs.balances.read(self.live_jobs.account_id)
        if look.credits is None or not look.steady or not _is_fresh(look.at) or self._others_in_flight(job_id):
            return ""
        return f"{look.credits:f}"

    def asked(self) -> None:
        """Remember what was charged so far: the balance is asked for now."""
        self._mark = self.ledger.mark()

    def answered(self, credits: Decimal) -> None:
        """Write the balance, and what it says of the one job that has moved it."""
        live_jobs = self.live_jobs
        is_steady = self._mark == self.ledger.mark() and not live_jobs.jobs.in_states(
            [Status.SUBMITTING], live_jobs.account_id
        )
        live_jobs.balances.answer(live_jobs.account_id, credits, steady=is_steady)
        if not is_steady:
            return
        for job in live_jobs.jobs.with_balance_before(live_jobs.account_id):
            before = read_credits(job.balance_before)
            if before is None or self._others_in_flight(job.job_id):
                continue
            if job.status is Status.UNCERTAIN:
                if job.notice == notice(JobNotice.UNCERTAIN):
                    balances = {"before": credit_text(f"{before:f}"), "now": credit_text(f"{credits:f}")}
                    said = notice(JobNotice.UNCERTAIN_BALANCE, uncertain=job.notice, **balances)
                    live_jobs.jobs.update(job.job_id, job.status, message=said)
            elif job.task_id:
                self._compare(job, job.task_id, before - credits)

    def _compare(self, job: Job, task_id: str, taken: Decimal) -> None:
        """Record a price other than the expected one; a difference that cannot be a charge is ignored."""
        charge = self.ledger.charge_of(job, task_id)
        self.live_jobs.jobs.update(job.job_id, job.status, balance_before="")
        if charge is None or not _is_fresh(charge.at) or taken <= 0 or taken != int(taken) or taken == charge.credits:
            return
        said = notice(
            JobNotice.CHARGED_OTHERWISE, charged=credit_text(int(taken)), expected=credit_text(charge.credits)
        )
        log.warning("job %s: the service charged %d credits, expected were %d", job.job_id, taken, charge.credits)
        self.ledger.correct_charge(job, task_id, int(taken))
        self.live_jobs.jobs.update(job.job_id, job.status, message=said, credits=int(taken))
        self.live_jobs.balances.write_note(job.account_id, said)
        self.live_jobs.touch()

    def _others_in_flight(self, job_id: str) -> bool:
        found = self.live_jobs.jobs.in_states(_MAY_MOVE_IT, self.live_jobs.account_id)
        return any(job.job_id != job_id for job in found)


def _is_fresh(at: float | None) -> bool:
    return at is not None and 0.0 <= time.time() - at < FRESH_SECONDS
