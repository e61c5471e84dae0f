# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deliverer tells of what it did."""

from __future__ import annotations

from typing import NamedTuple

import bpy

from ...client.jobs.geometry import Box
from ...client.notices import Notice, text


class Delivered(NamedTuple):
    """``collection`` is what is new in the scene, None when nothing is; ``note`` says in the job's row what differs
    from what was asked for, if anything; ``room`` is where a new model stands, in world space, if known; ``copies`` are
    the collections of its instances in other places; ``in_place`` is whether it took that of something that the artist
    had placed."""

    collection: bpy.types.Collection | None
    note: Notice | None = None
    room: Box | None = None
    copies: tuple[bpy.types.Collection, ...] = ()
    in_place: bool = False


def together(*notes: Notice | None) -> Notice | None:
    """Return all that is to be said as one notice; None when there is nothing."""
    said = [one for one in notes if one is not None]
    return said[0] if len(said) == 1 else text("{all}", all=said) if said else None
