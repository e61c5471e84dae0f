"""The meshopt decoder, on streams that meshoptimizer's own encoder (npm package, 1.3.0) made."""

from __future__ import annotations

import base64
import json
import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from converter.meshopt import MeshoptError, decode_view, expand
from converter.meshopt.filters import apply_filter
from converter.meshopt.indices import decode_sequence, decode_triangles
from converter.meshopt.vertices import decode_attributes

COUNT, STRIDE = 20, 8
VERTICES_0 = bytes.fromhex(
    "a00700585858585858585858585858585858ff00000058585858052aaeaaea0404ae0000000400000700c7571888f8972748"
    "b8d7670878e8a7ff0000003738a8e70600135599bbffffff0f0f11131315ff00000019171b1d060223223223223223ae0000"
    "00030000000000000000000000000000000000000000000000000000000700ffff0000"
)
VERTICES_1 = bytes.fromhex(
    "a1a7be0058585858585858585858585858585858585858052aaaaaaaaa00000000197d8571e1f54d89a92d15c191a5ddf939"
    "9de50040c08041c38147c2814ec2855ec3864cc5837c000000000000000000000000000000000700ffff00000162"
)
TRIANGLES = bytes.fromhex("e1f0101000ffffff12010153b29a0c007687566778a9866589689801690000")
SEQUENCE = bytes.fromhex("d10004040002080402060c040618020281b5180a1400000000")
CORNERS = [0, 1, 2, 2, 1, 3, 4, 3, 1, 4, 5, 3, 9, 8, 7, 100000, 4, 9]


def vertices() -> bytes:
    i = np.arange(COUNT)
    rows = np.stack([i * 300, np.full(COUNT, 7), 65535 - i * i * 100, i % 3], axis=1)
    return rows.astype("<u2").tobytes()


@pytest.mark.parametrize("stream", [VERTICES_0, VERTICES_1], ids=["version 0", "version 1"])
def test_attributes(stream):
    assert decode_attributes(stream, COUNT, STRIDE).tobytes() == vertices()


def test_the_group_of_the_specification():
    """The sixteen deltas that the extension's text gives as an example, in a stream where one lane moves."""
    group = bytes.fromhex("175ff0bc77a9210034b5")
    deltas = [-1, -4, -3, 26, -91, 0, -6, 6, -4, -4, 5, -5, 1, -1, 0, 0]
    stream = b"\xa0" + b"\x02" + group + b"\x00" * 3 + bytes(28) + bytes(4)

    decoded = decode_attributes(stream, 16, 4)

    assert decoded[:, 0].tolist() == [value & 255 for value in np.cumsum(deltas)]
    assert not decoded[:, 1:].any()


def test_triangles_keep_their_winding_but_not_their_first_corner():
    decoded = decode_triangles(TRIANGLES, len(CORNERS)).reshape(-1, 3).tolist()

    for given, triangle in zip(np.reshape(CORNERS, (-1, 3)).tolist(), decoded, strict=True):
        assert triangle in [given[i:] + given[:i] for i in range(3)]


def test_index_sequence():
    assert decode_sequence(SEQUENCE, len(CORNERS)).tolist() == CORNERS


def test_short_indices_wrap():
    assert decode_view(SEQUENCE, "INDICES", len(CORNERS), 2) == np.array(CORNERS).astype("<u2").tobytes()


@pytest.mark.parametrize(
    ("stream", "mode", "count", "stride"),
    [
        (VERTICES_0, "ATTRIBUTES", COUNT, STRIDE),
        (VERTICES_1, "ATTRIBUTES", COUNT, STRIDE),
        (TRIANGLES, "TRIANGLES", len(CORNERS), 4),
        (SEQUENCE, "INDICES", len(CORNERS), 4),
    ],
)
def test_a_stream_fits_exactly_or_is_refused(stream, mode, count, stride):
    decode_view(stream, mode, count, stride)
    for wrong in (stream[:-1], stream + b"\0", b"\0" + stream[1:], b"", stream[:1]):
        with pytest.raises(MeshoptError):
            decode_view(wrong, mode, count, stride)
    # A few vertices more would be in groups that take no bytes.
    for wrong_count in (count + 300, count * 1_000_002):
        with pytest.raises(MeshoptError):
            decode_view(stream, mode, wrong_count, stride)


def test_a_triangle_cannot_refer_to_what_is_not_there():
    tail = bytes(16)
    with pytest.raises(MeshoptError, match="edge"):
        decode_triangles(b"\xe1\x00" + tail, 3)
    with pytest.raises(MeshoptError, match="vertex"):
        decode_triangles(b"\xe1\xf0" + b"\x10" + bytes(15), 3)


def test_unknown_modes_and_filters_are_refused():
    for mode, stride, name in (
        ("POINTS", 4, "NONE"),
        ("INDICES", 8, "NONE"),
        ("INDICES", 4, "COLOR"),
        ("ATTRIBUTES", 8, "SEPIA"),
        ("ATTRIBUTES", 8, "OCTAHEDRAL2"),
        ("ATTRIBUTES", 6, "NONE"),
    ):
        with pytest.raises(MeshoptError):
            decode_view(VERTICES_0 if mode == "ATTRIBUTES" else SEQUENCE, mode, COUNT, stride, name)


