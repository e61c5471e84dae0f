"""All sub-panels open and 500 jobs in the list: what drawing takes, and whether it reaches for anything."""

from __future__ import annotations

import statistics

import bpy

from support.agent_lab import crowd
from support.ui import artist, drawing
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 240, "own_test": True}
ROUNDS = 31
TIMES_AGAIN = 8


def scenario(ui: Ui) -> Steps:
    # A machine that is slow or busy draws the window before all that drawing needs is imported.
    first_need = artist.module("panels.preload")
    yield lambda: not bpy.app.timers.is_registered(first_need.load)
    watch = drawing.Watch()
    drawing.watch_window(watch)
    yield ui.open_sidebar("Tripo")
    yield ui.redraw()  # nothing of the client was needed before

    home = artist.module("session.paths").home()
    store = artist.module("client.store")
    request = artist.module("client.jobs.request").GenerationRequest(
        artist.module("client.schema").Kind.TEXT, parameters={"prompt": "a sword", "texture_quality": "detailed"}
    )
    database = store.open_database(home, durable=False, busy_seconds=5)
    crowd.fill(store, database, request, 100, 400)
    database.close()
    yield lambda: len(artist.jobs()) == 500
    state, settings = bpy.context.window_manager.tripo, bpy.context.scene.tripo
    settings.prompt = "a sword"
    yield ui.redraw()
    watch.opens = False  # what was opened stays open
    yield ui.redraw()
    for kind, version, show in (
        ("TEXT", "3.0", "ALL"),
        ("TEXT", "3.0", "RUNNING"),
        ("IMAGE", "P1", "ALL"),
        ("MULTIVIEW", "3.1", "DONE"),
    ):
        settings.kind, settings.model_version, state.show = kind, version, show
        yield ui.redraw()
        look = f"{kind.lower()}-{show.lower()}"
        yield ui.screenshot(f"drawing-{look}")
        yield from measure(ui, watch, look)
    ui.record("drawn", sorted(watch.drawn))
    ui.record("opened", sorted(watch.opened))
    ui.record("touched", sorted(watch.touched))
    assert bpy.context.window_manager.tripo.jobs


def measure(ui: Ui, watch: drawing.Watch, look: str) -> Steps:
    """Action: draw many times; record medians of what single draws take, and of what they take done over and over,
    also as multiples of the reference in the same redraw."""
    single_ms: list[float] = []
    for _ in range(ROUNDS):
        watch.clear()
        yield ui.redraw(rest=0.02)
        single_ms.append(watch.sum_ms(watch.taken_ms))
    again_ms: list[float] = []
    ratios: list[float] = []
    each: dict[str, list[float]] = {}
    watch.times_again = TIMES_AGAIN
    for _ in range(ROUNDS):
        watch.clear()
        yield ui.redraw(rest=0.02)
        again_ms.append(watch.sum_ms(watch.again_ms))
        ratios.append(again_ms[-1] / watch.reference_ms(watch.again_ms))
        for name, taken in watch.again_ms.items():
            each.setdefault(name, []).extend(taken)
    watch.times_again = 0
    ui.record(
        look,
        {
            "single_ms": round(statistics.median(single_ms), 3),
            "least_ms": round(min(single_ms), 3),
            "again_ms": round(statistics.median(again_ms), 3),
            "ratio": round(statistics.median(ratios), 3),
            "each_ms": {name: round(statistics.median(taken), 4) for name, taken in each.items()},
        },
    )
