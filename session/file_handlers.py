# SPDX-License-Identifier: GPL-3.0-or-later
"""Reset the session when another file is opened."""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent

from . import current, timer
from .log import log


@persistent
def file_loaded(filepath: str, *_more: object) -> None:
    """Replace the state of the previous file. The path is empty for the startup file."""
    try:
        if current.is_open():
            current.session().file_loaded(is_startup=not filepath)
    except Exception:
        log(__name__).exception("Could not reset state after loading a file")
    if bpy.app.background:
        current.list_jobs()
    elif current.is_open():
        timer.start()  # the list is empty until then


def register() -> None:
    """Add the handler. Without a window the jobs are listed at once: nothing ticks there."""
    bpy.app.handlers.load_post.append(file_loaded)
    if bpy.app.background:
        current.list_jobs()


def unregister() -> None:
    """Remove the handler."""
    bpy.app.handlers.load_post.remove(file_loaded)
