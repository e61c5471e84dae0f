"""A damaged store that others have open, on a system that does not rename it then."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from client.files import disk
from client.jobs.request import GenerationRequest
from client.jobs.states import Status
from client.paths import Home
from client.schema import Kind
from client.store import Database, JobTable, NewJob, open_database, opening, reopen, start_anew

NEW = NewJob("account", GenerationRequest(Kind.TEXT, parameters={"prompt": "a mug"}))


class WindowsSharing:
    """Renames no file while one of the databases has it open, as Windows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open: list[Database] = []
        self.asked = threading.Event()
        self._real = os.replace
        monkeypatch.setattr(opening.os, "replace", self.replace)

    def replace(self, source: Path, target: Path) -> None:
        if Path(source).name.startswith("jobs.sqlite3") and any(one.is_open for one in map(_Open, self.open)):
            self.asked.set()
            error = PermissionError(13, "held")
            error.winerror = 32  # type: ignore[attr-defined]  # as Windows sets it
            raise error
        self._real(source, target)


class _Open:
    def __init__(self, database: Database) -> None:
        self.database = database

    @property
    def is_open(self) -> bool:
        try:
            return self.database.connection.total_changes >= 0
        except Exception:
            return False


@pytest.fixture
def sharing(monkeypatch: pytest.MonkeyPatch) -> WindowsSharing:
    return WindowsSharing(monkeypatch)


def spoil(home: Home) -> None:
    with home.database.open("r+b") as file:
        file.write(b"\0" * 100)


def test_others_close_a_damaged_store_that_is_to_be_set_aside(home: Home, sharing: WindowsSharing) -> None:
    first, second = (open_database(home, durable=False, busy_seconds=2.0) for _ in range(2))
    JobTable(first).insert(NEW, status=Status.QUEUED, task_id="task")
    spoil(home)
    sharing.open = [second]
    errors: list[BaseException] = []

    def replace() -> None:
        try:
            start_anew(first)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=replace)
    thread.start()
    assert sharing.asked.wait(30.0)
    while second.is_in_place():  # what an agent and a Blender look at in every tick
        assert thread.is_alive(), "it was given up before the others were asked"
    reopen(second, wait=30.0)
    thread.join(30.0)
    assert not errors
    assert second.is_in_place() and first.is_in_place() and first.file == second.file
    assert list(home.root.glob("jobs.damaged-*.sqlite3"))
    assert not opening.closing_mark(home.database).exists()
    for database in (first, second):
        assert database.setting("revision") is not None
        database.close()


def test_who_could_not_set_a_store_aside_gets_in_later(
    home: Home, sharing: WindowsSharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CLOSING_SECONDS", 0.05)
    first, second = (open_database(home, durable=False, busy_seconds=1.0) for _ in range(2))
    spoil(home)
    sharing.open = [second]
    with pytest.raises(PermissionError):
        start_anew(first)
    assert not first.is_in_place(), "it is to be reopened at the next tick"
    assert not opening.closing_mark(home.database).exists()
    second.close()
    reopen(first)
    assert first.setting("revision") is not None
    first.close()


def test_a_mark_of_somebody_who_is_gone_keeps_nobody_out(home: Home) -> None:
    database = open_database(home, durable=False, busy_seconds=1.0)
    opening.closing_mark(home.database).touch()
    assert not database.is_in_place()
    reopen(database)
    assert database.is_in_place()
    database.close()


def test_a_store_whose_log_cannot_be_renamed_stays_whole(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(home, durable=False, busy_seconds=1.0)
    JobTable(database).insert(NEW)
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if str(source).endswith("-wal"):
            raise PermissionError(13, "not allowed")
        real(source, target)

    monkeypatch.setattr(opening.os, "replace", replace)
    with pytest.raises(PermissionError):
        opening._set_aside(home.database)  # pyright: ignore[reportPrivateUsage]
    assert home.database.exists() and not list(home.root.glob("jobs.damaged-*.sqlite3"))
    database.close()


def test_jobs_of_one_step_of_the_clock_come_in_their_order(jobs: JobTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("client.store.jobs.time.time", lambda: 1000.0)
    made = [jobs.insert(NEW) for _ in range(7)]
    assert [job.job_id for job in jobs.in_states([Status.PREPARED])] == made
    pages, last = [], None
    while page := jobs.recent(3, last):
        pages += [job.job_id for job in page]
        last = page[-1]
    assert pages == made[::-1]


def test_a_durable_store_asks_macos_for_more_than_fsync(database: Database) -> None:
    values = [
        database.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("fullfsync", "checkpoint_fullfsync")
    ]
    assert values == [1, 1]


@pytest.mark.parametrize(("length", "fits"), [(120, True), (200, False)])
def test_a_folder_whose_files_windows_would_not_find_is_refused(tmp_path: Path, length: int, fits: bool) -> None:
    root = tmp_path / ("x" * (length - len(str(tmp_path)) - 1))
    if fits:
        Home(root).prepare("win32")
        return
    with pytest.raises(OSError) as caught:
        Home(root).prepare("win32")
    assert "too long" in str(opening.unavailable(Home(root), caught.value))
    assert not root.exists() and disk.is_held(caught.value) is False
