# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the preferences."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.account import KEY_VARIABLE, URL_VARIABLE
from ..client.notices import N_
from ..properties import sandbox_mode
from ..properties.account import account_problem, has_key, key_answer, online_problem
from ..properties.preferences import KEY_PAGE
from ..properties.window import window_state
from ..translations.interface import tell
from .parameters import plain_note
from .placement import draw_placement

if TYPE_CHECKING:
    from ..properties.preferences import TripoPreferences

_NEW_MODELS = (
    *("select_new", "frame_first", "mark_assets"),
    *("use_collection", "name_by_prompt", "euler", "apply_scale", "merge_seams"),
)
"""Switches of the preferences that concern what arrives."""


def draw(layout: UILayout, preferences: TripoPreferences, context: Context) -> None:
    """Draw the settings; what the environment decides is shown greyed."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    _draw_account(layout, preferences, context)
    layout.prop(preferences, "requests_per_minute")
    _draw_limits(layout, preferences)
    layout.prop(preferences, "max_download_mb", text="Largest Download (MB)")
    layout.prop(preferences, "finish_after_quit")
    layout.prop(preferences, "show_targets")
    _draw_new_models(layout, preferences)
    _draw_cache(layout, preferences)
    _draw_problem(layout, context)


def _draw_account(layout: UILayout, source: TripoPreferences, context: Context) -> None:
    _draw_setting(layout, source, "api_key", KEY_VARIABLE)
    if window_state().shows_key_check:
        text, icon = key_answer(context)
        answer = layout.row()
        answer.alignment = "RIGHT"
        answer.alert = icon == "ERROR"
        answer.label(text=tell(text), icon=icon, translate=False)
    row = layout.row(align=True)
    if not has_key(context):
        row.operator("wm.url_open", text="Get a Key", icon="URL").url = KEY_PAGE
    row.operator("tripo.leave_sandbox" if sandbox_mode.current().is_on else "tripo.try_sandbox")
    _draw_setting(layout, source, "api_url", URL_VARIABLE)


def _draw_limits(layout: UILayout, source: TripoPreferences) -> None:
    layout.prop(source, "ask_above", text="Confirm Above (Credits)")
    cap = layout.row(heading="Daily Cap (Credits)")
    cap.prop(source, "use_daily_cap", text="")
    amount = cap.row()
    amount.active = source.use_daily_cap
    amount.prop(source, "daily_cap", text="")


def _draw_problem(layout: UILayout, context: Context) -> None:
    """Draw what stands in the way; if nothing does, where the key is kept."""
    problem = (has_key(context) and account_problem(context)) or online_problem()
    if problem:
        layout.label(text=tell(problem), icon="ERROR", translate=False)
    elif not os.environ.get(KEY_VARIABLE):
        note = layout.column(align=True)
        note.active = False
        note.label(text="The key is saved with Blender's preferences, unencrypted")
        note.label(text=tell(N_("Set {variable} in the environment to keep it out of them"), variable=KEY_VARIABLE))


def _draw_new_models(layout: UILayout, source: TripoPreferences) -> None:
    header, body = layout.panel("tripo_new_models")
    header.label(text="New Models")
    if body is None:
        return
    for name in _NEW_MODELS:
        body.prop(source, name)
    _draw_placement(body, source)


def _draw_placement(layout: UILayout, source: TripoPreferences) -> None:
    header, body = layout.panel("tripo_default_placement", default_closed=True)
    header.label(text="Placement in New Scenes")
    if body is not None:
        draw_placement(body, source.placement, note=plain_note)


def _draw_setting(layout: UILayout, source: TripoPreferences, name: str, variable: str) -> None:
    from_environment = bool(os.environ.get(variable))
    column = layout.column(align=True)
    row = column.row()
    row.enabled = not from_environment
    row.prop(source, name)
    if from_environment:
        note = column.row()
        note.alignment = "RIGHT"
        note.active = False
        note.label(text=tell(N_("Taken from the environment variable {variable}"), variable=variable), icon="INFO")


def _draw_cache(layout: UILayout, source: TripoPreferences) -> None:
    layout.prop(source, "cache_limit_gb", text="Cache Limit (GB)")
    row = layout.row(align=True)
    row.operator("tripo.clear_cache", text="Clear Cache", icon="TRASH")
    row.operator("tripo.open_folder", text="Open Folder", icon="FILE_FOLDER")
