# SPDX-License-Identifier: GPL-3.0-or-later
"""End jobs of the Sandbox that nobody will finish: it forgets them when it is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..client import machine_clock
from ..client.account import SANDBOX_ACCOUNT
from ..client.jobs.notices import JobNotice
from ..client.jobs.states import LIVE, Status
from ..client.notices import notice
from ..client.store import LeaseTable
from ..client.store.press import write_cancelled
from ..properties import sandbox_mode

if TYPE_CHECKING:
    from .session import Session

_LEFT = notice(JobNotice.SANDBOX_LEFT)


def cancel_unfinished(session: Session) -> None:
    """Cancel the Sandbox's live and uncertain jobs. Raises StoreUnavailable."""
    with session.patient() as jobs:
        for job in jobs.in_states(LIVE | {Status.UNCERTAIN}, SANDBOX_ACCOUNT):
            write_cancelled(session.database, job, _LEFT)


def cancel_abandoned(session: Session) -> None:
    """Cancel what a Blender that was killed has left unfinished in its Sandbox. Raises StoreUnavailable."""
    if sandbox_mode.current().is_on:
        return
    with session.patient():
        holder = LeaseTable(session.database).holder(SANDBOX_ACCOUNT)
    if holder is None or not holder.is_fresh(machine_clock.now()):
        cancel_unfinished(session)
