# SPDX-License-Identifier: GPL-3.0-or-later
"""Tripo 3D Generator: textured 3D models from text and images, delivered into the open scene."""

from __future__ import annotations

from . import operators, panels, properties, session, widgets
from .translations import interface

_modules = (interface, properties, widgets, session, operators, panels)


def register() -> None:
    """Register every part, in the order in which they rely on each other."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister every part in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
