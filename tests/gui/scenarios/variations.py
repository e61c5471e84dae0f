"""Four variations are compared, flipped through in one place and one is kept with nothing left of the others; a row's
context menu and new name; 30 jobs are tidied up in four clicks."""

from __future__ import annotations

from typing import Any

import bpy

from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 300, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}
DATA = ("objects", "meshes", "materials", "images", "node_groups", "actions", "armatures", "collections", "libraries")


def counts() -> dict[str, int]:
    return {name: len(getattr(bpy.data, name)) for name in DATA}


def shown() -> list[str]:
    """The numbers of the variations that can be seen."""
    bpy.context.view_layer.update()
    found = (one.name for one in artist.collections() if any(part.visible_get() for part in one.all_objects))
    return sorted(name.rpartition(" ")[2][:1] for name in found)


def generate(ui: Ui, sidebar: Any) -> Steps:
    """Action: four models with one press."""
    yield artist.type_prompt(ui, sidebar, "a mushroom with a red cap")
    yield buttons.click(ui, sidebar, "tripo.variations", right=40)
    yield ui.press("A", ctrl=True)
    yield ui.type_text("4")
    yield ui.press("RET")
    assert bpy.context.scene.tripo.variations == 4
    yield artist.click_generate(ui, sidebar)
    yield 0.5
    yield ui.press("RET")  # four models cost more than what is asked about
    yield ui.wait_until(lambda: len(artist.collections()) == 4, 90, "four models")
    yield ui.wait_until(lambda: all(job.thumbnail for job in artist.jobs()), 60, "their images")


