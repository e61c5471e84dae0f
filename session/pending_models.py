# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the boxes that show where models under way will land."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..client.jobs.placement import Placement, target_corners
from ..client.jobs.states import LIVE, Status
from . import overlay
from .overlay import Box

if TYPE_CHECKING:
    from ..client.store import Job
    from .scene_tokens import SceneTokens

_NAME_LENGTH = 28


class _Coming(NamedTuple):
    """What is kept of a job until its model is there."""

    scene: str
    name: str
    progress: int
    placement: str


class PendingModels:
    """The jobs that scenes wait for. Keeps scenes by their tokens, never pointers."""

    def __init__(self) -> None:
        self._coming: dict[str, _Coming] = {}
        self._scenes: frozenset[str] = frozenset()
        self._changed = True  # those of an earlier file may be on show

    def update(self, job: Job) -> None:
        """Take over a job's present state."""
        coming = None
        if job.target and not job.hidden and (job.status in LIVE or job.status is Status.READY):
            progress = 100 if job.status is Status.READY else max(0, min(100, job.progress))
            coming = _Coming(job.target, job.name, progress, job.placement)
        if coming == self._coming.get(job.job_id):
            return
        self._changed = True
        if coming is None:
            del self._coming[job.job_id]
        else:
            self._coming[job.job_id] = coming

    def apply(self, scenes: SceneTokens) -> None:
        """Show the boxes of this file's scenes, if anything is other than before."""
        if not self._changed and scenes.names() == self._scenes:
            return
        self._changed, self._scenes = False, scenes.names()
        overlay.show(self._boxes(scenes))

    def close(self) -> None:
        """Draw nothing any more."""
        overlay.show([])

    def _boxes(self, scenes: SceneTokens) -> list[Box]:
        """Return a box for each place, with the names of all that land there."""
        labels: dict[tuple[str, str], list[str]] = {}
        for coming in self._coming.values():
            if scenes.has(coming.scene):
                lines = labels.setdefault((coming.scene, coming.placement), [])
                lines.append(f"{_shortened(coming.name)}  {coming.progress}%")
        boxes: list[Box] = []
        for (token, placement), lines in labels.items():
            scene = scenes.find(token)
            if scene is not None:
                corners = target_corners(Placement.from_json(placement), scene.unit_settings.scale_length)
                boxes.append(Box(token, corners, tuple(lines)))
        return boxes


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1].rstrip()}…"
