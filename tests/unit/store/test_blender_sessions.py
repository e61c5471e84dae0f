"""Which Blenders are alive, and whether one of them may go online."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.paths import Home
from client.store import Database
from client.store.blender_sessions import BlenderSession, is_used, may_go_online

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def other_blender(home: Home, database: Database) -> Iterator[subprocess.Popen[bytes]]:
    """A process that may go online, as it has told."""
    script = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}]\n"
        "from pathlib import Path\nfrom client.paths import Home\nfrom client.store import open_database\n"
        "from client.store.blender_sessions import BlenderSession\n"
        f"database = open_database(Home(Path({str(home.root)!r})), durable=False, busy_seconds=10)\n"
        "BlenderSession(database).write(may_go_online=True)\n"
        "print('told', flush=True)\nsys.stdin.read()\n"
    )
    process = subprocess.Popen([sys.executable, "-B", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline().strip() == b"told"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_nobody_has_said_anything(database: Database) -> None:
    assert may_go_online(database) is None


def test_a_blender_says_so_and_takes_it_back(home: Home, database: Database) -> None:
    one = BlenderSession(database)
    one.write(may_go_online=False)
    assert may_go_online(database) is False and is_used(home.database)
    one.write(may_go_online=True)
    assert may_go_online(database) is True
    one.end()
    assert may_go_online(database) is None and not is_used(home.database)
    assert not list(home.root.glob("blender-*"))


def test_one_offline_blender_does_not_speak_for_another(
    database: Database, other_blender: subprocess.Popen[bytes]
) -> None:
    mine = BlenderSession(database)
    mine.write(may_go_online=False)
    assert may_go_online(database) is True
    mine.end()


def test_a_killed_blender_has_no_say(home: Home, database: Database, other_blender: subprocess.Popen[bytes]) -> None:
    mine = BlenderSession(database)
    mine.write(may_go_online=False)
    other_blender.kill()
    other_blender.wait()
    assert may_go_online(database) is False
    mine.end()
    assert may_go_online(database) is None
    assert database.connection.execute("SELECT count(*) FROM blender_session").fetchone()[0] == 0
    assert not list(home.root.glob("blender-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be deleted there")
def test_told_again_after_the_folder_was_emptied_it_is_alive(home: Home, database: Database) -> None:
    one = BlenderSession(database)
    one.write(may_go_online=True)
    for path in home.root.glob("blender-*"):
        path.unlink()
    assert may_go_online(database) is None
    one.write(may_go_online=True)
    assert may_go_online(database) is True
    one.end()
