# SPDX-License-Identifier: GPL-3.0-or-later
"""Create the store's schema, and migrate older versions in place.

Migrations only add: columns with a default, tables, indexes that are not unique. An agent of an older version may be
at work while a newer Blender migrates its store, and what it writes next may be the task id of a paid request. So no
table may change that version 1 writes without naming its columns (``ledger``, ``rate`` and ``meta``): what belongs to
their rows goes into a table beside them. ``tests/support/agent_lab/old_store.py`` has the statements of version 1.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

SCHEMA_VERSION = 2

_STEPS: Mapping[int, str] = {
    1: """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('revision', 0);

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
""",
    2: """
ALTER TABLE job ADD COLUMN pressed_at REAL;
ALTER TABLE job ADD COLUMN former_account TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN claimed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN claimed_at REAL;
ALTER TABLE job ADD COLUMN incomplete TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN source_job TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN prepared TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN press TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN faces INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN bounds TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN shelf TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN shelf_pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN full_faces INTEGER NOT NULL DEFAULT 0;
CREATE INDEX job_by_source ON job (source_job) WHERE source_job != '';
UPDATE job SET balance_before = '' WHERE status != 'SUBMITTING';

ALTER TABLE balance ADD COLUMN steady INTEGER NOT NULL DEFAULT 0;
ALTER TABLE balance ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE INDEX ledger_by_job ON ledger (job_id);
CREATE INDEX ledger_by_task ON ledger (task_id);
INSERT OR REPLACE INTO meta (name, value) SELECT 'identity', 'unknown' WHERE EXISTS (SELECT 1 FROM job);

CREATE TABLE blender_session (
    session_id TEXT PRIMARY KEY,
    may_go_online INTEGER NOT NULL
) WITHOUT ROWID;
""",
}
"""What leads to each version from the one before, and to the first from nothing, as statements that end with a
semicolon."""


class NewerStore(sqlite3.OperationalError):
    """A store that a newer version of the extension has written."""


def migrate(connection: sqlite3.Connection) -> None:
    """Lead a new file or an older one to the present schema, do nothing to a present one; all of it or nothing.

    Raises sqlite3.Error; NewerStore, having changed nothing, for a store of a newer version.
    """
    if version_of(connection) == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)  # another process may have been faster
        if version > SCHEMA_VERSION:
            raise NewerStore("it was written by a newer version of the extension")
        for following in range(version + 1, SCHEMA_VERSION + 1):
            for statement in _STEPS[following].split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of a store's schema; 0 for a new file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
