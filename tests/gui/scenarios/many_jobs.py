"""A list of 200 live jobs and 10,000 old ones: ticks and drawing stay short while the live ones keep changing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bpy

from support.agent_lab import crowd
from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "own_test": True}
SECONDS = 8


def scenario(ui: Ui) -> Steps:
    places = artist.module("session.paths")
    home = places.home()
    store = artist.module("client.store")
    request = artist.module("client.jobs.request").GenerationRequest(
        artist.module("client.schema").Kind.TEXT, parameters={"prompt": "a sword"}
    )
    database = store.open_database(home, durable=False, busy_seconds=5)
    crowd.fill(store, database, request, 200, 10_000)
    database.close()
    ui.record("megabytes", home.database.stat().st_size / 2**20)

    extension = str(Path(places.__file__).parent.parent)
    command = [sys.executable, "-I", "-B", crowd.__file__, extension, str(home.root), "stir", str(SECONDS)]
    # A machine that is slow or busy draws the window before all that drawing needs is imported.
    first_need = artist.module("panels.preload")
    yield lambda: not bpy.app.timers.is_registered(first_need.load)
    main_thread = artist.MainThread()
    yield ui.open_sidebar("Tripo")
    yield ui.wait_until(lambda: len(artist.jobs()) >= 200, 60, "the jobs are listed")
    stirrer = subprocess.Popen(command, stdout=subprocess.PIPE)
    while stirrer.poll() is None:
        yield artist.orbit(ui)
    assert stirrer.stdout is not None
    ui.record("changes", int(stirrer.stdout.read()))
    ui.record("main_thread", main_thread.report())
    ui.record("rows", len(artist.jobs()))
    yield ui.screenshot("many-jobs")
