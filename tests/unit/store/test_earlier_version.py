"""What one Blender version kept for itself comes into the store that all share: once, and nothing is lost."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import paths as homes
from client.errors import ErrorCode
from client.files.kept_model import kept_model
from client.jobs.states import Status
from client.paths import Home
from client.store import Database, JobTable, open_database
from client.store.blender_sessions import BlenderSession
from client.store.earlier_version import move_earlier_store
from client.store.ledger import Ledger
from client.store.rate_budget import RateTable
from support.agent_lab.old_store import STATES, OldStore

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def earlier(tmp_path: Path) -> Home:
    return Home(tmp_path / "4.2" / "tripo_generator")


@pytest.fixture
def old(earlier: Home) -> Iterator[OldStore]:
    store = OldStore(earlier.database)
    yield store
    store.close()


def after_the_move(job_status: str) -> str:
    return {"PREPARED": "FAILED", "SUBMITTING": "UNCERTAIN"}.get(job_status, job_status)


def test_a_job_in_every_state_comes_along_once_with_its_files(
    earlier: Home, old: OldStore, home: Home, database: Database
) -> None:
    made = old.fill(earlier.root)
    old.close()
    for _ in range(2):
        assert move_earlier_store(earlier, home, database)
        jobs = JobTable(database)
        assert len(jobs.recent(100)) == len(STATES)
        for status, job_id in made.items():
            job = jobs.get(job_id)
            assert job is not None and job.status.value == after_the_move(status), status
            for name, times in (("file", 1), ("blend", 2), ("thumbnail", 3)):
                path = getattr(job, name)
                assert not path or (home.root / path).read_bytes() == status.encode() * times
                assert not os.path.isabs(path)
        waiting = jobs.get(made["PREPARED"])
        assert waiting is not None and waiting.error == ErrorCode.ASK_FIRST
        assert len(Ledger(database).entries()) == 9
    assert not earlier.database.exists() and len(list(earlier.root.glob("jobs.moved-*.sqlite3"))) == 1
    assert not list((earlier.root / "results").iterdir())


def test_a_move_that_was_cut_off_is_made_once_more(
    earlier: Home, old: OldStore, home: Home, database: Database, tmp_path: Path
) -> None:
    """Blender died when all was written and the old store not yet set aside; meanwhile a job went on."""
    made = old.fill(earlier.root)
    old.close()
    before = earlier.database.read_bytes()
    assert move_earlier_store(earlier, home, database)
    jobs = JobTable(database)
    assert jobs.transition(made["READY"], Status.READY, Status.IMPORTED)
    earlier.database.write_bytes(before)
    assert move_earlier_store(earlier, home, database)
    moved = jobs.get(made["READY"])
    assert moved is not None and moved.status is Status.IMPORTED
    assert (home.root / moved.file).read_bytes() == b"READY"
    assert len(jobs.recent(100)) == len(STATES) and len(Ledger(database).entries()) == 9


def test_an_agent_at_work_there_is_left_alone_until_it_leaves(
    earlier: Home, old: OldStore, home: Home, database: Database
) -> None:
    made = old.fill(earlier.root)
    old.beat()
    assert not move_earlier_store(earlier, home, database)
    assert JobTable(database).recent(10) == [] and earlier.database.exists()
    assert old.change(made["QUEUED"], "QUEUED", status="RUNNING")
    old.leave()
    assert move_earlier_store(earlier, home, database)
    job = JobTable(database).get(made["QUEUED"])
    assert job is not None and job.status is Status.RUNNING


def test_a_blender_that_uses_the_old_place_keeps_it(
    earlier: Home, old: OldStore, home: Home, database: Database
) -> None:
    old.fill(earlier.root)
    there = open_database(earlier, durable=False, busy_seconds=1)
    blender = BlenderSession(there)
    blender.write(may_go_online=True)
    assert not move_earlier_store(earlier, home, database)
    blender.end()
    there.close()
    assert move_earlier_store(earlier, home, database)


def test_the_agent_of_version_1_that_has_the_store_open_works_no_moved_job(
    earlier: Home, old: OldStore, home: Home, database: Database
) -> None:
    """A Blender of version 1 writes to its own store still; that comes along with the next move."""
    made = old.fill(earlier.root)
    assert move_earlier_store(earlier, home, database)
    assert not old.change(made["PREPARED"], "PREPARED", status="SUBMITTING"), "it would be sent twice"
    live = old.connection.execute(
        "SELECT count(*) FROM job WHERE status IN ('PREPARED', 'SUBMITTING', 'QUEUED', 'RUNNING', 'DOWNLOADING',"
        " 'CONVERTING')"
    )
    assert live.fetchone()[0] == 0
    anew = OldStore(earlier.database)
    anew.press("later")
    anew.close()
    assert move_earlier_store(earlier, home, database)
    assert {job.job_id for job in JobTable(database).recent(100)} == {*made.values(), "later"}


def test_two_versions_profiles_with_the_same_job_give_one(
    old: OldStore, earlier: Home, home: Home, database: Database, tmp_path: Path
) -> None:
    """Load Previous Settings has copied one profile into the other."""
    made = old.fill(earlier.root)
    old.close()
    other = Home(tmp_path / "5.2" / "tripo_generator")
    copied = OldStore(other.database)
    copied.fill(other.root)
    copied.close()
    assert move_earlier_store(earlier, home, database) and move_earlier_store(other, home, database)
    assert len(JobTable(database).recent(100)) == len(made)


def test_where_files_cannot_be_renamed_they_are_found_where_they_are(
    earlier: Home, old: OldStore, home: Home, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shared folder is on another disk: gigabytes are not copied while Blender starts."""
    made = old.fill(earlier.root)
    old.close()
    rename = os.replace

    def only_within_a_folder(source: Path, target: Path) -> None:
        if target.parent != source.parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    monkeypatch.setattr(os, "replace", only_within_a_folder)
    assert move_earlier_store(earlier, home, database)
    for status in ("CONVERTING", "READY", "IMPORTED"):
        job = JobTable(database).get(made[status])
        assert job is not None
        assert (home.root / job.file).read_bytes() == status.encode()
        assert (home.root / job.blend).read_bytes() == status.encode() * 2
        assert os.path.isabs(job.file) and kept_model(home, job) == (Path(job.file).as_posix(), job.blend)


