"""FBX, OBJ, PLY, STL and USD text, and the sizes of pictures."""

from __future__ import annotations

import io
import struct

import pytest

from client.formats import Limits, UnsafeFile, inspect
from client.formats.pictures import Picture, measure
from client.formats.spans import Span


def test_facts_of_simple_formats(kit, write):
    found = {name: inspect(write(kit.samples()[name])) for name in ("STL", "STL text", "PLY")}

    assert (found["STL"].triangles, found["STL text"].triangles, found["PLY"].vertices) == (2, 1, 3)


@pytest.mark.parametrize(
    ("array", "match"),
    [
        (b"d" + struct.pack("<III", 1000, 0, 0), "outside of the file"),
        (b"d" + struct.pack("<III", 1 << 31, 1, 8) + bytes(8), "too many bytes"),
        (b"d" + struct.pack("<III", 8, 1, 8) + bytes(8), "cannot be unpacked"),
        (b"d" + struct.pack("<III", 8, 7, 8) + bytes(8), "unknown way"),
        (b"?", "something unknown"),
    ],
)
def test_broken_lists_of_an_fbx_are_refused(array, match, kit, write):
    with pytest.raises(UnsafeFile, match=match):
        inspect(write(kit.pack_fbx(array)))


def test_a_list_of_an_fbx_is_as_long_as_it_says(kit, write):
    with pytest.raises(UnsafeFile, match="longer than it says"):
        inspect(write(kit.pack_fbx(kit.fbx_array([0.0] * 500_000, claim=3))))
    with pytest.raises(UnsafeFile, match="shorter than it says"):
        inspect(write(kit.pack_fbx(kit.fbx_array([0.0] * 3, claim=30))))


def test_an_fbx_does_not_log_in_to_a_share(kit, write):
    with pytest.raises(UnsafeFile, match="network"):
        inspect(write(kit.pack_fbx(text=b"\\\\host\\share\\a.png")))


def test_records_of_an_fbx_stay_inside_each_other(kit, write):
    data = kit.pack_fbx()
    end = struct.unpack_from("<I", data, 27)[0]

    for wrong in (end + 1, end - 1, len(data) + 10, 28):
        with pytest.raises(UnsafeFile):
            inspect(write(data[:27] + struct.pack("<I", wrong) + data[31:]))


@pytest.mark.parametrize("line", [b"mtllib /etc/box.mtl", b"mtllib ..\\box.mtl", b"mtllib //host/share/box.mtl"])
def test_an_obj_names_no_file_outside(line, kit, write):
    padding = b"".join(b"v 0 0 %d\n" % number for number in range(600_000))

    with pytest.raises(UnsafeFile, match="outside of its folder"):
        inspect(write(kit.OBJ + padding + line + b"\n"))


def test_usd_text_names_no_file_outside(write):
    with pytest.raises(UnsafeFile, match="outside of its folder"):
        inspect(write(b'#usda 1.0\ndef "a" (references = @/etc/x.usda@) {}\n'))


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        ((b"vertex 3", b"vertex 3000000"), "shorter than its header"),
        ((b"vertex 3", b"vertex -3"), "cannot be read"),
        ((b"end_header", b"end_of_it"), "no end"),
        ((b"ascii 1.0", b"binary_little_endian 1.0"), "shorter than its header"),
    ],
)
def test_a_ply_that_contradicts_itself_is_refused(edit, match, kit, write):
    with pytest.raises(UnsafeFile, match=match):
        inspect(write(kit.samples()["PLY"].replace(*edit)))


def test_too_many_triangles_are_refused(kit, write):
    for name in ("STL", "STL text"):
        with pytest.raises(UnsafeFile, match="triangles"):
            inspect(write(kit.samples()[name]), Limits(triangles=0))


def real_pictures() -> dict[str, tuple[bytes, str]]:
    image = pytest.importorskip("PIL.Image", reason="Pillow makes the pictures").new("RGB", (37, 21), "red")
    kinds = {"PNG": "image/png", "JPEG": "image/jpeg", "BMP": "image/bmp", "TIFF": "image/tiff", "DDS": ""}
    result: dict[str, tuple[bytes, str]] = {}
    for kind, mime in kinds.items():
        target = io.BytesIO()
        image.save(target, kind)
        result[kind] = (target.getvalue(), mime or "image/vnd-ms.dds")
    for lossless in (True, False):
        target = io.BytesIO()
        image.save(target, "WEBP", lossless=lossless)
        result[f"WebP {lossless}"] = (target.getvalue(), "image/webp")
    target = io.BytesIO()
    image.convert("RGBA").save(target, "WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    result["WebP extended"] = (target.getvalue(), "image/webp")
    target = io.BytesIO()
    image.save(target, "JPEG", progressive=True, icc_profile=bytes(200_000))
    result["JPEG with a profile"] = (target.getvalue(), "image/jpeg")
    return result


def test_sizes_of_real_pictures_are_read_from_their_headers():
    for name, (data, mime) in real_pictures().items():
        assert measure(Span.of_bytes(data)) == Picture(mime, 37, 21), name


def test_sizes_of_pictures_pillow_cannot_write():
    ktx = b"\xabKTX 20\xbb\r\n\x1a\n" + struct.pack("<IIIIIIII", 37, 1, 64, 32, 0, 0, 6, 7)
    hdr = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 21 +X 37\n"
    window = struct.pack("<iiii", 0, 0, 36, 20)
    exr = b"\x76\x2f\x31\x01\x02\0\0\0a\0int\0\x04\0\0\0\0\0\0\0" + b"dataWindow\0box2i\0\x10\0\0\0" + window
    dpx = b"SDPX".ljust(772, b"\0") + struct.pack(">II", 37, 21)

    assert measure(Span.of_bytes(ktx)) == Picture("image/ktx2", 64, 32 * 6)
    assert measure(Span.of_bytes(hdr)) == Picture("image/vnd.radiance", 37, 21)
    assert measure(Span.of_bytes(exr)) == Picture("image/x-exr", 37, 21)
    assert measure(Span.of_bytes(dpx)) == Picture("image/x-dpx", 37, 21)


def test_a_header_cut_short_is_refused_or_unknown():
    for data, _ in real_pictures().values():
        for length in range(0, 60):
            try:
                measure(Span.of_bytes(data[:length]))
            except UnsafeFile:
                continue
