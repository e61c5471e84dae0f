"""Image slots in a window: thumbnails, notes and reasons, at the normal and at a narrow width."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 150}

COLOURS = {"front": (0.8, 0.2, 0.1), "left": (0.1, 0.6, 0.2), "back": (0.1, 0.3, 0.8), "right": (0.8, 0.7, 0.1)}


def make_image(path: Path, colour: tuple[float, float, float], side: int = 300) -> Path:
    image: Any = bpy.data.images.new("made", side, side)
    image.pixels.foreach_set([*colour, 1.0] * side * side)
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return path


def scenario(ui: Ui) -> Steps:
    area = ui.area()
    sidebar = yield from ui.open_sidebar("Tripo")
    settings = bpy.context.scene.tripo
    (ui.folder / "notes.png").write_text("no image")
    for view, colour in COLOURS.items():
        make_image(ui.folder / f"mug_{view}.png", colour)

    def drop(*names: str, region: str = "UI", slot: str = "AUTO") -> None:
        """What Blender does with files that are let go of over a region."""
        with ui.override(area, region):
            bpy.ops.tripo.drop_image(
                "INVOKE_DEFAULT", directory=str(ui.folder), files=[{"name": name} for name in names], slot=slot
            )

    drop("mug_front.png")
    assert settings.kind == "IMAGE" and settings.image.path.endswith("mug_front.png")
    yield 1.5
    yield ui.screenshot("slots_image", crop=(sidebar.x, sidebar.y, sidebar.width, sidebar.height))

    drop("mug_right.png", "mug_back.png", "mug_left.png")
    drop("mug_front.png")
    assert settings.kind == "MULTIVIEW"
    for view in COLOURS:
        assert getattr(settings, view).path.endswith(f"mug_{view}.png")
    drop("notes.png", slot="back")
    assert "not a PNG" in settings.back.problem and settings.back.path.endswith("mug_back.png")
    image: Any = bpy.data.images.new("Painted", 5000, 5000)
    image.generated_type = "COLOR_GRID"
    settings.left.source, settings.left.image = "IMAGE", image
    tell = artist.module("translations.translate").tell
    assert tell(settings.left.note) == "Sent as 4096 × 4096, scaled down from 5000 × 5000"
    with ui.override(area, "UI"):
        bpy.ops.tripo.clear_image(slot="right")
    yield 3.0
    yield ui.screenshot("slots_views", crop=(sidebar.x, sidebar.y, sidebar.width, sidebar.height))

    bpy.context.preferences.view.ui_scale = 1.7  # as narrow as a sidebar can be pulled, in letters
    yield ui.redraw()
    yield 1.0
    sidebar = ui.region("UI", area)
    yield ui.screenshot("slots_narrow", crop=(sidebar.x, sidebar.y, sidebar.width, sidebar.height))
    bpy.context.preferences.view.ui_scale = 1.0
    yield ui.redraw()
    yield 1.0

    yield from ui.move(*ui.middle())
    drop("mug_front.png", region="WINDOW")
    yield 0.8
    yield ui.screenshot("slots_drop_menu")
    yield from ui.press("RET")
    yield lambda: settings.kind == "IMAGE"
    for slot, name in (("image", "slots_menu"), ("image", "slots_browser")):
        if name == "slots_browser":
            with ui.override(area, "UI"):
                bpy.ops.tripo.open_image("INVOKE_DEFAULT", slot=slot)
        else:
            _, y = yield from buttons.find(ui, sidebar, "image.path")
            yield from ui.click(sidebar.x + sidebar.width - 49, y)
        yield 2.0
        yield ui.screenshot(name)
        yield from ui.press("ESC")