def test_the_rate_budget_comes_along(earlier: Home, old: OldStore, home: Home, database: Database) -> None:
    old.fill(earlier.root)
    for _ in range(3):
        old.connection.execute(
            "INSERT INTO request_stamp (account_id, at, purpose) VALUES ('account', ?, 'submit')", (time.monotonic(),)
        )
    old.close()
    assert move_earlier_store(earlier, home, database)
    assert RateTable(database, "account", 3).reserve("submit") is None


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000])
def test_a_store_that_cannot_be_read_stays_and_stops_nobody(
    earlier: Home, home: Home, database: Database, content: bytes
) -> None:
    earlier.root.mkdir(parents=True)
    earlier.database.write_bytes(content)
    assert move_earlier_store(earlier, home, database)
    assert earlier.database.read_bytes() == content
    assert JobTable(database).recent(10) == []


def test_a_newer_store_stays(earlier: Home, old: OldStore, home: Home, database: Database) -> None:
    old.fill(earlier.root)
    old.connection.execute("PRAGMA user_version = 99")
    assert move_earlier_store(earlier, home, database)
    assert earlier.database.exists() and JobTable(database).recent(10) == []


def test_two_blenders_that_start_at_once_move_it_once(earlier: Home, old: OldStore, home: Home) -> None:
    made = old.fill(earlier.root)
    old.close()
    script = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}]\n"
        "from pathlib import Path\nfrom client.paths import Home\nfrom client.store import open_database\n"
        "from client.store.earlier_version import move_earlier_store\n"
        f"home = Home(Path({str(home.root)!r}))\n"
        "sys.stdin.read()\n"
        "database = open_database(home, durable=False, busy_seconds=10)\n"
        f"assert move_earlier_store(Home(Path({str(earlier.root)!r})), home, database)\n"
    )
    crowd = [subprocess.Popen([sys.executable, "-B", "-c", script], stdin=subprocess.PIPE) for _ in range(3)]
    for process in crowd:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait(60) for process in crowd] == [0, 0, 0]
    database = open_database(home, durable=True, busy_seconds=1)
    assert {job.job_id for job in JobTable(database).recent(100)} == set(made.values())
    assert len(Ledger(database).entries()) == 9
    database.close()
    aside = sqlite3.connect(next(earlier.root.glob("jobs.moved-*.sqlite3")))
    assert aside.execute("SELECT count(*) FROM job").fetchone()[0] == len(STATES)
    aside.close()


USER = Path(Path.cwd().anchor, "home", "eve")


@pytest.mark.parametrize(
    ("platform", "environment", "data", "profiles"),
    [
        ("linux", {}, ".local/share/tripo-generator", ".config/blender"),
        ("linux", {"XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/c"}, "/d/tripo-generator", "/c/blender"),
        ("linux", {"XDG_DATA_HOME": "relative"}, ".local/share/tripo-generator", ".config/blender"),
        (
            "darwin",
            {"XDG_DATA_HOME": "/d"},
            "Library/Application Support/Tripo Generator",
            "Library/Application Support/Blender",
        ),
        (
            "win32",
            {"LOCALAPPDATA": "/local", "APPDATA": "/roaming"},
            "/local/Tripo Generator",
            "/roaming/Blender Foundation/Blender",
        ),
        ("win32", {}, "AppData/Local/Tripo Generator", "AppData/Roaming/Blender Foundation/Blender"),
    ],
)
def test_every_system_has_its_place(platform: str, environment: dict[str, str], data: str, profiles: str) -> None:
    given = {name: str(USER / value) if value.startswith("/") else value for name, value in environment.items()}
    assert homes.shared_root(given, USER, platform) == USER / data
    assert homes.blender_profiles(given, USER, platform) == USER / profiles
