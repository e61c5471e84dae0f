# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the model files of a job on the disk: they make any ended job importable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..jobs.outcome import TRANSFER
from ..paths import Home, inside

if TYPE_CHECKING:
    from ..store import Job

_NO_MODELS = frozenset({"", ".blend", ".bin", ".log", ".part", ".partial", ".png", ".txt"})
"""Suffixes of what else lies beside models; ``.bin`` is what was refused before any importer saw it."""


class KeptModel(NamedTuple):
    """Files relative to the home folder, empty where there is none: as downloaded, and made ready for Blender. One that
    is on another disk since an earlier version has its whole path."""

    file: str
    blend: str

    @property
    def is_there(self) -> bool:
        """Whether there is anything to import."""
        return bool(self.file or self.blend)


def kept_model(home: Home, job: Job) -> KeptModel:
    """Return what is there of a job's model. Looks at the disk, so it is for a press of a button and not for drawing.

    A prepared file counts only when the job knows it: another may be half written.
    """
    if job.kind == TRANSFER:  # its file is a copy of the artist's own objects
        present = {name: name if name and (home.root / name).is_file() else "" for name in (job.file, job.blend)}
        return KeptModel(present[job.file], present[job.blend])
    found = [path for path in sorted(inside(home.result_folder(job.job_id))) if path.stem == "model"]
    found += [path for path in sorted(inside(home.quarantine)) if path.stem == job.job_id]
    usable = [path for path in (home.root / job.file, *found) if path.suffix not in _NO_MODELS and path.is_file()]
    file = _name_of(usable[0], home) if usable else ""
    return KeptModel(file, job.blend if job.blend and (home.root / job.blend).is_file() else "")


def _name_of(path: Path, home: Home) -> str:
    return (path.relative_to(home.root) if path.is_relative_to(home.root) else path).as_posix()
