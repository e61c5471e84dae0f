"""The first minute of a person without a key, in Blender's factory scene: three clicks and one typed line bring a model
into sight, two more a second one beside it."""

from __future__ import annotations

import functools
import time
from typing import Any

import bpy
from mathutils import Vector

from support.ui import artist, buttons, sight
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "key": False, "own_test": True}


def room(model: bpy.types.Collection) -> tuple[Vector, Vector]:
    corners = [one.matrix_world @ Vector(corner) for one in model.all_objects for corner in one.bound_box]
    columns = list(zip(*corners, strict=True))
    return Vector([min(one) for one in columns]), Vector([max(one) for one in columns])


def apart(one: bpy.types.Collection, other: bpy.types.Collection) -> bool:
    (low, high), (low_2, high_2) = room(one), room(other)
    return any(high[axis] <= low_2[axis] or high_2[axis] <= low[axis] for axis in range(3))


def take_the_cubes_place(ui: Ui, sidebar: Any, model: bpy.types.Collection) -> Steps:
    """Action: let the model replace the factory cube, take that back in one step, and let it again."""
    before = room(model)
    yield ui.screenshot("first-details", crop=(sidebar.x, sidebar.y, sidebar.width, sidebar.height))
    yield buttons.click(ui, sidebar, "tripo.replace_cube")
    yield ui.wait_until(lambda: "Cube" not in bpy.data.objects, 5, "the cube is gone")
    yield 1.0
    low, high = room(model)
    assert abs(low.x + high.x) + abs(low.y + high.y) < 1e-3, "the model stands where the cube was"
    yield ui.screenshot("first-replaced")
    yield artist.undo(ui)
    yield ui.wait_until(lambda: "Cube" in bpy.data.objects, 5, "one undo step brings the cube back")
    yield ui.redraw()
    (model,) = artist.collections()
    assert (room(model)[0] - before[0]).length < 1e-3, (room(model), before)
    yield artist.undo(ui, redo=True)
    yield ui.wait_until(lambda: "Cube" not in bpy.data.objects, 5, "the cube is gone again")


def scenario(ui: Ui) -> Steps:
    bpy.context.preferences.system.use_online_access = False  # as Blender is after its installation
    sidebar = yield ui.open_sidebar("Tripo")
    yield ui.screenshot("first-welcome")
    main_thread = artist.MainThread()
    service = artist.module("session.sandbox_process")
    for name in ("_start", "watch"):
        setattr(service, name, functools.partial(main_thread.time, name, getattr(service, name)))

    clicks: list[str] = []
    click = ui.click

    def counted(*arguments: Any, **named: Any) -> Steps:
        clicks.append(str(arguments))
        return click(*arguments, **named)

    ui.click = counted  # type: ignore[method-assign]
    began = time.monotonic()
    yield buttons.click(ui, sidebar, "tripo.try_sandbox")  # the first click
    mode = artist.module("properties.sandbox_mode")
    yield ui.wait_until(lambda: mode.current().account, 20, "the Sandbox answers")
    yield 0.5
    yield ui.screenshot("first-sandbox")
    yield artist.type_prompt(ui, sidebar, "a mushroom with a red cap")  # the second, and the line
    yield artist.press_generate(ui, sidebar)  # the third
    yield ui.wait_until(lambda: "RUNNING" in artist.statuses(), 20, "the job runs")
    yield ui.screenshot("first-running")
    yield ui.wait_until(artist.collections, 60, "the model is in the scene")
    ui.record("clicks", len(clicks))
    ui.record("seconds", round(time.monotonic() - began, 1))
    yield 1.0
    (first,) = artist.collections()
    ui.record("first", (yield from sight.look(ui, first, "first-model")))
    assert artist.statuses() == ["IMPORTED"]
    assert artist.jobs()[0].credits == 0
    ui.record("main_thread", main_thread.report())
    ui.record("taken_ms", {name: round(max(taken), 2) for name, taken in main_thread.taken_ms.items()})

    yield ui.wait_until(lambda: artist.jobs()[0].thumbnail, 60, "the model's own image")
    yield from take_the_cubes_place(ui, sidebar, first)
    (first,) = artist.collections()  # undo makes others of them
    yield artist.type_prompt(ui, sidebar, "a rocket")
    yield artist.press_generate(ui, sidebar)
    yield ui.wait_until(lambda: len(artist.collections()) == 2, 60, "the second model is in the scene")
    yield buttons.click(ui, sidebar, "tripo.frame_job")
    yield 1.0
    second = next(one for one in artist.collections() if one != first)
    ui.record("second", (yield from sight.look(ui, second, "second-model")))
    assert apart(first, second), "the second model stands inside the first"

    process = service._child.process
    yield buttons.click(ui, sidebar, "tripo.leave_sandbox", right=-60)
    yield ui.wait_until(lambda: process.poll() is not None, 10, "its process has ended")
    yield ui.wait_until(lambda: not bpy.app.timers.is_registered(service.watch), 10, "nobody looks after it")
    yield 0.5
    yield ui.screenshot("first-left")
    assert artist.collections() and artist.preferences().api_key == ""
