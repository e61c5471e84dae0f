"""The sidebar tab and the menu: declares what is there, reads no disk and no network, writes nothing."""

from __future__ import annotations

from . import first_need, generate, image_menus, input, jobs, menus, options, presets, submit

_modules = (first_need, presets, generate, input, options, submit, jobs, menus, image_menus)


def register() -> None:
    """Register all panels and menus."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
