# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deliverer tells of what it did."""

from __future__ import annotations

from typing import NamedTuple

import bpy

from ...client.notices import Notice


class Delivered(NamedTuple):
    """``collection`` is what is new in the scene, None when nothing is; ``note`` says in the job's row
    what is other than asked for, if anything."""

    collection: bpy.types.Collection | None
    note: Notice | None = None
