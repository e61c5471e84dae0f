"""Sidebar, prompt, Generate; the view is orbited, the model arrives; undo takes it away, redo brings it back."""

from __future__ import annotations

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {
    "timeout": 180,
    "own_test": True,
    "sandbox": ("--requests-per-minute", "120", "--seconds", "6"),
}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    for name in ("Cube", "Camera", "Light"):
        bpy.data.objects.remove(bpy.data.objects[name])
    view = ui.area().spaces.active
    view.shading.color_type = "TEXTURE"
    view.region_3d.view_distance = 4.0
    view.region_3d.view_location = (0.0, 0.0, 0.4)
    bpy.ops.ed.undo_push(message="Before")
    sidebar = yield ui.open_sidebar("Tripo")
    yield artist.type_prompt(ui, sidebar, "a mushroom with a red cap")
    yield ui.screenshot("ready-to-generate")
    turned_from = view.region_3d.view_rotation.copy()

    main_thread = artist.MainThread()
    ui.heartbeat.start()
    yield artist.press_generate(ui, sidebar)
    assert artist.statuses()[0] not in ("READY", "IMPORTED"), "the press did not wait for the model"
    imaged = False
    for _ in range(300):
        if artist.collections():
            break
        yield artist.orbit(ui)
        if not imaged and artist.statuses()[0] in ("RUNNING", "QUEUED"):
            imaged = True
            yield ui.screenshot("job-running")
    ui.record("heartbeat", ui.heartbeat.stop())
    ui.record("main_thread", main_thread.report())
    assert view.region_3d.view_rotation != turned_from, "the view could not be orbited"
    assert imaged

    yield lambda: artist.statuses() == ["IMPORTED"]
    (model,) = artist.collections()
    assert model.name == "a mushroom with a red cap"
    assert model.name in bpy.context.scene.collection.children["Tripo"].children
    assert not bpy.data.libraries
    ui.record("objects", len(model.all_objects))
    yield 1.0
    yield ui.screenshot("model-delivered")

    yield artist.undo(ui)
    yield ui.wait_until(lambda: not artist.collections(), 10, "one undo takes the model away")
    assert artist.statuses() == ["IMPORTED"]
    yield artist.undo(ui, redo=True)
    yield ui.wait_until(artist.collections, 10, "redo brings it back")
    yield artist.undo(ui)
    yield ui.wait_until(lambda: not artist.collections(), 10, "and undo takes it away again")
    yield 1.0
    assert not artist.collections() and artist.statuses() == ["IMPORTED"], "it does not come a second time by itself"
