# SPDX-License-Identifier: GPL-3.0-or-later
"""Register the parts of a package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


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
