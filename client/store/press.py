# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what a press asks for: checked against the daily cap, in one transaction.

Two Blenders that press at the same moment come one after the other: the second sees what the first has written.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ..account import SANDBOX_ACCOUNT
from ..errors import InvalidSetting, TripoError
from ..jobs.notices import JobNotice
from ..jobs.outcome import TRANSFER
from ..jobs.spending_limits import Limits, SpendingCheck, check
from ..jobs.states import Status
from ..local_time import midnight
from ..notices import N_, Notice
from .balance import BalanceTable
from .database import Database
from .jobs import Field, Job, JobTable, NewJob
from .ledger import Ledger, Outcome


def check_press(database: Database, account_id: str, price: int, limits: Limits, unsent: int = 0) -> SpendingCheck:
    """Return what stands in the way of spending ``price`` credits now; nothing does in the Sandbox.

    ``unsent`` is what earlier steps of the same chain cost that were pressed and are not sent yet.
    """
    if account_id == SANDBOX_ACCOUNT:
        return SpendingCheck(None, ())
    spent = Ledger(database).spent_since(account_id, midnight(time.time()))
    balance = BalanceTable(database).read(account_id).credits
    return check(price, limits, spent_today=spent, balance=balance, unsent=unsent)


def write_press(database: Database, new: Sequence[NewJob], limits: Limits, *, ask_balance: bool = False) -> list[str]:
    """Write the jobs of one press, all of one account, and return their ids; all of them or none.

    ``ask_balance`` has the agent ask for the balance afterwards. Raises InvalidSetting when the daily cap forbids it,
    and sqlite3.Error: then nothing was written and nothing is sent.
    """
    jobs = JobTable(database)
    with database.transaction():
        account_id = new[0].account_id
        _check_cap(database, account_id, sum(one.request.price.total for one in new), limits)
        job_ids = [jobs.insert(one) for one in new]
        _let_balance_go(database, account_id, ask=ask_balance)
        return job_ids


class WrittenSet(NamedTuple):
    """``job_ids`` are those of the jobs in their order, empty for one that was not written; ``waiting`` is how many of
    those the daily cap forbids."""

    job_ids: list[str]
    waiting: int


def write_set(
    database: Database,
    new: Sequence[NewJob],
    limits: Limits,
    is_wanted: Callable[[NewJob], bool],
    *,
    ask_balance: bool = False,
) -> WrittenSet:
    """Write the jobs of a set, all of one account, in their order up to the first that the daily cap forbids.

    ``is_wanted`` is asked of each while nobody else can write: it leaves out what another press has written meanwhile.
    Raises sqlite3.Error: then nothing was written and nothing is sent.
    """
    jobs, written, waiting = JobTable(database), list[str](), 0
    with database.transaction():
        for one in new:
            if not is_wanted(one):
                written.append("")
                continue
            if waiting or check_press(database, one.account_id, one.request.price.total, limits).refusal:
                waiting += 1
            written.append("" if waiting else jobs.insert(one))
        if any(written):
            _let_balance_go(database, new[0].account_id, ask=ask_balance)
        return WrittenSet(written, waiting)


def _let_balance_go(database: Database, account_id: str, *, ask: bool) -> None:
    """Forget what was said of the balance, which a press changes, and ask for it anew if that is wanted."""
    BalanceTable(database).write_note(account_id, None)
    if ask:
        BalanceTable(database).ask_aside(account_id)


def write_retry(database: Database, job: Job, after: Status, limits: Limits, changes: Mapping[str, Field]) -> None:
    """Move a stopped job back to ``after``; to PREPARED, which sends its request once more, only within the daily cap.
    One that stands still because its key is not the present one keeps its state, and gets the present account.

    What an uncertain job may have cost stays counted, beside the price of the next try. Raises InvalidSetting when the
    daily cap forbids it, TripoError when the job has moved meanwhile, and sqlite3.Error: then nothing was written.
    """
    with database.transaction():
        if after is Status.PREPARED:
            _check_cap(database, str(changes.get("account_id", job.account_id)), job.credits, limits)
        _count_uncertain(database, job)
        jobs = JobTable(database)
        if after is job.status:
            done = jobs.update(job.job_id, after, **changes)
        else:
            done = jobs.transition(job.job_id, job.status, after, **changes)
        if not done:
            raise TripoError(N_("The job has changed meanwhile: try again"))


def write_transfer(database: Database, new: NewJob) -> str:
    """Write a job that bakes the look of some objects onto others, all in the ``blend`` of the request's model, and
    return its id. It begins with the converter; nothing is sent, and it costs nothing. Raises sqlite3.Error."""
    model = new.request.model
    assert model is not None
    jobs = JobTable(database)
    with database.transaction():
        job_id = jobs.insert(new, status=Status.CONVERTING)
        request = json.dumps({"kind": TRANSFER, "model": model.as_data()}, ensure_ascii=False, sort_keys=True)
        changes: dict[str, Field] = {"kind": TRANSFER, "request": request, "file": model.blend, "credits": 0}
        jobs.update(job_id, Status.CONVERTING, message=JobNotice.TRANSFERRING, **changes)
        return job_id


def write_recovered(database: Database, job: Job, task_id: str, changes: Mapping[str, Field]) -> bool:
    """Give an uncertain job its task; return False, having written nothing, when the job is not uncertain any more."""
    with database.transaction():
        changed = JobTable(database).transition(job.job_id, Status.UNCERTAIN, Status.QUEUED, task_id=task_id, **changes)
        if changed:
            Ledger(database).record_charge(job, Outcome.CHARGED, task_id)
        return changed


def write_adopted(database: Database, new: NewJob, task_id: str) -> str:
    """Write a job for a task that only the service knows, and return its id. It costs nothing now."""
    jobs = JobTable(database)
    with database.transaction():
        job_id = jobs.insert(new, status=Status.QUEUED, task_id=task_id)
        jobs.update(job_id, Status.QUEUED, credits=0)
        job = jobs.get(job_id)
        assert job is not None
        Ledger(database).record_charge(job, Outcome.CHARGED, task_id)
        return job_id


def write_cancelled(database: Database, job: Job, message: Notice) -> bool:
    """Cancel a job; return False, having written nothing, when it has moved meanwhile.

    A request that is on its way or of which nobody knows stays counted as spent.
    """
    with database.transaction():
        if not JobTable(database).transition(job.job_id, job.status, Status.CANCELLED, message=message, error=""):
            return False
        if job.status is Status.SUBMITTING:
            Ledger(database).record_charge(job, Outcome.UNCLEAR)
        _count_uncertain(database, job)
        return True


def write_removed(database: Database, job: Job, message: Notice) -> bool:
    """Take an ended job off every list, an uncertain one as cancelled; return False when it has moved meanwhile."""
    with database.transaction():
        jobs = JobTable(database)
        now = jobs.get(job.job_id)
        if now is None or now.status is not job.status:
            return False
        if job.status is Status.UNCERTAIN and not write_cancelled(database, job, message):
            return False
        jobs.hide(job.job_id)
        return True


def _check_cap(database: Database, account_id: str, price: int, limits: Limits) -> None:
    refusal = check_press(database, account_id, price, limits).refusal
    if refusal:
        raise InvalidSetting(refusal)


def _count_uncertain(database: Database, job: Job) -> None:
    """Close the account of an uncertain request that is left without knowing what came of it."""
    if job.status is Status.UNCERTAIN:
        ledger = Ledger(database)
        ledger.record_charge(job, Outcome.UNCLEAR)  # there already, but for an agent of version 1
        ledger.record_charge(job, Outcome.ASSUMED)
