# SPDX-License-Identifier: GPL-3.0-or-later
"""Detect that the store is a copy, so that it sends nothing that the original may send too.

Blender's "Load Previous Settings" copies whole profiles, people copy portable folders and restore backups. What a copy
cannot take along is remembered in the store: the machine, the user, the place and the number of its file.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from ..errors import ErrorCode
from ..jobs.notices import JobNotice
from ..jobs.states import Status
from ..notices import notice
from .database import Database
from .jobs import JobTable
from .lease import living_agents

COPIED = notice(JobNotice.COPIED)
_SETTING = "identity"
_UNKNOWN = "unknown"
"""What the migration from version 1 writes, which knew no identity."""


def check(database: Database) -> None:
    """Let the jobs that wait ask first if this is not the file that they were written to; raises sqlite3.Error."""
    here = fingerprint(database.path)
    if database.setting(_SETTING) == here:
        return
    with database.transaction():
        known = database.setting(_SETTING)
        # While somebody works the jobs of an older version's store, it is the original.
        if known is not None and known != here and not (known == _UNKNOWN and living_agents(database.connection)):
            ask_first(database)
        database.set_setting(_SETTING, here)


def ask_first(database: Database) -> None:
    """Let every job that waits to be sent wait for a person; raises sqlite3.Error."""
    jobs = JobTable(database)
    for job in jobs.in_states([Status.PREPARED]):
        jobs.transition(job.job_id, Status.PREPARED, Status.FAILED, message=COPIED, error=ErrorCode.ASK_FIRST)


def fingerprint(path: Path) -> str:
    """Return what tells a file from its copies: machine, user, number and place; raises OSError."""
    user = os.getuid() if sys.platform != "win32" else ""
    return f"{_machine()}/{user}/{path.stat().st_ino}/{path.resolve()}"


def _machine() -> str:
    """Return the system's own name of this installation; empty where there is none that is cheap to ask for."""
    if sys.platform == "win32":
        import winreg

        with (
            contextlib.suppress(OSError),
            winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key,
        ):
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        return ""
    with contextlib.suppress(OSError):
        return Path("/etc/machine-id").read_text("ascii", "replace").strip()
    return ""
