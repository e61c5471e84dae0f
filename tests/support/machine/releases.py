"""Which of the supported Blenders a slow test needs."""

from __future__ import annotations

import bpy
import pytest

both_ends = pytest.mark.skipif(
    (4, 3) <= bpy.app.version < (5, 1), reason="the oldest and the newest supported Blender are enough for this"
)
"""For what takes minutes, and where the releases between would tell nothing new."""

oldest = pytest.mark.skipif(bpy.app.version >= (4, 3), reason="the oldest supported Blender is enough for this")
"""For what takes minutes and asks the store and the processes only."""
