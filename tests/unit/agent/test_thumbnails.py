"""Thumbnails: made after everything else, never in the way of a model, and missed by nobody when they fail."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from client.jobs.states import Status
from support.agent_lab.agents import FAST, World, until

PNG = b"\x89PNG\r\n\x1a\n"


def thumbnail(world: World, job_id: str) -> Path | None:
    """The job's thumbnail, once the store tells of it."""
    name = world.job(job_id).thumbnail
    return world.home.root / name if name else None


def test_a_model_gets_one_after_it_is_ready(world: World) -> None:
    world.sandbox.set(variety="plain")  # the service has none of its own
    job_id = world.submitted()
    agent = world.run(timings=replace(FAST, thumbnail_delay=0.3))
    ready = world.reaches(job_id, Status.READY)
    assert ready.thumbnail == "", "the model does not wait for it"
    agent.join()
    job = world.job(job_id)
    assert job.thumbnail == f"results/{job_id}/thumbnail.png"
    assert job.status is Status.READY and job.revision > ready.revision
    assert (world.home.root / job.thumbnail).read_bytes() == PNG + b"BLENDER-v402 glTF"[:16]
    assert world.home.root / job.thumbnail == world.home.thumbnail(job_id)
    assert len(world.converter.events("start")) == 1, "the same background Blender draws it"
    assert world.leftovers() == []


def test_a_job_that_was_imported_meanwhile_gets_one_too(world: World) -> None:
    job_id = world.submitted()
    agent = world.run(timings=replace(FAST, thumbnail_delay=0.5))
    world.reaches(job_id, Status.READY)
    assert world.jobs.transition(job_id, Status.READY, Status.IMPORTED)
    agent.join()
    assert world.job(job_id).status is Status.IMPORTED and thumbnail(world, job_id)


@pytest.mark.parametrize("mode", ["refuse", "crash", "hang"])
def test_without_one_a_job_is_as_good(world: World, mode: str) -> None:
    world.converter.plan_images(mode)
    job_id = world.submitted()
    world.run(timings=replace(FAST, thumbnail=0.3)).join()
    job = world.job(job_id)
    assert (job.status, job.error, str(job.notice)) == (Status.READY, "", "Ready to import")
    assert thumbnail(world, job_id) is None
    assert len(world.converter.events("drawing")) == 1, "one try"
    assert world.leftovers() == []


def test_a_model_goes_first(lone_world: World) -> None:
    """A drawing that hangs is given up for the next model, and drawn again after it."""
    world = lone_world
    world.converter.plan_images("hang")
    first = world.submitted()
    agent = world.run(timings=replace(FAST, thumbnail=60.0, idle_exit=1.0))
    world.reaches(first, Status.READY)
    until(lambda: world.converter.events("drawing"), "the first one's thumbnail is begun")
    second = world.submitted()
    world.reaches(second, Status.READY)
    agent.join()
    assert thumbnail(world, first) and thumbnail(world, second)
    modes = [event[2] for event in world.converter.events("drawing")]
    assert modes == ["hang", "good", "good"]
    assert [event[2] for event in world.converter.events("order")] == ["good", "good"]


def test_none_is_begun_while_a_model_is_on_its_way(world: World) -> None:
    world.sandbox.add_fault("asset", "slow", seconds=0.05, amount=2000)
    jobs = [world.submitted() for _ in range(2)]
    world.run(timings=replace(FAST, slow_bytes=1)).join()
    lines = (world.converter.folder / "events").read_text().split("\n")
    words = [line.split()[0] for line in lines if line]
    assert words.index("drawing") > max(at for at, word in enumerate(words) if word == "done")
    assert all(thumbnail(world, job_id) for job_id in jobs)


def test_the_services_own_is_taken(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(result_shape="asset_url")
    job_id = world.submitted()
    world.run(timings=replace(FAST, thumbnail=120.0, silence=120.0)).join()  # the sandbox draws it when it is asked for
    assert thumbnail(world, job_id)
    ((_, _, _, kind, source),) = world.converter.events("drawing")
    assert kind == "image" and not Path(source).exists()
    assert [one["kind"] for one in world.sandbox.state["requests"]].count("thumbnail") == 1
    assert world.sandbox.state["key_leaks"] == 0
    assert world.leftovers() == []


@pytest.mark.parametrize("fault", ["http_403", "http_500", "html", "garbage", "empty", "huge", "cut", "hang_before"])
def test_a_bad_one_of_the_services_is_replaced(lone_world: World, fault: str) -> None:
    world = lone_world
    world.sandbox.set(result_shape="asset_url")
    world.sandbox.add_fault("thumbnail", fault)
    job_id = world.submitted()
    world.run(timings=replace(FAST, silence=0.3)).join()
    assert thumbnail(world, job_id)
    assert [event[3] for event in world.converter.events("drawing")] == ["blend"]
    assert world.leftovers() == []


def test_one_that_cannot_be_read_is_replaced(lone_world: World) -> None:
    world = lone_world
    world.sandbox.set(result_shape="asset_url")
    world.converter.plan_images("refuse")
    job_id = world.submitted()
    world.run(timings=replace(FAST, thumbnail=120.0, silence=120.0)).join()
    assert thumbnail(world, job_id)
    assert [event[3] for event in world.converter.events("drawing")] == ["image", "blend"]


def test_the_next_agent_takes_up_what_was_left(world: World) -> None:
    world.converter.plan_images("hang")
    job_id = world.submitted()
    agent = world.start(timings=replace(FAST, thumbnail=60.0))
    until(lambda: world.converter.events("drawing"), "the thumbnail is begun")
    world.kill(agent)
    until(lambda: not world.has_agent(), "its lease ends")
    world.run().join()
    assert thumbnail(world, job_id)
    assert world.leftovers() == []


def test_the_agent_does_not_stay_for_ever(world: World) -> None:
    world.converter.plan_images("hang", "hang")
    job_id = world.submitted()
    began = time.monotonic()
    world.run(timings=replace(FAST, thumbnail=600.0, thumbnails_alone=0.3)).join(30)
    assert time.monotonic() - began < 30
    assert world.job(job_id).status is Status.READY and thumbnail(world, job_id) is None


def test_none_for_what_left_the_cache(world: World) -> None:
    job_id = world.submitted()
    agent = world.run(timings=replace(FAST, thumbnail_delay=0.5))
    job = world.reaches(job_id, Status.READY)
    (world.home.root / job.blend).unlink()
    world.jobs.update(job_id, Status.READY, blend="")
    agent.join()
    assert thumbnail(world, job_id) is None
    assert world.converter.events("drawing") == []


def test_a_stopped_agent_leaves_at_once(world: World) -> None:
    world.converter.plan_images("hang")
    world.submitted()
    agent = world.run(timings=replace(FAST, thumbnail=600.0))
    until(lambda: world.converter.events("drawing"), "the thumbnail is begun")
    agent.stop()
    assert world.leftovers() == []
