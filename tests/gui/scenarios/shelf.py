"""Three results in the Asset Browser, with pictures and tags; one is dragged into another file, and one undo takes it
away."""

from __future__ import annotations

from typing import Any

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}

PROMPTS = ("a sword", "a cup", "a rocket")


def scenario(ui: Ui) -> Steps:
    operators: Any = bpy.ops
    artist.hurry()
    for prompt in PROMPTS:
        artist.ask(ui, prompt)
    assert operators.tripo.add_shelf() == {"FINISHED"}
    yield ui.wait_until(lambda: artist.statuses() == ["IMPORTED"] * 3, 90, "three models")
    cup = next(job.job_id for job in artist.jobs() if job.name == "a cup")
    assert operators.tripo.pin_job(job_id=cup) == {"FINISHED"}
    store = artist.module("session.current")

    def on_shelf() -> bool:
        jobs = [store.session().jobs.get(job.job_id) for job in artist.jobs()]
        return all(job.shelf == job.name and job.shelf_pinned == job.pinned and job.thumbnail for job in jobs)

    yield ui.wait_until(on_shelf, 90, "three models are on the shelf")

    bpy.ops.wm.read_homefile()
    artist.save_as(ui.folder / "another.blend")
    yield 0.5
    before = {one.name for one in bpy.data.objects}
    view = ui.area()
    with ui.override(view):
        operators.screen.area_split(direction="VERTICAL", factor=0.5)
    yield 0.5  # until both know where they are
    halves = sorted((one for one in ui.window.screen.areas if one.type == "VIEW_3D"), key=lambda one: one.x)
    shelf, view = halves
    shelf.ui_type = "ASSETS"
    yield 0.5
    params: Any = shelf.spaces.active.params
    params.asset_library_reference = "Tripo"
    yield 3.0
    yield ui.screenshot("shelf")
    yield check_assets(ui, shelf)

    operators.tripo.show_on_shelf(job_id=cup)
    yield ui.wait_until(lambda: params.filter_search == "a cup", 20, "the model is searched for")
    yield 3.0
    yield drag(ui, shelf, view)
    yield ui.wait_until(lambda: len(bpy.data.objects) > len(before), 20, "the dragged model is in the scene")
    yield 1.0
    yield ui.screenshot("shelf-dragged")
    (dragged,) = (one for one in bpy.data.objects if one.name not in before)
    assert dragged["tripo_job_id"] == cup and dragged.library is None and dragged.asset_data is None
    assert max(map(abs, dragged.rotation_euler[:2])) < 1e-3, "it stands on the ground"
    yield ui.move(*ui.middle(ui.region("WINDOW", view)))
    yield ui.press("Z", ctrl=True)
    yield ui.wait_until(lambda: {one.name for one in bpy.data.objects} == before, 20, "one undo takes it away")


def check_assets(ui: Ui, shelf: Any) -> Steps:
    """Action: select all in the Asset Browser, and look at what they tell of themselves."""
    yield ui.move(*ui.middle(ui.region("WINDOW", shelf)))
    yield ui.press("A")
    yield 0.5
    with ui.override(shelf):
        found = {one.name: one for one in bpy.context.selected_assets}
    assert sorted(found) == sorted(PROMPTS)
    for name, asset in found.items():
        told = asset.metadata
        assert told.description == name and told.author.startswith("Tripo ")
        tags = {tag.name for tag in told.tags}
        assert {"Tripo", "Text to 3D"} < tags and ("Pinned" in tags) == (name == "a cup")
    yield ui.press("A", alt=True)


def drag(ui: Ui, shelf: Any, view: Any) -> Steps:
    """Action: drag the first asset onto the ground in the 3D view, beside the cube."""
    tiles = ui.region("WINDOW", shelf)
    x, y = tiles.x + 60, tiles.y + tiles.height - 60
    end_x, end_y = (at - 150 for at in ui.middle(ui.region("WINDOW", view)))
    window: Any = ui.window
    yield ui.move(x, y)
    window.event_simulate(type="LEFTMOUSE", value="PRESS", x=x, y=y)
    yield 0.2
    for step in range(1, 11):
        yield ui.move(x + (end_x - x) * step // 10, y + (end_y - y) * step // 10, pause=0.1)
    window.event_simulate(type="LEFTMOUSE", value="RELEASE", x=end_x, y=end_y)
