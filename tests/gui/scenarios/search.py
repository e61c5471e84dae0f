"""F3 finds the operators and opens a dialog with inputs and price; nothing is sent before it is confirmed."""

from __future__ import annotations

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 120, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    yield ui.search("text to 3d")
    yield 0.5
    yield ui.screenshot("dialog")
    assert not artist.jobs(), "the dialog sends nothing by itself"
    yield ui.press("ESC")
    yield 0.5
    assert not ui.sandbox.state()["submissions"]
