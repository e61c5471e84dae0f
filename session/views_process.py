# SPDX-License-Identifier: GPL-3.0-or-later
"""Render views in a background Blender of our own.

It is not one of the agent's: views need no account, cost nothing, hold nothing but the artist's own objects, and nobody
wants them once the artist has stopped waiting.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy

from ..client.agent.launch import MARK, converter_command, converter_environment, creation_flags
from ..client.paths import Home, open_private
from . import paths

_END_SECONDS = 2.0


class ViewsProcess:
    """The process with its one order. Only `end` waits."""

    def __init__(self, home: Home, order: Mapping[str, Any]) -> None:
        """Start it; raises OSError. ``order`` is one of `converter.worker`, with ``views``."""
        self._log = home.root / "views.log"
        with open(self._log, "wb", opener=open_private) as words:
            self._process = subprocess.Popen(
                [*converter_command(paths.converter_command()), "--", "cold"],
                stdin=subprocess.PIPE,
                stdout=words,
                stderr=subprocess.STDOUT,
                cwd=home.root,
                env=converter_environment(Path(bpy.app.tempdir)),
                creationflags=creation_flags(),
            )
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as stdin:  # it has ended already
            stdin.write(json.dumps(dict(order)).encode() + b"\n")

    def is_running(self) -> bool:
        """Whether it is at work."""
        return self._process.poll() is None

    def reason(self) -> str:
        """Return why it has ended early, as far as it said so."""
        with contextlib.suppress(OSError, ValueError, LookupError):
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            answers = [line for line in lines if line.startswith(MARK)]
            return str(json.loads(answers[-1].removeprefix(MARK))["reason"])
        return f"Blender ended, exit code {self._process.poll()}"

    def end(self) -> None:
        """End it, wherever it is; its log stays."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(_END_SECONDS)
