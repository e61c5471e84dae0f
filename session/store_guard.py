# SPDX-License-Identifier: GPL-3.0-or-later
"""Reopen the store when it was replaced; start a new one when it is damaged."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..client.notices import N_
from ..client.store import is_busy, is_damage, is_database_error, reopen, start_anew
from ..client.store.opening import REPLACED_SETTING, unavailable
from .log import log

if TYPE_CHECKING:
    from ..client.paths import Home
    from ..client.store import Database

DAMAGED = N_(
    "The job list was damaged: a new one was started, paid jobs go on, and the old list is kept in the add-on's"
    " data folder"
)
REMOVED = N_("The job list was removed: a new one was started, and jobs that the helper still works on come back")

_SETTLING_SECONDS = 10.0


def tune(database: Database) -> None:
    """Keep Blender's main thread from waiting for other processes and for the disk."""
    # The agent merges the write-ahead log into the file: that waits for the disk, which ours must not.
    database.connection.execute("PRAGMA wal_autocheckpoint = 0")
    database.connection.execute("PRAGMA busy_timeout = 0")


class StoreGuard:
    """Looks after one connection to the store."""

    def __init__(self, home: Home, database: Database) -> None:
        self.home = home
        self.database = database
        self._changed_at = float("-inf")

    @property
    def is_settling(self) -> bool:
        """Whether the store was replaced a moment ago: an agent may still have jobs to put back."""
        return time.monotonic() - self._changed_at < _SETTLING_SECONDS

    def reopen(self, wait: float = 0.0) -> str:
        """Open the store that has taken the place of ours and return what happened, for the artist; nothing when ours
        is in its place (one ``stat``).

        ``wait`` is how many seconds another process may take that is opening it now. Raises StoreUnavailable when
        it cannot be opened, and sqlite3.Error when another process took longer.
        """
        if self.database.is_in_place():
            return ""
        log(__name__).warning("the job list is no longer in its place")
        try:
            self.home.prepare()
            reopen(self.database, wait=wait)
            return self._opened()
        except Exception as error:
            if (is_database_error(error) and not is_busy(error)) or isinstance(error, OSError):
                raise unavailable(self.home, error) from error
            raise

    def replace(self, error: Exception) -> str:
        """Put a new store in the place of ours if an error says that it is damaged, and return that for the artist;
        nothing when it is not.

        Raises StoreUnavailable when there is no other store to be had.
        """
        if not is_damage(error):
            return ""
        log(__name__).error("the job list is damaged: %s", error)
        try:
            start_anew(self.database)
            return self._opened()
        except Exception as worse:
            if is_database_error(worse) or isinstance(worse, OSError):
                raise unavailable(self.home, worse) from worse
            raise

    def _opened(self) -> str:
        tune(self.database)
        self._changed_at = time.monotonic()
        return DAMAGED if self.database.setting(REPLACED_SETTING) is not None else REMOVED
