"""A dear press is asked about; the price's reasons and the day's spending are one click away."""

from __future__ import annotations

import bpy

from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 120, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}
PRICE_HEADER_BELOW = 168
"""Pixels from the button down to the header of its price, with all others closed."""


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    artist.preferences().ask_above = 30
    sidebar = yield ui.open_sidebar("Tripo")
    yield artist.type_prompt(ui, sidebar, "a sword")
    yield artist.click_generate(ui, sidebar)
    yield 0.5
    yield ui.screenshot("confirm-dear-press")
    assert not artist.jobs(), "nothing is sent before the answer"
    yield ui.press("ESC")
    yield 0.5
    assert not artist.jobs()

    artist.preferences().use_daily_cap, artist.preferences().daily_cap = True, 39
    yield artist.click_generate(ui, sidebar)
    yield 0.5
    yield ui.screenshot("daily-cap")
    assert not artist.jobs() and not ui.sandbox.state()["requests"]
    yield ui.press("ESC")  # closes the report; so does leaving it, in some releases
    yield ui.move(300, 300)
    yield 0.3
    artist.preferences().use_daily_cap, artist.preferences().ask_above = False, 100
    x, y = yield buttons.find(ui, sidebar, "use_scene_settings=True")
    yield ui.click(x, y - PRICE_HEADER_BELOW)
    yield ui.screenshot("price-opened")
    yield artist.press_generate(ui, sidebar)
    yield ui.wait_until(artist.collections, 60, "the model")
    yield lambda: bpy.context.window_manager.tripo.spent_today == 40
    yield 0.5
    yield ui.screenshot("spending")
