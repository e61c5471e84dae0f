# SPDX-License-Identifier: GPL-3.0-or-later
"""Load thumbnails of finished models into Blender's icon cache, a few at each tick."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..properties.previews import Previews

KEPT = 100
"""How many thumbnails are held at most; each takes a quarter of a megabyte."""
_LOOKS_PER_STEP = 4

Key = tuple[float, int, str]
"""How the list sorts its jobs; the smallest is the newest."""


class _Thumbnail(NamedTuple):
    key: Key
    path: Path


class Thumbnails:
    """The newest jobs' thumbnails and that of the chosen one. Here it is only looked whether the file is there."""

    def __init__(self) -> None:
        self._previews = Previews()
        self._known: dict[str, _Thumbnail] = {}
        self._waiting: dict[str, None] = {}

    def put(self, key: Key, path: Path | None) -> int:
        """Take note of a job's thumbnail, or that it has none; return the icon it has now, 0 for none."""
        job_id = key[2]
        known = self._known.get(job_id)
        if path is None:
            self._previews.forget(job_id)
            self._known.pop(job_id, None)
            self._waiting.pop(job_id, None)
            return 0
        if known is None:
            self._known[job_id] = _Thumbnail(key, path)
            self._waiting[job_id] = None
        return self._previews.icons.get(job_id, 0)

    @property
    def is_behind(self) -> bool:
        """Whether thumbnails wait to be looked at."""
        return bool(self._waiting)

    def step(self, chosen: str) -> dict[str, int]:
        """Look at a few more thumbnails; return the icons that changed, by job id, 0 for one that was let go."""
        shown = self._previews.icons
        if chosen in self._known and chosen not in shown:
            self._waiting = {chosen: None, **self._waiting}
        changed: dict[str, int] = {}
        for _ in range(min(_LOOKS_PER_STEP, len(self._waiting))):
            job_id = next(iter(self._waiting))
            del self._waiting[job_id]
            if not self._known[job_id].path.is_file():
                del self._known[job_id]
                continue
            rank = {one: (one != chosen, self._known[one].key) for one in (*shown, job_id)}
            if len(rank) > KEPT:
                last = max(rank, key=lambda one: rank[one])
                if last == job_id:
                    continue
                self._previews.forget(last)
                changed[last] = 0
            changed[job_id] = shown.get(job_id) or self._previews.load(job_id, str(self._known[job_id].path))
        return changed

    def close(self) -> None:
        """Let go of all thumbnails."""
        self._previews.clear()
        self.__init__()
