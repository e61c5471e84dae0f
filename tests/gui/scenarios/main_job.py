"""The main job: sidebar, prompt, Generate; the view is orbited meanwhile, the model arrives, one undo takes it away."""

from __future__ import annotations

import bpy

from support import artist
from support.ui import Steps, Ui

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
    pictured = False
    for _ in range(300):
        if artist.collections():
            break
        yield artist.orbit(ui)
        if not pictured and artist.statuses()[0] in ("RUNNING", "QUEUED"):
            pictured = True
            yield ui.screenshot("job-running")
    ui.record("heartbeat", ui.heartbeat.stop())
    ui.record("main_thread", main_thread.report())
    assert view.region_3d.view_rotation != turned_from, "the view could not be orbited"
    assert pictured

    yield lambda: artist.statuses() == ["IMPORTED"]
    (model,) = artist.collections()
    assert model.name == "a mushroom with a red cap"
    assert model.name in bpy.context.scene.collection.children
    assert not bpy.data.libraries
    ui.record("objects", len(model.all_objects))
    yield 1.0
    yield ui.screenshot("model-delivered")

    yield ui.move(*ui.middle())
    yield ui.press("Z", ctrl=True)
    yield 0.5
    assert not artist.collections(), "one undo takes the model away"
    assert artist.statuses() == ["IMPORTED"]
    yield ui.press("Z", ctrl=True, shift=True)
    yield 0.5
    assert artist.collections(), "redo brings it back"
