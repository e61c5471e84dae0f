"""Two Blenders of different versions side by side: one store, one rate budget, one cap, every press paid once."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest

from support.agent_lab.old_store import OldStore
from support.machine import processes
from support.machine.releases import oldest
from support.sandbox_service.service import SandboxControl

pytestmark = oldest


REPOSITORY = Path(__file__).resolve().parents[3]
SCRIPT = REPOSITORY / "tests" / "support" / "agent_lab" / "one_of_two.py"
VERSION = f"{bpy.app.version[0]}.{bpy.app.version[1]}"
LIMIT = 24
PRESSES = 12
PRICE = 20
"""Of one press of ``one_of_two.py``; it is told by each of them."""


def other_python() -> str:
    """The Python of another Blender version; the test is skipped where this machine has only one."""
    mine = f"{bpy.app.version[0]}.{bpy.app.version[1]}"
    others = [
        path
        for path in sorted(REPOSITORY.glob("build/bpy-*"))
        # In the Debian root, which runs one of them, the others' Pythons are not to be seen.
        if not path.name.endswith(mine) and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0
    ]
    if not others:
        pytest.skip("only one bpy wheel here")
    return str(others[0])


def built_zip() -> str:
    """What the other tests of this run have installed."""
    newest = sorted(REPOSITORY.glob("dist/*.zip"), key=lambda path: path.stat().st_mtime)[-1:]
    return str(Path(os.environ.get("TRIPO_ZIP") or newest[0]).resolve())


class Blender:
    """One of the two, as a process."""

    def __init__(self, python: str, user: Path, zip_path: str, cap: int) -> None:
        left_out = {"BLENDER_USER_RESOURCES", "TRIPO_GENERATOR_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}
        environment = {name: value for name, value in os.environ.items() if name not in left_out}
        words = [python, "-P", "-B", str(SCRIPT), zip_path, str(PRESSES), str(LIMIT), str(cap)]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**environment, "HOME": str(user)}
        )

    def hear(self) -> dict[str, Any]:
        """Its next line of JSON; what Blender itself writes is passed over."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(b"{"):
                heard: dict[str, Any] = json.loads(line)
                return heard
        raise AssertionError(f"it ended: {self.process.wait()}")

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Path]:
    """A person's own folder."""
    folder = tmp_path / "user"
    folder.mkdir()
    yield folder
    left = processes.wait_gone([str(folder)], 30)
    processes.end([str(folder)])
    assert not left, left


@pytest.fixture
def both(user: Path, sandbox: SandboxControl, extension: str) -> Iterator[list[Blender]]:
    """Blenders of two versions; 24 presses in all, of which the cap allows 20."""
    sandbox.settings(requests_per_minute=0, seconds=0.1)
    pair = [Blender(python, user, built_zip(), 20 * PRICE) for python in (sys.executable, other_python())]
    yield pair
    for blender in pair:
        blender.process.kill()
        blender.process.wait()
        for pipe in (blender.process.stdin, blender.process.stdout):
            assert pipe is not None
            pipe.close()


def test_two_versions_send_each_press_once_within_limit_and_cap(
    user: Path, sandbox: SandboxControl, both: list[Blender]
) -> None:
    profile = user / ".config" / "blender" / VERSION
    made = OldStore(profile / "extensions" / ".user" / "user_default" / "tripo_generator" / "jobs.sqlite3")
    made.press("of-old", "somebody else")
    made.close()
    ready = [blender.hear() for blender in both]
    assert len({one["ready"] for one in ready}) == 2, "two versions"
    (root,) = {one["root"] for one in ready}
    assert Path(root) == user / ".local" / "share" / "tripo-generator"
    assert {one["price"] for one in ready} == {PRICE}
    for blender in both:
        blender.go()
    done = [blender.hear() for blender in both]
    assert [state for one in done for state in one["states"]] == ["READY"] * 20
    assert sum(one["refused"] for one in done) == 4, "the cap is kept to the credit"
    state = sandbox.state()
    assert len(state["submissions"]) == 20
    asked = sorted(entry["monotonic"] for entry in state["requests"] if entry["origin"] == "api")
    for first, last in zip(asked, asked[LIMIT:], strict=False):
        assert last - first > 59.5, f"{LIMIT + 1} requests within {last - first:.1f} s"
    with sqlite3.connect(Path(root) / "jobs.sqlite3") as store:
        assert store.execute("SELECT count(*) FROM job").fetchone()[0] == 21, "what one of them had comes along"
        assert store.execute("SELECT sum(credits) FROM ledger").fetchone()[0] == 20 * PRICE
    for blender in both:
        blender.go()
        assert blender.process.wait(60) == 0
