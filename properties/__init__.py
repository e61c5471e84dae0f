# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender stores of the extension: properties of scenes and of the window manager, and the preferences."""

from __future__ import annotations

from . import image_slots, parts, preferences, scene, window

_modules = (preferences, scene, window, image_slots, parts)


def register() -> None:
    """Register all property groups and the preferences."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
