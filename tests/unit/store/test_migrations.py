"""The store's versions: what an older one holds comes along, and who wrote it may go on writing."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.errors import StoreUnavailable
from client.jobs.states import Status
from client.paths import Home
from client.store import JobTable, migrations, open_database
from client.store.ledger import Ledger
from client.store.rate_budget import RateTable
from support.agent_lab.old_store import STATES, OldStore

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def old(home: Home) -> Iterator[OldStore]:
    """A store of version 1 and the connection of a process that goes on using it."""
    opened = OldStore(home.database)
    yield opened
    opened.close()


def test_a_job_in_every_state_survives_the_migration(home: Home, old: OldStore) -> None:
    assert set(STATES) == {status.value for status in Status}, "the fixture lacks a state"
    made = old.fill(home.root)
    old.beat()  # its agent is at work: what waits is not that of a copy
    database = open_database(home, durable=True, busy_seconds=1)
    assert migrations.version_of(database.connection) == migrations.SCHEMA_VERSION
    jobs = JobTable(database)
    for status, job_id in made.items():
        job = jobs.get(job_id)
        assert job is not None and job.message == f"It is {status}", status
        assert job.status.value == status and job.request and job.credits == 40
        assert job.task_id == (None if status in ("PREPARED", "SUBMITTING", "UNCERTAIN") else f"task-{status}")
        assert (job.pressed_at, job.former_account) == (None, "")
        assert (job.claimed_by, job.claimed_at, job.incomplete) == ("", None, "")
        assert (job.source_job, job.prepared, job.press) == ("", "", "")
        assert (job.faces, job.bounds) == (0, "")
        assert (job.shelf, job.pinned, job.shelf_pinned, job.full_faces) == ("", 0, 0, 0)
    assert len(Ledger(database).entries()) == 9
    database.close()


def test_an_agent_of_version_1_writes_its_task_id_after_a_newer_blender_migrated(home: Home, old: OldStore) -> None:
    old.press("mid-job")
    old.connection.execute("INSERT INTO request_stamp (account_id, at, purpose) VALUES ('account', NULL, 'submit')")
    assert old.change("mid-job", "PREPARED", status="SUBMITTING", message="Sending the request", balance_before="")
    database = open_database(home, durable=True, busy_seconds=1)
    old.accepted("mid-job", "paid-task")
    job = JobTable(database).get("mid-job")
    assert job is not None and (job.status, job.task_id) == (Status.QUEUED, "paid-task")
    assert [entry.task_id for entry in Ledger(database).entries()] == ["paid-task"]
    database.close()


def test_every_statement_of_version_1_works_on_a_migrated_store(home: Home, old: OldStore) -> None:
    made = old.fill(home.root)
    database = open_database(home, durable=True, busy_seconds=1)
    old.press("new one")
    old.beat()
    old.leave()
    for outcome in ("charged", "charged", "refunded"):  # a second task of one job is charged too
        old.charge(made["READY"], "account", "task-READY", outcome)
    old.everything_else(made["READY"])
    job = JobTable(database).get("new one")
    assert job is not None and job.status is Status.PREPARED
    assert RateTable(database, "account", 3).budget(0.0).limit == 2
    database.close()


def test_a_new_store_and_a_migrated_one_have_the_same_schema(home: Home, old: OldStore, tmp_path: Path) -> None:
    migrated = open_database(home, durable=True, busy_seconds=1)
    made = open_database(Home(tmp_path / "new"), durable=True, busy_seconds=1)
    assert _schema(made.connection) == _schema(migrated.connection)
    migrated.close()
    made.close()


def test_what_version_1_writes_without_naming_columns_keeps_its_columns(home: Home) -> None:
    """Such a statement fails once a column is added, and takes the task id with it that it was to write."""
    database = open_database(home, durable=True, busy_seconds=1)
    counts = {
        table: len(database.connection.execute(f"PRAGMA table_xinfo({table})").fetchall())
        for table in ("ledger", "rate", "meta")
    }
    assert counts == {"ledger": 8, "rate": 5, "meta": 2}
    for index in ("ledger", "rate", "meta", "job", "request_stamp", "balance", "lease"):
        unique = [row[1] for row in database.connection.execute(f"PRAGMA index_list({index})") if row[2]]
        assert all(name == "job_by_revision" or name.startswith("sqlite_autoindex") for name in unique), unique
    database.close()


def test_a_migration_that_fails_changes_nothing(home: Home, old: OldStore, monkeypatch: pytest.MonkeyPatch) -> None:
    old.fill(home.root)
    broken = {**migrations._STEPS, 2: migrations._STEPS[2] + "ALTER TABLE nothing ADD COLUMN x"}
    monkeypatch.setattr(migrations, "_STEPS", broken)
    before = _schema(old.connection)
    with pytest.raises(StoreUnavailable):
        open_database(home, durable=True, busy_seconds=1)
    assert _schema(old.connection) == before and migrations.version_of(old.connection) == 1
    assert old.connection.execute("SELECT count(*) FROM job").fetchone()[0] == len(STATES)
    monkeypatch.undo()
    open_database(home, durable=True, busy_seconds=1).close()


def test_a_store_of_a_newer_version_says_which_extension_to_update(home: Home, old: OldStore) -> None:
    old.fill(home.root)
    old.connection.execute("PRAGMA user_version = 99")
    before = list(old.connection.execute("SELECT * FROM job"))
    with pytest.raises(StoreUnavailable, match="update"):
        open_database(home, durable=True, busy_seconds=1)
    assert list(old.connection.execute("SELECT * FROM job")) == before
    assert migrations.version_of(old.connection) == 99


def test_no_statement_writes_a_row_without_naming_its_columns() -> None:
    """The next version adds columns beside agents of this one, as this one does beside agents of version 1."""
    unnamed = re.compile(r"INSERT (?:OR \w+ )?INTO \w+ (?:VALUES|SELECT)")
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for folder in ("client", "operators", "sandbox")
        for path in (ROOT / folder).rglob("*.py")
        for match in unnamed.finditer(re.sub(r"\"\s*\n\s*\"", "", path.read_text("utf-8")))
    ]
    assert not found


def _schema(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Columns of every table, whatever their order, and the indexes."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    schema = {
        name: sorted(tuple(row)[1:] for row in connection.execute(f"PRAGMA table_info({name})")) for name in names
    }
    indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    schema["indexes"] = [tuple(row) for row in connection.execute(indexes)]
    return schema
