# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on meshes: textures, parts, conversions, and what came of them."""

from __future__ import annotations

from . import convert, looks, parts, segment, texture

_modules = (texture, segment, convert, looks, parts)


def register() -> None:
    """Register the operators."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
