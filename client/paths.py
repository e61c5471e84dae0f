# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders and files below the home folder, which only its owner can read."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_LONGEST_WINDOWS_PATH = 259
_LONGEST_INSIDE = 100
"""Of a file below the root: one in a converter's temporary folder, or an image with the start of its own name."""


class Home(NamedTuple):
    """The root of store and cache. ``session/paths.py`` knows where it is; nothing here asks Blender."""

    root: Path

    @property
    def database(self) -> Path:
        """The store."""
        return self.root / "jobs.sqlite3"

    @property
    def log(self) -> Path:
        """The agent's log."""
        return self.root / "agent.log"

    @property
    def inputs(self) -> Path:
        """Images written by Blender for a job."""
        return self.root / "inputs"

    @property
    def downloads(self) -> Path:
        """Unfinished downloads."""
        return self.root / "downloads"

    @property
    def results(self) -> Path:
        """One folder per job with what came back."""
        return self.root / "results"

    @property
    def quarantine(self) -> Path:
        """Files that were refused, kept for a report."""
        return self.root / "quarantine"

    @property
    def scratch(self) -> Path:
        """Temporary folders of converters, each beginning with the name of its agent."""
        return self.root / "scratch"

    def result_folder(self, job_id: str) -> Path:
        """The folder of one job's files."""
        return self.results / job_id

    def thumbnail(self, job_id: str) -> Path:
        """The small image of one job's model: a PNG."""
        return self.results / job_id / "thumbnail.png"

    def prepare(self, platform: str = sys.platform) -> None:
        """Create the folders, readable by their owner only (0700 on POSIX). One that is there stays as it is: it may
        be somebody's own, shared with others.

        Raises OSError, with ENAMETOOLONG where Windows would not find the files inside: a path of more than 259
        characters is none to it, nor to Blender ("Maximum Path Length Limitation", Windows' documentation).
        """
        if platform == "win32" and len(str(self.root)) + _LONGEST_INSIDE > _LONGEST_WINDOWS_PATH:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(self.root))
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.inputs, self.downloads, self.results, self.quarantine, self.scratch):
            folder.mkdir(mode=0o700, exist_ok=True)


def shared_root(environment: Mapping[str, str], user: Path, platform: str = sys.platform) -> Path:
    """Return the folder that all Blender versions of a person share: where the system keeps data of programs.

    ``user`` is the person's own folder.
    """
    if platform == "win32":
        return _folder(environment, "LOCALAPPDATA", user / "AppData" / "Local") / "Tripo Generator"
    if platform == "darwin":
        return user / "Library" / "Application Support" / "Tripo Generator"
    return _folder(environment, "XDG_DATA_HOME", user / ".local" / "share") / "tripo-generator"


def blender_profiles(environment: Mapping[str, str], user: Path, platform: str = sys.platform) -> Path:
    """Return the folder in which Blender keeps a person's ordinary profiles, one per version.

    What is elsewhere (``BLENDER_USER_RESOURCES``, a ``portable`` folder) belongs to that installation alone. From
    Blender's manual, Advanced ▸ Blender's Directory Layout.
    """
    if platform == "win32":
        return _folder(environment, "APPDATA", user / "AppData" / "Roaming") / "Blender Foundation" / "Blender"
    if platform == "darwin":
        return user / "Library" / "Application Support" / "Blender"
    return _folder(environment, "XDG_CONFIG_HOME", user / ".config") / "blender"


def _folder(environment: Mapping[str, str], name: str, otherwise: Path) -> Path:
    given = Path(environment.get(name, ""))
    return given if given.is_absolute() else otherwise


def inside(folder: Path) -> list[Path]:
    """Return what is in a folder; nothing of one that is not there or cannot be read."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def open_private(path: str, flags: int) -> int:
    """Open a file so that only its owner may read it (0600 on POSIX); an ``opener`` for ``open``."""
    return os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
