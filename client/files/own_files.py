# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell by their names the files that the extension writes below the home folder, and remove them safely.

The home folder may be any folder, also one full of somebody's own files: nothing without one of these names is ever
removed, and no symbolic link is followed out of it. Everything that removes something there asks here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ..paths import Home, inside
from . import disk

log = logging.getLogger(__name__)

ORPHAN_SECONDS = 24 * 3600.0
"""What carries one of our names and no job of the store knows is removed when nothing has touched it for this long."""

_JOB = "[0-9a-f]{12}"
_JOB_ID = re.compile(_JOB)
_DOWNLOAD = re.compile(
    rf"({_JOB})\.(?:part|part\.etag|whole|whole\.partial|thumbnail|thumbnailpart|thumbnailpart\.etag)"
)
_RESULT = re.compile(r"(?:model(?:\.partial)?\.[a-z0-9]{2,5}|thumbnail(?:\.partial)?\.png)(?:\.partial)?")
_THUMBNAIL = "thumbnail.png"
_REFUSED = re.compile(rf"({_JOB})\.[a-z0-9]{{2,5}}(?:\.partial)?")
_INPUT = re.compile(r"[^/\\]*~([0-9a-f]{32})\.(?:png|jpg|webp)")
_VIEW = re.compile(r"[0-9a-f]{32}-(?:front|left|back|right)(?:\.partial)?\.png")
_MODEL = re.compile(r"([0-9a-f]{32})\.(?:blend@?|selection|(?:glb|fbx)(?:\.partial)?)")
"""A selection as Blender wrote it, what else is known of it, and the model that was exported of it."""
_SCRATCH = re.compile(r"([0-9a-f]{32})-[a-z0-9_]{8}")
_INPUT_IN_TEXT = re.compile(r"(?:~|inputs/)([0-9a-f]{32})\.")


def is_job_id(name: str) -> bool:
    """Whether a name is a job's id: that of its folder in `results`."""
    return _JOB_ID.fullmatch(name) is not None


def job_of_download(name: str) -> str:
    """Return the job that a file in `downloads` belongs to; empty for a file that is not ours."""
    return _group(_DOWNLOAD, name)


def job_of_refused(name: str) -> str:
    """Return the job that a file in `quarantine` belongs to; empty for a file that is not ours."""
    return _group(_REFUSED, name)


def agent_of_scratch(name: str) -> str:
    """Return the agent that a folder in `scratch` belongs to; empty for a folder that is not ours."""
    return _group(_SCRATCH, name)


def token_of_input(name: str) -> str:
    """Return the 32 digits that name an image or a model in `inputs`, and no other; empty for a file that is not
    ours."""
    return _group(_INPUT, name) or token_of_model(name)


def token_of_model(name: str) -> str:
    """Return the digits that name the files of a selection in `inputs`; empty for any other file."""
    return _group(_MODEL, name)


def tokens_in(text: str) -> frozenset[str]:
    """Return the tokens of all images and selections of ours that a request's JSON names."""
    return frozenset(_INPUT_IN_TEXT.findall(text))


def is_own_input(home: Home, path: str) -> bool:
    """Whether a path leads to an image or a model that we wrote into `inputs`."""
    place = Path(path)
    return bool(path) and place.parent == home.inputs and bool(token_of_input(place.name))


def inputs_written(home: Home) -> Iterator[tuple[Path, str]]:
    """Yield what we wrote into `inputs`, each file with its token; empty for a view that was never sent."""
    for path in inside(home.inputs):
        token = token_of_input(path.name)
        if token or _VIEW.fullmatch(path.name):
            yield path, token


def refused_files(home: Home, job_id: str) -> list[Path]:
    """Return what is kept in `quarantine` of one job: refused files and the log beside them."""
    return [path for path in inside(home.quarantine) if job_of_refused(path.name) == job_id]


def is_refused_file(job_id: str, name: str) -> bool:
    """Whether a name in a job's row, relative to the home folder, is that of a refused file of the job."""
    folder, _, file = name.partition("/")
    return folder == "quarantine" and job_of_refused(file) == job_id


def remove_file(path: Path) -> bool:
    """Remove a file or a link, never what a link leads to; whether it is gone.

    On Windows a file that is being read stays; the next Clear Cache removes it.
    """
    try:
        if stat.S_ISDIR(path.lstat().st_mode):
            return False
        disk.remove(path, disk.BRIEF_SECONDS)
    except FileNotFoundError:
        return True
    except OSError as error:
        log.warning("%s stays: %s", path.name, error.strerror)
        return False
    return True


def remove_with_folder(path: Path) -> None:
    """Remove a file, and its folder when nothing else is in it."""
    remove_file(path)
    with contextlib.suppress(OSError):
        path.parent.rmdir()


def remove_results(home: Home, job_id: str, *, keep_thumbnail: bool) -> None:
    """Remove our files from a job's folder in `results`, and the folder when nothing else is in it."""
    folder = home.result_folder(job_id)
    if not is_job_id(job_id) or folder.is_symlink():
        return
    for path in inside(folder):
        if _RESULT.fullmatch(path.name) and not (keep_thumbnail and path.name == _THUMBNAIL):
            remove_file(path)
    with contextlib.suppress(OSError):
        folder.rmdir()


def remove_scratch(folder: Path) -> None:
    """Remove a converter's temporary folder with all that its importers left there."""
    if agent_of_scratch(folder.name) and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)


def is_old(path: Path, now: float) -> bool:
    """Whether nothing has touched a file or a folder for a day; ``now`` in seconds since the epoch."""
    try:
        return now - path.lstat().st_mtime > ORPHAN_SECONDS
    except OSError:
        return False


def size_of(path: Path) -> int:
    """Return a file's size in bytes; 0 for one that is not there, or a link."""
    try:
        found = os.lstat(path)
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def bytes_of(home: Home, *names: str) -> int:
    """Return the size of files below the home folder; those that are not there count nothing."""
    total = 0
    for name in filter(None, names):
        with contextlib.suppress(OSError):
            total += (home.root / name).stat().st_size
    return total


def _group(pattern: re.Pattern[str], name: str) -> str:
    match = pattern.fullmatch(name)
    return "" if match is None else match[1]
