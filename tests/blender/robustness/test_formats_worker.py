"""The converter process: it refuses, survives, ends itself, stays within its limits, and makes thumbnails."""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import struct
import sys
from pathlib import Path
from typing import Any, cast

import bpy
import numpy as np
import pytest

from support.machine.releases import both_ends
from support.models import glb_json as models_json
from support.models import made as models_make
from support.models.worker import Worker

pytestmark = both_ends


@pytest.fixture
def glb(tmp_path: Path) -> Path:
    models_make.empty_file()
    models_make.MODELS["textured"]()
    return models_make.export(tmp_path / "model.glb")


def large(path: Path, side: int) -> Path:
    """A wavy sheet of `2 * side * side` triangles without an index."""
    across, along = np.meshgrid(np.arange(side), np.arange(side))
    corners = [(0, 0), (1, 0), (1, 1), (0, 0), (1, 1), (0, 1)]
    points = np.stack([np.stack([across + x, along + y, np.sin(across + x)], -1) for x, y in corners], -2)
    binary = points.astype("<f4").tobytes()
    count = 6 * side * side
    position = {"bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3"}
    position |= {"min": [0, 0, -1], "max": [side, side, 1]}
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}], "accessors": [position],
        "bufferViews": [{"buffer": 0, "byteLength": len(binary)}], "buffers": [{"byteLength": len(binary)}],
    }  # fmt: skip
    return models_json.write_glb(path, document, binary)


def is_blend(path: Path) -> bool:
    return path.is_file() and path.read_bytes().startswith((b"BLENDER", b"\x28\xb5\x2f\xfd"))


def nonsense(glb: Path) -> dict[str, bytes]:
    data = glb.read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    return {
        "empty": b"",
        "text": b"hello",
        "page": b"<!DOCTYPE html><html></html>",
        "truncated": data[: len(data) // 2],
        "fbx head": b"Kaydara FBX Binary  \x00\x1a\x00" + struct.pack("<I", 7400) + b"\xff" * 200,
        "text fbx": b"; FBX 7.4.0 project file\nFBXHeaderExtension:  {\n",
        "usdc": b"PXR-USDC" + b"\x00\x08" + b"\xff" * 300,
        "no objects": data[:20] + b'{"asset":{"version":"2.0"}}'.ljust(length) + data[20 + length :],
    }


def test_refuses_and_goes_on(worker: Worker, glb: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.blend"
    for name, data in nonsense(glb).items():
        (tmp_path / "bad").write_bytes(data)
        answer = worker.convert(tmp_path / "bad", target)
        assert answer is not None, f"{name}: {''.join(worker.noise[-20:])}"
        assert not answer["ok"] and answer["reason"], name
        assert "Traceback" not in answer["reason"] and "Location" not in answer["reason"]
        assert not target.exists(), name
    assert worker.convert(glb, target) == {"ok": True}
    assert is_blend(target)
    assert worker.close() == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["bad", "model.glb", "out.blend"]


def test_ends_itself_when_it_takes_too_long(worker: Worker, tmp_path: Path) -> None:
    """As when its agent was killed while an importer hangs; the log says where."""
    path, target = large(tmp_path / "large.glb", 300), tmp_path / "out.blend"
    assert worker.convert(path, target, seconds=0.05) is None
    assert worker.process.wait(20) != 0
    worker.close()
    said = "".join(worker.noise)
    assert "Timeout" in said and f"{os.sep}converter{os.sep}" in said
    assert not target.exists()


def test_gives_way_where_processors_are_short(worker: Worker) -> None:
    worker.wait_up()
    assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 5, 19)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces it")
def test_memory_has_a_limit(worker: Worker, glb: Path, tmp_path: Path) -> None:
    assert worker.convert(glb, tmp_path / "out.blend") == {"ok": True}
    pid = worker.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_AS)
    assert soft != resource.RLIM_INFINITY
    assert Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "800"
    # Nearly all of it is used up: a large model then fails or takes the process with it, and that is all.
    size = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (size + (60 << 20), hard))
    target = tmp_path / "large.blend"
    answer: Any = worker.convert(large(tmp_path / "large.glb", 700), target)
    assert answer is None or not answer["ok"]
    assert not target.exists()


def test_thumbnail(worker: Worker, glb: Path, tmp_path: Path) -> None:
    blend, image = tmp_path / "out.blend", tmp_path / "thumbnail.png"
    assert worker.convert(glb, blend) == {"ok": True}
    assert worker.order(blend=blend, thumbnail=image) == {"ok": True}
    image = bpy.data.images.load(str(image))
    assert tuple(cast(Any, image).size) == (256, 256)
    pixels = np.empty(256 * 256 * 4, np.float32)
    image.pixels.foreach_get(pixels)
    alpha = pixels.reshape(256, 256, 4)[:, :, 3]
    # A ball that fills the frame, and nothing in the corners.
    assert 0.6 < np.count_nonzero(alpha > 0.5) / alpha.size < 0.8
    assert alpha[:4, :4].max() == 0.0
    assert pixels.reshape(-1, 4)[alpha.ravel() > 0.5][:, :3].std() > 0.05
    assert worker.convert(glb, blend) == {"ok": True}, "it still converts"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["model.glb", "out.blend", "thumbnail.png"]


def test_no_thumbnail_of_nothing(worker: Worker, tmp_path: Path) -> None:
    models_make.empty_file()
    bpy.ops.object.empty_add()
    blend, image = tmp_path / "out.blend", tmp_path / "thumbnail.png"
    assert worker.convert(models_make.export(tmp_path / "empty.glb"), blend) == {"ok": True}
    assert worker.order(blend=blend, thumbnail=image) == {"ok": False, "reason": "NothingToSee"}
    assert not image.exists()


def test_leaves_no_files_behind(extension: str, glb: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    folder = Path(importlib.import_module(extension).__file__ or "").parent
    one = Worker(folder, env=os.environ | {"TMPDIR": str(scratch)})
    assert one.convert(glb, tmp_path / "out.blend") == {"ok": True}
    assert one.close() == 0
    assert not list(scratch.rglob("model*")), list(scratch.rglob("*"))
    shutil.rmtree(scratch)
