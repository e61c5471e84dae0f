"""The sizes of images, from their headers."""

from __future__ import annotations

import io
import struct

import pytest

from client.formats import UnsafeFile
from client.formats.byte_range import ByteRange
from client.formats.errors import too_much_memory
from client.formats.images import ImageInfo, measure


def real_images() -> dict[str, tuple[bytes, str]]:
    image = pytest.importorskip("PIL.Image", reason="Pillow makes the images").new("RGB", (37, 21), "red")
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


def test_sizes_of_real_images_are_read_from_their_headers():
    for name, (data, mime) in real_images().items():
        assert measure(ByteRange.of_bytes(data)) == ImageInfo(mime, 37, 21), name


def test_sizes_of_images_pillow_cannot_write():
    hdr = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 21 +X 37\n"
    window = struct.pack("<iiii", 0, 0, 36, 20)
    exr = b"\x76\x2f\x31\x01\x02\0\0\0a\0int\0\x04\0\0\0\0\0\0\0" + b"dataWindow\0box2i\0\x10\0\0\0" + window
    dpx = b"SDPX".ljust(772, b"\0") + struct.pack(">II", 37, 21)

    assert measure(ByteRange.of_bytes(hdr)) == ImageInfo("image/vnd.radiance", 37, 21)
    assert measure(ByteRange.of_bytes(exr)) == ImageInfo("image/x-exr", 37, 21)
    assert measure(ByteRange.of_bytes(dpx)) == ImageInfo("image/x-dpx", 37, 21)


def test_a_header_cut_short_is_refused_or_unknown():
    for data, _ in real_images().values():
        for length in range(0, 60):
            try:
                measure(ByteRange.of_bytes(data[:length]))
            except UnsafeFile:
                continue


@pytest.mark.parametrize("size", [2**36, 2**90])
def test_how_much_memory_images_need_is_told_in_a_short_sentence(size: int) -> None:
    sentence = str(too_much_memory(size, 2**34))
    assert "16.0 GB" in sentence and len(sentence) < 120
