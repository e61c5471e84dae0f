"""A key is pasted: a revoked one, then a good one; a preset, its price, and a balance that is too small."""

from __future__ import annotations

from typing import Any

import bpy

from support.sandbox_service.service import API_KEY
from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "key": False, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}
FIELD_ABOVE = 27
"""Pixels from the middle of Get a Key up to the middle of the key's field; a preference has no path to look for."""
ANSWER = 75
"""Height of the answer, which stands between the two when a key was refused."""
PRESETS = (66, 17)
"""Where the presets' button is: pixels from the sidebar's right edge and from its top. It has no path either."""


def give_key(ui: Ui, sidebar: Any, key: str, shot: str) -> Steps:
    """Action: click the key's field, type, confirm; wait for the answer."""
    x, y = yield from buttons.find(ui, sidebar, "wm.url_open", right=60)
    above = ANSWER if artist.preferences().api_key else 0
    yield from ui.click(x, y + FIELD_ABOVE + above)
    yield from ui.press("A", ctrl=True)
    yield from ui.type_text(key)
    yield from ui.press("RET")
    assert artist.preferences().api_key == key
    state = bpy.context.window_manager.tripo
    yield from ui.wait_until(lambda: state.balance or state.balance_problem, 20, "an answer")
    yield from ui.wait_until(lambda: state.balance or key.startswith("revoked"), 20, "the new answer")
    yield 0.5
    yield from ui.screenshot(shot)


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    ui.sandbox.settings(add_key="revoked-key-0123456789", balance=45)
    ui.sandbox.settings(revoke_key="revoked-key-0123456789", envelope="error_object")  # which has codes
    sidebar = yield ui.open_sidebar("Tripo")
    main_thread = artist.MainThread()
    yield give_key(ui, sidebar, "revoked-key-0123456789", "key-revoked")
    state = bpy.context.window_manager.tripo
    assert "revoked" in state.balance_problem
    yield give_key(ui, sidebar, API_KEY, "key-accepted")
    assert state.balance == "45"

    yield artist.type_prompt(ui, sidebar, "a knight's helmet")
    bpy.ops.tripo.add_preset(name="Film Props")
    yield ui.click(sidebar.x + sidebar.width - PRESETS[0], sidebar.y + sidebar.height - PRESETS[1])
    yield 0.4
    yield ui.screenshot("presets-popover")
    yield ui.press("ESC")
    bpy.ops.tripo.apply_preset(preset="HERO")
    bpy.ops.ed.undo_push(message="Preset")
    yield ui.redraw()
    yield 1.0  # panels slide to their places
    yield ui.screenshot("balance-short")
    bpy.context.preferences.system.use_online_access = False
    yield ui.redraw()
    yield 1.0  # panels slide to their places
    yield ui.screenshot("offline-switch")
    yield buttons.click(ui, sidebar, "extensions.userpref_allow_online")
    assert bpy.app.online_access
    ui.record("main_thread", main_thread.report())
    print(main_thread.report())

    import addon_utils

    utils: Any = addon_utils  # its stubs know less than it has
    state.shows_key_check = True
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "Tripo"
    for known in utils.modules():
        if known.__name__ == artist.MODULE:
            utils.module_bl_info(known)["show_expanded"] = True
    ui.area().type = "PREFERENCES"
    yield 1.0
    yield ui.screenshot("preferences-key")
