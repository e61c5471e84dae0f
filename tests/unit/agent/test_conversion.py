"""The converter as the agent handles it: crashes, hangs, lies, and when it runs at all."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from client.account import KEY_VARIABLE
from client.agent.launch import converter_command
from client.files.kept_model import kept_model
from client.jobs.geometry import Box, read_box
from client.jobs.placement import Placement
from client.jobs.states import Status
from client.notices import read
from support.agent_lab.agents import FAST, KEY, World, until
from support.agent_lab.agents import world as make_world
from support.checks.plain_words import complaint

QUICK = replace(FAST, conversion=0.4)
WARM = replace(FAST, converter_ahead=1e9)


@pytest.mark.parametrize("modes", [["crash"], ["hang"], ["lie"], ["junk"], ["babble"], ["noise"], ["no-start"]])
def test_one_bad_turn_is_tried_again(world: World, modes: list[str]) -> None:
    world.converter.plan(*modes)
    job_id = world.submitted()
    agent = world.run(timings=QUICK)
    job = world.ends(job_id)
    assert (job.status, str(job.notice)) == (Status.READY, "Ready to import")
    assert (world.home.root / job.blend).read_bytes().startswith(b"BLENDER")
    agent.join()
    assert world.leftovers() == []


def test_what_a_model_lacks_is_said(world: World) -> None:
    world.converter.plan("partly", "good")
    job_id, whole = world.submitted(), world.submitted()
    world.run().join()
    said = "Incomplete: a texture is not in the download (a b.png, c.png); the animation cannot be kept"
    both = [world.job(one) for one in (job_id, whole)]
    assert {(job.status, str(job.notice), str(read(job.incomplete))) for job in both} == {
        (Status.READY, said, said),
        (Status.READY, "Ready to import", ""),
    }
    assert not complaint(said)


def to_be_saved(world: World, file: Path, *, imported: bool = False) -> str:
    job_id = world.submitted()
    placement = Placement(filepath=str(file.absolute()), import_result=imported)
    world.database.connection.execute(
        "UPDATE job SET kind = 'convert_model', placement = ? WHERE job_id = ?", (placement.to_json(), job_id)
    )
    return job_id


@pytest.mark.parametrize("imported", [False, True])
def test_a_file_that_is_only_saved_is_not_made_ready_for_blender(world: World, tmp_path: Path, imported: bool) -> None:
    """It may be of a format that Blender does not read."""
    world.sandbox.set(result_shape="asset")
    world.converter.plan(*["refuse"] * 2)
    saved = tmp_path / "cup.glb"
    job_id = to_be_saved(world, saved, imported=imported)
    world.run().join()
    job = world.job(job_id)
    if imported:
        assert job.status is Status.FAILED
    else:
        assert (job.status, job.blend) == (Status.READY, "") and (world.home.root / job.file).is_file()
    assert Placement.from_json(job.placement).saved == str(saved)
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["cup.glb"], "once, and nothing beside it"


def test_a_folder_that_is_gone_leaves_the_file_to_be_saved_later(world: World, tmp_path: Path) -> None:
    job_id = to_be_saved(world, tmp_path / "gone" / "cup.glb")
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.READY and "is not there: make it and press Import" in str(job.notice)
    assert Placement.from_json(job.placement).saved == ""
    (tmp_path / "gone").mkdir()
    world.jobs.transition(job_id, Status.READY, Status.CONVERTING)
    world.run().join()
    assert (tmp_path / "gone" / "cup.glb").read_bytes() == (world.home.root / world.job(job_id).file).read_bytes()


def test_a_name_that_no_disk_takes_ends_in_words(world: World, tmp_path: Path) -> None:
    job_id = to_be_saved(world, tmp_path / "cup\0.glb")
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.READY and "cannot be saved" in str(job.notice)


def test_joined_objects_and_the_size_are_told(world: World) -> None:
    world.converter.plan("joined")
    job_id = world.submitted()
    world.run().join()
    said = "Joined 3,000 objects into 12: Import Again with Separate Objects leaves them as they are"
    job = world.job(job_id)
    assert (job.status, str(job.notice), str(read(job.incomplete))) == (Status.READY, said, said)
    assert not complaint(said)
    assert (job.faces, job.full_faces) == (8124, 20_000)
    assert read_box(job.bounds) == Box((-0.5, -0.25, 0.0), (0.5, 0.25, 1.0))


def test_a_model_comes_at_full_detail_when_its_budget_breaks_the_converter(world: World) -> None:
    world.converter.plan("crash")
    job_id = world.submitted()
    placement = Placement(budget=True, budget_triangles=5000, budget_lods=2)
    world.jobs.update(job_id, Status.QUEUED, placement=placement.to_json())
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.READY
    assert str(job.notice) == "Over its budget: it could not be reduced and keeps its full detail"
    asked = " ".join(*world.converter.events("budget"))
    assert asked == "budget {'triangles': 5000, 'lods': 2, 'texture_size': 2048}", "only at the first try"
    assert not complaint(str(job.notice))


@pytest.mark.parametrize("modes", [["crash"] * 2, ["hang"] * 2, ["lie"] * 2, ["junk"] * 2, ["babble"] * 2, ["refuse"]])
def test_a_file_that_cannot_be_converted_is_put_away(world: World, modes: list[str]) -> None:
    world.sandbox.set(result_shape="asset")  # and no other file to try
    world.converter.plan(*modes)
    job_id = world.submitted()
    agent = world.run(timings=QUICK)
    job = world.ends(job_id)
    assert job.status is Status.FAILED and job.error == "RESULT_REFUSED" and not job.blend
    assert "Blender cannot read this result" in str(job.notice) and not complaint(str(job.notice))
    assert job.file == f"quarantine/{job_id}.glb"
    assert (world.home.root / job.file).read_bytes()[:4] == b"glTF"
    assert list(world.home.result_folder(job_id).iterdir()) == []
    agent.join()
    assert world.leftovers() == []


def test_what_was_put_away_can_be_tried_again_for_free(world: World) -> None:
    world.sandbox.set(result_shape="asset")
    world.converter.plan("refuse")
    job_id = world.submitted()
    world.run().join()
    assert world.jobs.transition(job_id, Status.FAILED, Status.CONVERTING, message="Taken up again", error="")
    asked = len(world.sandbox.state["requests"])
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.READY
    assert job.file == f"results/{job_id}/model.glb" and (world.home.root / job.file).is_file()
    assert list(world.home.quarantine.iterdir()) == [] and len(world.sandbox.state["requests"]) == asked


@pytest.mark.parametrize("program", [(), ("/nowhere/blender",)], ids=["none", "missing"])
def test_without_a_background_blender_the_job_fails_and_its_file_stays(world: World, program: tuple[str, ...]) -> None:
    job_id = world.submitted()
    world.run(converter=program).join()
    job = world.job(job_id)
    assert (job.status, job.error, job.blend) == (Status.FAILED, "NO_CONVERTER", "") and not complaint(str(job.notice))
    assert str(job.notice).startswith("No background Blender could be started")
    assert job.file == f"results/{job_id}/model.glb"
    assert (world.home.root / job.file).read_bytes()[:4] == b"glTF"
    assert kept_model(world.home, job).file == job.file, "so that Import finds it"

    assert world.jobs.transition(job_id, Status.FAILED, Status.CONVERTING, message="", error="")
    asked = len(world.sandbox.state["requests"])
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.READY and (world.home.root / job.blend).is_file()
    assert world.submissions == 1 and len(world.sandbox.state["requests"]) == asked, "no request is needed"


@pytest.mark.parametrize("mode", ["no-start", "asleep"])
def test_a_background_blender_that_never_comes_up_is_started_again_before_the_job_fails(
    world: World, mode: str
) -> None:
    world.converter.plan(mode, mode, mode)  # the first of them may be the one that is started ahead of time
    job_id = world.submitted()
    world.run(timings=replace(FAST, converter_start=1.0)).join()
    job = world.job(job_id)
    assert (job.status, job.error) == (Status.FAILED, "NO_CONVERTER")
    assert (world.home.root / job.file).is_file()
    assert len(world.converter.events("start")) >= 2


def test_a_full_disk_is_not_taken_for_a_missing_background_blender(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {"bytes": 0}
    monkeypatch.setattr("client.agent.converter.queue.free_bytes", lambda _path: free["bytes"])
    world.converter.plan("no-start", "no-start", "no-start")
    job_id = world.submitted()
    agent = world.run(timings=replace(FAST, disk_delay=0.3))
    until(lambda: world.job(job_id).error == "DISK_FULL", "the disk is to blame")
    assert world.job(job_id).status is Status.CONVERTING, "and it is waited for"
    free["bytes"] = 1 << 40
    assert world.ends(job_id).status is Status.READY
    agent.join()


def test_a_file_that_left_the_cache_is_fetched_again(world: World) -> None:
    job_id = world.submitted()
    world.run().join()
    job = world.job(job_id)
    (world.home.root / job.file).unlink()
    assert world.jobs.transition(job_id, Status.READY, Status.CONVERTING, blend="")
    world.run().join()
    assert world.job(job_id).status is Status.READY and world.submissions == 1
    assert (world.home.root / job.file).is_file()


def test_a_result_folder_that_is_there_already(world: World) -> None:
    """Left by an agent that died between publishing the file and writing that it did."""
    job_id = world.submitted()
    folder = world.home.result_folder(job_id)
    folder.mkdir()
    (folder / "model.glb").write_bytes(b"something older")
    (folder / "model.blend").write_bytes(b"something older")
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.READY
    assert (world.home.root / job.file).read_bytes()[:4] == b"glTF"
    assert (world.home.root / job.blend).read_bytes().startswith(b"BLENDER")


def test_a_refused_download_does_not_mind_a_folder_that_is_there(world: World) -> None:
    world.sandbox.add_fault("asset", "content_html", times=10_000)
    job_id = world.submitted()
    world.home.result_folder(job_id).mkdir()
    (world.home.result_folder(job_id) / "model.blend").write_bytes(b"something older")
    world.run().join()
    job = world.job(job_id)
    assert job.status is Status.FAILED and job.file == ""
    assert (
        str(job.notice) == "The downloaded file is a web page, not a 3D model: it is kept in the add-on's folder, try"
        " again or ask 3D AI Studio's support"
    )
    assert [path.name for path in world.home.quarantine.iterdir()] == [f"{job_id}.bin"]


def test_a_cancelled_conversion_does_not_hold_up_the_next(world: World) -> None:
    world.converter.plan("hang")
    job_id = world.submitted()
    agent = world.run(timings=replace(FAST, conversion=60.0, idle_exit=5.0))
    until(lambda: world.converter.events("order"), "the converter is at work")
    assert world.jobs.transition(job_id, Status.CONVERTING, Status.CANCELLED, message="Cancelled here")
    other = world.submitted()
    assert world.ends(other).status is Status.READY
    # Taken up again, it is converted after all.
    assert world.jobs.transition(job_id, Status.CANCELLED, Status.QUEUED)
    assert world.ends(job_id).status is Status.READY
    agent.stop()


def test_leaving_does_not_wait_for_conversions_in_line(world: World) -> None:
    world.converter.plan("hang")
    jobs = [world.submitted() for _ in range(4)]
    agent = world.run(timings=replace(FAST, conversion=600.0))
    for job_id in jobs:
        world.reaches(job_id, Status.CONVERTING)
    until(lambda: world.converter.events("order"), "the converter is at work")
    agent.stop()
    assert [world.job(job_id).status for job_id in jobs] == [Status.CONVERTING] * 4
    assert len(world.converter.events("order")) == 1
    world.run().join()
    assert [world.job(job_id).status for job_id in jobs] == [Status.READY] * 4


def test_it_is_not_started_at_the_beginning_of_a_long_job(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(seconds=10_000.0)
    job_id = world.submitted(age=60.0, texture=True)  # of which there are no earlier ones
    world.sandbox.advance(1500)
    agent = world.run()
    world.reaches(job_id, Status.RUNNING)
    note = agent.agent.live_jobs.note(world.job(job_id))
    assert note.finishes_at is not None and note.finishes_at - time.monotonic() > FAST.converter_ahead
    beat = world.leases.holder(world.account.account_id)
    until(lambda: world.leases.holder(world.account.account_id) != beat, "many rounds go by")
    assert world.converter.events("start") == []
    world.sandbox.finish()
    agent.stop()


def test_it_is_started_before_the_end_and_ended_when_nobody_needs_it(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(seconds=1000.0)
    job_id = world.submitted()
    world.sandbox.advance(500)
    agent = world.run(timings=WARM)
    world.reaches(job_id, Status.RUNNING)
    until(lambda: world.converter.events("start"), "a converter is warm")
    pid = world.converter.pid
    assert world.jobs.transition(job_id, Status.RUNNING, Status.CANCELLED)
    world.press(texture=True)  # the agent stays, and needs no converter yet
    until(lambda: not Path(f"/proc/{pid}").exists(), "the idle converter is ended")
    agent.stop()


def test_it_is_up_before_a_job_of_a_short_kind_is_looked_at(lone_world: World) -> None:
    world = lone_world
    world.sandbox.add_fault("status", "http_500", times=1000)
    job_id = world.submitted()
    agent = world.run(timings=replace(FAST, converter_idle=60.0))  # it may take a while to say that it is up
    until(lambda: world.converter.events("start"), "a converter is warm")
    assert world.job(job_id).status is Status.QUEUED
    agent.stop()


def test_one_process_converts_many(world: World) -> None:
    jobs = [world.submitted() for _ in range(5)]
    world.run(timings=replace(FAST, conversion=60.0, converter_idle=60.0)).join()  # whatever a busy machine takes
    assert all(world.job(job_id).status is Status.READY for job_id in jobs)
    assert len(world.converter.events("start")) == 1 and len(world.converter.events("done")) == 5


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_it_knows_no_key_and_writes_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    with make_world(tmp_path) as world:
        world.converter.plan("hang")
        job_id = world.submitted()
        agent = world.start(timings=replace(FAST, conversion=60.0))
        until(lambda: world.converter.events("order"), "the converter is at work")
        for pid in (world.converter.pid, agent.pid):
            for file in ("environ", "cmdline"):
                assert KEY.encode() not in Path(f"/proc/{pid}/{file}").read_bytes()
        folder = world.converter.events("start")[0][2]
        assert Path(folder).parent == world.home.scratch
        environment = dict(
            pair.split("=", 1) for pair in Path(f"/proc/{world.converter.pid}/environ").read_text().split("\0") if pair
        )
        assert {environment[name] for name in ("TMPDIR", "TEMP", "TMP", "BLENDER_USER_RESOURCES")} == {folder}
        os.kill(world.converter.pid, 9)
        assert world.ends(job_id).status is Status.READY
        world.leaves(agent)


def test_its_command_line() -> None:
    blender = converter_command(("/opt/blender/blender",))
    assert blender[0] == "/opt/blender/blender" and "--background" in blender
    assert {"--factory-startup", "--disable-autoexec", "--offline-mode"} <= set(blender)
    assert blender[-2] == "--python" and Path(blender[-1]).name == "worker.py" and Path(blender[-1]).is_file()
    assert converter_command(("/usr/bin/python3.11",))[1] == "-B"
