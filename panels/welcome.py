# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the welcome for a person without a key, the Sandbox's banner and the offline switch."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..client.notices import N_
from ..properties import sandbox_mode
from ..properties.account import has_key, key_answer, online_problem
from ..properties.preferences import KEY_PAGE, base_package, get_preferences
from ..properties.window import window_state
from ..widgets.preferences import draw_offline
from ..widgets.wrapped_text import draw_wrapped

_INSET = 16
"""Pixels that a box takes of the width."""


def is_welcome(context: Context) -> bool:
    """Whether the tab is a welcome alone: there is neither a key nor the Sandbox to work with."""
    return not sandbox_mode.current().is_on and not has_key(context)


def draw_head(layout: UILayout, context: Context) -> None:
    """Draw what has to be settled before anything can be generated; nothing when all is well."""
    if sandbox_mode.current().is_on:
        _draw_sandbox(layout.box(), context)
        return
    if is_welcome(context):
        _draw_welcome(layout.box(), context)
    elif window_state().shows_key_check:
        _draw_key_check(layout.box(), context)
    if online_problem():
        _draw_offline(layout.box(), context)


def _draw_welcome(box: UILayout, context: Context) -> None:
    box.label(text="Welcome to Tripo", icon="INFO")
    draw_wrapped(box, context, N_("Paste the key of your 3D AI Studio account to begin"), inset=_INSET)
    _draw_key(box, context)
    _draw_key_help(box)
    draw_wrapped(box, context, N_("No key yet? Try everything with made-up models: no key, no credits"), inset=_INSET)
    start = box.row()
    start.scale_y = 1.3
    start.operator("tripo.try_sandbox", icon="EXPERIMENTAL")


def _draw_key(box: UILayout, context: Context) -> None:
    box.prop(get_preferences(context), "api_key", text="", placeholder="API Key")


def _draw_key_help(box: UILayout) -> None:
    row = box.row(align=True)
    row.operator("wm.url_open", text="Get a Key", icon="URL").url = KEY_PAGE
    row.operator("preferences.addon_show", text="Preferences", icon="PREFERENCES").module = base_package


def _draw_key_check(box: UILayout, context: Context) -> None:
    """Draw the key that was just given with the answer to it."""
    text, icon = key_answer(context)
    bad = icon == "ERROR"
    if bad:
        _draw_key(box, context)
    answer = box.column()
    answer.alert = bad
    draw_wrapped(answer, context, text, icon=icon, inset=_INSET)
    if bad:
        _draw_key_help(box)


def _draw_offline(box: UILayout, context: Context) -> None:
    draw_offline(box, context, inset=_INSET)
    if has_key(context):  # else the welcome offers it
        box.operator("tripo.try_sandbox", icon="EXPERIMENTAL")


def _draw_sandbox(box: UILayout, context: Context) -> None:
    mode = sandbox_mode.current()
    if mode.problem:
        trouble = box.column()
        trouble.alert = True
        draw_wrapped(trouble, context, mode.problem, icon="ERROR", inset=_INSET)
        box.operator("tripo.try_sandbox", text="Retry", icon="FILE_REFRESH")
    elif mode.is_starting:
        box.label(text="Starting the Sandbox…", icon="SORTTIME")
    else:
        row = box.row(align=True)
        row.label(text="Sandbox: made-up models", icon="EXPERIMENTAL")
        leave = row.row()
        leave.alignment = "RIGHT"
        leave.operator("tripo.leave_sandbox", text="Exit")
        return
    box.operator("tripo.leave_sandbox", icon="LOOP_BACK")
