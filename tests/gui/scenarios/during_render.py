"""A model that is finished during a render waits for its end, and the row says so."""

from __future__ import annotations

import time
from typing import Any

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 150, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}

_held = {"until": 0.0}


def hold(*_: Any) -> None:
    """Keep the render going, in its own thread, until the scenario lets it go: its length is no matter of luck."""
    while time.monotonic() < _held["until"]:
        time.sleep(0.05)


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    yield ui.open_sidebar("Tripo")
    scene: Any = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 64
    scene.cycles.use_denoising = False  # some builds cannot, and end the render at once
    scene.render.resolution_percentage = 20
    bpy.app.handlers.render_post.append(hold)
    _held["until"] = time.monotonic() + 90
    with ui.override():
        bpy.ops.render.render("INVOKE_DEFAULT")
    yield ui.wait_until(lambda: bpy.app.is_job_running("RENDER"), 30, "the render")
    artist.ask(ui, "a shield")
    wanted = "Finished: waiting for the render to end"
    yield ui.wait_until(lambda: [job.message for job in artist.jobs()] == [wanted], 60, "the row's message")
    assert bpy.app.is_job_running("RENDER") and artist.statuses() == ["READY"]
    yield ui.screenshot("waits-for-render")
    yield 1.0
    assert not artist.collections(), "it waits as long as the render takes"
    _held["until"] = 0.0
    yield ui.wait_until(artist.collections, 30, "the model after the render")
    assert not bpy.app.is_job_running("RENDER") and not bpy.data.libraries
    yield lambda: artist.statuses() == ["IMPORTED"]
    assert artist.jobs()[0].message != wanted
