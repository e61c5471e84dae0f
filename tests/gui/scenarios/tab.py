"""The tab at its default width: the press is in sight, a long prompt is read, edited, kept with a star and found."""

from __future__ import annotations

from typing import Any

import bpy

from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "sandbox": ("--requests-per-minute", "120", "--seconds", "1")}
LONG = "a weathered bronze statue of an owl reading a book, standing on a mossy stone pedestal, verdigris in the folds"
WIDTH = 291
"""Pixels of a sidebar that nobody has pulled."""


def pictures(ui: Ui, sidebar: Any, name: str) -> Steps:
    """Action: an image of the sidebar."""
    yield ui.redraw()
    yield ui.screenshot(name, crop=(sidebar.x, sidebar.y, sidebar.width, sidebar.height))


def in_sight(ui: Ui, sidebar: Any) -> Steps:
    """Action: the button is on the screen, with everything folded as it is by default."""
    yield ui.redraw()
    _, y = yield from buttons.find(ui, sidebar, "use_scene_settings=True", right=150)
    assert y > sidebar.y + 20, "below the screen"


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    settings: Any = bpy.context.scene.tripo  # type: ignore[attr-defined]
    sidebar = yield ui.open_sidebar("Tripo")
    ui.record("width", sidebar.width)
    assert sidebar.width <= WIDTH
    yield from pictures(ui, sidebar, "tab-empty")
    settings.prompt = LONG
    for kind in ("TEXT", "IMAGE", "MULTIVIEW"):
        settings.kind = kind
        yield from in_sight(ui, sidebar)
        yield from pictures(ui, sidebar, f"tab-{kind.lower()}")
    settings.kind = "TEXT"
    yield ui.redraw()

    yield from buttons.click(ui, sidebar, "tripo.edit_prompt", right=-45)
    yield 0.6
    yield ui.screenshot("prompt-editor")
    yield from ui.press("A", ctrl=True)
    yield from ui.type_text("a red rocket")
    yield from ui.press("RET")
    yield 0.3
    yield from ui.press("RET")
    yield ui.wait_until(lambda: settings.prompt == "a red rocket", 5, "the editor's prompt is in the panel")
    yield artist.press_generate(ui, sidebar)
    yield ui.wait_until(artist.collections, 60, "the model")
    settings.prompt = LONG
    bpy.ops.tripo.star_prompt(prompt=LONG)
    settings.prompt = ""
    yield ui.redraw()
    yield from buttons.click(ui, sidebar, "tripo.prompt_history", right=-65)
    yield 0.6
    yield ui.screenshot("prompt-history")
    assert [(one.text, one.starred) for one in bpy.context.window_manager.tripo.prompts] == [  # type: ignore[attr-defined]
        (LONG, True),
        ("a red rocket", False),
    ]
    yield from ui.press("ESC")
    yield from pictures(ui, sidebar, "tab-after")
    for name in ("text_to_3d", "image_to_3d", "multiview_to_3d"):
        with ui.override():
            getattr(bpy.ops.tripo, name)("INVOKE_DEFAULT")
        yield 0.6
        yield ui.screenshot(f"dialog-{name}")
        yield from ui.press("ESC")
        yield 0.4
