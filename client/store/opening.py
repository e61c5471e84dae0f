"""Opening the store, and what happens to a damaged one: set aside, never deleted, with its paid jobs taken over."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Generator
from pathlib import Path

from ..errors import StoreUnavailable
from ..home import Home
from ..states import Status
from . import identity
from .database import Database, connect, is_damage
from .migrations import NewerStore

log = logging.getLogger(__name__)

REPLACED_SETTING = "replaced_at"
"""Store setting: when (monotonic) this store took the place of a damaged one, whose rate stamps are lost."""

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
                    _replace(database)
                identity.check(database)
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
    if isinstance(error, NewerStore):
        return StoreUnavailable(
            f"A newer version of the extension has written the job list in {home.root}: update the extension here too"
        )
    return StoreUnavailable(
        f"The job list in {home.root} cannot be used ({error}): check that the folder can be written and has free space"
    )


def start_anew(database: Database) -> None:
    """Put a new store in the place of a damaged one that is open; raises sqlite3.Error or OSError."""
    with gate(database.path, max(database.busy_seconds, 1.0)):
        _replace(database)


def reopen(database: Database, *, wait: float | None = None) -> None:
    """Open the store that is at its place now, making one when there is none; raises sqlite3.Error or OSError.

    ``wait`` is how many seconds another process may take to do the same, by default a second or more.
    """
    with gate(database.path, max(database.busy_seconds, 1.0) if wait is None else wait):
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
        yield


def _replace(database: Database) -> None:
    database.connection.close()
    if database.is_in_place():  # else another process was faster
        _set_aside(database.path)
    database.reopen()


def _set_aside(path: Path) -> None:
    """Rename a damaged store and its side files, and start a new one that knows the paid jobs of the old."""
    aside = free_name(path, "damaged")
    for suffix in _SIDE_FILES:
        side = path.with_name(path.name + suffix)
        if side.exists():
            side.rename(aside.with_name(aside.name + suffix))
    log.error("the store was damaged: it is kept as %s, and a new one started", aside.name)
    connection = connect(path, True, 5.0)
    try:
        connection.execute(
            "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (REPLACED_SETTING, time.monotonic())
        )
        _take_over(aside, connection)
    finally:
        connection.close()


def _take_over(aside: Path, connection: sqlite3.Connection) -> None:
    """Copy what can still be read of the jobs and of the ledger.

    Jobs that wait to be sent stay behind: the state may be an old one, and lead to sending, and paying, once more.
    """
    try:
        old = sqlite3.connect(f"{aside.as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return
    with contextlib.closing(old):
        for table, condition in (("job", f"status <> '{Status.PREPARED}'"), ("ledger", "1")):
            taken = 0
            with contextlib.suppress(sqlite3.Error):
                both = columns(old, table) & columns(connection, table)  # an older version had fewer
                names = ", ".join(sorted(both))
                for row in old.execute(f"SELECT {names} FROM {table} WHERE {condition}"):
                    places = ", ".join("?" * len(row))
                    connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", row)
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
