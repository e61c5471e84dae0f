# SPDX-License-Identifier: GPL-3.0-or-later
"""Which account this Blender works for, and whether it may go online."""

from __future__ import annotations

import os
from typing import Literal

import bpy
from bpy.types import Context

from ..client.account import KEY_VARIABLE, Account, resolve_account
from ..client.errors import InvalidSetting
from ..client.notices import N_, read, text
from . import sandbox_mode
from .preferences import get_preferences
from .window import window_state


def key_answer(context: Context) -> tuple[str, Literal["ERROR", "SORTTIME", "CHECKMARK"]]:
    """Return what was found for a key that was just given, as text that `tell` takes, and an icon."""
    from ..client.jobs.spending_limits import credit_text

    state = window_state()
    problem = account_problem(context) or state.balance_problem
    if problem:
        return problem, "ERROR"
    if state.balance_pending or not state.balance:
        return N_("Checking the key…"), "SORTTIME"
    accepted = text(N_("Key accepted: {credits} credits"), credits=credit_text(state.balance))
    return accepted.to_text(), "CHECKMARK"


def get_account(context: Context) -> Account:
    """Return the Sandbox's account while it is on, else the artist's; raises InvalidSetting.

    The artist's comes from the environment, which wins, and from the preferences. It never takes the place of a
    Sandbox that does not answer: that would spend credits.
    """
    mode = sandbox_mode.current()
    if mode.account is not None:
        return mode.account
    if mode.is_on:
        raise InvalidSetting(read(mode.problem or N_("The Sandbox is starting: wait a moment")))
    preferences = get_preferences(context)
    return resolve_account(
        os.environ,
        api_key=preferences.api_key,
        api_url=preferences.api_url,
        requests_per_minute=preferences.requests_per_minute,
    )


def account_problem(context: Context) -> str:
    """Return why no account can be used, as text that `tell` takes, or an empty one."""
    try:
        get_account(context)
    except InvalidSetting as error:
        return error.notice.to_text()
    return ""


def has_key(context: Context) -> bool:
    """Whether a key has been given at all, good or bad."""
    return bool(os.environ.get(KEY_VARIABLE) or get_preferences(context).api_key.strip())


def may_go_online() -> bool:
    """Whether Blender has the artist's leave to go online."""
    return bool(bpy.app.online_access)


def online_problem() -> str:
    """Return why Blender may not go online and which switch to flip, or an empty string.

    The Sandbox needs no network: with it there is no problem.
    """
    if may_go_online() or sandbox_mode.current().is_on:
        return ""
    if bpy.app.online_access_override:
        return N_("Blender was started offline: start it without --offline-mode")
    return N_("Online access is off: switch on Allow Online Access in Preferences ▸ System ▸ Network")
