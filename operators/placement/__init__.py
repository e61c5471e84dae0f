# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose where models go."""

from __future__ import annotations

from . import defaults, place_with_mouse

_modules = (
    defaults,
    place_with_mouse,
)


def register() -> None:
    """Register the operators."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
