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

    model = unpack(write(kit.pack_zip(kit.gltf_files())), folder)

    assert model.format is Format.GLTF
    assert model.path == folder / "scene.gltf"
    assert {path.relative_to(folder).as_posix() for path in model.files} == set(kit.gltf_files())
    assert (folder / "textures/wood.png").read_bytes() == kit.gltf_files()["textures/wood.png"]
    assert (model.triangles, model.pictures) == (2, 1)


def test_an_obj_with_its_files_is_unpacked(kit, write, tmp_path):
    model = unpack(write(kit.samples()["ZIP of OBJ"]), tmp_path / "out")

    assert (model.format, model.pictures) == (Format.OBJ, 1)


def test_a_usdz_is_left_as_it_is(kit, write, tmp_path):
    path = write(kit.samples()["USDZ"])

    model = unpack(path, tmp_path / "out")

    assert (model.format, model.path, model.pictures) == (Format.USDZ, path, 1)
    assert not (tmp_path / "out").exists()


def test_litter_of_macos_is_ignored(kit, write, tmp_path):
    files = {"__MACOSX/._scene.gltf": b"x", ".DS_Store": b"y", **kit.gltf_files()}

    model = unpack(write(kit.pack_zip(files)), tmp_path / "out")

    assert len(model.files) == 3


def one_entry(name="a.obj", data=b"v 0 0 0\nf 1 1 1\n", **attributes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        info = zipfile.ZipInfo(name)
        for key, value in attributes.items():
            setattr(info, key, value)
        archive.writestr(info, data)
    return target.getvalue()


BAD_NAMES = [
    "../evil.obj",
    "a/../../evil.obj",
    "/etc/evil.obj",
    "C:/evil.obj",
    "c:evil.obj",
    "..\\evil.obj",
    "a\\b.obj",
    "\\\\host\\share\\evil.obj",
    "a/..",
    "con.obj",
    "x/LPT1",
    "trailing.",
    "trailing /a.obj",
    "new\nline.obj",
    "stream.obj:hidden",
    "x" * 300,
    "/".join("deep" for _ in range(40)),
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_lead_outside_are_refused(name, write, tmp_path):
    path = write(one_entry(name))

    for question in (lambda: inspect(path), lambda: unpack(path, tmp_path / "out")):
        with pytest.raises(UnsafeFile, match="outside of its folder, or has a bad name"):
            question()
    assert [entry.name for entry in tmp_path.iterdir() if entry.name != "out"] == ["download"]


def test_a_name_with_a_null_is_refused(write):
    with pytest.raises(FormatError):
        inspect(write(one_entry("goodXbad.obj").replace(b"goodXbad", b"good\0bad")))


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
def test_names_that_fall_together_are_refused(names, kit, write):
    with pytest.raises(UnsafeFile, match="same name"):
        inspect(write(kit.pack_zip(dict.fromkeys(names, kit.OBJ))))


def test_the_same_name_twice_is_refused(kit, write):
    data = kit.pack_zip({"a.obj": kit.OBJ, "b.obj": kit.OBJ}).replace(b"b.obj", b"a.obj")

    with pytest.raises(UnsafeFile, match="same name"):
        inspect(write(data))


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

    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    "uri",
    [
        "../outside.bin",
        "/etc/passwd",
        "file:///etc/passwd",
        "%2e%2e/outside.bin",
        "C:%5Ca.bin",
        "a%00.bin",
        "//h/a",
    ],
)
def test_a_gltf_in_an_archive_stays_in_it(uri, kit, write, tmp_path):
    (tmp_path / "outside.bin").write_bytes(bytes(4096))
    files = kit.gltf_files()
    files["scene.gltf"] = files["scene.gltf"].replace(b"model%20data.bin", uri.encode())

    with pytest.raises(UnsafeFile, match="outside of its folder"):
        unpack(write(kit.pack_zip(files)), tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_a_missing_neighbour_is_named(kit, write, tmp_path):
    files = kit.gltf_files()
    del files["textures/wood.png"]

    with pytest.raises(UnsafeFile, match="missing"):
        unpack(write(kit.pack_zip(files)), tmp_path / "out")


@pytest.mark.parametrize(
    "line",
    [
        b"map_Kd /etc/passwd",
        b"map_Kd -s 1 1 1 ../../a.png",
        b"bump \\\\host\\share\\a.png",
        b"MAP_KD C:\\a.png",
        b"map_Kd http://h/a.png",
        b"map_Kd a\\\n../../b.png",
    ],
)
def test_materials_stay_in_the_archive(line, kit, write, tmp_path):
    files = {"box.obj": kit.OBJ, "box.mtl": b"newmtl wood\n" + line + b"\n"}

    with pytest.raises(UnsafeFile, match="outside of its folder"):
        unpack(write(kit.pack_zip(files)), tmp_path / "out")


def test_limits_hold_for_pictures_beside_a_model(kit, write, tmp_path):
    files = {"box.obj": kit.OBJ, "wood.png": kit.png(50_000, 10)}

    with pytest.raises(UnsafeFile, match="50,000 by 10"):
        unpack(write(kit.pack_zip(files)), tmp_path / "out")


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
