# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the preferences, in groups: account, spending, new models, storage, advanced."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, UILayout

from ..client.account import HOME_VARIABLE, KEY_VARIABLE, URL_VARIABLE
from ..client.jobs.spending_limits import credit_text
from ..client.notices import N_
from ..properties import sandbox_mode
from ..properties.account import account_problem, has_key, key_answer, online_problem
from ..properties.preferences import BUY_PAGE, KEY_PAGE
from ..properties.window import window_state
from ..translations.translate import tell
from .parameters import plain_note
from .placement import draw_placement
from .wrapped_text import draw_wrapped

if TYPE_CHECKING:
    from ..properties.preferences import TripoPreferences

_ARRIVAL = ("select_new", "frame_first", "show_textures", "mark_assets", "show_targets")
_MODELS = ("use_collection", "name_by_prompt", "euler", "apply_scale", "merge_seams")
_INSET = 60
"""Pixels that the boxes around an extension's preferences take of the width."""


def draw(layout: UILayout, preferences: TripoPreferences, context: Context) -> None:
    """Draw the settings; what the environment decides is shown greyed."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    if online_problem():
        draw_offline(layout.box(), context, inset=_INSET)
    for name, label, draw_group in (
        ("account", N_("Account"), _draw_account),
        ("spending", N_("Spending"), _draw_spending),
        ("new_models", N_("New Models"), _draw_new_models),
        ("storage", N_("Storage"), _draw_storage),
        ("advanced", N_("Advanced"), _draw_advanced),
    ):
        header, body = layout.panel(f"tripo_{name}", default_closed=name == "advanced")
        header.label(text=label)
        if body is not None:
            draw_group(body, preferences, context)


def draw_offline(box: UILayout, context: Context, *, inset: int) -> None:
    """Draw that Blender may not go online, with the switch."""
    draw_wrapped(box, context, online_problem(), icon="INTERNET_OFFLINE", inset=inset)
    if not bpy.app.online_access_override:
        row = box.row(align=True)
        row.operator("extensions.userpref_allow_online", text="Allow Online Access", icon="CHECKMARK")
        row.operator("extensions.userpref_show_online", text="", icon="PREFERENCES")


def _draw_account(layout: UILayout, source: TripoPreferences, context: Context) -> None:
    _draw_setting(layout, source, "api_key", KEY_VARIABLE)
    _draw_state(layout, context)
    row = layout.row(align=True)
    if has_key(context):
        row.operator("tripo.check_balance", icon="FILE_REFRESH")
        row.operator("wm.url_open", text="Buy Credits", icon="URL").url = BUY_PAGE
    else:
        row.operator("wm.url_open", text="Get a Key", icon="URL").url = KEY_PAGE
    row.operator("tripo.leave_sandbox" if sandbox_mode.current().is_on else "tripo.try_sandbox", icon="EXPERIMENTAL")
    if not os.environ.get(KEY_VARIABLE):
        words = N_(
            "The key is saved unencrypted with Blender's preferences: {variable} in the environment keeps it out"
        )
        plain_note(layout, tell(words, variable=KEY_VARIABLE))


def _draw_state(layout: UILayout, context: Context) -> None:
    """Draw what is known of the account: the answer to a new key, what is wrong, or the credits."""
    state = window_state()
    row = layout.row()
    row.alignment = "RIGHT"
    if state.shows_key_check or (has_key(context) and account_problem(context)):
        text, icon = key_answer(context)
        row.alert = icon == "ERROR"
        row.label(text=tell(text), icon=icon, translate=False)
    elif state.balance and not sandbox_mode.current().is_on:
        row.label(text=tell(N_("{credits} credits"), credits=credit_text(state.balance)), translate=False)


def _draw_spending(layout: UILayout, source: TripoPreferences, _context: Context) -> None:
    _draw_amount(layout, source, "ask_above", N_("credits"))
    cap = layout.row(heading="Daily Cap")
    cap.prop(source, "use_daily_cap", text="")
    amount = cap.row()
    amount.active = source.use_daily_cap
    amount.prop(source, "daily_cap", text="")
    amount.label(text="credits")


def _draw_new_models(layout: UILayout, source: TripoPreferences, _context: Context) -> None:
    for names in (_ARRIVAL, _MODELS):
        column = layout.column()
        for name in names:
            column.prop(source, name)
    _draw_amount(layout, source, "offer_budget_above", N_("triangles"))
    header, body = layout.panel("tripo_default_placement", default_closed=True)
    header.label(text="Placement in New Scenes")
    if body is not None:
        draw_placement(body, source.placement)


def _draw_storage(layout: UILayout, source: TripoPreferences, context: Context) -> None:
    state = window_state()
    if state.folder:
        told = layout.column()
        told.enabled = False
        told.prop(state, "folder")
        told.prop(state, "storage_used")
    _draw_amount(layout, source, "cache_limit_gb", "GB")
    row = layout.row(align=True)
    row.operator("tripo.open_folder", text="Open Folder", icon="FILE_FOLDER")
    row.operator("tripo.clear_cache", text="Clear Cache", icon="TRASH")
    words = N_(
        "To move the folder, quit every Blender, move it, and name its new place in the environment as {variable}"
    )
    draw_wrapped(layout, context, tell(words, variable=HOME_VARIABLE), icon="BLANK1", inset=_INSET, dim=True)


def _draw_advanced(layout: UILayout, source: TripoPreferences, _context: Context) -> None:
    _draw_setting(layout, source, "api_url", URL_VARIABLE)
    layout.prop(source, "requests_per_minute")
    _draw_amount(layout, source, "max_download_mb", "MB")
    layout.prop(source, "finish_after_quit")


def _draw_amount(layout: UILayout, source: TripoPreferences, name: str, unit: str) -> None:
    """Draw a number with its unit, where Blender has none of its own for it."""
    row = layout.row()
    row.prop(source, name)
    row.label(text=unit)


def _draw_setting(layout: UILayout, source: TripoPreferences, name: str, variable: str) -> None:
    """Draw a setting, or, where the environment decides, that it does: a key is not shown, an address is."""
    given = os.environ.get(variable)
    column = layout.column(align=True)
    row = column.row()
    row.enabled = not given
    row.prop(source, name)
    if given:
        words = N_("Taken from the environment variable {variable}")
        if variable == URL_VARIABLE:
            words = N_("In force: {url}, from the environment variable {variable}")
        note = column.row()
        note.alignment = "RIGHT"
        note.active = False
        note.label(text=tell(words, variable=variable, url=given), icon="INFO", translate=False)
