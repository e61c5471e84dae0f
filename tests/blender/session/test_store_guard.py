"""The store is removed, set aside or damaged while Blender runs: it is opened again, and the artist is told."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.models.placed import models
from support.sandbox_service.service import SandboxControl

Package = Callable[[str], ModuleType]


class Store:
    """What happens to the store, and this Blender's view of it. There is no agent."""

    def __init__(self, package: Package, home: Path) -> None:
        self.package = package
        self.home = home
        self.session: Any = package("session.current").session()

    def may_go_online(self) -> bool | None:
        """What agents are told of this Blender."""
        told: bool | None = self.package("client.store.blender_sessions").may_go_online(self.session.database)
        return told

    def add(self, status: str, name: str = "a cup", account_id: str = "account") -> str:
        """Put a job into the store as another process would."""
        request = self.package("client.jobs.request").GenerationRequest(
            self.package("client.schema").TEXT, parameters={"prompt": name}
        )
        store = self.package("client.store")
        task_id = None if status in ("PREPARED", "UNCERTAIN") else f"task-{name}"
        with self.other() as database:
            return str(
                store.JobTable(database).insert(
                    store.NewJob(account_id, request),
                    status=self.package("client.jobs.states").Status[status],
                    task_id=task_id,
                )
            )

    def other(self) -> Any:
        """The store as another process opens it."""
        place = self.package("client.paths").Home(self.home)
        database = self.package("client.store").open_database(place, durable=False, busy_seconds=5.0)

        class Closing:
            def __enter__(self) -> Any:
                return database

            def __exit__(self, *_error: object) -> None:
                database.close()

        return Closing()

    def remove(self) -> None:
        for file in self.home.glob("jobs.sqlite3*"):
            file.unlink(missing_ok=True)

    def set_aside(self) -> None:
        """As an agent does that finds it damaged."""
        with self.other() as database:
            self.package("client.store").start_anew(database)

    def wreck(self) -> None:
        """Overwrite it in place, as a sync program does."""
        for name in ("jobs.sqlite3", "jobs.sqlite3-wal"):
            with (self.home / name).open("r+b") as stream:
                size = stream.seek(0, 2)
                stream.seek(0)
                stream.write(os.urandom(max(size, 4096)))

    def breaks_an_index(self) -> None:
        """Break one page, as a bad disk does: everything else can still be read."""
        connection = self.session.database.connection
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'job_by_revision'"
        page = connection.execute(query).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        with (self.home / "jobs.sqlite3").open("r+b") as stream:
            stream.seek((page - 1) * size)
            stream.write(bytes(size))
        with closing(sqlite3.connect(self.home / "jobs.sqlite3", isolation_level=None)) as other:
            other.execute("UPDATE meta SET value = value + 1 WHERE name = 'revision'")  # it is read again

    def rows(self) -> dict[str, str]:
        """Name and status of what the artist sees."""
        for _ in range(4):
            self.session.tick()
        return {row.name: row.status for row in bpy.context.window_manager.tripo.jobs}

    @property
    def notice(self) -> str:
        return str(bpy.context.window_manager.tripo.notice)


@pytest.fixture
def store(package: Package, home: Path, sandbox: SandboxControl) -> Store:
    return Store(package, home)


def test_set_aside_by_the_agent(store: Store) -> None:
    store.add("RUNNING", "a cup")
    store.add("READY", "a jug")
    store.add("UNCERTAIN", "a mug")
    store.add("PREPARED", "a pot")
    assert len(store.rows()) == 4 and not store.notice
    store.set_aside()
    assert store.rows() == {"a cup": "RUNNING", "a jug": "READY", "a mug": "UNCERTAIN"}
    assert "damaged" in store.notice and "kept" in store.notice
    store.add("FAILED", "a bowl")
    assert store.rows()["a bowl"] == "FAILED", "it follows the new one"


def test_damage_is_found_by_blender_itself(store: Store) -> None:
    store.add("RUNNING", "a cup")
    store.add("PREPARED", "a pot")
    assert len(store.rows()) == 2
    store.breaks_an_index()
    assert store.rows() == {"a cup": "RUNNING"}
    assert "damaged" in store.notice
    assert len(list(store.home.glob("jobs.damaged-*.sqlite3"))) == 1
    assert store.rows() == {"a cup": "RUNNING"}
    assert len(list(store.home.glob("jobs.damaged-*.sqlite3"))) == 1, "once is enough"


def test_overwritten_with_something_else(store: Store) -> None:
    store.add("RUNNING", "a cup")
    assert store.rows()
    store.wreck()
    with store.other():
        pass  # any other process finds it so
    assert store.rows() == {}, "nothing could be read of it"
    assert "damaged" in store.notice
    store.add("READY", "a jug")
    assert store.rows() == {"a jug": "READY"}


