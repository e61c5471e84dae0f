"""A store of schema version 1 and what agents and Blenders of that version write, word for word. Never changed."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

VERSION_1 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta VALUES ('revision', 0);
CREATE TABLE job (
    job_id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    placement TEXT NOT NULL,
    target TEXT NOT NULL,
    status TEXT NOT NULL,
    task_id TEXT,
    progress INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    credits INTEGER NOT NULL,
    created_at REAL NOT NULL,
    submitted_at REAL,
    finished_at REAL,
    finishes_at REAL,
    updated_at REAL NOT NULL,
    file TEXT NOT NULL DEFAULT '',
    blend TEXT NOT NULL DEFAULT '',
    thumbnail TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    kept INTEGER NOT NULL DEFAULT 0,
    used_at REAL,
    balance_before TEXT NOT NULL DEFAULT '',
    hidden INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX job_by_revision ON job (revision);
CREATE INDEX job_by_status ON job (status, account_id);
CREATE INDEX job_by_creation ON job (hidden, created_at);
CREATE TABLE request_stamp (
    stamp_id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    at REAL,
    purpose TEXT NOT NULL
);
CREATE INDEX request_stamp_by_account ON request_stamp (account_id, at);
CREATE TABLE rate (
    account_id TEXT PRIMARY KEY,
    lowered_to INTEGER NOT NULL,
    changed_at REAL NOT NULL,
    blocked_at REAL NOT NULL,
    blocked_seconds REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE lease (
    account_id TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    pid INTEGER NOT NULL,
    beat_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE balance (
    account_id TEXT PRIMARY KEY,
    credits TEXT NOT NULL DEFAULT '',
    at REAL,
    asked INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE ledger (
    job_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    at REAL NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    task_id TEXT NOT NULL DEFAULT '',
    credits INTEGER NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX ledger_by_time ON ledger (account_id, at);
PRAGMA user_version = 1;
"""

STATES = (
    "PREPARED",
    "SUBMITTING",
    "UNCERTAIN",
    "QUEUED",
    "RUNNING",
    "DOWNLOADING",
    "CONVERTING",
    "READY",
    "IMPORTED",
    "FAILED",
    "CANCELLED",
    "EXPIRED",
)
_UNPAID = ("PREPARED", "SUBMITTING", "UNCERTAIN")
_WITH_FILE = ("CONVERTING", "READY", "IMPORTED")

_JOB_COLUMNS = (
    "job_id, revision, account_id, kind, name, request, placement, target, status, task_id, progress, message, error,"
    " credits, created_at, submitted_at, finished_at, finishes_at, updated_at, file, blend, thumbnail, sha256, size,"
    " kept, used_at, balance_before, hidden"
)


