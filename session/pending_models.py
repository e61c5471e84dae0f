# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the boxes that show where models under way will land."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ..client.jobs.geometry import Vector, add, box_around, read_box
from ..client.jobs.placement import Placement, target_corners
from ..client.jobs.states import LIVE, Status
from . import overlay
from .artist_view import view_layers_on_show
from .delivery import free_place
from .overlay import Box

if TYPE_CHECKING:
    import bpy

    from ..client.store import Job
    from .scene_tokens import SceneTokens

_NAME_LENGTH = 28


class _Coming(NamedTuple):
    """What is kept of a job until its model is there."""

    scene: str
    name: str
    progress: int
    placement: str
    bounds: str


class _Place(NamedTuple):
    """Where something lands: what it depends on."""

    scene: str
    placement: str
    bounds: str
    job: str


class PendingModels:
    """The jobs that scenes wait for. Keeps scenes by their tokens, never pointers."""

    def __init__(self) -> None:
        self._coming: dict[str, _Coming] = {}
        self._scenes: frozenset[str] = frozenset()
        self._changed = True  # those of an earlier file may be on show
        self._places: dict[_Place, Sequence[Vector]] = {}

    def update(self, job: Job) -> None:
        """Take over a job's present state."""
        coming = None
        if job.target and not job.hidden and (job.status in LIVE or job.status is Status.READY):
            progress = 100 if job.status is Status.READY else max(0, min(100, job.progress))
            coming = _Coming(job.target, job.name, progress, job.placement, job.bounds)
        if coming == self._coming.get(job.job_id):
            return
        self._changed = True
        if coming is None:
            del self._coming[job.job_id]
        else:
            self._coming[job.job_id] = coming

    def apply(self, scenes: SceneTokens) -> None:
        """Show the boxes of this file's scenes, if anything has changed."""
        if not self._changed and scenes.names() == self._scenes:
            return
        self._changed, self._scenes = False, scenes.names()
        overlay.show(self._boxes(scenes))

    def close(self) -> None:
        """Draw nothing any more."""
        overlay.show([])

    def _boxes(self, scenes: SceneTokens) -> list[Box]:
        """Return a box for each place, with the names of all that land there."""
        labels: dict[_Place, list[str]] = {}
        for job_id, coming in self._coming.items():
            if scenes.has(coming.scene):
                own = job_id if _avoids(coming.placement) else ""  # each goes beside the one before
                for placement in _placements(coming.placement):
                    place = _Place(coming.scene, placement, coming.bounds, own)
                    labels.setdefault(place, []).append(f"{_shortened(coming.name)}  {coming.progress}%")
        self._places = {place: corners for place, corners in self._places.items() if place in labels}
        for place in labels:
            scene = None if place in self._places else scenes.find(place.scene)
            if scene is not None:
                self._places[place] = self._corners(place, scene)
        found = ((place, self._places.get(place), lines) for place, lines in labels.items())
        return [Box(place.scene, corners, tuple(lines)) for place, corners, lines in found if corners is not None]

    def _corners(self, place: _Place, scene: bpy.types.Scene) -> Sequence[Vector]:
        """Return the corners of where a model will stand: of one that goes beside what is there, beside what comes
        before it, too. Found once: a box does not jump about."""
        placement = Placement.from_json(place.placement)
        corners = target_corners(placement, scene.unit_settings.scale_length, read_box(place.bounds))
        if not placement.avoid or placement.placeholder is not None:
            return corners
        others = [box_around(one) for other, one in self._places.items() if other.scene == place.scene]
        free = free_place.find(box_around(corners), view_layers_on_show(scene)[0], others)
        return corners if free is None else tuple(add(corner, free.offset) for corner in corners)


@lru_cache(maxsize=256)
def _placements(text: str) -> tuple[str, ...]:
    """Return a job's placement, and one for each instance of its model."""
    placement = Placement.from_json(text)
    copies = placement.copies if placement.placeholder is not None else ()
    return (text, *(placement._replace(placeholder=one, copies=()).to_json() for one in copies))


@lru_cache(maxsize=256)
def _avoids(placement: str) -> bool:
    return Placement.from_json(placement).avoid


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1].rstrip()}…"
