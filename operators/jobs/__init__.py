# SPDX-License-Identifier: GPL-3.0-or-later
"""Act on jobs that exist and on their models."""

from __future__ import annotations

from . import actions, cache, clipboard, frame, mark_asset

_modules = (
    actions,
    clipboard,
    frame,
    cache,
    mark_asset,
)


def register() -> None:
    """Register the operators."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