def test_octahedral_filter():
    codes = np.array([[127, 0, 127, 5], [0, -127, 127, -5], [0, 0, 127, 0], [-127, -127, 127, 1]], np.int8)

    decoded = apply_filter("OCTAHEDRAL", codes.view(np.uint8)).view(np.int8)

    assert decoded.tolist() == [[127, 0, 0, 5], [0, -127, 0, -5], [0, 0, 127, 0], [0, 0, -127, 1]]


def test_quaternion_filter():
    codes = np.array([[0, 0, 0, 32767], [0, 0, 0, 32764]], np.int16)

    decoded = apply_filter("QUATERNION", codes.view(np.uint8)).view(np.int16)

    assert decoded.tolist() == [[0, 0, 0, 32767], [32767, 0, 0, 0]]


def test_exponential_filter_is_exact():
    codes = np.array([[(-3 << 24) | 5, (4 << 24) | (-7 & 0xFFFFFF), 0]], np.int64).astype(np.int32)

    decoded = apply_filter("EXPONENTIAL", codes.view(np.uint8)).view(np.float32)

    assert decoded.tolist() == [[0.625, -112.0, 0.0]]


def test_color_filter():
    # Y, Co, Cg of white and of pure red, at the full eight bits: red is Y + Co - Cg.
    codes = np.array([[255, 0, 0, 255], [64, 127, -64, 255]], np.int16).astype(np.uint8)

    decoded = apply_filter("COLOR", codes)

    assert decoded.tolist() == [[255, 255, 255, 255], [255, 0, 1, 255]]


@pytest.mark.parametrize("name", ["OCTAHEDRAL", "QUATERNION", "EXPONENTIAL", "COLOR"])
def test_filters_survive_senseless_values(name):
    elements = np.random.default_rng(1).integers(0, 256, (4096, 8), dtype=np.uint8)
    elements[:64] = 0

    assert apply_filter(name, elements).shape == (4096, 8)


def test_spoiled_streams_never_do_more_than_raise():
    chance = random.Random(7)
    outcomes = {True: 0, False: 0}
    for _ in range(4000):
        stream, mode, count, stride = chance.choice(
            [
                (VERTICES_0, "ATTRIBUTES", COUNT, STRIDE),
                (VERTICES_1, "ATTRIBUTES", COUNT, STRIDE),
                (TRIANGLES, "TRIANGLES", len(CORNERS), 4),
                (SEQUENCE, "INDICES", len(CORNERS), 4),
            ]
        )
        spoiled = bytearray(stream)
        for _ in range(chance.choice([1, 1, 3, 10])):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        try:
            assert len(decode_view(bytes(spoiled), mode, count, stride)) == count * stride
            outcomes[True] += 1
        except MeshoptError:
            outcomes[False] += 1
    assert all(outcomes.values())


Json = dict[str, Any]


def pack(document: Json, binary: bytes) -> bytes:
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(binary))
    return head + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary


def unpack(path: Path) -> tuple[Json, bytes]:
    data = path.read_bytes()
    magic, version, size, length, kind = struct.unpack_from("<4sIII4s", data)
    assert (magic, version, size, kind) == (b"glTF", 2, len(data), b"JSON")
    binary = data[20 + length :]
    if binary:
        assert struct.unpack_from("<I4s", binary) == (len(binary) - 8, b"BIN\0")
    return json.loads(data[20 : 20 + length]), binary[8:]


def compressed(name: str = "EXT_meshopt_compression") -> tuple[Json, bytes]:
    """A model with a compressed and a plain view: 20 vertices, one triangle list, one image."""
    sequence = bytes([0xD1]) + bytes([0, 4, 4]) + bytes(4)  # 0, 1, 2
    image = b"not really an image"
    binary = VERTICES_0 + sequence + image
    at = [0, len(VERTICES_0), len(VERTICES_0) + len(sequence)]
    attributes = {"mode": "ATTRIBUTES", "count": COUNT, "byteStride": STRIDE}
    indices = {"mode": "INDICES", "count": 3, "byteStride": 2}
    document: Json = {
        "asset": {"version": "2.0"},
        "extensionsUsed": ["KHR_mesh_quantization", name],
        "extensionsRequired": ["KHR_mesh_quantization", name],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5123, "count": COUNT, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"},
        ],
        "images": [{"bufferView": 2, "mimeType": "image/png"}],
        "bufferViews": [
            {
                "buffer": 1,
                "byteLength": COUNT * STRIDE,
                "byteStride": STRIDE,
                "extensions": {name: {"buffer": 0, "byteLength": len(VERTICES_0), **attributes}},
            },
            {
                "buffer": 1,
                "byteOffset": COUNT * STRIDE,
                "byteLength": 6,
                "extensions": {
                    name: {"buffer": 0, "byteOffset": at[1], "byteLength": len(sequence), **indices},
                    "EXT_kept": {},
                },
            },
            {"buffer": 0, "byteOffset": at[2], "byteLength": len(image)},
        ],
        "buffers": [
            {"byteLength": len(binary)},
            {"byteLength": COUNT * STRIDE + 8, "extensions": {name: {"fallback": True}}},
        ],
    }
    return document, binary


