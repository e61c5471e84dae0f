# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn what is in the slots into image files that can be sent."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...client.errors import StoreUnavailable
from ...client.files.unneeded_files import discard_unsent
from ...client.jobs.images import SUFFIXES, ImageSource, check_file, sniff
from ...client.jobs.transparency import file_may_be_transparent
from ...client.paths import Home
from .slots import BACKGROUND
from .writing import fitted, write_bytes, write_image

if TYPE_CHECKING:
    from ...properties.scene import TripoImageSlot
    from ...session.session import Session


def source_from_text(
    slot: str, text: str, home: Home, scene: bpy.types.Scene, *, keep_alpha: bool = False
) -> ImageSource:
    """Return the image a script or a dialog names: an address, an Image datablock, or a path.

    Raises InvalidRequest when it is an image that cannot be written. ``keep_alpha`` has it sent as it is; else a
    transparent one is sent flattened.
    """
    text = text.strip()
    if "://" in text:
        return ImageSource(slot, url=text)
    image = bpy.data.images.get(text)
    if image is not None and not Path(bpy.path.abspath(text)).is_absolute():
        return source_from_image(slot, image, home, scene, keep_alpha=keep_alpha)
    return source_from_path(slot, text, home, scene, keep_alpha=keep_alpha)


def source_from_path(
    slot: str, path: str, home: Home, scene: bpy.types.Scene, *, keep_alpha: bool = False
) -> ImageSource:
    """Return the image in a file; ``//`` is the folder of the open ``.blend``, ``~`` the user's.

    One that is too large becomes a smaller copy. Raises InvalidRequest for a damaged one.
    """
    path = os.path.abspath(os.path.expanduser(bpy.path.abspath(path)))
    return _source(slot, fitted(slot, path, home, scene), keep_alpha)


def source_from_slot(
    name: str, slot: TripoImageSlot, home: Home, scene: bpy.types.Scene, *, keep_alpha: bool = False
) -> ImageSource | None:
    """Return the image of a ``TripoImageSlot``, or None while it is empty; raises InvalidRequest."""
    if slot.source == "IMAGE":
        return source_from_image(name, slot.image, home, scene, keep_alpha=keep_alpha) if slot.image else None
    if slot.source == "URL":
        return ImageSource(name, url=slot.url.strip()) if slot.url.strip() else None
    return source_from_path(name, slot.path, home, scene, keep_alpha=keep_alpha) if slot.path.strip() else None


def text_from_slot(slot: TripoImageSlot) -> str:
    """Return the same as one text, the way scripts give it."""
    if slot.source == "IMAGE":
        return slot.image.name if slot.image else ""
    return slot.url if slot.source == "URL" else slot.path


def source_from_image(
    slot: str, image: bpy.types.Image, home: Home, scene: bpy.types.Scene, *, keep_alpha: bool = False
) -> ImageSource:
    """Return a file that shows what the Image datablock shows; raises InvalidRequest.

    Its own file or its packed bytes where they are up to date and of a kind the service takes, else a PNG; a
    smaller copy where they are too large.
    """
    path = fitted(slot, _file_of(slot, image, home, scene), home, scene)
    return _source(slot, path, keep_alpha, str(image.get(BACKGROUND, "")))


def _source(slot: str, path: str, keep_alpha: bool, background: str = "") -> ImageSource:
    flatten = not keep_alpha and file_may_be_transparent(path)
    return ImageSource(slot, path=path, flatten=flatten, background=background if flatten else "")


def _file_of(slot: str, image: bpy.types.Image, home: Home, scene: bpy.types.Scene) -> str:
    if image.source == "FILE" and not image.is_dirty:
        packed = image.packed_file
        if packed is None:
            path = os.path.abspath(bpy.path.abspath(image.filepath, library=image.library))
            if check_file(slot, path, any_size=True) is None:
                return path
        else:
            data = bytes(packed.data)
            mime = sniff(data[:16])
            if mime is not None:
                return str(write_bytes(home, data, image.name, SUFFIXES[mime]))
    return str(write_image(slot, image, home, scene))


def discard(paths: Iterable[str], session: Session) -> None:
    """Remove what was written for a request that was not submitted after all, unless another job names it."""
    with contextlib.suppress(StoreUnavailable), session.patient():
        discard_unsent(session.home, session.database, paths)
