# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a delivered model's origin into custom properties."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import bpy

from ...client.jobs.provenance import facts
from ...client.version import extension_version

if TYPE_CHECKING:
    from ...client.store import Job

_VERSION = extension_version()
"""Read with this module, ahead of the delivery that it would hold up."""


def stamp(owners: Iterable[bpy.types.ID], job: Job) -> None:
    """Write where the model comes from onto a collection and its objects."""
    found = facts(job, _VERSION)
    for owner in owners:
        for name, value in found.items():
            owner[name] = value
