"""Thumbnails in the real converter: images of the service written anew, and a job that gets one."""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import Any

import bpy
import pytest

from support.machine import processes
from support.machine.releases import both_ends
from support.models.worker import Worker
from support.sandbox_service.service import SandboxControl

pytestmark = both_ends


def make_image(path: Path, width: int, height: int, file_format: str) -> Path:
    image: Any = bpy.data.images.new("made", width, height, alpha=True)
    image.generated_color = (0.8, 0.1, 0.2, 1.0)
    image.file_format = file_format
    image.save(filepath=str(path))
    return path


@pytest.mark.parametrize(
    ("file_format", "size", "small"),
    [("PNG", (600, 300), (256, 128)), ("JPEG", (300, 600), (128, 256)), ("WEBP", (40, 20), (40, 20))],
)
def test_an_image_is_written_anew(
    worker: Worker, tmp_path: Path, file_format: str, size: tuple[int, int], small: tuple[int, int]
) -> None:
    source, target = make_image(tmp_path / "given", *size, file_format), tmp_path / "thumbnail.png"
    assert worker.order(image=source, thumbnail=target, seconds=60) == {"ok": True}
    assert target.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    image: Any = bpy.data.images.load(str(target))
    assert tuple(image.size) == small
    red, green, blue = image.pixels[:3]
    assert red > 0.7 and green < 0.2 and blue < 0.3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["given", "thumbnail.png"]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + b"\0" * 60, b"<html>", b""])
def test_a_broken_image_is_refused(worker: Worker, tmp_path: Path, content: bytes) -> None:
    source, target = tmp_path / "given", tmp_path / "thumbnail.png"
    source.write_bytes(content)
    answer = worker.order(image=source, thumbnail=target, seconds=60)
    assert answer is not None and not answer["ok"]
    assert not target.exists()


@pytest.mark.usefixtures("short_past")
@pytest.mark.parametrize("shape", ["asset", "asset_url"])
def test_a_job_gets_its_thumbnail(sandbox: SandboxControl, extension: str, home: Path, shape: str) -> None:
    """Drawn by the converter, or the service's own; the agent leaves when it is done."""
    sandbox.settings(requests_per_minute=0, seconds=0.5, result_shape=shape)
    bpy.context.preferences.addons[extension].preferences.requests_per_minute = 600
    assert bpy.ops.tripo.text_to_3d(prompt="a cup") == {"FINISHED"}
    (row,) = bpy.context.window_manager.tripo.jobs
    session = importlib.import_module(f"{extension}.session.current").session()
    deadline = time.monotonic() + 60
    while not (job := session.jobs.get(row.job_id)).thumbnail and time.monotonic() < deadline:
        time.sleep(0.05)
    assert job.status.value == "IMPORTED" and job.thumbnail == f"results/{job.job_id}/thumbnail.png"
    image: Any = bpy.data.images.load(str(home / job.thumbnail))
    assert tuple(image.size) == (256, 256)
    kinds = [one["kind"] for one in sandbox.state()["requests"]]
    assert kinds.count("thumbnail") == (shape == "asset_url")
    if shape == "asset":
        assert not processes.wait_gone([str(home)], 30), "the converter rests and the agent leaves"
