# SPDX-License-Identifier: GPL-3.0-or-later
"""Clear the cache in a process of its own, without a key and without network.

Removing many large files can take seconds, which Blender's main thread does not have, and there may be no agent.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from pathlib import Path

from ..errors import TripoError
from ..paths import Home

CLEAR_OPTION = "--clear-cache"
BUSY_SECONDS = 10.0


def start_clearing(home: Path, python: str) -> subprocess.Popen[bytes]:
    """Start the process for a home folder; raises OSError."""
    from .launch import agent_command, child_environment, creation_flags

    return subprocess.Popen(
        [*agent_command(python), CLEAR_OPTION, str(home)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=home,
        env=child_environment(os.environ),
        creationflags=creation_flags(),
    )


def main(root: Path) -> int:
    """Clear the cache below a home folder; return the process's exit code."""
    from ..store import open_database
    from ..store.result_cache import clear

    home = Home(root)
    try:
        database = open_database(home, durable=True, busy_seconds=BUSY_SECONDS)
    except TripoError:
        return 1
    with contextlib.closing(database):
        clear(home, database, time.time())
    return 0
