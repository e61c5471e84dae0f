# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender stores of the extension: properties of scenes and of the window manager, and the preferences."""

from __future__ import annotations

from . import image_slots, parts, preferences, render_result, scene, window
from .registration import register_all

register, unregister = register_all(preferences, scene, window, render_result, image_slots, parts)
