"""All sub-panels open and 500 jobs in the list: what drawing takes, and whether it reaches for anything."""

from __future__ import annotations

import bpy

from support import artist, crowd, drawing
from support.ui import Steps, Ui

OPTIONS = {"timeout": 240, "own_test": True}
ROUNDS = 12


def scenario(ui: Ui) -> Steps:
    watch = drawing.Watch()
    drawing.watch_window(watch)
    yield ui.open_sidebar("Tripo")
    yield ui.redraw()  # nothing of the client was needed before

    session = artist.module("operators.session")
    home = session.home()
    store = artist.module("client.store")
    request = artist.module("client.request").GenerationRequest(
        artist.module("client.schema").Kind.TEXT, parameters={"prompt": "a sword", "texture_quality": "detailed"}
    )
    database = store.open_database(home, durable=False, busy_seconds=5)
    crowd.fill(store, database, request, 100, 400)
    database.close()
    yield lambda: len(artist.jobs()) == 500
    state, settings = bpy.context.window_manager.tripo, bpy.context.scene.tripo
    settings.prompt = "a sword"
    looks: dict[str, float] = {}
    for kind, version, show in (
        ("TEXT", "3.0", "ALL"),
        ("TEXT", "3.0", "RUNNING"),
        ("IMAGE", "P1", "ALL"),
        ("MULTIVIEW", "3.1", "DONE"),
    ):
        settings.kind, settings.model_version, state.show = kind, version, show
        yield ui.redraw()
        watch.taken_ms.clear()
        for _ in range(ROUNDS):
            yield ui.redraw(rest=0.3)
        least = watch.least()
        looks[f"{kind} {version} {show}"] = watch.sum_ms()
        ui.record(f"{kind} {version} {show}", least)
        yield ui.screenshot(f"drawing-{kind.lower()}-{show.lower()}")
    ui.record("sum_ms", looks)
    ui.record("drawn", sorted(watch.taken_ms))
    ui.record("touched", sorted(watch.touched))
    assert bpy.context.window_manager.tripo.jobs
