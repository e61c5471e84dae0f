# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the image of a slot: what is wrong, how it will be sent, and its thumbnail.

All of it is found out when a slot changes or a file is opened, so that drawing has nothing left to look at.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent
from bpy.types import Context

from ..client.jobs import images
from ..client.notices import N_, text
from . import render_result
from .previews import Previews

if TYPE_CHECKING:
    from ..client.jobs.images import ImageInfo
    from .scene import TripoImageSlot, TripoSceneSettings

SLOT_LABELS = {"image": "Image", "front": "Front", "left": "Left", "back": "Back", "right": "Right"}

_MOST_THUMBNAILS = 64
_FIRST_LOOK_SECONDS = 0.5
_LOOK_SECONDS = 1.0
"""How often to check whether what a slot waits for was rendered."""
_REDRAW_SECONDS = (0.2, 0.6, 1.5)
"""When the sidebars are drawn again after a slot has changed: Blender makes thumbnails in its own time, and does not
say when one is done."""


_thumbnails = Previews()
"""Of files, by their paths."""


def thumbnail_of(slot: TripoImageSlot) -> int:
    """Return the icon of the file in a slot, 0 when there is none; looks at no file."""
    return _thumbnails.icons.get(_absolute(slot.path), 0) if slot.source == "FILE" and slot.path else 0


def is_filled(slot: TripoImageSlot) -> bool:
    """Whether a slot holds something."""
    if slot.source == "IMAGE":
        return slot.image is not None
    return bool((slot.url if slot.source == "URL" else slot.path).strip())


def fill_with_file(slot: TripoImageSlot, path: str) -> bool:
    """Put a file into a slot. One that cannot be sent is refused: the slot keeps what it has and says why."""
    problem = images.inspect(_name(slot), _absolute(path)).problem
    if problem:
        slot.problem = problem.to_text()
        return False
    slot.source = "FILE"
    slot.path = path
    return True


def fill_with_image(slot: TripoImageSlot, image: bpy.types.Image) -> None:
    """Put an Image datablock into a slot."""
    slot.source = "IMAGE"
    slot.image = image


def refresh(slot: TripoImageSlot) -> None:
    """Look at what a slot holds, and note what is to be said of it."""
    problem, note = "", ""
    keep_alpha: bool = slot.id_data.tripo.keep_alpha  # type: ignore[attr-defined]
    if slot.source == "FILE" and slot.path.strip():
        problem, note = _inspect_file(_name(slot), _absolute(slot.path), keep_alpha)
    elif slot.source == "URL" and slot.url.strip():
        wrong = images.check_url(_name(slot), slot.url.strip())
        problem = wrong.notice.to_text() if wrong else ""
    elif slot.source == "IMAGE" and slot.image:
        problem, note = _inspect_image(_name(slot), slot.image, keep_alpha)
    for name, said in (("problem", problem), ("note", note)):
        if getattr(slot, name) != said:
            setattr(slot, name, said)
    _redraws.start()


class _Redraws:
    """Draws the sidebars again a few times."""

    def __init__(self) -> None:
        self._left: list[float] = []
        self._timer = self._tick  # one object: each access of a method makes another, and Blender compares them

    def start(self) -> None:
        """Begin, or begin anew."""
        if not bpy.app.background:
            self.stop()
            self._left = list(_REDRAW_SECONDS)
            bpy.app.timers.register(self._timer, first_interval=self._left.pop(0))

    def stop(self) -> None:
        """End."""
        if bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.unregister(self._timer)

    def _tick(self) -> float | None:
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                if area.type == "VIEW_3D":
                    area.tag_redraw()
        return self._left.pop(0) if self._left else None


_redraws = _Redraws()


def _await_render() -> float | None:
    """Timer: look at the slots again once something was rendered."""
    if not render_result.is_known_rendered():
        return _LOOK_SECONDS
    refresh_all()
    return None


def slot_changed(slot: TripoImageSlot, _context: Context) -> None:
    """Update callback of a slot's properties."""
    refresh(slot)


