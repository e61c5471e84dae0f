# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of worker threads to the main loop, one type for each task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ..errors import TripoError
from ..formats.handover import UNMEASURED, Measured
from ..notices import Notice
from ..service.responses import TaskStatus
from ..service.retry import Step


@dataclass(frozen=True)
class WasSubmitted:
    """A submit was accepted."""

    job_id: str
    task_id: str


@dataclass(frozen=True)
class WasPolled:
    """A status call was answered; ``at`` is the monotonic time of the answer."""

    job_id: str
    status: TaskStatus
    at: float


@dataclass(frozen=True)
class WasBalanced:
    """The balance was received."""

    credits: Decimal


@dataclass(frozen=True)
class BalanceMoved:
    """The balance is not where it was asked for; the next call asks at another place."""


@dataclass(frozen=True)
class WasFetched:
    """A result is on the disk and has been looked at."""

    job_id: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class WasStopped:
    """A download was stopped because it may not go on; what came so far is kept."""

    job_id: str


@dataclass(frozen=True)
class WasConverted:
    """A result was made ready for Blender. ``blend`` is relative to the home folder; ``note`` says what of the model is
    missing or was joined, if anything; ``measured`` is how large it is."""

    job_id: str
    blend: str
    note: Notice | None = None
    measured: Measured = UNMEASURED

    @property
    def columns(self) -> dict[str, str | int | Notice]:
        """What the store keeps of it."""
        bounds = json.dumps(self.measured.bounds) if self.measured.bounds else ""
        size = {"faces": self.measured.faces, "full_faces": self.measured.full_faces, "bounds": bounds}
        return {"blend": self.blend, "incomplete": self.note or "", **size}


@dataclass(frozen=True)
class Failed:
    """A piece of work failed."""

    step: Step
    job_id: str
    error: TripoError


@dataclass(frozen=True)
class ThumbnailFetched:
    """The service's own thumbnail is on the disk, as it came."""

    job_id: str
    path: Path


@dataclass(frozen=True)
class ThumbnailMade:
    """A job's thumbnail is at its place."""

    job_id: str


@dataclass(frozen=True)
class NoThumbnail:
    """A thumbnail could not be fetched or made; ``again`` when it only had to make room."""

    job_id: str
    reason: str
    again: bool = False


@dataclass(frozen=True)
class ImagesFlattened:
    """The images of a job were flattened: the copies by slot; ``reason`` when one of them could not be."""

    job_id: str
    copies: Mapping[str, Path]
    reason: str = ""


@dataclass(frozen=True)
class ModelExported:
    """The model of a job was exported to ``path``; ``reason`` when it could not be."""

    job_id: str
    path: Path
    reason: str = ""


@dataclass(frozen=True)
class WasSaved:
    """A result is where the artist wanted it saved; ``reason`` when it could not be, and no ``path`` then."""

    job_id: str
    path: str
    reason: Notice | None = None


@dataclass(frozen=True)
class Shelved:
    """A model is on the shelf under a name, as ``pinned`` or not; ``reason`` when it cannot be, ``again`` when it may
    be later."""

    job_id: str
    name: str
    pinned: bool
    reason: str = ""
    again: bool = False


AboutThumbnail = ThumbnailFetched | ThumbnailMade | NoThumbnail
Extra = AboutThumbnail | Shelved
"""What comes after a job's result; the job is complete without it."""
AboutBalance = WasBalanced | BalanceMoved
AboutJob = (
    WasSubmitted
    | WasPolled
    | WasFetched
    | WasStopped
    | WasSaved
    | WasConverted
    | ImagesFlattened
    | ModelExported
    | Failed
)
Message = AboutBalance | AboutJob | Extra
