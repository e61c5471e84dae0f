# SPDX-License-Identifier: GPL-3.0-or-later
"""Check an API key that was just entered, by asking for its balance.

Editing a preference only starts a timer; the agent asks, and the answer comes through the store like every other.
"""

from __future__ import annotations

import bpy

from ...client.errors import TripoError
from ...properties import sandbox_mode
from ...properties.account import account_problem, get_account, has_key, may_go_online
from ...properties.preferences import on_account_change
from ...properties.window import window_state
from ...session import current, timer
from ...session.log import log
from ...widgets.redraw import redraw_sidebars

_SOON = 0.1
_OFFLINE_SECONDS = 1.0
_SHOWN_SECONDS = 12.0
"""How long a good answer stays on the screen; a bad one stays until the key is changed."""


def account_changed() -> None:
    """Check the account soon. Writes and asks nothing by itself."""
    if not bpy.app.background:
        for waiting in (check, hide_good_answer):
            if bpy.app.timers.is_registered(waiting):
                bpy.app.timers.unregister(waiting)
        bpy.app.timers.register(check, first_interval=_SOON, persistent=True)


def check() -> float | None:
    """Timer: ask for the balance as soon as Blender may go online."""
    try:
        return _check()
    except TripoError as error:
        window_state().notice = error.notice.to_text()
    except Exception:
        log(__name__).exception("the key cannot be checked")
    return None


def _check() -> float | None:
    if sandbox_mode.current().is_on or not has_key(bpy.context):
        _show(False)
        return None
    if account_problem(bpy.context):
        _show(True)  # what is wrong can be seen without asking
        return None
    if not may_go_online():
        _show(False)
        return _OFFLINE_SECONDS
    if not current.is_open() and current.load():
        return _SOON
    current.session().ask_balance(get_account(bpy.context))
    window_state().balance_pending = True
    _show(True)
    timer.start()
    bpy.app.timers.register(hide_good_answer, first_interval=_SHOWN_SECONDS, persistent=True)
    return None


def hide_good_answer() -> float | None:
    """Timer: stop showing a good answer after a while."""
    state = window_state()
    if not state.shows_key_check or state.balance_problem:
        return None
    if state.balance_pending:
        return _SHOWN_SECONDS
    _show(False)
    return None


def _show(shows: bool) -> None:
    window_state().shows_key_check = shows
    redraw_sidebars()


def register() -> None:
    """Listen for a new key."""
    on_account_change(account_changed)


def unregister() -> None:
    """Stop listening and checking."""
    on_account_change(None)
    for waiting in (check, hide_good_answer):
        if bpy.app.timers.is_registered(waiting):
            bpy.app.timers.unregister(waiting)
