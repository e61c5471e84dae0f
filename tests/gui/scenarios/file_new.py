"""After File ▸ New a job offers itself; Import puts its model into the new file, which is saved without a library."""

from __future__ import annotations

import bpy

from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 120, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    artist.ask(ui, "a sword")
    yield lambda: artist.statuses() and artist.statuses()[0] in ("QUEUED", "RUNNING")
    bpy.ops.wm.read_homefile()
    yield ui.wait_until(lambda: artist.statuses() == ["READY"], 60, "the job goes on after File > New")
    yield 1.5
    assert not artist.collections() and artist.statuses() == ["READY"], "it is not dropped into a stranger's scene"
    sidebar = yield ui.open_sidebar("Tripo")
    yield ui.screenshot("offers-itself-after-new")
    yield buttons.click(ui, sidebar, "tripo.import_job", right=-55)  # in its row
    yield ui.wait_until(artist.collections, 30, "Import puts it into the new file")
    yield lambda: artist.statuses() == ["IMPORTED"]
    (model,) = artist.collections()
    assert model.name in bpy.context.scene.collection.children["Tripo"].children
    job_id = model["tripo_job_id"]

    path = ui.folder / "new.blend"
    artist.save_as(path)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    (model,) = artist.collections()
    assert model["tripo_job_id"] == job_id and list(model.all_objects)
    assert not bpy.data.libraries
    yield 1.5
    assert len(artist.collections()) == 1, "it does not come a second time"
