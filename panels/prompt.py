# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the prompt with its editor and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.schema import joined_text
from ..properties.window import window_state
from ..widgets.wrapped_text import draw_preview, shorten

if TYPE_CHECKING:
    from ..properties.scene import TripoSceneSettings
    from ..properties.window import TripoPrompt

_BUTTONS = 40
"""Pixels, at an interface scale of 1, that the buttons beside the field take."""
_LINES = 4
_MENU_CHARACTERS = 70
_MOST = 20
"""How many prompts without a star the menu lists; the search finds all."""


def draw_prompt(layout: UILayout, context: Context, settings: TripoSceneSettings) -> None:
    """Draw the field with its buttons; below it what is sent, where the field cuts it or a style line joins it."""
    row = layout.row(align=True)
    row.prop(settings, "prompt", text="", placeholder="Describe the model…")
    row.operator("tripo.prompt_history", text="", icon="RECOVER_LAST")
    row.operator("tripo.edit_prompt", text="", icon="GREASEPENCIL")
    sent = joined_text("prompt", {"prompt": settings.prompt, "style": settings.style})
    draw_preview(layout, context, sent, taken=_BUTTONS, most=_LINES, always=sent != settings.prompt)


def draw_history(layout: UILayout, prompt: str) -> None:
    """Draw the history's menu: what can be done with the present prompt, those with a star, then the newest."""
    prompts = window_state().prompts
    starred = [one for one in prompts if one.starred]
    has_star = any(one.text == prompt for one in starred)
    layout.operator_context = "INVOKE_DEFAULT"
    mine = layout.column()
    mine.enabled = bool(prompt.strip())
    star = mine.operator(
        "tripo.star_prompt", text="Remove Star" if has_star else "Add Star", icon="SOLO_ON" if has_star else "SOLO_OFF"
    )
    star.prompt, star.starred = prompt, not has_star
    mine.operator("tripo.copy_prompt", icon="COPYDOWN").prompt = prompt
    layout.operator("tripo.search_prompts", text="Search Prompts…", icon="VIEWZOOM")
    for group in (starred, [one for one in prompts if not one.starred][:_MOST]):
        if group:
            layout.separator()
        for one in group:
            _draw_entry(layout, one)


def _draw_entry(layout: UILayout, one: TripoPrompt) -> None:
    text = shorten(one.text, _MENU_CHARACTERS)
    entry = layout.operator("tripo.use_prompt", text=text, icon="SOLO_ON" if one.starred else "BLANK1", translate=False)
    entry.prompt = one.text
