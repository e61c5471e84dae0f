# SPDX-License-Identifier: GPL-3.0-or-later
"""Open one connection to the store, with the durability its user needs.

The agent writes with ``synchronous=FULL``: every state change is on disk before the next step. Blender's own
writes are single small rows that cost nothing if a power cut loses them, so it uses ``NORMAL`` and a short
busy time-out that keeps its main thread free.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from .migrations import migrate
from .redacted_connection import DiscreetConnection

_NO_FILE = (-1, -1)
"""The identity of no file."""


class Database:
    """One connection to the store. Not shared between threads."""

    def __init__(self, path: Path, *, durable: bool, busy_seconds: float) -> None:
        """Open the store, creating it when it is new; raises sqlite3.Error or OSError."""
        self.path = path
        self._durable = durable
        self.busy_seconds = busy_seconds
        self._depth = 0
        self._secrets: frozenset[str] = frozenset()
        self.connection = connect(path, durable, busy_seconds)
        self._file: tuple[int, int] | None = identity(path)

    @property
    def file(self) -> tuple[int, int] | None:
        """What tells the file that is open from others (see `identity`)."""
        return self._file

    def close(self) -> None:
        """Close the connection. From now on it is not in its place, so that whoever goes on using it reopens it."""
        self.connection.close()
        self._depth = 0
        self._file = _NO_FILE

    def reopen(self) -> None:
        """Open the file that is at the store's place now; raises as the constructor, and is closed then."""
        self.close()
        self.connection = connect(self.path, self._durable, self.busy_seconds)
        self.connection.secrets = self._secrets
        self._file = identity(self.path)

    def add_secret(self, secret: str) -> None:
        """Write this secret nowhere from now on, whatever text it comes in; told by whoever comes to know it."""
        if secret not in self._secrets:
            self._secrets |= {secret}
            self.connection.secrets = self._secrets

    def is_in_place(self) -> bool:
        """Whether the file we have open is still the one at its place: neither removed nor set aside, nor waiting
        for everybody to close it so that it can be."""
        return self._file == identity(self.path) and not closing_mark(self.path).exists()

    def data_version(self) -> int:
        """Return a number that changes when another connection has written (microseconds)."""
        return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    @contextlib.contextmanager
    def transaction(self) -> Generator[DiscreetConnection]:
        """Hold the write lock for a few statements: all of them happen, or none. Within another one, join it."""
        if self._depth:
            yield self.connection
            return
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # what a full disk broke off has been rolled back by SQLite
                connection.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0

    def next_revision(self) -> int:
        """Return the next number in the order of all changes; call it inside a transaction."""
        row = self.connection.execute(
            "UPDATE meta SET value = value + 1 WHERE name = 'revision' RETURNING value"
        ).fetchone()
        return int(row[0])

    def setting(self, name: str) -> str | None:
        """Return a small setting shared by all processes."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, name: str, value: str) -> None:
        """Write a small setting shared by all processes, when it differs."""
        if self.setting(name) != value:
            self.connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any], conflict: str = "ABORT") -> None:
    """Write a row; ``conflict`` says what SQLite does about one that is there (``ABORT``, ``IGNORE``, ``REPLACE``)."""
    names, places = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT OR {conflict} INTO {table} ({names}) VALUES ({places})", tuple(row.values()))


def is_database_error(error: BaseException) -> bool:
    """Whether an exception came from SQLite (for callers that must not import ``sqlite3`` early)."""
    return isinstance(error, sqlite3.Error)


def is_damage(error: BaseException) -> bool:
    """Whether an exception says that the file's content is broken, and not only out of reach for now."""
    code = _primary_code(error)
    # A file that somebody has emptied is a sound one to SQLite.
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or (code >= 0 and "no such table" in str(error))


def is_busy(error: BaseException) -> bool:
    """Whether an exception says that another process is writing."""
    return _primary_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_our_mistake(error: BaseException) -> bool:
    """Whether an exception says that the statement was wrong: no waiting helps against that."""
    mistakes = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_MISUSE)
    return _primary_code(error) in mistakes and not is_damage(error)


def _primary_code(error: BaseException) -> int:
    """Return SQLite's primary result code; -1 for an error that is not from it."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def connect(path: Path, durable: bool, busy_seconds: float) -> DiscreetConnection:
    """Return a connection to the store, made when it is not there yet; raises sqlite3.Error or OSError."""
    if not path.exists():
        # SQLite would create it with the process's umask; the side files inherit the mode of this one.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(
        path, timeout=busy_seconds, isolation_level=None, check_same_thread=False, factory=DiscreetConnection
    )
    try:
        connection.row_factory = sqlite3.Row
        _switch_to_wal(connection, busy_seconds)
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        # On macOS alone the disk is asked for more than `fsync` does; checkpoints are made by who is durable.
        connection.execute(f"PRAGMA fullfsync = {int(durable)}")
        connection.execute(f"PRAGMA checkpoint_fullfsync = {int(durable)}")
        migrate(connection)
        return connection
    except BaseException:
        connection.close()
        raise


def _switch_to_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch the journal; SQLite does not wait by itself when two processes do so to a new file at once."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)


def closing_mark(path: Path) -> Path:
    """Return the file whose presence asks everybody to close the store (see ``opening``)."""
    return path.with_name("jobs.closing")


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells one file from another that takes its place; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
