"""Image Editor ▸ Send to Tripo: the Image menu has it, it fills a slot, and one undo takes it back."""

from __future__ import annotations

from typing import Any

import bpy

from support.ui.inside import Steps, Ui


def scenario(ui: Ui) -> Steps:
    area = ui.area("PROPERTIES")
    area.type = "IMAGE_EDITOR"
    image: Any = bpy.data.images.new("Painted", 64, 64)
    image.generated_type = "COLOR_GRID"
    space: Any = area.spaces.active
    space.image = image
    yield ui.redraw()
    settings = bpy.context.scene.tripo
    yield from ui.move(*ui.middle(ui.region("WINDOW", area)))
    with ui.override(area):
        assert bpy.ops.tripo.paste_image.poll(), "there is an Image Editor now"
        bpy.ops.wm.call_menu(name="IMAGE_MT_image")
    yield 1.0
    yield ui.screenshot("send_image_menu")
    yield from ui.press("ESC")
    with ui.override(area):
        bpy.ops.wm.call_menu(name="IMAGE_MT_tripo_send")
    yield 1.0
    yield ui.screenshot("send_image_slots")
    yield from ui.press("RET")
    yield lambda: settings.kind == "IMAGE"
    assert (settings.image.source, settings.image.image) == ("IMAGE", image)
    with ui.override(area):
        assert bpy.ops.tripo.send_image("INVOKE_DEFAULT", slot="back") == {"FINISHED"}
    assert (settings.kind, settings.back.image) == ("MULTIVIEW", image)
    with ui.override():
        bpy.ops.ed.undo_push(message="the artist's own step")
        assert bpy.ops.tripo.capture_views("EXEC_DEFAULT", True, resolution=64) == {"FINISHED"}
        assert bpy.context.scene.tripo.front.image.name == "Tripo Front"
        bpy.ops.ed.undo()
    yield 0.5
    settings = bpy.context.scene.tripo
    assert settings.front.image is None and settings.back.image.name == "Painted"
    assert [scene.name for scene in bpy.data.scenes] == ["Scene"]
