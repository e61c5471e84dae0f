"""Transparent images are flattened before anything is sent; nothing is sent as it should not be."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from client.jobs.images import ImageSource
from client.jobs.request import GenerationRequest
from client.jobs.states import Status
from client.schema import IMAGE, MULTIVIEW, Kind
from client.store import NewJob
from sandbox.models.png import encode_png_gray
from support.agent_lab.agents import World, until
from support.agent_lab.fake_converter import FLAT


def press(world: World, *images: ImageSource, kind: Kind = IMAGE) -> str:
    request = GenerationRequest(kind, parameters={"texture": False, "face_limit": 500}, images=images)
    return world.jobs.insert(NewJob(world.account.account_id, request))


def make_image(folder: Path, name: str = "mug.png") -> str:
    path = folder / name
    path.write_bytes(encode_png_gray(4, 3))
    return str(path)


def plan(world: World, *modes: str) -> None:
    (world.converter.folder / "flatten-modes").write_text("\n".join(modes))


def sent(world: World) -> list[Any]:
    """The images of every submission: hashes of their bytes, or addresses."""
    bodies = [one["parameters"] for one in world.sandbox.state["submissions"]]
    return [body.get("images") or body.get("image") for body in bodies]


FLAT_HASH = f"sha256:{hashlib.sha256(FLAT).hexdigest()}"


def test_the_copy_is_sent_and_the_original_is_kept(world: World, tmp_path: Path) -> None:
    path = make_image(tmp_path)
    job_id = press(world, ImageSource("image", path, flatten=True, background="#3d3d3d"))
    world.run().join()
    assert world.job(job_id).status is Status.READY and sent(world) == [FLAT_HASH]
    assert [event[2:] for event in world.converter.events("flattening")] == [["good", "#3d3d3d", path]]
    (image,) = GenerationRequest.from_json(world.job(job_id).request).images
    assert image.path == path and Path(path).read_bytes() == encode_png_gray(4, 3)
    assert Path(image.sent).parent == world.home.inputs and Path(image.sent).read_bytes() == FLAT
    assert Path(image.sent).name.startswith("mug~") and world.leftovers() == []


def test_an_image_that_is_not_to_be_flattened_needs_no_background_blender(world: World, tmp_path: Path) -> None:
    path = make_image(tmp_path)
    job_id = press(world, ImageSource("image", path))
    world.run().join()
    assert world.job(job_id).status is Status.READY and world.converter.events("flattening") == []
    assert sent(world) == [f"sha256:{hashlib.sha256(Path(path).read_bytes()).hexdigest()}"]


def test_only_the_views_that_need_it_are_flattened(world: World, tmp_path: Path) -> None:
    front, back = make_image(tmp_path, "front.png"), make_image(tmp_path, "back.png")
    images = (
        ImageSource("front", front, flatten=True),
        ImageSource("left", url="https://example.com/l.png"),
        ImageSource("back", back),
    )
    press(world, *images, kind=MULTIVIEW)
    world.run().join()
    (views,) = sent(world)
    plain = hashlib.sha256(Path(back).read_bytes()).hexdigest()
    assert views == [{"image": FLAT_HASH}, {"image_url": "https://example.com/l.png"}, {"image": f"sha256:{plain}"}]
    assert [event[3] for event in world.converter.events("flattening")] == ["#ffffff"]


@pytest.mark.parametrize("modes", [("refuse",), ("crash", "crash")])
def test_nothing_is_sent_when_it_cannot_be_flattened(world: World, tmp_path: Path, modes: tuple[str, ...]) -> None:
    plan(world, *modes)
    job_id = press(world, ImageSource("image", make_image(tmp_path), flatten=True))
    world.run().join()
    job = world.job(job_id)
    assert (job.status, job.error) == (Status.FAILED, "NOT_FLATTENED")
    assert "Keep Transparency" in str(job.notice) and world.submissions == 0
    assert list(world.home.inputs.iterdir()) == []


def test_without_a_background_blender_nothing_is_sent(world: World, tmp_path: Path) -> None:
    job_id = press(world, ImageSource("image", make_image(tmp_path), flatten=True))
    world.run(converter=()).join()
    assert world.job(job_id).error == "NOT_FLATTENED" and world.submissions == 0


def test_a_crash_is_tried_once_more(world: World, tmp_path: Path) -> None:
    plan(world, "crash")
    job_id = press(world, ImageSource("image", make_image(tmp_path), flatten=True))
    world.run().join()
    assert world.job(job_id).status is Status.READY and sent(world) == [FLAT_HASH]


def test_a_job_that_is_cancelled_meanwhile_is_not_sent(world: World, tmp_path: Path) -> None:
    plan(world, "hang")
    job_id = press(world, ImageSource("image", make_image(tmp_path), flatten=True))
    agent = world.run()
    until(lambda: world.converter.events("flattening"), "the image is being flattened")
    assert str(world.job(job_id).notice) == "Flattening the image"
    assert world.jobs.transition(job_id, Status.PREPARED, Status.CANCELLED)
    agent.stop()
    assert world.submissions == 0 and world.job(job_id).status is Status.CANCELLED


def test_the_next_agent_begins_anew_and_pays_once(world: World, tmp_path: Path) -> None:
    plan(world, "hang")
    job_id = press(world, ImageSource("image", make_image(tmp_path), flatten=True))
    agent = world.start()
    until(lambda: world.converter.events("flattening"), "the image is being flattened")
    world.kill(agent)
    until(lambda: not world.has_agent(), "its lease ends")
    world.run().join()
    assert world.job(job_id).status is Status.READY and sent(world) == [FLAT_HASH]
    assert world.leftovers() == []


def test_a_copy_that_is_gone_is_written_again(world: World, tmp_path: Path) -> None:
    gone = str(world.home.inputs / f"mug~{'0' * 32}.jpg")
    press(world, ImageSource("image", make_image(tmp_path), flatten=True, sent=gone))
    world.run().join()
    assert sent(world) == [FLAT_HASH]


def test_an_image_that_is_gone_is_told_as_such(world: World, tmp_path: Path) -> None:
    plan(world, "refuse")
    job_id = press(world, ImageSource("image", str(tmp_path / "never.png"), flatten=True))
    world.run().join()
    assert "not there" in str(world.job(job_id).notice) and world.submissions == 0
