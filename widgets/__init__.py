# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawing that panels, dialogs and the preferences share."""

from __future__ import annotations

from . import preferences


def register() -> None:
    """Let the preferences be drawn."""
    preferences.register()


def unregister() -> None:
    """Draw them no more."""
    preferences.unregister()
