# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate a model, from the panel, from a dialog or once more."""

from __future__ import annotations

from . import generate, generate_again, presets

_modules = (
    generate,
    generate_again,
    presets,
)


def register() -> None:
    """Register the operators."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
