"""What happens to a result besides delivery: its image, the Asset Browser, the cache and the question before it is
cleared."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "sandbox": ("--requests-per-minute", "120", "--seconds", "4")}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    artist.preferences().mark_assets = True
    session = artist.module("session.current")
    sidebar = yield ui.open_sidebar("Tripo")
    yield artist.type_prompt(ui, sidebar, "a mushroom with a red cap")
    main_thread = artist.MainThread()
    yield artist.press_generate(ui, sidebar)
    yield ui.wait_until(artist.collections, 60, "the model is in the scene")
    (model,) = artist.collections()
    assert model.asset_data is not None
    job_id = artist.jobs()[0].job_id
    yield ui.wait_until(lambda: session.session().jobs.get(job_id).thumbnail, 60, "its thumbnail is drawn")
    yield ui.wait_until(lambda: artist.collections()[0].preview, 20, "the asset has its image")
    ui.record("main_thread", main_thread.report())

    with ui.override():
        bpy.ops.wm.save_as_mainfile(filepath=str(ui.folder / "project.blend"))
    catalogs = ui.folder / "blender_assets.cats.txt"
    yield ui.wait_until(catalogs.exists, 20, "the catalog is beside the file")
    area: Any = ui.area()
    area.ui_type = "ASSETS"
    yield 0.5
    area.spaces.active.params.asset_library_reference = "LOCAL"
    yield 2.0
    yield ui.screenshot("asset-browser")

    area.ui_type = "PREFERENCES"
    yield 0.5
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "tripo"
    with ui.override(area):
        bpy.ops.preferences.addon_expand(module=artist.MODULE)
    yield 1.0
    yield ui.screenshot("preferences")

    put_into_store(session.session())
    area.ui_type = "VIEW_3D"
    yield 0.5
    yield ui.move(*ui.middle())
    with ui.override(ui.area()):
        bpy.ops.tripo.clear_cache("INVOKE_DEFAULT")
    yield 0.5
    yield ui.screenshot("clear-cache")
    yield ui.press("RET")
    yield ui.wait_until(lambda: not session.session().jobs.get(job_id).blend, 30, "the cache is cleared")
    kept = sorted(path.name for path in Path(session.session().home.results).rglob("*.*"))
    assert kept == ["thumbnail.png"], kept
    assert artist.collections(), "what is in the file stays"
    yield 1.0
    yield ui.screenshot("cache-cleared")


def put_into_store(current: Any) -> None:
    """A result that is in no scene yet, and one that the service has no longer."""
    store, states, request = (artist.module(f"client.{name}") for name in ("store", "jobs.states", "jobs.request"))
    schema = artist.module("client.schema")
    for status, finished_at in ((states.Status.READY, time.time()), (states.Status.IMPORTED, time.time() - 2e5)):
        new = store.NewJob("another account", request.GenerationRequest(schema.TEXT))
        job_id = current.jobs.insert(new, status=status, task_id=status.value)
        current.jobs.update(job_id, status, kept=30_000_000, finished_at=finished_at)