class OldStore:
    """A connection of a process of version 1: made before a newer one comes, and used on after that."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        self.connection.execute("PRAGMA journal_mode = WAL")
        if not self.connection.execute("PRAGMA user_version").fetchone()[0]:
            self.connection.executescript(VERSION_1)

    def close(self) -> None:
        self.connection.close()

    def press(self, job_id: str, account_id: str = "account", prompt: str = "a sword") -> None:
        """What a press of Generate writes."""
        request = {"images": [], "kind": "text_to_3d", "model_version": "3.0", "parameters": {"prompt": prompt}}
        now = time.time()
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute(
            "INSERT INTO job (job_id, revision, account_id, kind, name, request, placement, target, status,"
            " task_id, credits, created_at, submitted_at, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                job_id,
                self._revision(),
                account_id,
                "text_to_3d",
                prompt,
                json.dumps(request),
                "{}",
                "",
                "PREPARED",
                None,
                40,
                now,
                None,
                now,
            ),
        )
        self.connection.execute("COMMIT")

    def fill(self, root: Path, account_id: str = "account") -> dict[str, str]:
        """Write a job in every state, with the files of those that have some; return their ids by state."""
        made: dict[str, str] = {}
        for number, status in enumerate(STATES):
            job_id = made[status] = f"{number:012x}"
            self.press(job_id, account_id, status.lower())
            changes: dict[str, str | float] = {"status": status, "message": f"It is {status}"}
            if status not in _UNPAID:
                changes |= {"task_id": f"task-{status}", "submitted_at": time.time()}
                self.charge(job_id, account_id, f"task-{status}")
            if status in _WITH_FILE:
                folder = root / "results" / job_id
                folder.mkdir(parents=True)
                (folder / "model.glb").write_bytes(status.encode())
                (folder / "model.blend").write_bytes(status.encode() * 2)
                (folder / "thumbnail.png").write_bytes(status.encode() * 3)
                relative = f"results/{job_id}/"
                changes |= {"file": relative + "model.glb", "blend": relative + "model.blend"}
                changes |= {"thumbnail": relative + "thumbnail.png", "kept": 100, "size": len(status)}
            self.change(job_id, "PREPARED", **changes)
        return made

    def change(self, job_id: str, before: str, **changes: str | float | None) -> bool:
        """What every state change writes."""
        assignments = ", ".join(f"{name} = ?" for name in changes)
        self.connection.execute("BEGIN IMMEDIATE")
        cursor = self.connection.execute(
            f"UPDATE job SET {assignments}, revision = ?, updated_at = ? WHERE job_id = ? AND status = ?",
            (*changes.values(), self._revision(), time.time(), job_id, before),
        )
        self.connection.execute("COMMIT")
        return cursor.rowcount == 1

    def accepted(self, job_id: str, task_id: str, account_id: str = "account") -> None:
        """What the agent writes when a paid request was accepted, all in one transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.charge(job_id, account_id, task_id)
        self.connection.execute("UPDATE request_stamp SET at = ? WHERE stamp_id = ?", (time.monotonic(), 1))
        self.connection.execute(
            "UPDATE job SET message = ?, error = ?, task_id = ?, submitted_at = ?, status = ?, revision = ?,"
            " updated_at = ? WHERE job_id = ? AND status = ?",
            ("", "", task_id, time.time(), "QUEUED", self._revision(), time.time(), job_id, "SUBMITTING"),
        )
        self.connection.execute("COMMIT")

    def charge(self, job_id: str, account_id: str, task_id: str, outcome: str = "charged") -> None:
        """What the ledger is told."""
        self.connection.execute(
            "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (job_id, account_id, time.time(), "a sword", "text_to_3d", task_id, 40, outcome),
        )

    def beat(self, account_id: str = "account", agent: str = "old", pid: int = 1) -> None:
        """The heartbeat of an agent."""
        self.connection.execute(
            "INSERT OR REPLACE INTO lease (account_id, agent, pid, beat_at) VALUES (?, ?, ?, ?)",
            (account_id, agent, pid, time.monotonic()),
        )

    def leave(self, account_id: str = "account", agent: str = "old") -> None:
        """An agent gives its lease back."""
        self.connection.execute("DELETE FROM lease WHERE account_id = ? AND agent = ?", (account_id, agent))

    def everything_else(self, job_id: str, account_id: str = "account") -> None:
        """Each of the other statements, once."""
        connection, now = self.connection, time.monotonic()
        connection.execute(
            "INSERT INTO request_stamp (account_id, at, purpose) VALUES (?, NULL, ?)", (account_id, "status")
        )
        connection.execute("DELETE FROM request_stamp WHERE account_id = ? AND at < ?", (account_id, 0))
        connection.execute("INSERT OR REPLACE INTO rate VALUES (?, ?, ?, ?, ?)", (account_id, 2, now, now, 1.0))
        connection.execute("SELECT * FROM rate WHERE account_id = ?", (account_id,)).fetchone()
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", ("online", "1"))
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", ("cache_limit_bytes", "5000000000"))
        connection.execute(
            "INSERT INTO balance (account_id, asked) VALUES (?, 1)"
            " ON CONFLICT (account_id) DO UPDATE SET asked = 1, problem = ''",
            (account_id,),
        )
        connection.execute(
            "INSERT OR REPLACE INTO balance (account_id, credits, at, asked, problem) VALUES (?, ?, ?, 0, '')",
            (account_id, "960", time.time()),
        )
        connection.execute("UPDATE balance SET asked = 0, problem = ? WHERE account_id = ?", ("none", account_id))
        connection.execute(
            "UPDATE job SET file = '', blend = '', kept = 0, revision = ?,"
            " thumbnail = CASE hidden WHEN 0 THEN thumbnail ELSE '' END WHERE job_id = ?",
            (self._revision(), job_id),
        )
        connection.execute("UPDATE job SET hidden = 1, revision = ? WHERE job_id = ?", (self._revision(), job_id))
        row = connection.execute(f"SELECT {_JOB_COLUMNS} FROM job WHERE job_id = ?", (job_id,)).fetchone()
        connection.execute(
            f"INSERT OR REPLACE INTO job ({_JOB_COLUMNS}) VALUES ({', '.join('?' * len(row))})",
            (row[0], self._revision(), *row[2:]),
        )

    def _revision(self) -> int:
        row = self.connection.execute(
            "UPDATE meta SET value = value + 1 WHERE name = 'revision' RETURNING value"
        ).fetchone()
        return int(row[0])
