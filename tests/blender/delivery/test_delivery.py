"""Delivery: finished jobs of the store become collections, once, in the scene that asked and nowhere else.

The store is driven by hand here, as the agent would; there is no key, so no agent is started.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.models.placed import models

Package = Callable[[str], ModuleType]


class Hand:
    """The agent's side of the store, and Blender's session."""

    def __init__(self, package: Package, home: Path) -> None:
        self.home = home
        self.store = package("client.store")
        self.status = package("client.jobs.states").Status
        self.request = package("client.jobs.request")
        self.schema = package("client.schema")
        self.package = package
        self.session_module = package("session.current")
        self.database = self.store.open_database(package("client.paths").Home(home), durable=False, busy_seconds=2.0)
        self.jobs = self.store.JobTable(self.database)
        self._numbers = itertools.count(1)

    @property
    def session(self) -> Any:
        return self.session_module.session()

    def job(self, target: str, status: str = "READY", name: str = "a cup", **changes: Any) -> str:
        """Insert a job as the agent left it; returns its id."""
        request = self.request.GenerationRequest(self.schema.TEXT, parameters={"prompt": name})
        placement = '{"location": "CURSOR", "cursor": [1, 2, 3]}'
        number = next(self._numbers)
        new = self.store.NewJob("account", request, placement, target)
        job_id = self.jobs.insert(new, status=self.status[status], task_id=f"task-{number}")
        if "blend" not in changes:
            changes["blend"] = f"results/{job_id}/model.blend"
            write_blend(self.home / changes["blend"])
        self.jobs.update(job_id, self.status[status], **changes)
        return job_id

    def state(self, job_id: str) -> str:
        return self.jobs.get(job_id).status.value

    def close(self) -> None:
        self.session_module.close(stop_agent=False)
        self.database.close()


@pytest.fixture
def hand(package: Package, home: Path) -> Iterator[Hand]:
    one = Hand(package, home)
    yield one
    one.close()


def write_blend(path: Path, collections: int = 1) -> None:
    """What the converter writes: collections with a parent and a child object."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mesh = bpy.data.meshes.new("cup")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    made: list[Any] = []
    for number in range(collections):
        collection = bpy.data.collections.new(f"result {number}")
        parent = bpy.data.objects.new("body", mesh)
        child = bpy.data.objects.new("handle", mesh)
        child.parent = parent
        collection.objects.link(parent)
        collection.objects.link(child)
        made.append(collection)
    bpy.data.libraries.write(str(path), set(made), fake_user=True)
    for collection in made:
        for one in list(collection.objects):
            bpy.data.objects.remove(one)
        bpy.data.collections.remove(collection)
    bpy.data.meshes.remove(mesh)


def place(one: Any) -> tuple[float, ...]:
    return tuple(one.location)


def rows() -> dict[str, Any]:
    return {row.job_id: row for row in bpy.context.window_manager.tripo.jobs}


def test_goes_into_the_scene_that_asked(hand: Hand) -> None:
    asked, other = bpy.context.scene, bpy.data.scenes.new("other")
    token = hand.session.file.scenes.claim(asked)
    hand.session.file.scenes.claim(other)
    job_id = hand.job(token)
    bpy.context.window.scene = other
    asked.name = "renamed"
    hand.session.tick()
    assert hand.state(job_id) == "IMPORTED"
    assert len(models(asked)) == 1 and not models(other)
    (collection,) = models(asked)
    body = next(one for one in collection.objects if one.parent is None)
    assert place(body) == (1.0, 2.0, 3.0)
    assert place(next(one for one in collection.objects if one.parent)) == (0.0, 0.0, 0.0)
    assert not bpy.data.libraries
    hand.session.tick()
    assert rows()[job_id].status == "IMPORTED"


def test_one_model_a_tick(hand: Hand) -> None:
    token = hand.session.file.scenes.claim(bpy.context.scene)
    for number in range(3):
        hand.job(token, name=f"cup {number}")
    for expected in (1, 2, 3, 3):
        hand.session.tick()
        assert len(models()) == expected
    assert [one.name for one in models()] == ["cup 0", "cup 1", "cup 2"]


