# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawing that panels, dialogs and the preferences share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..properties.preferences import draw_with

if TYPE_CHECKING:
    from bpy.types import Context, UILayout

    from ..properties.preferences import TripoPreferences


def _draw_preferences(layout: UILayout, source: TripoPreferences, context: Context) -> None:
    from .preferences import draw as draw_settings

    draw_settings(layout, source, context)


def register() -> None:
    """Let the preferences be drawn; what draws them is imported when they are."""
    draw_with(_draw_preferences)


def unregister() -> None:
    """Stop drawing them."""
    draw_with(None)
