# SPDX-License-Identifier: GPL-3.0-or-later
"""Register the parts of a package, and groups of properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import bpy
from bpy.props import PointerProperty


class _Part(Protocol):
    @property
    def register(self) -> Callable[[], None]: ...

    @property
    def unregister(self) -> Callable[[], None]: ...


def register_all(*parts: _Part) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what registers all parts in the order in which they rely on each other, and what unregisters them."""

    def register() -> None:
        for part in parts:
            part.register()

    def unregister() -> None:
        for part in reversed(parts):
            part.unregister()

    return register, unregister


def register_attached(owner: Any, *classes: type, **words: Any) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what registers groups and attaches one of them to a type of Blender's as its ``tripo``, and what takes
    that back. ``words`` are those of the property."""
    register_classes, unregister_classes = bpy.utils.register_classes_factory(classes)

    def register() -> None:
        register_classes()
        owner.tripo = PointerProperty(name="Tripo", **words)

    def unregister() -> None:
        del owner.tripo
        unregister_classes()

    return register, unregister
