# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the results of finished jobs, and remove the least used when they take too much space.

Kept whatever happens: the files of a job that is under way, a result that was paid for and is in no scene yet, and
what is pinned.
What models take is a sum over the store; only images that were sent and refused files are looked at one by one.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from typing import Any

from ..account import CACHE_LIMIT_SETTING, DEFAULT_CACHE_BYTES
from ..files import unneeded_files
from ..files.own_files import is_job_id, is_old, is_refused_file, remove_file, remove_results
from ..jobs.states import ENDED, LIVE, sql_names
from ..paths import Home, inside
from ..service.responses import RESULT_LIFETIME_SECONDS
from . import Database
from .claims import release_dead

log = logging.getLogger(__name__)

_ENDED = sql_names(ENDED)
_IS_FREE = (
    "kept > 0 AND pinned = 0 AND claimed_by = ''"
    " AND NOT EXISTS (SELECT 1 FROM job AS later WHERE later.source_job = job.job_id"
    f" AND later.source_job != '' AND later.status IN ({sql_names(LIVE)}))"
)
"""It is not pinned, nobody is importing it, and no later step of a chain waits to work on it or is compared with it."""
_MAY_BE_PRUNED = f"{_IS_FREE} AND status = 'IMPORTED'"
_MAY_BE_CLEARED = f"{_IS_FREE} AND (status = 'IMPORTED' OR (hidden = 1 AND status IN ({_ENDED})))"
_IS_GONE = "(task_id IS NULL OR COALESCE(finished_at, submitted_at, created_at) < :oldest)"
"""The service has it no longer: what is here is the only copy."""


@dataclass(frozen=True)
class Usage:
    """What the cache holds. ``models`` and ``bytes`` can be cleared; ``only_copies`` of these models the service has
    no longer, ``on_shelf`` of them are in the Asset Browser. ``kept_models`` and ``kept_bytes`` stay, and what is
    pinned. The bytes count images that were sent and refused files, too."""

    models: int
    bytes: int
    only_copies: int
    kept_models: int
    kept_bytes: int
    on_shelf: int = 0
    pinned_models: int = 0
    pinned_bytes: int = 0


def usage(home: Home, database: Database, now: float) -> Usage:
    """Return what the cache holds; ``now`` in seconds since the epoch."""
    release_dead(database)
    may_go = f"({_MAY_BE_CLEARED})"
    row = database.connection.execute(
        f"SELECT COALESCE(SUM({may_go}), 0), COALESCE(SUM({may_go} * kept), 0),"
        f" COALESCE(SUM({may_go} AND hidden = 0 AND {_IS_GONE}), 0),"
        f" COALESCE(SUM(NOT {may_go} AND NOT pinned), 0), COALESCE(SUM((NOT {may_go} AND NOT pinned) * kept), 0),"
        f" COALESCE(SUM({may_go} AND shelf != ''), 0), COALESCE(SUM(pinned), 0), COALESCE(SUM(pinned * kept), 0)"
        " FROM job WHERE kept > 0",
        _oldest(now),
    ).fetchone()
    found = Usage(*(int(value) for value in row))
    others = unneeded_files.survey(home, database, now)
    loose = sum(one.size for one in others if one.may_go)
    kept = sum(one.size for one in others) - loose
    return replace(found, bytes=found.bytes + loose, kept_bytes=found.kept_bytes + kept)


def size_text(size: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def kept_bytes(database: Database) -> int:
    """Return what the models take that are kept; raises sqlite3.Error."""
    return int(database.connection.execute("SELECT COALESCE(SUM(kept), 0) FROM job WHERE kept > 0").fetchone()[0])


def limit(database: Database) -> int:
    """Return how many bytes may be kept."""
    text = database.setting(CACHE_LIMIT_SETTING) or ""
    return int(text) if text.isdecimal() else DEFAULT_CACHE_BYTES


def prune_one(home: Home, database: Database, now: float) -> bool:
    """Remove the files of one job if more than the limit is kept; return whether there may be more to remove.

    First jobs that were taken off the list, then what the service could send again for free, then only copies; of
    each, what was used longest ago. Raises sqlite3.Error.
    """
    if kept_bytes(database) <= limit(database):
        return False
    row = database.connection.execute(
        f"SELECT job_id FROM job WHERE {_MAY_BE_PRUNED}"
        f" ORDER BY hidden DESC, {_IS_GONE}, COALESCE(used_at, finished_at, created_at), job_id LIMIT 1",
        _oldest(now),
    ).fetchone()
    return row is not None and drop(home, database, row["job_id"], _MAY_BE_PRUNED)


def clear(home: Home, database: Database, now: float) -> int:
    """Remove all that may go, and what nobody knows of; return how many jobs' files. Raises sqlite3.Error."""
    release_dead(database)
    rows = database.connection.execute(f"SELECT job_id FROM job WHERE {_MAY_BE_CLEARED}").fetchall()
    count = sum(drop(home, database, row["job_id"], _MAY_BE_CLEARED) for row in rows)
    unneeded_files.remove_loose(home, database, now)
    _remove_strays(home, database, now)
    return count


def drop(home: Home, database: Database, job_id: str, condition: str) -> bool:
    """Remove a job's files if it still is in a state to; its thumbnail stays as long as the job is in the list.

    The store forgets them first: a file without a row is no harm, a row without a file would be.
    """
    with database.transaction() as connection:
        row = connection.execute(f"SELECT file, hidden FROM job WHERE job_id = ? AND {condition}", (job_id,)).fetchone()
        if row is None:
            return False
        connection.execute(
            "UPDATE job SET file = '', blend = '', shelf = '', kept = 0, revision = ?,"
            " thumbnail = CASE hidden WHEN 0 THEN thumbnail ELSE '' END WHERE job_id = ?",
            (database.next_revision(), job_id),
        )
    log.info("the files of job %s leave the cache", job_id)
    if is_refused_file(job_id, row["file"]):
        remove_file(home.root / row["file"])
    remove_results(home, job_id, keep_thumbnail=not row["hidden"])
    return True


def _remove_strays(home: Home, database: Database, now: float) -> None:
    """Remove what could not be removed when it should have been, and the folders of a store that is lost."""
    rows: dict[str, Any] = {
        row["job_id"]: row
        for row in database.connection.execute(
            f"SELECT job_id, hidden, kept > 0 OR status NOT IN ({_ENDED}) AS in_use FROM job"
        )
    }
    for folder in inside(home.results):
        row = rows.get(folder.name)
        if row is not None and not row["in_use"]:
            remove_results(home, folder.name, keep_thumbnail=not row["hidden"])
        elif row is None and is_job_id(folder.name) and not home.results.is_symlink() and is_old(folder, now):
            remove_results(home, folder.name, keep_thumbnail=False)


def _oldest(now: float) -> dict[str, float]:
    return {"oldest": now - RESULT_LIFETIME_SECONDS}


class Keeper:
    """The agent's part: looks at the cache now and then, and removes one job's files at a time."""

    LOOK_SECONDS = 60.0

    def __init__(self, database: Database, home: Home) -> None:
        self._home = home
        self._database = database
        self._next = 0.0

    def run_soon(self) -> None:
        """Something has come into the cache."""
        self._next = 0.0

    def step(self, now: float) -> None:
        """Remove something if it is time to look: what is too much, and models that were sent. ``now`` is monotonic.

        Raises sqlite3.Error.
        """
        if now >= self._next and not prune_one(self._home, self._database, time.time()):
            unneeded_files.remove_sent_models(self._home, self._database, time.time())
            self._next = now + self.LOOK_SECONDS
