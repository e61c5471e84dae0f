"""What a GLB says of itself is checked before an importer believes it."""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import replace

import pytest

from client.formats import Format, Limits, NotAModel, UnsafeFile, inspect


def test_facts_of_a_plain_model(kit, write):
    model = inspect(write(kit.pack_glb(*kit.scene())))

    assert (model.triangles, model.vertices, model.pictures) == (
        2,
        8,
        1,
    )  # four vertices, twice: a morph target
    assert not (model.needs_meshopt or model.uses_draco or model.is_archive)


def test_facts_of_compressed_models(kit, write):
    model = inspect(write(kit.pack_glb(*kit.meshopt_scene())))
    assert model.needs_meshopt
    assert model.extensions_required == ("EXT_meshopt_compression",)

    document, binary = kit.scene()
    primitive = document["meshes"][0]["primitives"][0]
    primitive["extensions"] = {"KHR_draco_mesh_compression": {"bufferView": 0, "attributes": {"POSITION": 0}}}
    assert inspect(write(kit.pack_glb(document, binary))).uses_draco


def refused(write, kit, document, binary, match, limits=None):
    with pytest.raises(UnsafeFile, match=match) as caught:
        inspect(write(kit.pack_glb(document, binary)), limits or Limits())
    assert caught.value.user_message.count(".") >= 1


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda data: data[:-4], "bytes, but has"),
        (lambda data: data + b"\0\0\0\0", "bytes, but has"),
        (lambda data: data[:4] + struct.pack("<I", 1) + data[8:], "version 1"),
        (lambda data: data[:12] + struct.pack("<I", 1 << 30) + data[16:], "outside of the file"),
        (lambda data: data[:16] + b"NOSJ" + data[20:], "does not start with a description"),
        (lambda data: data[:20] + b"\xff" + data[21:], "cannot be read"),
        (lambda data: data[:10], "too early"),
    ],
)
def test_a_broken_container_is_refused(edit, match, kit, write):
    with pytest.raises(UnsafeFile, match=match):
        inspect(write(edit(kit.pack_glb(*kit.scene()))))