@pytest.mark.parametrize("name", ["EXT_meshopt_compression", "KHR_meshopt_compression"])
def test_expand_leaves_a_plain_glb(name, tmp_path):
    source, target = tmp_path / "in.glb", tmp_path / "out.glb"
    source.write_bytes(pack(*compressed(name)))

    expand(source, target)

    document, binary = unpack(target)
    assert name not in json.dumps(document)
    assert document["extensionsRequired"] == ["KHR_mesh_quantization"]
    assert document["buffers"] == [{"byteLength": len(binary)}]
    views = document["bufferViews"]
    assert views[1]["extensions"] == {"EXT_kept": {}}
    parts = [binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]] for view in views]
    assert parts == [vertices(), struct.pack("<3H", 0, 1, 2), b"not really an image"]
    assert all(view["byteOffset"] % 4 == 0 for view in views)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.glb", "out.glb"]


def test_expand_takes_embedded_and_neighbouring_buffers(tmp_path):
    document, binary = compressed()
    source, target = tmp_path / "in.gltf", tmp_path / "out.glb"
    document["buffers"][0]["uri"] = "data:application/octet-stream;base64," + base64.b64encode(binary).decode()
    source.write_text(json.dumps(document))
    expand(source, target)
    embedded = target.read_bytes()

    document["buffers"][0]["uri"] = "the%20data.bin"
    (tmp_path / "the data.bin").write_bytes(binary)
    source.write_text(json.dumps(document))
    expand(source, target)

    assert target.read_bytes() == embedded


def test_the_same_bytes_are_unpacked_once(tmp_path):
    document, binary = compressed()
    document["bufferViews"] += [document["bufferViews"][0], document["bufferViews"][2]] * 50
    (tmp_path / "in.glb").write_bytes(pack(document, binary))

    expand(tmp_path / "in.glb", tmp_path / "out.glb")

    document, binary = unpack(tmp_path / "out.glb")
    assert len(binary) < 400
    assert document["bufferViews"][3]["byteOffset"] == document["bufferViews"][0]["byteOffset"]


def spoil(document: Json, path: tuple[Any, ...], value: Any) -> None:
    owner: Any = document
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value


EXTENSION = ("bufferViews", 0, "extensions", "EXT_meshopt_compression")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*EXTENSION, "count"), 19),
        ((*EXTENSION, "count"), -1),
        ((*EXTENSION, "mode"), None),
        ((*EXTENSION, "byteLength"), 1 << 30),
        ((*EXTENSION, "buffer"), 1),
        ((*EXTENSION, "buffer"), 9),
        ((*EXTENSION, "filter"), "SEPIA"),
        (EXTENSION, []),
        (("bufferViews", 2, "byteLength"), 1 << 20),
        (("bufferViews", 2, "buffer"), 1),
        (("bufferViews",), {"a": 1}),
        (("bufferViews", 0), 5),
        (("accessors", 0, "count"), 2),
        (("accessors", 1, "componentType"), 5126),
        (("accessors", 1, "count"), 4),
        (("meshes", 0, "primitives", 0, "indices"), 12),
        (("extensionsUsed",), 3),
        (("buffers", 0, "uri"), "../outside.bin"),
        (("buffers", 0, "uri"), "data:;base64,!!!!"),
    ],
)
def test_expand_refuses_and_leaves_nothing(path, value, tmp_path):
    document, binary = compressed()
    spoil(document, path, value)
    (tmp_path / "in.glb").write_bytes(pack(document, binary))

    with pytest.raises(MeshoptError):
        expand(tmp_path / "in.glb", tmp_path / "out.glb")

    assert [entry.name for entry in tmp_path.iterdir()] == ["in.glb"]


def test_expand_refuses_what_would_not_fit(tmp_path):
    (tmp_path / "in.glb").write_bytes(pack(*compressed()))

    with pytest.raises(MeshoptError, match="memory"):
        expand(tmp_path / "in.glb", tmp_path / "out.glb", max_bytes=100)


def test_spoiled_files_never_do_more_than_raise(tmp_path):
    chance = random.Random(11)
    data = pack(*compressed())
    source, target = tmp_path / "in.glb", tmp_path / "out.glb"
    for _ in range(600):
        spoiled = bytearray(data)
        for _ in range(chance.choice([1, 2, 6])):
            spoiled[chance.randrange(len(spoiled))] ^= 1 << chance.randrange(8)
        source.write_bytes(bytes(spoiled[: chance.choice([len(spoiled)] * 4 + [chance.randrange(len(spoiled))])]))
        target.unlink(missing_ok=True)
        try:
            expand(source, target, max_bytes=1 << 20)
        except MeshoptError:
            assert not target.exists()
        else:
            unpack(target)
        assert not target.with_name("out.glb.part").exists()
