"""What a delivered model tells about its origin: custom properties that are saved with the artist's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from ...client.store import Job


def stamp(owner: bpy.types.ID, job: Job) -> None:
    """Write where the model comes from onto a collection or an object."""
    from ...client.provenance import facts
    from ...client.version import extension_version

    for name, value in facts(job, extension_version()).items():
        owner[name] = value
