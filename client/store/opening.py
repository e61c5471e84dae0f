# SPDX-License-Identifier: GPL-3.0-or-later
"""Open the store; set a damaged one aside and take over its paid jobs."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sqlite3
import time
from collections.abc import Generator
from pathlib import Path

from .. import machine_clock
from ..account import HOME_VARIABLE
from ..errors import StoreUnavailable
from ..files import disk
from ..jobs.states import Status
from ..notices import N_
from ..paths import Home
from . import copied_store
from .database import Database, closing_mark, connect, insert, is_damage
from .database import identity as identity_of
from .migrations import NewerStore

log = logging.getLogger(__name__)

REPLACED_SETTING = "replaced_at"
"""Store setting: when (machine's clock) this store took the place of a damaged one, whose rate stamps are lost."""

CLOSING_SECONDS = 2.0
"""How long others have to close a damaged store, each at its next tick; who waits tries again later."""
_SIDE_FILES = ("", "-wal", "-shm")


def open_database(home: Home, *, durable: bool, busy_seconds: float, thorough: bool = False) -> Database:
    """Open the store, creating it when it is new, setting it aside when it is damaged.

    ``durable`` waits for the disk at every commit; ``thorough`` looks at every page, which takes milliseconds for
    a usual store. Raises StoreUnavailable with a sentence for the artist.
    """
    try:
        home.prepare()
        with gate(home.database, max(busy_seconds, 1.0)):
            database = _open(home.database, durable, busy_seconds)
            try:
                if thorough and not _is_sound(database):
                    opened = database.file
                    database.close()
                    _replace(database, opened)
                copied_store.check(database)
            except BaseException:
                database.close()
                raise
            return database
    except (OSError, sqlite3.Error) as error:
        raise unavailable(home, error) from error


def _open(path: Path, durable: bool, busy_seconds: float) -> Database:
    try:
        return Database(path, durable=durable, busy_seconds=busy_seconds)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        _set_aside(path)
        return Database(path, durable=durable, busy_seconds=busy_seconds)


def unavailable(home: Home, error: Exception) -> StoreUnavailable:
    """Return the sentence for the artist about a store that cannot be opened."""
    folder = {"folder": str(home.root)}
    if isinstance(error, NewerStore):
        return StoreUnavailable(
            N_("A newer version of the add-on has written the job list in {folder}: update the add-on here too"),
            **folder,
        )
    if getattr(error, "errno", None) == errno.ENAMETOOLONG:
        return StoreUnavailable(
            N_(
                "The path of the add-on's folder {folder} is too long for this system: choose a shorter one with the"
                " environment variable {variable}"
            ),
            **folder,
            variable=HOME_VARIABLE,
        )
    return StoreUnavailable(
        N_(
            "The job list in {folder} cannot be used ({reason}): check that the folder can be written and has free"
            " space"
        ),
        **folder,
        reason=str(error),
    )


def start_anew(database: Database) -> None:
    """Put a new store in the place of a damaged one that is open; raises sqlite3.Error or OSError.

    After an error it is closed and counts as not in its place, so that whoever uses it reopens it. It is closed before
    the gate: another process may be inside and wait for just that, as Windows renames no file that somebody has open.
    """
    opened = database.file
    database.close()
    with gate(database.path, max(database.busy_seconds, 1.0)):
        _replace(database, opened)


def reopen(database: Database, *, wait: float | None = None) -> None:
    """Open the store that is at its place now, making one when there is none or a damaged one.

    Raises sqlite3.Error or OSError, and is closed then, as after `start_anew`. ``wait`` is how many seconds another
    process may take to do the same, by default a second or more.
    """
    database.close()
    with gate(database.path, max(database.busy_seconds, 1.0) if wait is None else wait):
        try:
            database.reopen()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            _set_aside(database.path)
            database.reopen()


@contextlib.contextmanager
def gate(path: Path, seconds: float) -> Generator[None]:
    """Let one process at a time open the store or put another in its place.

    Without it, one could open the new file together with the old one's write-ahead log, or set aside the new one. The
    lock is SQLite's own, on a file that stays empty: it ends with its process, on every system.
    """
    lock = path.with_name("opening.lock")
    os.close(os.open(lock, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(lock, timeout=seconds, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("BEGIN EXCLUSIVE")
        _stop_asking(path)  # whoever asked and is gone
        yield


def _replace(database: Database, opened: tuple[int, int] | None) -> None:
    if opened == identity_of(database.path):  # else another process was faster
        _set_aside(database.path)
    database.reopen()


def _set_aside(path: Path) -> None:
    """Rename a damaged store and its side files, and start a new one that knows the paid jobs of the old."""
    aside = free_name(path, "damaged")
    moved: list[tuple[Path, Path]] = []
    try:
        for suffix in _SIDE_FILES:
            side, target = path.with_name(path.name + suffix), aside.with_name(aside.name + suffix)
            if side.exists():
                _rename(side, target, path)
                moved.append((side, target))
    except OSError:
        # A store is never left without its write-ahead log, nor a new one with the old one's.
        for side, target in moved:
            with contextlib.suppress(OSError):
                disk.replace(target, side, disk.BRIEF_SECONDS)
        raise
    finally:
        _stop_asking(path)
    log.error("the store was damaged: it is kept as %s, and a new one started", aside.name)
    connection = connect(path, True, 5.0)
    try:
        connection.execute(
            "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (REPLACED_SETTING, machine_clock.now())
        )
        _copy_readable(aside, connection)
    finally:
        connection.close()


def _rename(side: Path, target: Path, path: Path) -> None:
    """Rename a file of the store; where others have it open they are asked to close it, and waited for."""
    try:
        os.replace(side, target)
    except OSError as error:
        if not disk.is_held(error):
            raise
        os.close(os.open(closing_mark(path), os.O_CREAT | os.O_WRONLY, 0o600))
        disk.replace(side, target, CLOSING_SECONDS)


def _stop_asking(path: Path) -> None:
    with contextlib.suppress(OSError):
        disk.remove(closing_mark(path), disk.BRIEF_SECONDS)


def _copy_readable(aside: Path, connection: sqlite3.Connection) -> None:
    """Copy what can still be read of the jobs and of the ledger.

    Jobs that wait to be sent stay behind: the state may be an old one, and lead to sending, and paying, once more.
    """
    try:
        old = sqlite3.connect(f"{aside.as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return
    with contextlib.closing(old):
        old.row_factory = sqlite3.Row
        for table, condition in (("job", f"status <> '{Status.PREPARED}'"), ("ledger", "1")):
            taken = 0
            with contextlib.suppress(sqlite3.Error):
                both = columns(old, table) & columns(connection, table)  # an older version had fewer
                for row in old.execute(f"SELECT {', '.join(both)} FROM {table} WHERE {condition}"):
                    insert(connection, table, dict(row), "IGNORE")
                    taken += 1
            log.info("%d rows of %s were taken over", taken, table)
    connection.execute(
        "UPDATE meta SET value = max(value, (SELECT coalesce(max(revision), 0) FROM job)) WHERE name = 'revision'"
    )


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of a table's columns."""
    return {str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")}


def _is_sound(database: Database) -> bool:
    try:
        return database.connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return False
        raise


def free_name(path: Path, why: str) -> Path:
    """Return a name beside the store for one that is set aside."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    number = 1
    while True:
        name = f"{path.stem}.{why}-{stamp}{'' if number == 1 else f'-{number}'}{path.suffix}"
        if not path.with_name(name).exists():
            return path.with_name(name)
        number += 1
