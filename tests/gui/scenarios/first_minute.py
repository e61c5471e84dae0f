"""The first minute of a person without a key: three clicks and one typed line bring a model into the scene."""

from __future__ import annotations

import functools
import time
from typing import Any

import bpy

from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "key": False, "own_test": True}


def scenario(ui: Ui) -> Steps:
    for name in ("Cube", "Camera", "Light"):
        bpy.data.objects.remove(bpy.data.objects[name])
    view = ui.area().spaces.active
    view.shading.color_type = "TEXTURE"
    view.region_3d.view_distance = 4.0
    bpy.context.preferences.system.use_online_access = False  # as Blender is after its installation
    sidebar = yield ui.open_sidebar("Tripo")
    yield ui.screenshot("first-welcome")
    main_thread = artist.MainThread()
    service = artist.module("session.sandbox_process")
    for name in ("_load", "_start", "watch"):
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
    yield ui.screenshot("first-model")
    assert artist.statuses() == ["IMPORTED"]
    assert artist.jobs()[0].credits == 0
    ui.record("main_thread", main_thread.report())
    ui.record("taken_ms", {name: round(max(taken), 2) for name, taken in main_thread.taken_ms.items()})

    process = service._child.process
    yield buttons.click(ui, sidebar, "tripo.leave_sandbox", right=-60)
    yield ui.wait_until(lambda: process.poll() is not None, 10, "its process has ended")
    yield ui.wait_until(lambda: not bpy.app.timers.is_registered(service.watch), 10, "nobody looks after it")
    yield 0.5
    yield ui.screenshot("first-left")
    assert artist.collections() and artist.preferences().api_key == ""
