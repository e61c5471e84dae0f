"""Ten presses in a row; run in two windows at once on one profile by its own test."""

from __future__ import annotations

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {
    "timeout": 240,
    "own_test": True,
    "sandbox": ("--requests-per-minute", "120", "--seconds", "5", "--credits", "100000"),
}
COUNT = 10


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    ui.record("up", True)
    for number in range(COUNT):
        with ui.override():
            bpy.ops.tripo.text_to_3d("EXEC_DEFAULT", prompt=f"sword number {number}")
        yield 0.05

    def all_here() -> bool:
        return len(artist.collections()) >= COUNT

    yield ui.wait_until(all_here, 180, f"all {COUNT} models")
    yield 3.0  # a stranger's model would come now
    ui.record("delivered", sorted(collection["tripo_job_id"] for collection in artist.collections()))
    ui.record("names", sorted(collection.name for collection in artist.collections()))
