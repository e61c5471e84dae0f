"""Transparency is told by headers, and a request says which of its images are sent without it."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from client.jobs.images import ImageSource, encode, inspect
from client.jobs.provenance import public_request
from client.jobs.request import GenerationRequest, can_flatten, with_flattening, without_copies
from client.jobs.transparency import file_may_be_transparent, may_be_transparent
from client.schema import IMAGE, MULTIVIEW


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + b"\0\0\0\0"


def png(colour_type: int, *chunks: bytes, depth: int = 8) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 300, 400, depth, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", b"x" * 40) + chunk(b"IEND")


def webp(kind: bytes, rest: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + b"\x0a\0\0\0" + rest.ljust(40, b"\0")


COLOURS = chunk(b"PLTE", b"abcdef")
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080003000401011100") + bytes(20)
FILES = {
    "grey": (png(0), False),
    "colours": (png(2), False),
    "colours of 16 bits": (png(2, depth=16), False),
    "a palette": (png(3, COLOURS), False),
    "grey and alpha": (png(4), True),
    "colours and alpha": (png(6), True),
    "colours and alpha of 16 bits": (png(6, depth=16), True),
    "a transparent grey": (png(0, chunk(b"gAMA", b"1234"), chunk(b"tRNS", b"ab")), True),
    "a transparent colour": (png(2, chunk(b"tRNS", b"abcdef")), True),
    "a palette with transparent entries": (png(3, COLOURS, chunk(b"tRNS", b"\0")), True),
    "tRNS after the pixels": (png(2) + chunk(b"tRNS", b"abcdef"), False),
    "half a header": (png(6)[:20], False),
    "ends within a chunk": (png(3, COLOURS)[:50], False),
    "a chunk that claims everything": (png(2)[:33] + b"\xff\xff\xff\xffabcd", False),
    "JPEG": (JPEG, False),
    "plain WebP": (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x04\0\x03\0"), False),
    "extended WebP": (webp(b"VP8X", b"\0\0\0\0\x03\0\0\x02\0\0"), False),
    "extended WebP with alpha": (webp(b"VP8X", b"\x10\0\0\0\x03\0\0\x02\0\0"), True),
    "lossless WebP": (webp(b"VP8L", b"\x2f\x03\x80\0\0"), False),
    "lossless WebP with alpha": (webp(b"VP8L", b"\x2f\x03\x80\0\x10"), True),
    "nothing": (b"", False),
}


@pytest.mark.parametrize(("content", "expected"), FILES.values(), ids=FILES)
def test_a_header_tells_of_transparency(tmp_path: Path, content: bytes, expected: bool) -> None:
    assert may_be_transparent(io.BytesIO(content)) is expected
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    assert file_may_be_transparent(str(path)) is expected
    found = inspect("image", str(path))
    assert found.problem or found.may_be_transparent is expected


def test_a_file_that_is_not_there_is_opaque(tmp_path: Path) -> None:
    assert not file_may_be_transparent(str(tmp_path / "never.png"))
    assert not file_may_be_transparent("a\0b")


@pytest.mark.parametrize(("size", "small"), [((256, 256), False), ((255, 4000), True), ((4000, 255), True)])
def test_a_small_image_is_told(tmp_path: Path, size: tuple[int, int], small: bool) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(2)[:16] + struct.pack(">II", *size) + png(2)[24:])
    assert inspect("image", str(path)).is_small is small


def test_what_is_sent_is_the_flattened_copy(tmp_path: Path) -> None:
    original, copy = tmp_path / "a.png", tmp_path / "a.jpg"
    original.write_bytes(png(6))
    copy.write_bytes(JPEG)
    assert encode(ImageSource("image", str(original), flatten=True))["image"].startswith("data:image/png")
    assert encode(ImageSource("image", str(original), flatten=True, sent=str(copy)))["image"].startswith(
        "data:image/jpeg"
    )


def test_a_request_remembers_how_its_images_are_sent() -> None:
    plain = GenerationRequest(IMAGE, images=(ImageSource("image", "/a.png"),))
    assert "flatten" not in plain.to_json() and "sent" not in plain.to_json(), "as before where there is nothing to say"
    flat = ImageSource("front", "/home/jane/a.png", flatten=True, background="#3d3d3d", sent="/home/jane/inputs/a.jpg")
    request = GenerationRequest(MULTIVIEW, images=(flat, ImageSource("back", url="https://example.com/b.png")))
    assert GenerationRequest.from_json(request.to_json()) == request
    assert "jane" not in str(public_request(request.to_json())) and request.title == "a"
    assert [image.sent for image in without_copies(request).images] == ["", ""]


def test_only_what_was_not_flattened_can_be() -> None:
    address = ImageSource("back", url="https://example.com/b.png")
    one, other = ImageSource("front", "/a.png", flatten=True), ImageSource("left", "/b.png")
    assert can_flatten(GenerationRequest(MULTIVIEW, images=(one, other, address)))
    assert not can_flatten(GenerationRequest(MULTIVIEW, images=(one, address)))
    again = with_flattening(GenerationRequest(MULTIVIEW, images=(one, other, address)))
    assert [image.flatten for image in again.images] == [True, True, False] and not can_flatten(again)
