"""The boxes where models will land: which there are, and that handlers come and go with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest

Package = Callable[[str], ModuleType]


class Handlers:
    """Stands in for `SpaceView3D`: counts what is registered."""

    def __init__(self) -> None:
        self.alive: list[tuple[Any, str]] = []

    def draw_handler_add(self, call: Any, arguments: Any, region: str, kind: str) -> tuple[Any, str]:
        assert arguments == () and region == "WINDOW"
        self.alive.append((call, kind))
        return self.alive[-1]

    def draw_handler_remove(self, handle: Any, region: str) -> None:
        self.alive.remove(handle)


@pytest.fixture
def handlers(package: Package, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handlers]:
    handlers = Handlers()
    module = package("session.overlay")
    fake = SimpleNamespace(types=SimpleNamespace(SpaceView3D=handlers))
    monkeypatch.setattr(module, "bpy", fake)
    yield handlers
    module.show([])
    module.show_preview(None)
    assert not handlers.alive


def job(package: Package, status: str, **values: Any) -> Any:
    given = {
        "job_id": "a",
        "target": "here",
        "name": "cup",
        "progress": 42,
        "placement": "{}",
        "bounds": "",
        "hidden": 0,
    }
    return SimpleNamespace(**{**given, "status": package("client.jobs.states").Status[status], **values})


class Scenes:
    def __init__(self, *tokens: str) -> None:
        self.tokens = frozenset(tokens)

    def names(self) -> frozenset[str]:
        return self.tokens

    def has(self, token: str) -> bool:
        return token in self.tokens

    def find(self, token: str) -> Any:
        return bpy.context.scene if token in self.tokens else None


def shown(package: Package) -> list[Any]:
    return list(package("session.overlay")._Shown.boxes)


def test_a_box_lives_as_long_as_its_job(package: Package, handlers: Handlers) -> None:
    targets = package("session.pending_models").PendingModels()
    scenes = Scenes("here")
    targets.apply(scenes)
    assert not handlers.alive
    for status in ("PREPARED", "QUEUED", "RUNNING", "DOWNLOADING", "CONVERTING", "READY"):
        targets.update(job(package, status))
        targets.apply(scenes)
        assert sorted(kind for _call, kind in handlers.alive) == ["POST_PIXEL", "POST_VIEW"], status
        (box,) = shown(package)
        assert box.lines == ("cup  100%" if status == "READY" else "cup  42%",)
    targets.update(job(package, "IMPORTED"))
    targets.apply(scenes)
    assert not handlers.alive


@pytest.mark.parametrize(
    "values", [{"target": "elsewhere"}, {"target": ""}, {"hidden": 1}], ids=["other file", "no scene", "hidden"]
)
def test_no_box_for_others(package: Package, handlers: Handlers, values: dict[str, Any]) -> None:
    targets = package("session.pending_models").PendingModels()
    targets.update(job(package, "RUNNING", **values))
    targets.apply(Scenes("here"))
    assert not handlers.alive


def test_jobs_at_one_place_share_a_box(package: Package, handlers: Handlers) -> None:
    targets = package("session.pending_models").PendingModels()
    there = '{"location": "CURSOR", "cursor": [1, 2, 3]}'
    for number in range(3):
        targets.update(job(package, "RUNNING", job_id=str(number), placement=there, name=f"cup {number}"))
    targets.update(job(package, "RUNNING", job_id="9", name="a long name " * 5))
    targets.apply(Scenes("here"))
    first, second = shown(package)
    assert first.lines == ("cup 0  42%", "cup 1  42%", "cup 2  42%")
    assert min(first.corners) == (0.5, 1.5, 3.0) and max(first.corners) == (1.5, 2.5, 4.0)
    assert len(second.lines[0]) < 40 and "…" in second.lines[0]


def test_boxes_stand_where_the_models_will(package: Package, handlers: Handlers) -> None:
    """Beside what is at the cursor, one beside the other, and as large as a model that is known already."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=False)
    targets, scenes = package("session.pending_models").PendingModels(), Scenes("here")
    for number, bounds in enumerate(("", "", "[-2, -1, 0, 2, 1, 1]")):
        targets.update(job(package, "RUNNING", job_id=str(number), placement='{"avoid": true}', bounds=bounds))
    targets.apply(scenes)
    rooms = [(min(box.corners), max(box.corners)) for box in shown(package)]
    assert len(rooms) == 3 and [high[0] - low[0] for low, high in rooms] == pytest.approx([1.0, 1.0, 4.0])
    rooms.append(((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0)))  # the factory cube
    for (low, high), (low_2, high_2) in combinations(rooms, 2):
        assert any(high[axis] <= low_2[axis] or high_2[axis] <= low[axis] for axis in range(3)), (low, low_2)


def test_a_mark_on_the_floor_shows_the_front(package: Package) -> None:
    placement, module = package("client.jobs.placement"), package("session.overlay")
    for facing, tip in (
        ("POS_X", (0.8, 0, 0)),
        ("POS_Y", (0, 0.8, 0)),
        ("NEG_X", (-0.8, 0, 0)),
        ("NEG_Y", (0, -0.8, 0)),
    ):
        corners = placement.target_corners(placement.Placement(facing=facing, location="ORIGIN"))
        assert module._front_mark(corners)[2] == pytest.approx(tip, abs=1e-6), facing


def test_leaving_the_file_takes_the_boxes_along(package: Package, handlers: Handlers) -> None:
    targets = package("session.pending_models").PendingModels()
    targets.update(job(package, "RUNNING"))
    targets.apply(Scenes("here"))
    assert handlers.alive
    targets.apply(Scenes())
    assert not handlers.alive
    targets.apply(Scenes("here"))
    assert handlers.alive
    targets.close()
    assert not handlers.alive
