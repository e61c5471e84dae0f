# SPDX-License-Identifier: GPL-3.0-or-later
"""Find jobs that nobody works on because their API key is not the present one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..client import machine_clock
from ..client.account import SANDBOX_ACCOUNT
from ..client.jobs.notices import JobNotice
from ..client.notices import notice
from ..client.store import LeaseTable

if TYPE_CHECKING:
    from ..client.store import Database, Job
    from .store_reader import StoreReader

_SECONDS = 0.001
"""Longest time for one round of notes; those that are left come with the next."""


def is_orphan(reader: StoreReader, database: Database, job: Job) -> bool:
    """Whether a live job stands still because its key is not the present one; raises sqlite3.Error."""
    if not job.is_live or reader.account is None or SANDBOX_ACCOUNT in (job.account_id, reader.account.account_id):
        return False
    lease = LeaseTable(database).holder(job.account_id)
    return job.account_id != reader.account.account_id and not (lease and lease.is_fresh(machine_clock.now()))


def note_orphans(reader: StoreReader, database: Database, now: float) -> None:
    """Put a note on every live job whose account is not the present one and has no agent at work.

    The agent of a key that was just changed goes on with what it has paid for. ``now`` is ``time.monotonic()``.
    """
    if reader.account is None:
        return  # then the notice says what is missing
    leases = LeaseTable(database)
    worked = {reader.account.account_id}
    for account_id in set(reader.live.values()) - worked:
        lease = leases.holder(account_id)
        if lease is not None and lease.is_fresh(now - machine_clock.lead()):
            worked.add(account_id)
    end = time.perf_counter() + _SECONDS
    for job_id, account_id in reader.live.items():
        if time.perf_counter() > end:
            return
        code = JobNotice.OTHER_SANDBOX if account_id == SANDBOX_ACCOUNT else JobNotice.OTHER_KEY
        reader.job_list.set_note(job_id, "" if account_id in worked else notice(code).to_text())
