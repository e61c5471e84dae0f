"""Measures deliveries against direct imports in one session, in turns; run by tests/bench/bench_window.py.

`TRIPO_BENCH` is a list of pairs: the name of a model beside this session's records, and the prompt that has the
service answer with the same file. The first turn begins with the delivery: it is the first of the session.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 900, "own_test": True}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=False)
    yield 1.0
    turns: list[list[str]] = json.loads(os.environ["TRIPO_BENCH"])
    figures: list[dict[str, Any]] = []
    for path, prompt in turns:
        ours = yield from delivery(ui, prompt)
        theirs = yield from direct(ui, Path(path))
        assert ours.pop("triangles") == theirs.pop("triangles")
        figures.append({"ours": ours, "direct": theirs})
        ui.record("figures", figures)


def delivery(ui: Ui, prompt: str) -> Steps:
    """A press of Generate, from the complete file to the model in the scene."""
    session = artist.module("session.current").session()
    main_thread = artist.MainThread()
    known = {job.job_id for job in session.jobs.recent(100)}
    with ui.override():
        bpy.ops.tripo.text_to_3d("EXEC_DEFAULT", prompt=prompt)
    (job_id,) = {job.job_id for job in session.jobs.recent(100)} - known

    # The file's own time tells when it was complete: a small one is converted before anybody asks.
    yield ui.wait_until(lambda: session.jobs.get(job_id).file, 120, "the file is there")
    before = memory()
    ui.heartbeat.start()
    yield ui.wait_until(
        lambda: str(session.jobs.get(job_id).status) in ("IMPORTED", "FAILED"), 120, "the model is there"
    )
    job = session.jobs.get(job_id)
    assert str(job.status) == "IMPORTED", str(job.notice)
    yield from settled(ui)
    found = figures_of(ui, before)
    (found["held"],) = main_thread.delivery_ms
    complete = (session.home.root / job.file).stat().st_mtime
    # The claim is written just before the model comes.
    found["total"] = (job.updated_at - complete) * 1000 + found["held"]
    # The next delivery is not to wait for this one's thumbnail.
    yield ui.wait_until(lambda: session.jobs.get(job_id).thumbnail, 120, "the thumbnail is there")
    yield from clear()
    return found


def direct(ui: Ui, path: Path) -> Steps:
    """Blender's own importer, with the undo step that the menu entry makes."""
    before = memory()
    ui.heartbeat.start()
    yield 0.1
    began = time.perf_counter()
    with ui.override():
        assert bpy.ops.import_scene.gltf(filepath=str(path)) == {"FINISHED"}
        bpy.ops.ed.undo_push(message="Import")
    held = (time.perf_counter() - began) * 1000
    yield from settled(ui)
    found = figures_of(ui, before)
    found["held"] = found["total"] = held
    yield from clear()
    return found


def settled(ui: Ui) -> Steps:
    """Let the window draw the model."""
    ui.area().tag_redraw()
    yield 1.0


def figures_of(ui: Ui, before: float) -> dict[str, float]:
    triangles = sum(len(mesh.polygons) for mesh in bpy.data.meshes if mesh.name != "Cube")
    peak = memory("VmHWM") - before
    return {"gap": ui.heartbeat.stop()["longest_ms"], "peak": peak, "triangles": triangles}


def clear() -> Steps:
    """Back to an empty file, so that the turns do not add up; the session goes on."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=False)
    yield 2.0


def memory(name: str = "VmRSS") -> float:
    """Memory of this process in MiB; asking for the present one begins a new peak (Linux, proc(5))."""
    if name == "VmRSS":
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))
