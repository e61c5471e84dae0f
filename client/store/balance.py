# SPDX-License-Identifier: GPL-3.0-or-later
"""Store the last known balance of each account, and the wish to know it again."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Generator
from dataclasses import dataclass
from decimal import Decimal

from ..jobs.credit_amounts import read_credits
from ..notices import Notice
from .database import Database, is_our_mistake

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Balance:
    """``credits`` as of ``at`` (seconds since the epoch), both None while unknown.

    ``pending`` while an answer is awaited; ``problem`` is why the last try failed, or empty. ``steady`` when nothing
    has moved it since, as far as this machine knows; ``note`` is what was noticed about the last charge, or empty;
    both as text that `client.notices.read` takes.
    """

    credits: Decimal | None
    at: float | None
    pending: bool
    problem: str
    steady: bool = False
    note: str = ""


_UNKNOWN = Balance(None, None, False, "")


class BalanceTable:
    """Reads and writes balances through one connection."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def read(self, account_id: str) -> Balance:
        """Return what is known; what cannot be a balance counts as unknown."""
        try:
            row = self.database.connection.execute(
                "SELECT credits, at, asked, problem, steady, note FROM balance WHERE account_id = ?", (account_id,)
            ).fetchone()
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) is not None:
                raise
            return _UNKNOWN  # a text that is none
        if row is None:
            return _UNKNOWN
        problem, note = (row[name] if isinstance(row[name], str) else "" for name in ("problem", "note"))
        credits, at = read_credits(row["credits"]), read_time(row["at"])
        return Balance(credits, at, row["asked"] == 1, problem, row["steady"] == 1, note)

    def ask(self, account_id: str) -> None:
        """Ask the agent to fetch the balance when the rate budget allows."""
        self.database.connection.execute(
            "INSERT INTO balance (account_id, asked) VALUES (?, 1)"
            " ON CONFLICT (account_id) DO UPDATE SET asked = 1, problem = ''",
            (account_id,),
        )

    def ask_aside(self, account_id: str) -> None:
        """Do the same beside something that matters more, which goes on when this fails."""
        with _aside():
            self.ask(account_id)

    def answer(self, account_id: str, credits: Decimal, *, steady: bool = False) -> None:
        """Write the balance that the service told."""
        self.database.connection.execute(
            "INSERT INTO balance (account_id, credits, at, asked, problem, steady) VALUES (?, ?, ?, 0, '', ?)"
            " ON CONFLICT (account_id) DO UPDATE SET credits = excluded.credits, at = excluded.at, asked = 0,"
            " problem = '', steady = excluded.steady",
            (account_id, str(credits), time.time(), int(steady)),
        )

    def moved(self, account_id: str) -> None:
        """Note, beside something that matters more, that something was charged or given back since."""
        with _aside():
            self.database.connection.execute(
                "UPDATE balance SET steady = 0 WHERE account_id = ? AND steady != 0", (account_id,)
            )

    def write_note(self, account_id: str, note: Notice | None) -> None:
        """Write, beside something that matters more, what was noticed about the last charge; None once it is read."""
        said = note.to_text() if note else ""
        with _aside():
            self.database.connection.execute(
                "UPDATE balance SET note = ? WHERE account_id = ? AND note != ?", (said, account_id, said)
            )

    def fail(self, account_id: str, problem: Notice) -> None:
        """Write why the balance could not be fetched."""
        self.database.connection.execute(
            "UPDATE balance SET asked = 0, problem = ? WHERE account_id = ?",
            (self.database.connection.redacted("problem", problem), account_id),
        )


@contextlib.contextmanager
def _aside() -> Generator[None]:
    """Go on when the balance cannot be written; raises sqlite3.Error when nothing can be written at all."""
    try:
        yield
    except sqlite3.Error as error:
        if not is_our_mistake(error):
            raise
        log.error("the balance cannot be written: %s", error)


def read_time(value: object) -> float | None:
    """Return seconds since the epoch, or None for what cannot be a time that Blender can show. Never raises."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 2**31 else None
