"""What a delivered model tells about its origin: custom properties that are saved with the artist's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...client.provenance import facts
from ...client.version import extension_version

if TYPE_CHECKING:
    from ...client.store import Job

_VERSION = extension_version()
"""Read with this module, ahead of the delivery that it would hold up."""


def stamp(owner: bpy.types.ID, job: Job) -> None:
    """Write where the model comes from onto a collection or an object."""
    for name, value in facts(job, _VERSION).items():
        owner[name] = value
