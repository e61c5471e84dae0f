# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deliverer tells of what it did."""

from __future__ import annotations

from typing import NamedTuple

import bpy


class Delivered(NamedTuple):
    """``collection`` is what is new in the scene, None when nothing is; ``note`` is a sentence for the job's row that
    says what is other than asked for, or empty."""

    collection: bpy.types.Collection | None
    note: str = ""
