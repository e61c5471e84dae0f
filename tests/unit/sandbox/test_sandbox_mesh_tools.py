"""What the mesh tools of the sandbox make of the models they are sent."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import requests

from sandbox.mesh_tools import Model, UnreadableModel, read_model
from sandbox.mesh_tools.files import write
from sandbox.models import Recipe, build_model
from support.sandbox_service.loopback import KEY, Client

GLB = build_model(Recipe(words="a chair", face_limit=600))
FBX, STL = (write(read_model(GLB, ".glb"), wanted) for wanted in ("FBX", "STL"))
PATHS = {"texture": "texture-model", "convert": "convert-model", "segment": "mesh-segmentation"}


def bounds(model: Model) -> Any:
    whole = np.concatenate([piece.positions for piece in model.pieces])
    return np.array([whole.min(axis=0), whole.max(axis=0)])


@pytest.fixture
def tool(start: Callable[..., Client]) -> Callable[..., tuple[str, bytes]]:
    """Send a model through a tool; returns the name and the bytes of its one result."""

    def run(name: str, data: bytes = GLB, file: str = "model.glb", options: Any = None, **texts: str) -> Any:
        client = start(**(options or {}))
        parts = [("model", (file, data)), *((key, (None, text)) for key, text in texts.items())]
        url = f"{client.sandbox.api_url}/v1/3d-models/tripo/{PATHS[name]}/"
        head = {"Authorization": KEY}
        answer = requests.post(url, files=parts, headers=head, timeout=60)
        assert answer.ok, answer.text
        client.sandbox.finish()
        status = f"{client.sandbox.api_url}/v1/generation-request/{answer.json()['task_id']}/status/"
        (result,) = requests.get(status, headers=head, timeout=60).json()["results"]
        asset = requests.get(result["asset"], timeout=60)
        assert asset.ok
        return result["asset"].split("?")[0].rsplit("/", 1)[-1], asset.content

    return run


def test_a_new_look_keeps_the_mesh(tool: Callable[..., tuple[str, bytes]]) -> None:
    name, data = tool("texture", prompt="red iron")
    before, after = read_model(GLB, ".glb"), read_model(data, ".glb")
    assert name == "model.glb" and after.looks[0].image != before.looks[0].image
    for one, other in zip(before.pieces, after.pieces, strict=True):
        assert np.array_equal(one.faces, other.faces) and np.allclose(one.positions, other.positions)


@pytest.mark.parametrize("options", [{"topology": "new"}, None])
def test_a_new_look_may_come_on_another_mesh(tool: Callable[..., tuple[str, bytes]], options: Any) -> None:
    prompt = "red iron" if options else "red iron [new topology]"
    _, data = tool("texture", options=options, prompt=prompt)
    before, after = read_model(GLB, ".glb"), read_model(data, ".glb")
    assert after.face_count == 4 * before.face_count
    assert np.allclose(bounds(before), bounds(after))


def test_a_mesh_without_uvs_gets_some(tool: Callable[..., tuple[str, bytes]]) -> None:
    bare = build_model(Recipe(words="a chair", face_limit=600, texture=False, uv=False))
    _, data = tool("texture", data=bare, prompt="blue")
    assert all(piece.uvs is not None for piece in read_model(data, ".glb").pieces)


def test_a_texture_of_an_fbx_is_an_fbx(tool: Callable[..., tuple[str, bytes]]) -> None:
    name, data = tool("texture", data=FBX, file="model.fbx", prompt="blue")
    assert name == "model.fbx"
    assert read_model(data, ".fbx").face_count == read_model(GLB, ".glb").face_count


@pytest.mark.parametrize("file", ["model.glb", "model.fbx", "model.stl"])
def test_parts_have_names_and_stay_where_they_were(tool: Callable[..., tuple[str, bytes]], file: str) -> None:
    data = {"model.glb": GLB, "model.fbx": FBX, "model.stl": STL}[file]
    _, made = tool("segment", data=data, file=file)
    before, after = read_model(GLB, ".glb"), read_model(made, ".glb")
    names = [piece.name for piece in after.pieces]
    assert len(names) > 2 and len(set(names)) == len(names)
    assert np.allclose(bounds(before), bounds(after), atol=1e-4)
    assert after.face_count == before.face_count


def test_what_hangs_together_is_cut_in_slices(tool: Callable[..., tuple[str, bytes]]) -> None:
    box = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 2 1\nv 0 3 1\nv 0 4 0\nf 1 2 3\nf 2 3 4\nf 3 4 5\nf 4 5 6\n"
    _, made = tool("segment", data=box, file="model.obj")
    assert len(read_model(made, ".glb").pieces) == 3


@pytest.mark.parametrize(("wanted", "name"), [
    ("GLTF", "model.glb"), ("USDZ", "model.usdz"), ("FBX", "model.fbx"),
    ("OBJ", "model.zip"), ("STL", "model.stl"), ("3MF", "model.3mf"),
])  # fmt: skip
def test_every_format_is_written(tool: Callable[..., tuple[str, bytes]], wanted: str, name: str) -> None:
    found, data = tool("convert", format=wanted)
    assert found == name
    count = read_model(GLB, ".glb").face_count
    if wanted in ("GLTF", "FBX", "STL"):
        assert read_model(data, name[-4:]).face_count == count
        return
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    if wanted == "OBJ":
        assert read_model(archive.read("model.obj"), ".obj").face_count == count
        assert any(one.startswith("textures/") for one in archive.namelist())
    elif wanted == "3MF":
        assert archive.read("3D/3dmodel.model").count(b"<triangle ") == count
    else:
        assert all(one.compress_type == zipfile.ZIP_STORED for one in archive.infolist())
        starts = [one.header_offset + 30 + len(one.filename) + len(one.extra) for one in archive.infolist()]
        assert archive.namelist()[0] == "model.usda" and not [start for start in starts if start % 64]


def test_quads_are_quads_where_the_format_has_them(tool: Callable[..., tuple[str, bytes]]) -> None:
    _, data = tool("convert", format="OBJ", quad="true", face_limit="900")
    lines = zipfile.ZipFile(io.BytesIO(data)).read("model.obj").decode().splitlines()
    faces = [line.split()[1:] for line in lines if line.startswith("f ")]
    assert 0 < len(faces) <= 900 and all(len(face) == 4 for face in faces)
    _, data = tool("convert", format="GLTF", quad="true", face_limit="900")
    assert 0 < read_model(data, ".glb").face_count <= 1800


def test_a_model_is_moved_and_scaled_as_asked_for(tool: Callable[..., tuple[str, bytes]]) -> None:
    _, data = tool("convert", format="GLTF", pivot_to_center_bottom="true", scale_factor="2.5")
    before, after = bounds(read_model(GLB, ".glb")), bounds(read_model(data, ".glb"))
    assert np.allclose((after[1] - after[0]), 2.5 * (before[1] - before[0]), atol=1e-5)
    assert after[0][1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("data", "suffix"), [
    (b"", ".glb"), (GLB[:50], ".glb"), (GLB, ".fbx"), (GLB, ".stl"), (b"v 0 0 0\n", ".obj"),
    (b"v 0 0 0\nf 1 2 9\n", ".obj"), (FBX[:300], ".fbx"), (b"solid empty\nendsolid", ".stl"),
])  # fmt: skip
def test_what_is_no_model_is_refused(data: bytes, suffix: str) -> None:
    with pytest.raises(UnreadableModel):
        read_model(data, suffix)


def test_transforms_are_applied() -> None:
    def moved(**transform: Any) -> Any:
        size = int.from_bytes(GLB[12:16], "little")
        document = json.loads(GLB[20 : 20 + size])
        document["nodes"][0] |= transform
        text = json.dumps(document).encode()
        text += b" " * (-len(text) % 4)
        rest = GLB[20 + size :]
        head = b"glTF" + (2).to_bytes(4, "little") + (20 + len(text) + len(rest)).to_bytes(4, "little")
        return bounds(read_model(head + len(text).to_bytes(4, "little") + b"JSON" + text + rest, ".glb"))

    plain = bounds(read_model(GLB, ".glb"))
    assert np.allclose(moved(translation=[1, 2, 3]), plain + np.array((1, 2, 3)))
    assert np.allclose(moved(scale=[2, 2, 2]), 2 * plain)
    turned = moved(rotation=[0, 2**-0.5, 0, 2**-0.5])
    assert np.allclose(turned[:, 1], plain[:, 1]) and np.allclose(turned[1, 0], plain[1, 2], atol=1e-5)
