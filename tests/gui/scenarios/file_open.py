"""File > Open during a job loses nothing, and the model is not dropped into the file that is open by then."""

from __future__ import annotations

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "sandbox": ("--requests-per-minute", "120", "--seconds", "4")}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    mine, other = ui.folder / "mine.blend", ui.folder / "other.blend"
    artist.save_as(other)
    with ui.override():
        bpy.ops.tripo.text_to_3d("EXEC_DEFAULT", prompt="a sword")
    yield lambda: artist.statuses() and artist.statuses()[0] in ("QUEUED", "RUNNING")
    artist.save_as(mine)
    bpy.ops.wm.open_mainfile(filepath=str(other))
    yield ui.wait_until(lambda: artist.statuses() == ["READY"], 60, "the job goes on in another file")
    yield 1.5
    assert not artist.collections(), "it is not dropped into a stranger's scene"
    assert artist.statuses() == ["READY"]
    sidebar = yield ui.open_sidebar("Tripo")
    assert sidebar.width > 1
    yield ui.screenshot("job-offers-itself")

    bpy.ops.wm.open_mainfile(filepath=str(mine))
    yield ui.wait_until(artist.collections, 30, "the file that asked gets its model")
    yield lambda: artist.statuses() == ["IMPORTED"]

    bpy.ops.wm.open_mainfile(filepath=str(other))
    yield artist.jobs
    with ui.override():
        bpy.ops.tripo.import_job("INVOKE_DEFAULT", job_id=artist.jobs()[0].job_id)
    yield ui.wait_until(artist.collections, 30, "it can be imported anywhere by hand")
