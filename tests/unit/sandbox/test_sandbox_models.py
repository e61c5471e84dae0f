"""The models: readable, well formed, and as the recipe asks."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sandbox.models import Recipe, build_model, build_thumbnail
from sandbox.models.build import shape_name
from sandbox.models.shapes import SHAPES, shape_for

TYPES = {5126: np.dtype("<f4"), 5123: np.dtype("<u2"), 5125: np.dtype("<u4")}
WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


class Glb:
    """Just enough of a reader to look at what was written."""

    def __init__(self, data: bytes) -> None:
        magic, version, length = struct.unpack("<4sII", data[:12])
        assert (magic, version, length) == (b"glTF", 2, len(data))
        size, kind = struct.unpack("<I4s", data[12:20])
        assert kind == b"JSON" and size % 4 == 0
        self.json: dict[str, Any] = json.loads(data[20 : 20 + size])
        rest = data[20 + size :]
        size, kind = struct.unpack("<I4s", rest[:8])
        assert kind == b"BIN\0" and len(rest) == 8 + size
        self.binary = rest[8:]
        assert self.json["buffers"] == [{"byteLength": size}]

    def view(self, number: int) -> bytes:
        view = self.json["bufferViews"][number]
        assert view["byteOffset"] % 4 == 0
        return self.binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]

    def array(self, number: int) -> Any:
        accessor = self.json["accessors"][number]
        values = np.frombuffer(self.view(accessor["bufferView"]), TYPES[accessor["componentType"]])
        return values.reshape(accessor["count"], WIDTH[accessor["type"]])

    @property
    def primitives(self) -> list[dict[str, Any]]:
        return [primitive for mesh in self.json["meshes"] for primitive in mesh["primitives"]]

    @property
    def triangles(self) -> int:
        return sum(self.json["accessors"][item["indices"]]["count"] // 3 for item in self.primitives)

    def image_size(self, number: int) -> tuple[int, int]:
        data = self.view(self.json["images"][number]["bufferView"])
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", data[16:24])
        return width, height


def glb(words: str = "a mug", **options: Any) -> Glb:
    return Glb(build_model(Recipe(words=words, variation=words, **options)))


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_geometry(name: str) -> None:
    model = glb(name)
    for primitive in model.primitives:
        attributes = {key: model.array(number) for key, number in primitive["attributes"].items()}
        assert sorted(attributes) == ["NORMAL", "POSITION", "TANGENT", "TEXCOORD_0"]
        positions, indices = attributes["POSITION"], model.array(primitive["indices"])
        assert all(np.isfinite(values).all() for values in attributes.values())
        assert indices.max() == len(positions) - 1
        assert np.allclose(np.linalg.norm(attributes["NORMAL"], axis=1), 1, atol=1e-4)
        assert np.allclose(np.linalg.norm(attributes["TANGENT"][:, :3], axis=1), 1, atol=1e-4)
        assert set(np.unique(attributes["TANGENT"][:, 3])) <= {-1.0, 1.0}
        assert attributes["TEXCOORD_0"].min() >= 0
        assert attributes["TEXCOORD_0"].max() <= 1
        accessor = model.json["accessors"][primitive["attributes"]["POSITION"]]
        assert np.allclose(accessor["min"], positions.min(axis=0))
        assert np.allclose(accessor["max"], positions.max(axis=0))
        corners = positions[indices.reshape(-1, 3)].astype(float)
        normals = attributes["NORMAL"][indices.reshape(-1, 3)].sum(axis=1)
        facing = (np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) * normals).sum(axis=1)
        assert (facing > 0).mean() > 0.97, "faces and normals must agree"
        size = positions.max(axis=0) - positions.min(axis=0)
        assert size.max() == pytest.approx(1, abs=1e-4)
        assert positions[:, 1].min() == pytest.approx(0, abs=1e-5)
        assert 1000 < model.triangles < 60_000


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_names_and_material(name: str) -> None:
    document = glb(name).json
    [node], [mesh], [material] = document["nodes"], document["meshes"], document["materials"]
    assert node["name"] == mesh["name"] == material["name"]
    assert name in node["name"].lower()
    assert {"baseColorTexture", "metallicRoughnessTexture"} <= set(material["pbrMetallicRoughness"])
    assert "normalTexture" in material


def test_the_front_faces_plus_x() -> None:
    """The robot's screens, and with them its eyes, are on the side of glTF's +X."""
    model = glb("robot", texture=False, pbr=False, parts=True)
    names = [node["name"] for node in model.json["nodes"]]
    mesh = model.json["nodes"][names.index("Robot_Lights")]["mesh"]
    positions = model.array(model.json["meshes"][mesh]["primitives"][0]["attributes"]["POSITION"])
    assert positions[:, 0].mean() > 0.05
    assert abs(positions[:, 2].mean()) < 0.02


def test_texture_options() -> None:
    full = glb()
    assert {full.image_size(number) for number in range(len(full.json["images"]))} == {(512, 512)}
    assert glb(detailed_texture=True).image_size(0) == (1024, 1024)
    base_only = glb(pbr=False)
    [material] = base_only.json["materials"]
    assert len(base_only.json["images"]) == 1
    assert "normalTexture" not in material
    assert material["pbrMetallicRoughness"]["metallicFactor"] == 0
    plain = glb(texture=False)
    assert "images" not in plain.json
    assert plain.json["materials"][0]["name"] == "Clay"
    assert "TEXCOORD_0" in plain.primitives[0]["attributes"]


def test_without_uv_there_are_no_textures() -> None:
    model = glb(uv=False)
    assert "images" not in model.json
    assert all("TEXCOORD_0" not in item["attributes"] for item in model.primitives)
    assert len(model.json["materials"]) == len(model.primitives) > 1


def test_parts_are_nodes() -> None:
    model = glb("a sword", texture=False, pbr=False, parts=True)
    *parts, root = model.json["nodes"]
    assert [node["name"] for node in parts] == [
        "Sword_Blade",
        "Sword_Guard",
        "Sword_Grip",
        "Sword_Pommel",
        "Sword_Gems",
    ]
    assert root == {"name": "Sword", "children": [0, 1, 2, 3, 4]}
    assert model.json["scenes"][0]["nodes"] == [5]


@pytest.mark.parametrize("name", sorted(SHAPES))
@pytest.mark.parametrize("limit", [48, 500, 3000])
def test_face_limit(name: str, limit: int) -> None:
    model = glb(name, face_limit=limit, texture=False)
    assert 8 <= model.triangles <= limit
    assert model.triangles >= limit * 0.3 or limit == 48


def test_detail() -> None:
    low, normal, high = (
        glb("a robot", texture=False, **options).triangles
        for options in ({"low_poly": True}, {}, {"detailed_geometry": True})
    )
    assert low * 2 < normal < high / 2


def test_a_number_of_triangles_can_be_asked_for() -> None:
    assert 190_000 < glb("a tree [triangles=200000]", texture=False).triangles < 210_000


def test_natural_size() -> None:
    model = glb("a cottage", auto_size=True)
    positions = model.array(model.primitives[0]["attributes"]["POSITION"])
    assert (positions.max(axis=0) - positions.min(axis=0)).max() == pytest.approx(8, abs=1e-3)


def test_variation() -> None:
    recipe = Recipe(words="a mug", variation="a mug|None|None")
    data = build_model(recipe)
    assert build_model(recipe) == data
    assert build_model(replace(recipe, variation="a mug|1|None")) != data
    assert build_model(replace(recipe, texture_seed=1)) != data
    assert build_model(replace(recipe, words="a red mug")) != build_model(replace(recipe, words="a blue mug"))
    same = Recipe(words="a mug", variation="a mug", texture=False)
    assert build_model(same) == build_model(replace(same, texture_seed=4))


def test_words() -> None:
    assert shape_for("A medieval SWORD with ornate handle") == "sword"
    assert shape_for("wooden chairs in a house") == "chair"
    assert shape_for("two toadstools") == "mushroom"
    assert shape_for("something nobody knows") == "vase"
    assert shape_name(Recipe(words="", variation="one")) in SHAPES
    assert len({shape_name(Recipe(variation=str(number))) for number in range(60)}) > 5


def test_thumbnail() -> None:
    data = build_thumbnail(Recipe(words="a red robot", variation="x"))
    assert struct.unpack(">II", data[16:24]) == (256, 256)
    start = data.index(b"IDAT") + 4
    size = struct.unpack(">I", data[start - 8 : start - 4])[0]
    assert len(zlib.decompress(data[start : start + size])) == 256 * (1 + 3 * 256)
