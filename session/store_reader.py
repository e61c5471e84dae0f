# SPDX-License-Identifier: GPL-3.0-or-later
"""Read changed jobs from the store, a bounded number per tick."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from ..client.jobs.states import LIVE, Status
from ..client.local_time import first_of_month, midnight
from ..client.store import BalanceTable, JobTable, is_database_error, is_our_mistake
from ..client.store.ledger import Ledger
from .log import log

if TYPE_CHECKING:
    from ..client.account import Account
    from ..client.store import Database, Job
    from .job_list import JobListSync
    from .pending_models import PendingModels

_CHANGES_PER_READ = 50
_HISTORY = 500
_HISTORY_PAGE = 50
_DAY_AND_A_HALF = 36 * 3600.0
"""From one midnight to some time of the next day, summer time or not."""


class StoreReader:
    """Follows the store through one connection and passes what it finds on to the job list."""

    def __init__(self, database: Database, job_list: JobListSync, pending_models: PendingModels) -> None:
        self.database = database
        self.jobs = JobTable(database)
        self.job_list = job_list
        self.pending_models = pending_models
        self.account: Account | None = None
        self.live: dict[str, str] = {}
        """Account of every live job, by job id."""
        self.ready: dict[str, str] = {}
        """Target of every job that waits for its delivery, by job id."""
        self.awaits_balance = False
        self.money_note = ""
        """What was noticed about the last charge of this account, or nothing."""
        self._revision = -1
        self._seen = -1
        self._unread = True
        self._history_after: Job | None = None
        self._history_left = 0
        self._money_until = math.inf
        self._is_money_unreadable = False

    @property
    def is_new(self) -> bool:
        """Whether nothing has been read yet: the first reading takes all live jobs at once."""
        return self._revision < 0

    @property
    def is_behind(self) -> bool:
        """Whether there is more to read, or read and not yet shown."""
        return self.has_rows or self.job_list.awaits_thumbnails

    @property
    def has_rows(self) -> bool:
        """Whether there are more rows to read, or read and not yet shown."""
        return bool(self._unread or self._history_left or self.job_list.is_behind)

    def read(self) -> None:
        """Take over what the store says, a bounded amount at a time; raises sqlite3.Error."""
        if self._revision < 0:
            self._read_first()
        self._read_history()
        version = self.database.data_version()
        if version == self._seen and not self._unread:
            if time.time() >= self._money_until:
                self._read_money()
            return
        changed = self.jobs.changed_since(self._revision, _CHANGES_PER_READ)
        for job in changed:
            self._update(job)
            self.job_list.put(job)
            self._revision = job.revision
        self._read_money()
        self._unread = len(changed) == _CHANGES_PER_READ
        if not self._unread:
            self._seen = version

    def touch(self) -> None:
        """Read the store next time even if no other process wrote: SQLite does not report our own writes."""
        self._unread = True

    def use(self, account: Account | None) -> None:
        """Show the balance and the spending of this account from now on; raises sqlite3.Error."""
        if account != self.account:
            if account is not None:
                self.database.add_secret(account.api_key)
            self.account = account
            self.job_list.clear_money()
            self._read_money()

    def _read_first(self) -> None:
        """Begin with what matters; the history follows in pages."""
        revision = int(self.database.setting("revision") or 0)
        for job in self.jobs.in_states(LIVE | {Status.READY}):
            self._update(job)
            self.job_list.put(job)
        self._history_after = None
        self._history_left = _HISTORY
        self._revision = revision

    def _read_history(self) -> None:
        """Show the next page of the newest jobs, once the last one is on the screen."""
        if self._history_left <= 0 or self.job_list.is_behind:
            return
        page = self.jobs.recent(min(_HISTORY_PAGE, self._history_left), self._history_after)
        for job in page:
            self.job_list.put(job)
        self._history_left = self._history_left - len(page) if len(page) == _HISTORY_PAGE else 0
        if page:
            self._history_after = page[-1]

    def _update(self, job: Job) -> None:
        self.pending_models.update(job)
        self.live.pop(job.job_id, None)
        self.ready.pop(job.job_id, None)
        if job.hidden:
            return
        if job.status in LIVE:
            self.live[job.job_id] = job.account_id
        elif job.status is Status.READY and job.target:
            self.ready[job.job_id] = job.target

    def _read_money(self) -> None:
        """Show the balance and the spending, as far as they can be read: the jobs matter more."""
        if self.account is None:
            return
        try:
            self._show_money(self.account)
        except Exception as error:
            if is_database_error(error) and not is_our_mistake(error):
                raise
            self.awaits_balance = False
            if not self._is_money_unreadable:
                log(__name__).error("balance and spending cannot be read", exc_info=error)
                self.job_list.clear_money()
            self._is_money_unreadable = True

    def _show_money(self, account: Account) -> None:
        mine, now, ledger = account.account_id, time.time(), Ledger(self.database)
        balance = BalanceTable(self.database).read(mine)
        self.awaits_balance, self.money_note = balance.pending, balance.note
        today = midnight(now)
        self.job_list.set_money(balance, ledger.spent_since(mine, today), ledger.spent_since(mine, first_of_month(now)))
        self._money_until = midnight(today + _DAY_AND_A_HALF)
        self._is_money_unreadable = False
