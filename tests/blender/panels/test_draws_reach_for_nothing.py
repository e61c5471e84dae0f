"""No draw and no poll of the extension reaches for a file, a process or the network: Python's audit hook listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

from support.sandbox_service.service import API_KEY
from support.ui import drawing
from support.ui.layout import Layout

Package = Callable[[str], ModuleType]

LISTS_FILES = {"TRIPO_PT_presets"}
"""Blender's own way of presets: while the popover is open, it lists the artist's from their folder."""
NEEDS_WINDOW = {"TRIPO_MT_image"}
"""Drawn for the slot that the menu was opened from, which only a real layout passes on."""


@pytest.fixture(scope="module")
def watch(extension: str) -> drawing.Watch:
    return drawing.Watch()


@pytest.fixture
def full(package: Package, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A list with a job in every state, and a key; what drawing needs has been imported."""
    monkeypatch.setenv("THREEDAISTUDIO_API_KEY", API_KEY)
    while package("panels.preload").load() is not None:
        pass
    state = bpy.context.window_manager.tripo
    for number, status in enumerate(package("client.jobs.states").Status):
        job = state.jobs.add()
        job.job_id, job.name, job.status, job.kind = f"job{number}", f"model {number}", status.value, "text_to_3d"
        job.notice, job.request, job.file = "A message", '{"model_version": "P1"}', "/nowhere/model.glb"
        job.press, job.model_here = "press" if number < 4 else "", True
    state.revision += 1
    yield state
    state.jobs.clear()
    state.property_unset("show")


def context() -> Any:
    preferences = bpy.context.preferences
    return SimpleNamespace(
        scene=bpy.context.scene,
        window_manager=bpy.context.window_manager,
        mode="OBJECT",
        selected_objects=[],
        active_object=None,
        collection=bpy.context.collection,
        space_data=None,
        window=None,
        screen=None,
        area=None,
        region=SimpleNamespace(width=300),
        preferences=SimpleNamespace(
            addons=preferences.addons,
            view=preferences.view,
            system=SimpleNamespace(ui_scale=1.0),
            ui_styles=[SimpleNamespace(widget=SimpleNamespace(points=11.0))],
        ),
    )


def test_the_watch_hears(watch: drawing.Watch, tmp_path: Path) -> None:
    with watch.during("a test"):
        (tmp_path / "file").exists()
        (tmp_path / "file").write_text("")
    assert {one.split()[2] for one in watch.touched} >= {"open", "os.stat"}
    watch.touched.clear()


@pytest.mark.parametrize("kind", ["TEXT", "IMAGE", "MULTIVIEW"])
def test_panels_and_menus(watch: drawing.Watch, full: Any, kind: str) -> None:
    bpy.context.scene.tripo.kind = kind  # type: ignore[attr-defined]
    drawn: list[str] = []
    for one in drawing.classes():
        if not issubclass(one, (bpy.types.Panel, bpy.types.Menu)) or one.__name__ in LISTS_FILES | NEEDS_WINDOW:
            continue
        stand_in: Any = SimpleNamespace(layout=Layout([]), group=getattr(one, "group", None))
        with watch.during(one.__name__):
            if "poll" not in dir(one) or one.poll(context()):
                one.draw(stand_in, context())
        drawn.append(one.__name__)
    assert len(drawn) >= 8
    assert watch.touched == set()


def test_polls_of_operators(watch: drawing.Watch, full: Any) -> None:
    polled = 0
    for one in drawing.classes():
        if issubclass(one, bpy.types.Operator) and "poll" in dir(one):
            with watch.during(one.__name__):
                one.poll(context())
            polled += 1
    assert polled >= 3
    assert watch.touched == set()


def test_the_list(watch: drawing.Watch, full: Any, package: Package) -> None:
    jobs, rows = package("widgets.job_filter"), package("panels.tab").TRIPO_UL_jobs
    with watch.during("the list"):
        for number, item in enumerate(full.jobs):
            rows.draw_item(SimpleNamespace(), context(), Layout([]), full, item, 0, full, "active_job", number)
        for show in ("ALL", "RUNNING", "TROUBLE"):
            full.show = show
            jobs.search(full, "model 1", 1)
    assert watch.touched == set()
