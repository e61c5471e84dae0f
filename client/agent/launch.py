# SPDX-License-Identifier: GPL-3.0-or-later
"""Start our child processes: command lines and environments, and the agent with the key over a pipe.

The key goes to the agent's standard input as the first line and nowhere else: not into its arguments, its
environment or a file. The pipe stays open, so that the agent can tell when its starter is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..account import KEY_VARIABLE, Account
from ..paths import Home, open_private
from ..timings import DEFAULT_MAX_BYTES, DEFAULT_TIMINGS, Timings
from .starter_pipe import LEAVE

WORKER = Path(__file__).resolve().parents[2] / "converter" / "worker.py"
MARK = "TRIPO-CONVERTER "
"""How an answer of `converter.worker` begins."""
_LEFT_OUT = frozenset({KEY_VARIABLE, "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT"})


@dataclass(frozen=True)
class AgentConfig:
    """What the agent is told at its start, as one JSON line.

    ``converter`` is the command that starts a background Blender for conversions, empty when there is none;
    ``outlive`` lets the agent finish paid work after its starter is gone; ``max_result_bytes`` is the largest result
    that is fetched.
    """

    home: str
    account: Account
    converter: tuple[str, ...] = ()
    outlive: bool = True
    max_result_bytes: int = DEFAULT_MAX_BYTES
    timings: Timings = field(default_factory=Timings)

    def to_line(self) -> bytes:
        """Return the line for the pipe."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> AgentConfig:
        """Return what ``to_line`` wrote; raises ValueError, TypeError or KeyError on anything else."""
        document: dict[str, Any] = json.loads(line)
        document["account"] = Account(*document["account"])
        document["converter"] = tuple(document["converter"])
        document["timings"] = Timings(**document["timings"])
        return cls(**document)


class AgentProcess:
    """A started agent. Dropping it does not end it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return how the agent ended, or None while it runs. Never waits."""
        return self._process.poll()

    def hang_up(self) -> None:
        """Close the pipe: the agent sees its starter gone, and finishes or stops as it was told."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def leave(self) -> None:
        """Tell the agent to leave, without waiting for it: it goes as soon as no paid request is without its answer.

        The word goes over the pipe, which works on every system; a stopped agent is woken up to hear it.
        """
        if self._process.poll() is not None:
            return
        if self._process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):  # closed already
                self._process.stdin.write(LEAVE)
                self._process.stdin.flush()
        if sys.platform != "win32":  # there it would be ended at once
            self._process.terminate()
            self._process.send_signal(signal.SIGCONT)
        self.hang_up()

    def kill(self) -> None:
        """End the agent at once, whatever it is doing, without waiting for it."""
        self._process.kill()


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for our children: without the key and without variables that change how Python runs."""
    return {name: value for name, value in environment.items() if name not in _LEFT_OUT}


def creation_flags(platform: str = sys.platform) -> int:
    """Return the flags that keep a console window from appearing on Windows; 0 elsewhere."""
    if platform != "win32":
        return 0
    no_window, new_group = 0x08000000, 0x00000200  # CREATE_NO_WINDOW, CREATE_NEW_PROCESS_GROUP
    return no_window | new_group


def converter_command(program: tuple[str, ...]) -> list[str]:
    """Return a converter's command line for a program: Blender itself, or the Python of the ``bpy`` wheel."""
    if Path(program[0]).name.lower().startswith("python"):
        return [*program, "-B", str(WORKER)]
    options = ["--background", "--factory-startup", "--disable-autoexec", "--offline-mode", "--python-exit-code", "1"]
    return [*program, *options, "--python", str(WORKER)]


def converter_environment(folder: Path) -> dict[str, str]:
    """Return the environment of a converter that keeps its files, and what Blender itself writes, in a folder."""
    own = ("TMPDIR", "TEMP", "TMP", "BLENDER_USER_RESOURCES", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    return child_environment(os.environ) | {name: str(folder) for name in own}


def agent_command(python: str) -> list[str]:
    """Return the command line of the agent: isolated from the user's Python set-up, writing no byte code."""
    return [python, "-I", "-B", str(Path(__file__).resolve().parent)]


def start_agent(
    home: Home,
    account: Account,
    *,
    python: str,
    converter: tuple[str, ...] = (),
    outlive: bool = True,
    max_result_bytes: int = DEFAULT_MAX_BYTES,
    timings: Timings = DEFAULT_TIMINGS,
) -> AgentProcess:
    """Start an agent for an account; returns at once. It leaves by itself when another one is at work.

    Raises OSError when the process cannot be started.
    """
    config = AgentConfig(str(home.root), account, converter, outlive, max_result_bytes, timings)
    home.prepare()
    # What Python says when the agent cannot even start; everything else goes to its log.
    with open(home.root / "agent.stderr.log", "wb", opener=open_private) as complaints:
        process = subprocess.Popen(
            agent_command(python),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            cwd=home.root,
            env=child_environment(os.environ),
            start_new_session=True,
            creationflags=creation_flags(),
        )
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # it has ended already; Windows does not call that a broken pipe
        process.stdin.write(config.to_line())
        process.stdin.flush()
    return AgentProcess(process)