def settings_changed(settings: TripoSceneSettings, _context: Context) -> None:
    """Update callback of what the slots of a scene depend on."""
    for name in SLOT_LABELS:
        slot = getattr(settings, name)
        if is_filled(slot) or slot.problem:
            refresh(slot)


def refresh_all() -> None:
    """Look at the slots of all scenes of the file."""
    for scene in bpy.data.scenes:
        if scene.library is None and scene.override_library is None:
            settings_changed(scene.tripo, bpy.context)  # type: ignore[attr-defined]


@persistent
def file_loaded(*_paths: object) -> None:
    """Look at the slots of the file that was opened."""
    refresh_all()


def register() -> None:
    """Look at the slots of the present file soon, and of each that is opened."""
    bpy.app.handlers.load_post.append(file_loaded)
    if not bpy.app.background:
        bpy.app.timers.register(refresh_all, first_interval=_FIRST_LOOK_SECONDS)


def unregister() -> None:
    """Let go of thumbnails, handler and timer."""
    for timer in (refresh_all, _await_render):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    _redraws.stop()
    bpy.app.handlers.load_post.remove(file_loaded)
    _thumbnails.clear()


def _name(slot: TripoImageSlot) -> str:
    return slot.path_from_id().rpartition(".")[2]


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(bpy.path.abspath(path.strip())))


def _inspect_file(name: str, path: str, keep_alpha: bool) -> tuple[str, str]:
    found = images.inspect(name, path)
    if found.problem:
        _thumbnails.forget(path)
        return found.problem.to_text(), ""
    if not bpy.app.background:
        while len(_thumbnails.icons) >= _MOST_THUMBNAILS:
            _thumbnails.forget(next(iter(_thumbnails.icons)))
        _thumbnails.load(path, path)
    return "", _note(found, keep_alpha)


def _inspect_image(name: str, image: bpy.types.Image, keep_alpha: bool) -> tuple[str, str]:
    """Look at a datablock without loading its pixels: the header of its file tells, or its size if it has pixels."""
    from io import BytesIO

    if image.type == "RENDER_RESULT":
        if render_result.check(image):
            return "", N_("Sent as it is when you press Generate")
        if not bpy.app.background and not bpy.app.timers.is_registered(_await_render):
            bpy.app.timers.register(_await_render, first_interval=_LOOK_SECONDS)
        return render_result.NOT_RENDERED, ""
    if image.source == "FILE" and not image.is_dirty:
        if image.packed_file is not None:
            data = bytes(image.packed_file.data)
            found = images.inspect_stream(name, BytesIO(data), len(data))
        else:
            path = _absolute(bpy.path.abspath(image.filepath, library=image.library))
            if not os.path.isfile(path) and not image.has_data:
                words = N_("The file of the image '{image}' is not there: choose another")
                return text(words, image=image.name).to_text(), ""
            found = images.inspect(name, path)
        return "", _note(found, keep_alpha)
    if image.has_data or image.source == "GENERATED":
        width, height = image.size[0], image.size[1]  # type: ignore[index]
        return "", _note(images.ImageInfo(None, width, height, max(width, height) > images.MAX_SIDE), keep_alpha)
    return "", ""


def _note(found: ImageInfo, keep_alpha: bool) -> str:
    """Return how an image is sent and what would be better, a sentence a line."""
    notes: list[str] = []
    if found.too_large:
        notes.append(_scaled(found.width, found.height))
    elif found.is_small:
        notes.append(N_("Smaller than 256 pixels: a larger one gives a better model"))
    if found.may_be_transparent and not keep_alpha:
        notes.append(N_("Sent over a plain background, without transparency"))
    return "\n".join(notes)


def _scaled(width: int, height: int) -> str:
    if max(width, height) <= images.MAX_SIDE:
        return N_("Sent as a smaller copy: the file is too large")
    small = images.fitting_size(width, height)
    words = N_("Sent as {w} × {h}, scaled down from {width} × {height}")
    return text(words, w=small[0], h=small[1], width=width, height=height).to_text()
