# SPDX-License-Identifier: GPL-3.0-or-later
"""Record the Blenders that use the store, and whether each may go online.

A session counts as alive for as long as it holds the lock on its own small file. The lock is SQLite's, as that of the
opening is: it ends with its process, however that ends, also while Blender renders for hours and tells nobody anything.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import uuid
from pathlib import Path

from .database import Database, is_busy


class BlenderSession:
    """This Blender's entry. Made and used by one thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._id = uuid.uuid4().hex[:12]
        self._lock: sqlite3.Connection | None = None

    def write(self, *, may_go_online: bool) -> None:
        """Write whether this Blender may go online; raises sqlite3.Error or OSError. Also after the store was lost."""
        path = _lock_path(self._database.path, self._id)
        if self._lock is None or not path.exists():
            self._release()
            self._lock = _lock(path, create=True)
        self._database.connection.execute(
            "INSERT INTO blender_session (session_id, may_go_online) VALUES (?, ?)"
            " ON CONFLICT (session_id) DO UPDATE SET may_go_online = excluded.may_go_online",
            (self._id, int(may_go_online)),
        )

    def end(self) -> None:
        """Take the entry away. What cannot be written is tidied up by others."""
        if self._lock is None:
            return
        with contextlib.suppress(sqlite3.Error):
            self._database.connection.execute("DELETE FROM blender_session WHERE session_id = ?", (self._id,))
        self._release()
        with contextlib.suppress(OSError):
            _lock_path(self._database.path, self._id).unlink()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def may_go_online(database: Database) -> bool | None:
    """Return whether a Blender that is alive may go online; None when none is alive. Raises sqlite3.Error.

    Entries of dead ones are removed where that matters.
    """
    rows = database.connection.execute("SELECT session_id, may_go_online FROM blender_session").fetchall()
    if not any(row["may_go_online"] for row in rows) or all(row["may_go_online"] for row in rows):
        # Whoever lives says the same; a look at one that lives is enough.
        return bool(rows[0]["may_go_online"]) if any(_is_alive(database, row["session_id"]) for row in rows) else None
    alive = [bool(row["may_go_online"]) for row in rows if _is_alive(database, row["session_id"])]
    return any(alive) if alive else None


def is_used(store: Path) -> bool:
    """Whether a Blender that is alive uses a store, by the locks beside it."""
    return any(_is_locked(path) for path in store.parent.glob("blender-*.lock"))


def _is_alive(database: Database, session_id: str) -> bool:
    path = _lock_path(database.path, session_id)
    if _is_locked(path):
        return True
    with contextlib.suppress(OSError):
        path.unlink()
    database.connection.execute("DELETE FROM blender_session WHERE session_id = ?", (session_id,))
    return False


def _is_locked(path: Path) -> bool:
    try:
        _lock(path, create=False).close()
    except sqlite3.Error as error:
        return is_busy(error)
    except OSError:
        pass
    return False


def _lock(path: Path, *, create: bool) -> sqlite3.Connection:
    """Return a connection that holds the lock until it is closed; raises sqlite3.Error (busy: somebody else does)."""
    os.close(os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600))
    connection = sqlite3.connect(path, timeout=0.0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except BaseException:
        connection.close()
        raise
    return connection


def _lock_path(store: Path, session_id: str) -> Path:
    return store.with_name(f"blender-{session_id}.lock")
