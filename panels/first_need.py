"""What drawing needs, imported before the first drawing, which is to read no file at all.

Blender runs timers before it draws, so this is done by one that comes at once; enabling the extension does not wait.
"""

from __future__ import annotations

import bpy


def _load() -> None:
    from ..client import pictures, pricing, request  # noqa: F401
    from ..translations import linebreaks  # noqa: F401
    from . import head, job_details, job_row  # noqa: F401


def register() -> None:
    """Load soon; without a window nothing is drawn."""
    if not bpy.app.background:
        bpy.app.timers.register(_load, first_interval=0.0, persistent=True)


def unregister() -> None:
    """Do not load any more."""
    if bpy.app.timers.is_registered(_load):
        bpy.app.timers.unregister(_load)
