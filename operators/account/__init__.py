# SPDX-License-Identifier: GPL-3.0-or-later
"""The account: its balance, its spending, its key, and the Sandbox in its place."""

from __future__ import annotations

from . import balance, key_check, sandbox, spending

_modules = (
    balance,
    spending,
    key_check,
    sandbox,
)


def register() -> None:
    """Register the operators."""
    for module in _modules:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_modules):
        module.unregister()
