# SPDX-License-Identifier: GPL-3.0-or-later
"""Move jobs, ledger and results of an earlier version of the extension to the present place.

What was brought once is not brought again, so a move that was cut off is simply made once more. Images written for a
request stay where they are: requests, and the artist's own files, name them by their whole path.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from pathlib import Path

from .. import machine_clock
from ..errors import ErrorCode
from ..files import disk
from ..jobs.notices import JobNotice
from ..jobs.states import LIVE, Status, sql_names
from ..notices import notice
from ..paths import Home
from . import blender_sessions
from .copied_store import COPIED
from .database import Database, insert, is_busy
from .lease import living_agents
from .migrations import SCHEMA_VERSION, version_of
from .opening import columns, free_name, gate

log = logging.getLogger(__name__)

_WAIT_SECONDS = 1.0
_FILES = ("file", "blend", "thumbnail")


def move_earlier_store(earlier: Home, home: Home, database: Database) -> bool:
    """Move everything of an earlier place into the store that is open.

    Returns False, having changed nothing, while an agent or a Blender is at work there: it has to be used as it is.
    What cannot be moved now is left alone, said so in the log, and tried again at the next opening.
    """
    try:
        with gate(earlier.database, _WAIT_SECONDS):
            return not earlier.database.exists() or _move(earlier, home, database)
    except (OSError, sqlite3.Error) as error:
        if is_busy(error):  # another Blender is moving it
            return True
        log.warning("the job list in %s cannot be moved: %s", earlier.root, error)
        return True


def _move(earlier: Home, home: Home, database: Database) -> bool:
    if blender_sessions.is_used(earlier.database):
        return False
    old = sqlite3.connect(earlier.database, timeout=_WAIT_SECONDS, isolation_level=None)
    with contextlib.closing(old):
        old.row_factory = sqlite3.Row
        if version_of(old) > SCHEMA_VERSION:
            log.warning("the job list in %s is a newer version's: it stays", earlier.root)
            return True
        try:
            old.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if is_busy(error):
                return False
            raise
        if living_agents(old):
            old.execute("ROLLBACK")
            return False
        with database.transaction():
            count = _copy_jobs(old, earlier, home, database)
            _copy_rest(old, database)
        old.execute(
            f"UPDATE job SET status = ?, message = ? WHERE status IN ({sql_names(LIVE)})",
            (Status.CANCELLED, notice(JobNotice.MOVED).to_text()),
        )
        old.execute("COMMIT")
    log.info("%d jobs were moved from %s", count, earlier.root)
    _set_aside(earlier.database)
    return True


def _copy_jobs(old: sqlite3.Connection, earlier: Home, home: Home, database: Database) -> int:
    connection = database.connection
    names = sorted(columns(old, "job") & columns(connection, "job"))
    known = {row[0] for row in connection.execute("SELECT job_id FROM job")}
    count = 0
    for row in old.execute(f"SELECT {', '.join(names)} FROM job ORDER BY revision").fetchall():
        values = dict(row)
        if values["job_id"] in known:
            continue
        values["revision"] = database.next_revision()
        if values["status"] == Status.PREPARED:  # the profile may be a copy, whose original sends it as well
            values |= {"status": Status.FAILED.value, "message": COPIED.to_text(), "error": ErrorCode.ASK_FIRST}
        elif values["status"] == Status.SUBMITTING:
            said = notice(JobNotice.MOVED_WHILE_SENT).to_text()
            values |= {"status": Status.UNCERTAIN.value, "message": said, "error": ErrorCode.NO_ANSWER}
        _move_files(values["job_id"], earlier, home)
        for name in _FILES:
            values[name] = _place_of(values[name], earlier, home)
        insert(connection, "job", values)
        count += 1
    return count


def _copy_rest(old: sqlite3.Connection, database: Database) -> None:
    """Spending, balances and the rate budget, whose times all processes of this machine share."""
    connection = database.connection
    lines = "job_id, account_id, at, name, kind, task_id, credits, outcome"
    there = {tuple(row) for row in connection.execute(f"SELECT {lines} FROM ledger")}
    for row in old.execute(f"SELECT {lines} FROM ledger").fetchall():
        if tuple(row) not in there:
            insert(connection, "ledger", dict(row))
    for row in old.execute("SELECT account_id, at, purpose FROM request_stamp").fetchall():
        at = machine_clock.now() if row["at"] is None else row["at"]
        insert(connection, "request_stamp", {**dict(row), "at": at})
    for table, names in (
        ("rate", "account_id, lowered_to, changed_at, blocked_at, blocked_seconds"),
        ("balance", "account_id, credits, at, problem"),
    ):
        for row in old.execute(f"SELECT {names} FROM {table}").fetchall():
            insert(connection, table, dict(row), "IGNORE")


def _move_files(job_id: str, earlier: Home, home: Home) -> None:
    """Rename what a job has into the new place; on another disk it stays where it is."""
    moves = [(earlier.result_folder(job_id), home.result_folder(job_id))]
    for folder, target in ((earlier.downloads, home.downloads), (earlier.quarantine, home.quarantine)):
        moves += [(path, target / path.name) for path in folder.glob(f"{job_id}.*")]
    for source, target in moves:
        with contextlib.suppress(OSError):
            if source.exists() and not target.exists():
                disk.replace(source, target, disk.BRIEF_SECONDS)


def _place_of(name: str, earlier: Home, home: Home) -> str:
    """Return what a job's row says of a file: below the new home, or whole where it could not be moved."""
    if not name or (home.root / name).exists() or not (earlier.root / name).exists():
        return name
    return os.fspath(earlier.root / name)


def _set_aside(path: Path) -> None:
    """Rename the store, so that nobody looks into it again; one that Windows holds open is empty enough as it is."""
    aside = free_name(path, "moved")
    for suffix in ("", "-wal", "-shm"):
        side = path.with_name(path.name + suffix)
        try:
            if side.exists():
                disk.replace(side, aside.with_name(aside.name + suffix), disk.BRIEF_SECONDS)
        except OSError as error:
            log.warning("%s stays: %s", side.name, error.strerror)
            return
