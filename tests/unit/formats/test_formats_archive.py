"""Archives are unpacked without trusting a word they say."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from dataclasses import replace

import pytest

from client.formats import Format, FormatError, Limits, NotAModel, UnsafeFile, inspect, unpack


def test_a_gltf_with_its_files_is_unpacked(kit, write, tmp_path):
    folder = tmp_path / "out"

    unpacked = unpack(write(kit.pack_zip(kit.gltf_files())), folder)

    (model,) = unpacked.models
    assert (model.format, model.path) == (Format.GLTF, folder / "scene.gltf")
    assert {path.relative_to(folder).as_posix() for path in unpacked.files} == set(kit.gltf_files())
    assert (folder / "textures/wood.png").read_bytes() == kit.gltf_files()["textures/wood.png"]


def test_a_usdz_is_left_as_it_is(kit, write, tmp_path):
    path = write(kit.samples()["USDZ"])

    (model,) = unpack(path, tmp_path / "out").models

    assert (model.format, model.path) == (Format.USDZ, path)
    assert not (tmp_path / "out").exists()


def test_usd_in_a_compressed_archive_is_unpacked(kit, write, tmp_path):
    (model,) = unpack(write(kit.pack_zip({"a.usda": b"#usda 1.0\n", "wood.png": kit.png()})), tmp_path / "out").models

    assert (model.format, model.path) == (Format.USDA, tmp_path / "out/a.usda")


MODELS = {
    "all of one format": (["a.obj", "b.obj"], ["a.obj", "b.obj"], []),
    "another format": (["a.glb", "b.obj"], ["a.glb"], ["b.obj"]),
    "the same in another format": (["a.glb", "more/a.obj", "A.fbx"], ["a.glb"], []),
    "parts of a USD": (["all.usda", "parts/b.usda"], ["all.usda"], []),
    "a part beside a USD": (["all.usda", "b.usda"], ["all.usda"], []),
    "two USD": (["c.usda", "d.usda"], ["c.usda", "d.usda"], []),
}


@pytest.mark.parametrize("name", MODELS)
def test_all_models_of_an_archive_are_taken(name, kit, write, tmp_path):
    names, taken, left_out = MODELS[name]
    data = {".glb": kit.samples()["GLB"], ".obj": kit.OBJ, ".fbx": kit.pack_fbx(), ".usda": b"#usda 1.0\n"}
    files = {one: data[one[-4:] if one[-5] != "." else one[-5:]] for one in names}
    if "all.usda" in files:
        files["all.usda"] = b'#usda 1.0\ndef "a" (references = @./b.usda@) {}\n'

    unpacked = unpack(write(kit.pack_zip(files)), tmp_path / "out")

    assert [one.path.relative_to(tmp_path / "out").as_posix() for one in unpacked.models] == taken
    assert list(unpacked.left_out) == left_out


def test_litter_of_macos_is_ignored(kit, write, tmp_path):
    files = {"__MACOSX/._scene.gltf": b"x", ".DS_Store": b"y", **kit.gltf_files()}

    assert len(unpack(write(kit.pack_zip(files)), tmp_path / "out").files) == 3


def one_entry(name="a.obj", data=b"v 0 0 0\nf 1 1 1\n", **attributes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        info = zipfile.ZipInfo(name)
        for key, value in attributes.items():
            setattr(info, key, value)
        archive.writestr(info, data)
    return target.getvalue()


OUTSIDE = [
    "../evil.obj",
    "a/../../evil.obj",
    "/etc/evil.obj",
    "C:/evil.obj",
    "c:evil.obj",
    "..\\evil.obj",
    "\\\\host\\share\\evil.obj",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_that_lead_outside_are_refused(name, write, tmp_path):
    path = write(one_entry(name))

    for question in (lambda: inspect(path), lambda: unpack(path, tmp_path / "out")):
        with pytest.raises(UnsafeFile, match="outside of its folder"):
            question()
    assert [entry.name for entry in tmp_path.iterdir() if entry.name != "out"] == ["download"]


RENAMED = {
    "a\\b.obj": "a/b.obj",
    "a/../b.obj": "b.obj",
    "./a//b.obj": "a/b.obj",
    "what is this?.obj": "what is this_.obj",
    "con.obj": "_con.obj",
    "x/LPT1": "x/_LPT1",
    "trailing.": "trailing",
    " trailing /a.obj": "trailing/a.obj",
    "new\nline.obj": "new_line.obj",
    "stream.obj:hidden": "stream.obj_hidden",
    "good\0bad.obj": "good_bad.obj",
    "x" * 300 + ".obj": "x" * 96 + ".obj",
    "\u00e9" * 90 + ".obj": "\u00e9" * 48 + ".obj",
    "/".join(["deep"] * 40) + "/a.obj": "/".join(["deep"] * 16) + "/a.obj",
    "?": "_",
}


@pytest.mark.parametrize("name", RENAMED)
def test_bad_names_are_made_good(name, kit, write, tmp_path):
    place = name.replace("\0", "X")
    data = one_entry(place).replace(place.encode(), name.encode()) if "\0" in name else one_entry(name)

    (path,) = unpack(write(data), tmp_path / "out").files

    assert path.relative_to(tmp_path / "out").as_posix() == RENAMED[name]
    assert path.read_bytes() == b"v 0 0 0\nf 1 1 1\n"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_special_files_are_refused(kind, write):
    with pytest.raises(UnsafeFile, match="link or special file"):
        inspect(write(one_entry(external_attr=(kind | 0o777) << 16, create_system=3)))


def test_encrypted_files_are_refused(write):
    data = bytearray(one_entry())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(UnsafeFile, match="encrypted"):
        inspect(write(bytes(data)))


def test_an_unusual_packing_is_refused(kit, write):
    with pytest.raises(UnsafeFile, match="unusual way"):
        inspect(write(kit.pack_zip({"a.obj": kit.OBJ}, zipfile.ZIP_LZMA)))


@pytest.mark.parametrize("names", [("a.obj", "A.OBJ"), ("\u00e9.obj", "e\u0301.obj"), ("a.obj", "a.obj/b.obj")])
def test_names_that_fall_together_get_numbers(names, kit, write, tmp_path):
    files = unpack(write(kit.pack_zip(dict.fromkeys(names, kit.OBJ))), tmp_path / "out").files

    assert len({str(one).casefold() for one in files}) == 2
    assert all(one.read_bytes() == kit.OBJ for one in files)


def test_the_same_name_twice_gets_a_number(kit, write, tmp_path):
    data = kit.pack_zip({"a.obj": kit.OBJ, "b.obj": kit.OBJ + b"#"}).replace(b"b.obj", b"a.obj")

    files = unpack(write(data), tmp_path / "out").files

    assert [(one.name, len(one.read_bytes())) for one in files] == [
        ("a.obj", len(kit.OBJ)),
        ("a-2.obj", len(kit.OBJ) + 1),
    ]


def test_a_bomb_is_refused_by_what_it_says(kit, write):
    path = write(kit.pack_zip({"a.obj": kit.OBJ + bytes(1 << 20)}))

    with pytest.raises(UnsafeFile, match="grow too much"):
        inspect(path, Limits(archive_ratio_from=1 << 10))
    with pytest.raises(UnsafeFile, match="bytes once it is unpacked"):
        inspect(path, Limits(archive_bytes=1 << 19))


def test_a_bomb_that_lies_is_stopped_while_unpacking(kit, write, tmp_path):
    """The list of files says 8 bytes, the packed data holds a megabyte."""
    data = kit.pack_zip({"a.obj": b"v 0 0 0\n" + b"f 1 1 1\n" * (1 << 17)})
    for magic, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(magic) + place
        data = data[:at] + struct.pack("<I", 8) + data[at + 4 :]

    with pytest.raises(UnsafeFile):
        unpack(write(data), tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_overlapping_files_are_refused(kit, write):
    data = bytearray(kit.pack_zip({"a.obj": kit.OBJ, "b.obj": kit.OBJ}))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = bytes(4)

    with pytest.raises(UnsafeFile, match="overlap"):
        inspect(write(bytes(data)))


def test_a_long_list_of_files_is_refused_before_it_is_read(kit, write):
    data = kit.pack_zip({f"{number}.obj": b"" for number in range(50)})

    with pytest.raises(UnsafeFile, match="too many files"):
        inspect(write(data), Limits(archive_entries=40))

    end = data.rindex(b"PK\x05\x06")
    liar = data[: end + 8] + struct.pack("<HH", 1, 1) + data[end + 12 :]
    with pytest.raises(FormatError):
        inspect(write(liar), Limits(archive_entries=40))


def test_a_broken_member_is_reported_and_leaves_nothing(kit, write, tmp_path):
    data = bytearray(kit.pack_zip({"scene.gltf": kit.samples()["glTF"]}, zipfile.ZIP_STORED))
    data[200] ^= 1

    with pytest.raises(UnsafeFile, match="cannot be unpacked"):
        unpack(write(bytes(data)), tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_nested_archive_is_not_followed(kit, write):
    with pytest.raises(NotAModel):
        inspect(write(kit.pack_zip({"more.zip": kit.pack_zip({"a.obj": kit.OBJ})})))


def test_a_folder_in_use_is_not_touched(kit, write, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine").write_text("keep")

    with pytest.raises(FileExistsError):
        unpack(write(kit.pack_zip(kit.gltf_files())), folder)

    assert (folder / "mine").read_text() == "keep"


def test_real_sizes_count_against_the_limit(kit, write, tmp_path):
    limits = replace(Limits(), archive_bytes=100)

    with pytest.raises(UnsafeFile, match="too many bytes"):
        unpack(write(kit.pack_zip(kit.gltf_files())), tmp_path / "out", limits)
