# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the Sandbox, the offline service that ships with the extension, as a child process.

It is a child process on loopback that ends with Blender, however Blender ends: it watches its standard input. Its
address comes through a small file, which can be looked at without waiting on every system.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ..client.account import SANDBOX_ACCOUNT, Account
from ..client.notices import N_, text
from ..client.paths import open_private
from ..properties import sandbox_mode
from ..properties.sandbox_mode import Mode
from ..widgets.redraw import redraw_sidebars
from . import current, timer
from .import_in_steps import import_next
from .log import log
from .paths import home
from .sandbox_jobs import cancel_unfinished

if TYPE_CHECKING:
    import subprocess


SECONDS = 8
"""How long a generation takes: long enough to see how a job goes, short enough to stay and watch."""
REQUESTS_PER_MINUTE = 120
_CREDITS = 1_000_000_000
_LOOK_SECONDS = 0.1
_START_SECONDS = 30.0
_GUARD_SECONDS = 1.0
_STOP_SECONDS = 5.0


class _Child:
    """The process, and the file by which it tells its address."""

    def __init__(self, process: subprocess.Popen[bytes], answer: Path, key: str) -> None:
        self.process = process
        self.key = key
        self.started_at = time.monotonic()
        self._answer = answer

    def address(self) -> str:
        """Return the address of the service once it listens, else an empty text. Never waits."""
        try:
            line = self._answer.read_bytes()
            return str(json.loads(line)["api_url"]) if line.endswith(b"\n") else ""
        except (OSError, ValueError, KeyError):
            return ""

    def is_running(self) -> bool:
        """Whether the process is alive; a dead one is reaped."""
        return self.process.poll() is None

    def end(self) -> None:
        """Ask the process to leave, without waiting for it."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        if sys.platform != "win32" and self.is_running():  # there it would be killed, not asked
            self.process.terminate()

    def wait(self) -> None:
        """Wait until the process has left, and remove its file."""
        import subprocess

        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.forget()

    def forget(self) -> None:
        """Remove the file of a process that has left."""
        with contextlib.suppress(OSError):
            self._answer.unlink()


_child: _Child | None = None
_leaving: list[_Child] = []
"""Processes that were told to leave and have not been seen gone."""


def _start() -> None:
    """Start the process; raises OSError."""
    import subprocess

    from ..client.agent.launch import child_environment, creation_flags

    global _child
    place = home()
    place.prepare()
    answer = place.root / f"sandbox-{os.getpid()}.json"
    key = f"sandbox-{os.urandom(16).hex()}"
    program = Path(__file__).resolve().parent.parent / "sandbox"
    options = {
        "--key": key,
        "--credits": _CREDITS,
        "--requests-per-minute": 0,
        "--seconds": SECONDS,
        "--variety": "quick",
        "--parent-pid": os.getpid(),
    }
    arguments = [str(word) for option in options.items() for word in option]
    with (
        open(answer, "wb", opener=open_private) as words,
        open(place.root / "sandbox.stderr.log", "wb", opener=open_private) as complaints,
    ):
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(program), "--exit-with-stdin", *arguments],
            stdin=subprocess.PIPE,
            stdout=words,
            stderr=complaints,
            cwd=place.root,
            env=child_environment(os.environ),
            start_new_session=True,
            creationflags=creation_flags(),
        )
    _child = _Child(process, answer, key)


def enter(*, patiently: bool) -> str:
    """Go to the Sandbox; ``patiently`` waits until it answers, and returns why it does not."""
    leave(patiently=False)
    sandbox_mode.change(Mode(is_on=True))
    if not patiently:
        if not bpy.app.timers.is_registered(watch):
            bpy.app.timers.register(watch, first_interval=0.0, persistent=True)
        redraw_sidebars()
        return ""
    while sandbox_mode.current().is_starting:
        time.sleep(_LOOK_SECONDS)
        step()
    problem = sandbox_mode.current().problem
    if problem:
        leave(patiently=True)
    return problem


def step() -> None:
    """Do the next step towards a running Sandbox: load, start, hear its address; take note when it has died."""
    mode = sandbox_mode.current()
    if _child is None:
        if not mode.is_starting or import_next((".client.agent.launch",)):  # takes some milliseconds of its own
            return
        try:
            _start()
        except OSError as error:
            words = N_("The Sandbox cannot be started ({reason}): restart Blender and try again")
            problem = text(words, reason=error.strerror).to_text()
            sandbox_mode.change(Mode(is_on=True, problem=problem))
        return
    if not _child.is_running():
        problem = N_("The Sandbox has stopped by itself: leave it, or try it again")
        sandbox_mode.change(Mode(is_on=True, problem=problem))
    elif mode.account is None and (address := _child.address()):
        sandbox_mode.change(
            Mode(is_on=True, account=Account(address, _child.key, REQUESTS_PER_MINUTE, SANDBOX_ACCOUNT))
        )
    elif mode.is_starting and time.monotonic() - _child.started_at > _START_SECONDS:
        _child.end()
        problem = N_("The Sandbox does not answer: leave it, or try it again")
        sandbox_mode.change(Mode(is_on=True, problem=problem))


def watch() -> float | None:
    """Timer: look until it is there, then guard it; end when it was left and is gone."""
    before = sandbox_mode.current()
    try:
        step()
        for child in [child for child in _leaving if not child.is_running()]:
            child.forget()
            _leaving.remove(child)
        if sandbox_mode.current() != before:
            redraw_sidebars()
            if sandbox_mode.current().account is not None:
                timer.start()
    except Exception:
        log(__name__).exception("looking after the Sandbox failed")
    if sandbox_mode.current().is_starting or (_leaving and _child is None):
        return _LOOK_SECONDS
    return None if _child is None else _GUARD_SECONDS


def leave(*, patiently: bool) -> None:
    """Go back to the artist's own account and tell the process to leave; ``patiently`` waits until it is gone."""
    global _child
    sandbox_mode.change()
    child, _child = _child, None
    if child is None:
        return
    if current.is_open():
        current.session().agent.hang_up()
    child.end()
    if patiently:
        child.wait()
        return
    _leaving.append(child)
    if not bpy.app.timers.is_registered(watch):
        bpy.app.timers.register(watch, first_interval=_LOOK_SECONDS, persistent=True)


def close() -> None:
    """End the Sandbox and wait until it has left."""
    try:
        if sandbox_mode.current().is_on and current.is_open():
            cancel_unfinished(current.session())
    except Exception:
        log(__name__).exception("the Sandbox's jobs cannot be cancelled")
    leave(patiently=True)
    if bpy.app.timers.is_registered(watch):
        bpy.app.timers.unregister(watch)
    while _leaving:
        _leaving.pop().wait()
