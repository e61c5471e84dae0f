"""A GLB is complete or refused; what its description says is the importer's to judge."""

from __future__ import annotations

import json
import struct

import pytest

from client.formats import Format, Limits, UnsafeFile, inspect
from support.models.odd import ODD


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda data: data[:-4], "bytes, but has"),
        (lambda data: data + b"\0\0\0\0", "bytes, but has"),
        (lambda data: data[:4] + struct.pack("<I", 1) + data[8:], "version 1"),
        (lambda data: data[:10], "too early"),
    ],
)
def test_a_broken_container_is_refused(edit, match, kit, write):
    with pytest.raises(UnsafeFile, match=match):
        inspect(write(edit(kit.pack_glb(*kit.scene()))))


def test_a_file_has_a_largest_size(kit, write):
    with pytest.raises(UnsafeFile, match="too many bytes"):
        inspect(write(kit.pack_glb(*kit.scene())), Limits(file_bytes=100))


@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_left_to_the_importer(name, write):
    inspect(write(ODD[name].make()))


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
