"""The last known balance of each account, and the wish to know it again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal

from .database import Database


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
        """Return what is known."""
        row = self.database.connection.execute(
            "SELECT credits, at, asked, problem FROM balance WHERE account_id = ?", (account_id,)
        ).fetchone()
        if row is None:
            return _UNKNOWN
        credits = Decimal(row["credits"]) if row["credits"] else None
        return Balance(credits, row["at"], bool(row["asked"]), row["problem"])

    def ask(self, account_id: str) -> None:
        """Ask the agent to fetch the balance when the rate budget allows."""
        self.database.connection.execute(
            "INSERT INTO balance (account_id, asked) VALUES (?, 1)"
            " ON CONFLICT (account_id) DO UPDATE SET asked = 1, problem = ''",
            (account_id,),
        )

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
