# SPDX-License-Identifier: GPL-3.0-or-later
"""The store: one SQLite file, the durable record and the only channel between the processes."""

from __future__ import annotations

from .balance import Balance, BalanceTable
from .database import Database, is_busy, is_damage, is_database_error, is_our_mistake
from .jobs import Job, JobTable, NewJob
from .lease import AgentLease, LeaseTable
from .opening import open_database, reopen, start_anew

__all__ = [
    "AgentLease",
    "Balance",
    "BalanceTable",
    "Database",
    "Job",
    "JobTable",
    "LeaseTable",
    "NewJob",
    "is_busy",
    "is_damage",
    "is_database_error",
    "is_our_mistake",
    "open_database",
    "reopen",
    "start_anew",
]