SPOILED = {
    "buffer longer than its data": (("buffers", 0, "byteLength"), 1 << 20, "outside of its data"),
    "view outside of its buffer": (("bufferViews", 0, "byteLength"), 1 << 20, "outside of its buffer"),
    "view of no buffer": (("bufferViews", 0, "buffer"), 7, "no valid buffer"),
    "accessor outside of its view": (("accessors", 0, "count"), 5, "outside of its buffer view"),
    "accessor at an odd place": (("accessors", 0, "byteOffset"), 40, "outside of its buffer view"),
    "stride pushes out": (("bufferViews", 0, "byteStride"), 16, "outside of its buffer view"),
    "stride too small": (("bufferViews", 0, "byteStride"), 8, "does not fit"),
    "stride of nothing": (("bufferViews", 0, "byteStride"), 0, "no valid byteStride"),
    "negative offset": (("accessors", 0, "byteOffset"), -4, "no valid byteOffset"),
    "count is a fraction": (("accessors", 0, "count"), 4.0, "no valid count"),
    "count is true": (("accessors", 0, "count"), True, "no valid count"),
    "count is text": (("accessors", 0, "count"), "4", "no valid count"),
    "unknown component": (("accessors", 0, "componentType"), 5124, "unknown type"),
    "unknown shape": (("accessors", 0, "type"), "VEC9", "unknown type"),
    "sparse outside": (("accessors", 4, "sparse", "count"), 4, "outside of its buffer view"),
    "sparse larger than all": (("accessors", 4, "sparse", "count"), 5, "no valid count"),
    "zeros without end": (("accessors", 4, "count"), 1 << 40, "too many bytes"),
    "index of nothing": (("meshes", 0, "primitives", 0, "indices"), 99, "no valid indices"),
    "indices are no scalars": (("meshes", 0, "primitives", 0, "indices"), 0, "cannot hold indices"),
    "no such material": (("meshes", 0, "primitives", 0, "material"), 1, "no valid material"),
    "no such attribute": (
        ("meshes", 0, "primitives", 0, "attributes", "NORMAL"),
        -1,
        "no valid NORMAL",
    ),
    "short attribute": (("meshes", 0, "primitives", 0, "attributes", "NORMAL"), 3, "different lengths"),
    "unknown mode": (("meshes", 0, "primitives", 0, "mode"), 9, "no valid mode"),
    "no such texture": (
        ("materials", 0, "pbrMetallicRoughness", "baseColorTexture", "index"),
        3,
        "no valid index",
    ),
    "no such image": (("textures", 0, "source"), 2, "no valid source"),
    "no such mesh": (("nodes", 0, "mesh"), 2, "no valid mesh"),
    "no such child": (("nodes", 0, "children"), [5], "not there"),
    "own parent": (("nodes", 1, "children"), [0], "circle"),
    "two parents": (("nodes", 0, "children"), [1, 1], "two parents"),
    "no such scene": (("scene",), 1, "no valid scene"),
    "no such channel": (("animations", 0, "channels", 0, "sampler"), 1, "no valid sampler"),
    "no keyframes": (("animations", 0, "samplers", 0, "input"), None, "no valid input"),
    "list is an object": (("nodes",), {"0": {}}, "no valid nodes"),
    "member is a number": (("nodes", 1), 5, "not described"),
    "picture is geometry": (("images", 0, "bufferView"), 0, "not a picture"),
    "picture of another kind": (("images", 0, "mimeType"), "image/jpeg", "not of the kind"),
    "picture on the disk": (("images", 0), {"uri": "/etc/passwd"}, "other files"),
    "picture on the disk, as address": (("images", 0), {"uri": "file:///etc/passwd"}, "other files"),
    "picture on the network": (("images", 0), {"uri": "https://example.com/a.png"}, "other files"),
    "picture on a share": (("images", 0), {"uri": "\\\\host\\share\\a.png"}, "other files"),
    "picture beside the file": (("images", 0), {"uri": "a.png"}, "other files"),
    "picture twice": (("images", 0, "uri"), "data:image/png;base64,AAAA", "or twice"),
    "buffer on the disk": (("buffers", 0, "uri"), "../../secret.bin", "other files"),
    "buffer as odd data": (("buffers", 0, "uri"), "data:text/plain,hello", "not understood"),
    "buffer as broken data": (("buffers", 0, "uri"), "data:;base64,AA*A", "broken"),
    "older version": (("asset", "version"), "1.0", "version 2.0"),
}


def put(document, path, value):
    owner = document
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value


@pytest.mark.parametrize("name", SPOILED)
def test_a_document_that_contradicts_itself_is_refused(name, kit, write):
    path, value, match = SPOILED[name]
    document, binary = kit.scene()
    put(document, path, value)

    refused(write, kit, document, binary, match)


def test_indices_beyond_the_vertices_are_refused(kit, write):
    document, binary = kit.scene()
    spoiled = binary.replace(struct.pack("<6H", 0, 1, 2, 0, 2, 3), struct.pack("<6H", 0, 1, 2, 0, 2, 4))

    refused(write, kit, document, spoiled, "vertices that are not there")


def test_a_view_without_data_is_refused_unless_it_is_compressed(kit, write):
    document, binary = kit.meshopt_scene()
    del document["bufferViews"][0]["extensions"]

    refused(write, kit, document, binary, "no data")


@pytest.mark.parametrize(
    ("key", "value", "match"),
    [
        ("byteLength", 41, "outside of its buffer"),
        ("buffer", 1, "outside of its buffer"),
        ("buffer", 2, "no valid buffer"),
        ("count", 5, "not described rightly"),
        ("byteStride", 10, "not described rightly"),
        ("mode", "MAGIC", "not described rightly"),
        ("mode", "TRIANGLES", "not described rightly"),
        ("filter", "OCTAHEDRAL", "not described rightly"),
        ("filter", 3, "no valid filter"),
    ],
)
def test_compressed_views_are_checked(key, value, match, kit, write):
    document, binary = kit.meshopt_scene()
    document["bufferViews"][0]["extensions"]["EXT_meshopt_compression"][key] = value

    refused(write, kit, document, binary, match)


