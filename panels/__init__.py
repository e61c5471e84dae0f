# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar tab and the menus: read no disk and no network, write nothing."""

from __future__ import annotations

from . import image_menus, menus, preload, presets, tab

_modules = (preload, presets, tab, menus, image_menus)


def register() -> None:
    """Register all panels and menus."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