def test_removed(store: Store) -> None:
    store.add("IMPORTED", "a cup")
    assert store.rows()
    store.remove()
    assert store.rows() == {}
    assert "removed" in store.notice
    store.add("READY", "a jug")
    assert store.rows() == {"a jug": "READY"}
    store.session.file_loaded(is_startup=False)
    store.rows()
    assert not store.notice, "another file, another page"


def test_a_press_goes_into_the_store_that_is_there(store: Store) -> None:
    """Between two ticks: what is written into a file that was removed would be lost."""
    done = store.add("FAILED", "a cup")
    assert store.rows()
    store.set_aside()
    assert bpy.ops.tripo.remove_job(job_id=done) == {"FINISHED"}
    with store.other() as database:
        (row,) = database.connection.execute("SELECT hidden FROM job").fetchall()
        assert row["hidden"] == 1
    assert "damaged" in store.notice or store.rows() == {}


def test_a_press_that_meets_damage_says_what_to_do(store: Store) -> None:
    done = store.add("FAILED", "a cup")
    assert store.rows()
    store.breaks_an_index()
    with pytest.raises(RuntimeError, match="damaged and a new one was started: try again"):
        bpy.ops.tripo.remove_job(job_id=done)
    assert bpy.ops.tripo.remove_job(job_id=done) == {"FINISHED"}
    assert store.rows() == {}


def test_where_there_can_be_no_store_the_artist_is_told(store: Store) -> None:
    store.add("IMPORTED", "a cup")
    assert store.rows()
    store.remove()
    (store.home / "jobs.sqlite3").mkdir()
    store.rows()
    assert "cannot be used" in store.notice and "check that the folder" in store.notice
    (store.home / "jobs.sqlite3").rmdir()
    store.add("READY", "a jug")
    assert store.rows() == {"a jug": "READY"}
    assert "cannot be used" not in store.notice


def test_the_new_store_is_told_that_blender_is_offline(store: Store, sandbox: SandboxControl) -> None:
    store.rows()
    bpy.context.preferences.system.use_online_access = False
    store.rows()
    assert store.may_go_online() is False
    store.remove()
    store.rows()
    assert store.may_go_online() is False


def test_a_tick_does_not_wait_for_who_is_opening_it(store: Store) -> None:
    store.add("IMPORTED", "a cup")
    assert store.rows()
    place = store.home / "jobs.sqlite3"
    with store.package("client.store.opening").gate(place, 1.0):
        store.remove()
        store.session.tick()
        assert not place.exists()
    assert store.rows() == {}
    assert "removed" in store.notice


@pytest.mark.usefixtures("short_past")
def test_a_script_that_waits_goes_on(
    package: Package, sandbox: SandboxControl, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Removed while the agent works on a job: the agent puts it back, and the operator that waits delivers it."""
    sandbox.settings(requests_per_minute=0, seconds=2.0)
    preferences = package("properties.preferences").get_preferences(bpy.context)
    preferences.requests_per_minute = 600
    said: list[str] = []

    def say(text: str) -> None:
        if "QUEUED" in text and not any("QUEUED" in line for line in said):
            for file in home.glob("jobs.sqlite3*"):
                file.unlink(missing_ok=True)
        said.append(text)

    monkeypatch.setattr(package("session.wait"), "say", say)
    try:
        assert bpy.ops.tripo.text_to_3d(prompt="a cup") == {"FINISHED"}
    finally:
        preferences.property_unset("requests_per_minute")
    assert any("QUEUED" in line for line in said)
    assert [collection.name for collection in models()] == ["a cup"]
    assert len(sandbox.state()["submissions"]) == 1


@pytest.mark.usefixtures("short_past")
def test_a_script_waits_while_another_process_opens_the_store(
    package: Package, sandbox: SandboxControl, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tick that finds the store gone cannot open it, and leaves it closed: the operator waits for its turn."""
    sandbox.settings(requests_per_minute=0, seconds=2.0)
    session_class = package("session.session").Session
    tick, closed, gate = session_class.tick, [], contextlib.ExitStack()

    def say(text: str) -> None:
        if "QUEUED" in text and not closed:
            gate.enter_context(package("client.store.opening").gate(home / "jobs.sqlite3", 5.0))
            for file in home.glob("jobs.sqlite3*"):
                file.unlink(missing_ok=True)

    def tick_and_open(session: Any, **options: bool) -> None:
        tick(session, **options)
        if not session.database.is_in_place():
            closed.append(True)
            gate.close()

    monkeypatch.setattr(package("session.wait"), "say", say)
    monkeypatch.setattr(session_class, "tick", tick_and_open)
    with gate:
        assert bpy.ops.tripo.text_to_3d(prompt="a cup") == {"FINISHED"}
    assert closed
    assert [collection.name for collection in models()] == ["a cup"]
    assert len(sandbox.state()["submissions"]) == 1