def test_another_file_gets_an_offer_only(hand: Hand) -> None:
    job_id = hand.job("token of a file that is not open")
    for _ in range(3):
        hand.session.tick()
    assert hand.state(job_id) == "READY" and not models()
    bpy.context.scene.cursor.location = (7.0, 8.0, 9.0)
    assert bpy.ops.tripo.import_job(job_id=job_id) == {"FINISHED"}
    assert hand.state(job_id) == "IMPORTED"
    body = next(one for one in models()[0].objects if one.parent is None)
    assert place(body) == (7.0, 8.0, 9.0), "it is imported where the artist is now"


def test_import_again_makes_a_copy(hand: Hand) -> None:
    job_id = hand.job(hand.session.file.scenes.claim(bpy.context.scene))
    hand.session.tick()
    assert bpy.ops.tripo.import_job(job_id=job_id) == {"FINISHED"}
    assert len(models()) == 2 and hand.state(job_id) == "IMPORTED"


def test_two_blenders_deliver_once(hand: Hand, package: Package) -> None:
    scene = bpy.context.scene
    first = hand.session
    token = first.file.scenes.claim(scene)
    database = hand.store.open_database(package("client.paths").Home(hand.home), durable=False, busy_seconds=0)
    watch = package("session.agent_supervisor").AgentSupervisor(first.home, database, (), lambda: (True, 2**31))
    in_store = package("client.store.blender_sessions").BlenderSession(database)
    second = package("session.session").Session(database, hand.store.JobTable(database), watch, in_store)
    second.file.scenes.claim(scene)
    job_id = hand.job(token)
    first.file.reader.read()
    second.file.reader.read()  # both know that it is ready before either delivers
    first.tick()
    second.tick()
    first.tick()
    in_store.end()
    database.close()
    assert len(models()) == 1 and hand.state(job_id) == "IMPORTED"


def test_a_busy_store_is_tried_again(hand: Hand) -> None:
    job_id = hand.job(hand.session.file.scenes.claim(bpy.context.scene))
    hand.session.tick(deliver=False)
    hand.database.connection.execute("BEGIN IMMEDIATE")
    hand.session.tick()
    assert not models()
    hand.database.connection.execute("COMMIT")
    assert hand.state(job_id) == "READY"
    hand.session.tick()
    assert len(models()) == 1 and hand.state(job_id) == "IMPORTED"


@pytest.mark.parametrize("content", ["not a blend file", "two collections", "gone"])
def test_a_bad_file_leaves_the_scene_alone(hand: Hand, content: str) -> None:
    path = hand.home / "results/bad/model.blend"
    path.parent.mkdir(parents=True)
    if content == "two collections":
        write_blend(path, collections=2)
    elif content == "not a blend file":
        path.write_bytes(b"BLENDER-but not really" * 100)
    job_id = hand.job(hand.session.file.scenes.claim(bpy.context.scene), blend="results/bad/model.blend")
    before = [len(getattr(bpy.data, kind)) for kind in ("objects", "collections", "libraries")]
    for _ in range(4):
        hand.session.tick()
    assert [len(getattr(bpy.data, kind)) for kind in ("objects", "collections", "libraries")] == before
    job = hand.jobs.get(job_id)
    assert job.status.value == "READY" and "again" in str(job.notice)
    revision = job.revision
    hand.session.tick()
    assert hand.jobs.get(job_id).revision == revision, "what failed is not tried again by itself"


def test_a_downloaded_file_alone_is_never_read_here(hand: Hand) -> None:
    """Only the background Blender does; without a key nothing can start it by itself."""
    path = hand.home / "results/raw/model.glb"
    path.parent.mkdir(parents=True)
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.export_scene.gltf(filepath=str(path), use_selection=True)
    before = set(bpy.data.objects)
    job_id = hand.job(hand.session.file.scenes.claim(bpy.context.scene), blend="", file="results/raw/model.glb")
    for _ in range(3):
        hand.session.tick()
    assert set(bpy.data.objects) == before and path.is_file()
    job = hand.jobs.get(job_id)
    assert job.status.value == "READY" and "press Import" in str(job.notice)


