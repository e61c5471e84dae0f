# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture the four views of one placeholder after the other, each alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context

from ...client.errors import TripoError
from ...client.notices import N_, Notice, text
from ...properties.scene import settings_of
from ...session import current
from ..images import sources
from ..images.capture import panel_colour
from ..images.slots import BACKGROUND
from ..images.studio import Shots

if TYPE_CHECKING:
    from ...client.jobs.images import ImageSource

_RESOLUTION = 1024


class OwnViews:
    """The views of placeholders, by their names: what is there of them so far."""

    is_in_background = False
    """The artist waits for all of them, wherever one is rendered."""

    def __init__(self, names: Iterable[str]) -> None:
        self.images: dict[str, tuple[ImageSource, ...]] = {}
        self.failures: dict[str, Notice] = {}
        """Why there are none of some."""
        self._waiting = list(names)
        self._shots: Shots | None = None
        self._whole = len(self._waiting)

    @property
    def is_wanted(self) -> bool:
        """Whether any is still to be captured."""
        return bool(self._waiting)

    @property
    def shown(self) -> str:
        """What is captured now, as a sentence for the bottom of the window."""
        number = self._whole - len(self._waiting) + 1
        words = N_("Capturing {name}, placeholder {number} of {whole}    Esc: Cancel")
        return text(words, name=self._waiting[0], number=number, whole=self._whole).to_text() if self._waiting else ""

    def take_next(self, context: Context) -> bool:
        """Capture one view more and return whether it was the last of all."""
        if not self._waiting:
            return True
        name = self._waiting[0]
        try:
            one = context.scene.objects.get(name)
            if one is None:
                raise TripoError(N_("it is no longer in the scene"))
            self._shots = self._shots or Shots(_RESOLUTION, transparent=True)
            with context.temp_override(selected_objects=[one]):
                is_last = self._shots.take_next(bpy.context)
            if is_last:
                self.images[name] = self._written(context, self._shots, name)
        except TripoError as error:
            self.failures[name] = error.notice
            is_last = True
        if is_last:
            self._end_shots()
            del self._waiting[0]
        return not self._waiting

    def discard(self) -> None:
        """Remove what was captured, but for images that a job sends."""
        self._end_shots()
        sources.discard((image.path for some in self.images.values() for image in some), current.session())

    def _end_shots(self) -> None:
        if self._shots is not None:
            self._shots.discard()
        self._shots = None

    def _written(self, context: Context, shots: Shots, name: str) -> tuple[ImageSource, ...]:
        """Return the views as files that are sent; the images that they are read into are there no longer than that."""
        colour, keep = panel_colour(context), settings_of(context.scene).keep_alpha
        home, loaded = current.session().home, shots.load()
        try:
            for view, image in loaded.items():
                image.name, image[BACKGROUND] = f"{name} {view}", colour  # the files of `Shots` are removed by name
            return tuple(
                sources.source_from_image(view, image, home, context.scene, keep_alpha=keep)
                for view, image in loaded.items()
            )
        finally:
            bpy.data.batch_remove(list(loaded.values()))