def choose(ui: Ui, sidebar: Any, number: int) -> Steps:
    """Action: click below the image of a variation."""
    job_id = next(job.job_id for job in artist.jobs() if job.name.startswith(f"{number}/4"))
    yield buttons.click(ui, sidebar, job_id, right=32 + (number - 1) * (sidebar.width - 50) // 4)
    yield ui.wait_until(lambda: active().job_id == job_id, 5, f"variation {number} is the active one")


def active() -> Any:
    state = bpy.context.window_manager.tripo
    return state.jobs[state.active_job]


def fill(count: int) -> None:
    """Write ended jobs of another account, half of them failed."""
    store, schema = artist.module("client.store"), artist.module("client.schema")
    request, status = artist.module("client.jobs.request"), artist.module("client.jobs.states").Status
    database = store.open_database(artist.module("session.paths").home(), durable=False, busy_seconds=5)
    for number in range(count):
        wanted = request.GenerationRequest(schema.Kind.TEXT, parameters={"prompt": f"sword number {number}"})
        state = status.FAILED if number % 2 else status.IMPORTED
        store.JobTable(database).insert(store.NewJob("another", wanted), status=state)
    database.close()


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    bpy.ops.outliner.orphans_purge(do_recursive=True)
    before = counts()
    sidebar = yield ui.open_sidebar("Tripo")
    yield generate(ui, sidebar)
    of_four = counts()
    yield choose(ui, sidebar, 2)
    yield ui.screenshot("variations")

    yield buttons.click(ui, sidebar, "tripo.solo_variant", right=60)
    yield ui.wait_until(lambda: shown() == ["2"], 5, "the second alone")
    yield choose(ui, sidebar, 3)
    yield ui.wait_until(lambda: shown() == ["3"], 5, "the third in its place")
    yield ui.redraw()
    yield ui.screenshot("variations-solo")
    yield buttons.click(ui, sidebar, "tripo.solo_variant", right=60)
    yield ui.wait_until(lambda: shown() == ["1", "2", "3", "4"], 5, "all are shown again")
    yield flip(ui, sidebar)
    yield buttons.click(ui, sidebar, "tripo.keep_variant", right=-60)
    yield ui.wait_until(lambda: len(artist.collections()) == 1, 5, "one is left")
    assert shown() == ["1"]
    of_one = {name: (count - before[name] - (name == "collections")) / 4 for name, count in of_four.items()}
    left = {name: count - before[name] - (name == "collections") for name, count in counts().items()}
    assert left == of_one, (left, of_one)
    assert not [one for one in bpy.data.user_map() if one.users == 0]
    assert len(artist.jobs()) == 4
    yield ui.redraw()
    yield ui.screenshot("variations-kept")
    yield artist.undo(ui)
    yield ui.wait_until(lambda: len(artist.collections()) == 4, 5, "all are back by one step")
    yield artist.undo(ui, redo=True)
    yield ui.wait_until(lambda: len(artist.collections()) == 1, 5, "and gone again")
    yield ui.redraw()

    x, y = yield from buttons.find(ui, sidebar, active().job_id, right=36)
    yield ui.click(x + 60, y, ctrl=True)  # as a double click
    yield ui.press("A", ctrl=True)
    yield ui.type_text("toadstool")
    yield ui.press("RET")
    yield ui.wait_until(lambda: active().name == "toadstool", 5, "the row has the new name")
    assert [one.name for one in artist.collections()] == ["toadstool"]
    yield tidy(ui, sidebar)


def place(number: str) -> Any:
    """Where a variation stands, and what bends it."""
    model = next(one for one in artist.collections() if one.name.endswith(f"{number}/4"))
    top = next(one for one in model.all_objects if "tripo_task_id" in one)
    return top.location[:], top.rotation_euler[:], [one.name for one in top.modifiers]


def flip(ui: Ui, sidebar: Any) -> Steps:
    """Action: the third one is moved and bent; the others are looked at in its place, and the first stays there."""
    model = next(one for one in artist.collections() if one.name.endswith("3/4"))
    top: Any = next(one for one in model.all_objects if "tripo_task_id" in one)
    top.location, top.rotation_euler = (0.1, -0.2, 1 / 3), (0.2, 0.3, 1.0)
    top.modifiers.new("bent", "SIMPLE_DEFORM").deform_method = "BEND"
    bpy.ops.ed.undo_push(message="bent")
    view: Any = ui.area().spaces.active
    view.shading.color_type = "TEXTURE"
    bent = place("3")
    others = {number: place(number) for number in "124"}

    yield buttons.click(ui, sidebar, "tripo.flip_variants", right=-60)
    yield ui.move(*ui.middle())
    for key, number in (("WHEELDOWNMOUSE", "4"), ("RIGHT_ARROW", "1"), ("DOWN_ARROW", "2"), ("WHEELUPMOUSE", "1")):
        yield ui.press(key)
        yield ui.wait_until(lambda number=number: shown() == [number], 5, f"{key}: number {number}")
        assert place(number) == bent
    yield ui.redraw()
    yield ui.screenshot("variations-flip")
    yield ui.press("ESC")
    yield ui.wait_until(lambda: shown() == ["1", "2", "3", "4"], 5, "Esc: as before")
    assert place("3") == bent and {number: place(number) for number in "124"} == others

    yield buttons.click(ui, sidebar, "tripo.flip_variants", right=-60)
    yield ui.move(*ui.middle())
    for number in "41":
        yield ui.press("WHEELDOWNMOUSE")
        yield ui.wait_until(lambda number=number: shown() == [number], 5, f"number {number}")
    yield ui.press("RET")
    yield ui.wait_until(lambda: "TRIPO_OT_flip_variants" not in [one.bl_idname for one in ui.window.modal_operators], 5)
    assert active().name.startswith("1/4"), "it is the active job"
    for redo, numbers in ((False, ["4"]), (False, ["1", "2", "3", "4"]), (True, ["4"]), (True, ["1"])):
        yield artist.undo(ui, redo=redo)
        yield ui.wait_until(lambda numbers=numbers: shown() == numbers, 5, f"one step a flip: {numbers}")
    assert place("1") == bent


def tidy(ui: Ui, sidebar: Any) -> Steps:
    """Action: 30 jobs more; one is removed by the list's context menu, all others with four clicks."""
    before = len(artist.jobs())
    fill(30)
    yield ui.wait_until(lambda: len(artist.jobs()) == before + 30, 20, "30 jobs more")
    bpy.context.window_manager.tripo.active_job = 0  # the list scrolls there
    yield ui.redraw()
    newest = artist.jobs()[0].job_id
    x, y = yield from buttons.find(ui, sidebar, newest, right=36)
    yield ui.click(x + 60, y)
    yield ui.click(x + 60, y, "RIGHTMOUSE")
    yield 0.5
    yield ui.screenshot("jobs-context-menu")
    for _ in range(2):
        yield ui.press("UP_ARROW")  # the last but one, from below: Remove from List
    yield ui.press("RET")
    yield ui.wait_until(lambda: newest not in [job.job_id for job in artist.jobs()], 10, "it has left the list")
    yield ui.redraw()
    right, header = sidebar.x + sidebar.width - 72, y + 58  # above the row is the filter now
    for entry, status in enumerate(("IMPORTED", "FAILED")):
        yield ui.click(right, header)
        yield 0.5
        if not entry:
            yield ui.screenshot("jobs-menu")
        yield ui.click(right, header - 24 - 20 * entry)
        yield ui.wait_until(lambda gone=status: gone not in artist.statuses(), 10, f"no job is {status}")
    assert not artist.jobs()
