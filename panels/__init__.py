"""The sidebar tab and the menu: declares what is there, reads no disk and no network, writes nothing."""

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