LIMITED = [
    ({"json_bytes": 100}, "bytes in its description"),
    ({"json_values": 20}, "entries in its description"),
    ({"json_depth": 4}, "nested too deeply"),
    ({"items": 1}, "entries"),
    ({"node_depth": 1}, "levels of nodes"),
    ({"triangles": 1}, "triangles"),
    ({"vertices": 7}, "vertices"),
    ({"keyframes": 3}, "keyframes"),
    ({"pictures": 0}, "pictures"),
    ({"picture_side": 1}, "2 by 2 pixels"),
    ({"picture_pixels": 3}, "pixels in its pictures"),
    ({"file_bytes": 100}, "bytes"),
]


@pytest.mark.parametrize(("limit", "match"), LIMITED)
def test_limits_are_kept(limit, match, kit, write):
    document, binary = kit.scene()

    refused(write, kit, document, binary, match, replace(Limits(), **limit))


def test_a_picture_bomb_is_refused_by_its_header(kit, write):
    document, binary = kit.scene()
    start = document["bufferViews"][6]["byteOffset"]
    bomb = kit.png(60_000, 60_000)
    document["bufferViews"][6]["byteLength"] = len(bomb)
    document["buffers"][0]["byteLength"] = start + len(bomb)

    refused(write, kit, document, binary[:start] + bomb, "60,000 by 60,000")


def test_a_mislabelled_picture_passes_if_the_limits_say_so(kit, write):
    document, binary = kit.scene()
    document["images"][0]["mimeType"] = "image/jpeg"

    assert inspect(write(kit.pack_glb(document, binary)), Limits(strict_mime=False)).pictures == 1


def test_deep_json_does_not_exhaust_the_stack(kit, write):
    text = b'{"asset":{"version":"2.0"},"extras":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    text += b" " * (-len(text) % 4)
    data = struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text), len(text), b"JSON") + text

    with pytest.raises(UnsafeFile, match=r"cannot be read|nested"):
        inspect(write(data))


@pytest.mark.parametrize("number", ["NaN", "1e999999", "9" * 5000])
def test_odd_numbers_do_no_harm(number, kit, write):
    document, binary = kit.scene()
    document["accessors"][0]["count"] = "PLACE"
    text = json.dumps(document).replace('"PLACE"', number).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(binary), b"BIN\0") + binary

    with pytest.raises(UnsafeFile):
        inspect(write(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks))


def test_embedded_data_is_measured_too(kit, write):
    document, binary = kit.scene()
    document["images"] = [{"uri": "data:image/png;base64," + base64.b64encode(kit.png(9, 9)).decode()}]
    data = kit.pack_glb(document, binary)

    assert inspect(write(data)).pictures == 1
    with pytest.raises(UnsafeFile, match="9 by 9"):
        inspect(write(data), Limits(picture_side=8))


def test_json_that_is_no_gltf_is_not_a_model(kit, write):
    with pytest.raises(NotAModel):
        inspect(write(b'{"meshes": [], "error": "x"}'))


def test_a_large_file_is_not_read_whole(kit, tmp_path, monkeypatch):
    """A GLB of 3 GB (a file with a hole) is checked by reading a few kilobytes."""
    document, binary = kit.scene()
    hole = 3 << 30
    start = len(binary)
    document["bufferViews"].append({"buffer": 0, "byteOffset": start, "byteLength": hole - start})
    document["buffers"][0]["byteLength"] = hole
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(struct.pack("<4sIII4s", b"glTF", 2, 28 + len(text) + hole, len(text), b"JSON"))
        file.write(text + struct.pack("<I4s", hole, b"BIN\0") + binary)
        file.truncate(28 + len(text) + hole)
    read = 0
    original = type(path).open

    def counting_open(self, *args, **kwargs):
        file = original(self, *args, **kwargs)
        inner = file.read

        class Counting:
            def __getattr__(self, name):
                return getattr(file, name)

            def __enter__(self):
                return self

            def __exit__(self, *exc):
                file.close()

            def read(self, size=-1):
                nonlocal read
                data = inner(size)
                read += len(data)
                return data

        return Counting()

    monkeypatch.setattr(type(path), "open", counting_open)

    model = inspect(path)

    assert model.format is Format.GLB
    assert 0 < read < 200_000