def test_edit_mode_is_not_left(hand: Hand) -> None:
    bpy.ops.mesh.primitive_cube_add()
    mine = bpy.context.view_layer.objects.active
    bpy.ops.object.mode_set(mode="EDIT")
    hand.job(hand.session.file.scenes.claim(bpy.context.scene))
    hand.session.tick()
    assert len(models()) == 1
    assert bpy.context.mode == "EDIT_MESH" and bpy.context.view_layer.objects.active == mine
    bpy.ops.object.mode_set(mode="OBJECT")


def test_scene_names_survive_undo_saving_and_copying(hand: Hand, tmp_path: Path) -> None:
    scenes = hand.session.file.scenes
    bpy.ops.ed.undo_push(message="before")
    token = scenes.claim(bpy.context.scene)
    bpy.ops.ed.undo_push(message="something")
    bpy.ops.ed.undo()
    scenes.refresh()
    assert bpy.context.scene.tripo.token == token
    copy = bpy.context.scene.copy()
    scenes.refresh()
    assert copy.tripo.token == "" and scenes.find(token) == bpy.context.scene
    bpy.data.scenes.remove(copy)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "mine.blend"))
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert not hand.session.file.scenes.has(token)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "mine.blend"))
    scenes = hand.session.file.scenes
    assert scenes.has(token) and scenes.find(token) == bpy.context.scene


def test_a_job_finds_its_file_again(hand: Hand, tmp_path: Path) -> None:
    token = hand.session.file.scenes.claim(bpy.context.scene)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "mine.blend"))
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    job_id = hand.job(token)
    hand.session.tick()
    assert hand.state(job_id) == "READY" and not models()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "mine.blend"))
    hand.session.tick()
    assert hand.state(job_id) == "IMPORTED" and len(models()) == 1


def test_opening_a_file_replaces_all_that_was_known_of_the_last_one(hand: Hand, tmp_path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "mine.blend"))
    token = hand.session.file.scenes.claim(bpy.context.scene)
    live = hand.job(token, status="RUNNING", name="a jug", blend="")
    refused = hand.job(token, blend="results/gone/model.blend")
    hand.session.tick()
    before = hand.session.file
    before.assets.thumbnails["job"] = math.inf
    before.news = "The job list was removed"
    assert before.reader.live and before.deliveries.refused == {refused} and before.refreshed_at and rows()
    overlay = hand.package("session.overlay")
    assert overlay.is_drawing(), "the box of the running job"
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "mine.blend"))
    file = hand.session.file
    assert file is not before
    assert all(getattr(file, name) is not value for name, value in vars(before).items() if hasattr(value, "__dict__"))
    assert not (file.deliveries.refused or file.assets.thumbnails or file.news or file.refreshed_at)
    assert not file.scenes.has(token), "it was saved without one"
    assert list(file.reader.live) == [live] and set(rows()) == {live, refused}, "the store is read anew"
    hand.session.tick()
    assert not overlay.is_drawing()


def test_rows_are_the_newest_first_and_not_saved(hand: Hand, tmp_path: Path) -> None:
    for number in range(60):
        hand.job("", status="IMPORTED", name=f"cup {number}", blend="")
    live = hand.job("", status="RUNNING", name="the live one", blend="")
    hand.database.connection.execute("UPDATE job SET created_at = 1000 + rowid")
    while hand.session.is_busy and len(rows()) < 61:
        hand.session.tick()
    names = [row.name for row in bpy.context.window_manager.tripo.jobs]
    assert names == ["the live one", *(f"cup {number}" for number in reversed(range(60)))]
    hand.jobs.update(live, hand.status.RUNNING, progress=42, message="About 20 s left")
    hand.session.tick()
    row = bpy.context.window_manager.tripo.jobs[0]
    assert (row.progress, row.message) == (42, "About 20 s left")
    bpy.context.window_manager.tripo.active_job = 3
    chosen = bpy.context.window_manager.tripo.jobs[3].job_id
    bpy.ops.tripo.remove_job(job_id=bpy.context.window_manager.tripo.jobs[1].job_id)
    state = bpy.context.window_manager.tripo
    assert len(state.jobs) == 60 and state.jobs[state.active_job].job_id == chosen
    path = tmp_path / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=False, copy=True)
    assert b"the live one" not in path.read_bytes()
