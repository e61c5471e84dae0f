"""What happens when another file is opened."""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent

from . import session
from .trouble import log


@persistent
def file_loaded(filepath: str, *_more: object) -> None:
    """Forget the previous file's scenes and rows. The path is empty for the startup file."""
    if not session.is_open():
        return
    try:
        session.get().file_loaded(is_startup=not filepath)
    except Exception:
        log(__name__).exception("taking leave of the previous file failed")


def register() -> None:
    """Add the handler."""
    bpy.app.handlers.load_post.append(file_loaded)


def unregister() -> None:
    """Remove the handler."""
    bpy.app.handlers.load_post.remove(file_loaded)
