"""The sidebar tab and the menu: declares what is there, reads no disk and no network, writes nothing."""

from __future__ import annotations

from . import first_need, image_menus, menus, presets, tab

_modules = (first_need, presets, tab, menus, image_menus)


def register() -> None:
    """Register all panels and menus."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
