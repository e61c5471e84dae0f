"""The last known balance of each account, and the wish to know it again."""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import dataclass
from decimal import Decimal

from ..credits import read_credits, read_time
from .database import Database, is_our_mistake

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Balance:
    """``credits`` as of ``at`` (seconds since the epoch), both None while unknown.

    ``pending`` while an answer is awaited; ``problem`` is why the last try failed, or empty.
    """

    credits: Decimal | None
    at: float | None
    pending: bool
    problem: str


_UNKNOWN = Balance(None, None, False, "")


class BalanceTable:
    """Reads and writes balances through one connection."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def read(self, account_id: str) -> Balance:
        """Return what is known; what cannot be a balance counts as unknown."""
        try:
            row = self.database.connection.execute(
                "SELECT credits, at, asked, problem FROM balance WHERE account_id = ?", (account_id,)
            ).fetchone()
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) is not None:
                raise
            return _UNKNOWN  # a text that is none
        if row is None:
            return _UNKNOWN
        problem = row["problem"] if isinstance(row["problem"], str) else ""
        return Balance(read_credits(row["credits"]), read_time(row["at"]), row["asked"] == 1, problem)

    def ask(self, account_id: str) -> None:
        """Ask the agent to fetch the balance when the rate budget allows."""
        self.database.connection.execute(
            "INSERT INTO balance (account_id, asked) VALUES (?, 1)"
            " ON CONFLICT (account_id) DO UPDATE SET asked = 1, problem = ''",
            (account_id,),
        )

    def ask_aside(self, account_id: str) -> None:
        """Do the same beside something that matters more, which goes on when the balance cannot be asked for.

        Raises sqlite3.Error when nothing can be written at all.
        """
        try:
            self.ask(account_id)
        except sqlite3.Error as error:
            if not is_our_mistake(error):
                raise
            log.error("the balance cannot be asked for: %s", error)

    def answer(self, account_id: str, credits: Decimal) -> None:
        """Write the balance that the service told."""
        self.database.connection.execute(
            "INSERT OR REPLACE INTO balance (account_id, credits, at, asked, problem) VALUES (?, ?, ?, 0, '')",
            (account_id, str(credits), time.time()),
        )

    def fail(self, account_id: str, problem: str) -> None:
        """Write why the balance could not be fetched."""
        self.database.connection.execute(
            "UPDATE balance SET asked = 0, problem = ? WHERE account_id = ?",
            (self.database.connection.spoken("problem", problem), account_id),
        )
