# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be ordered from the background Blender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...jobs.shelf import PINNED
from ...paths import Home
from ..messages import Message, NoThumbnail, Shelved, ThumbnailMade
from .process import ConverterProcess


@dataclass(frozen=True)
class Conversion:
    """A file that becomes a ``.blend``, by ``options`` of the converter's order."""

    job_id: str
    source: Path
    blend: Path
    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Drawing:
    """A thumbnail, of a ``.blend`` or of an image."""

    job_id: str
    source: Path
    is_model: bool

    def carry_out(self, child: ConverterProcess, home: Home) -> str:
        """Draw it; return nothing, or why it cannot be."""
        return child.draw(self.source, home.thumbnail(self.job_id), is_model=self.is_model)

    def answer(self, reason: str, *, again: bool = False) -> Message:
        """Return the report; ``again`` when it is to be done once more."""
        return NoThumbnail(self.job_id, reason, again) if reason else ThumbnailMade(self.job_id)


@dataclass(frozen=True)
class Shelving:
    """A ``.blend`` that is written anew with an asset in it."""

    job_id: str
    blend: Path
    name: str
    entry: Mapping[str, Any]

    def carry_out(self, child: ConverterProcess, home: Home) -> str:
        """Write it; return nothing, or why it cannot be."""
        return child.shelve(self.blend, self.entry)

    def answer(self, reason: str, *, again: bool = False) -> Message:
        """Return the report; ``again`` when it is to be done once more."""
        return Shelved(self.job_id, self.name, PINNED in self.entry["tags"], reason, again)


@dataclass(frozen=True)
class ImageToFlatten:
    """An image of a request, and where its copy goes; ``background`` is a colour, "#rrggbb", or empty for white."""

    slot: str
    source: Path
    target: Path
    background: str


@dataclass(frozen=True)
class Flattening:
    """Images that are copied without transparency."""

    job_id: str
    images: Sequence[ImageToFlatten]


@dataclass(frozen=True)
class Export:
    """Objects of a ``.blend`` that become a model to send."""

    job_id: str
    blend: Path
    target: Path


Extra = Drawing | Shelving
"""Orders that get one try, and that make room for a model."""
AnyOrder = Conversion | Extra | Flattening | Export | str
"""Any order; "start" and "end" are strings."""
