"""A one-minute autosave fires while a job runs."""

from __future__ import annotations

from pathlib import Path

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 200, "sandbox": ("--requests-per-minute", "120", "--seconds", "600")}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    folder = Path(bpy.context.preferences.filepaths.temporary_directory or bpy.app.tempdir).parent
    bpy.context.preferences.filepaths.temporary_directory = str(ui.folder)
    bpy.context.preferences.filepaths.use_auto_save_temporary_files = True
    bpy.context.preferences.filepaths.auto_save_time = 1
    bpy.data.objects["Cube"].location.x += 1.0
    bpy.ops.ed.undo_push(message="Move")  # Blender 5.2 makes no backup of a file without changes
    assert bpy.data.is_dirty
    with ui.override():
        bpy.ops.tripo.text_to_3d("EXEC_DEFAULT", prompt="a sword")
    yield lambda: artist.statuses() and artist.statuses()[0] in ("QUEUED", "RUNNING")

    def saved() -> list[Path]:
        return [*ui.folder.rglob("*.blend"), *folder.glob("*_autosave.blend")]

    assert not saved()
    yield ui.wait_until(saved, 90, "an autosave")
    assert artist.statuses()[0] in ("QUEUED", "RUNNING"), "the job was running all the time"
    ui.record("autosave", [path.name for path in saved()])
