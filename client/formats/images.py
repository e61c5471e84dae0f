# SPDX-License-Identifier: GPL-3.0-or-later
"""Read kind and size of an image from its header; decodes no pixel."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from .byte_range import ByteRange
from .errors import damaged

JPEG_SEGMENTS = 2_000
# Start-of-frame markers; C4, C8 and CC are no frames.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
EXR_ATTRIBUTES = 200
TIFF_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What an image's header says."""

    mime: str
    width: int
    height: int


def measure(span: ByteRange) -> ImageInfo | None:
    """Kind and size of the image in `span`; None if it is of no known kind.

    Raises UnsafeFile for a header that is cut off or senseless.
    """
    head = span.peek(0, 64)
    for magic, offset, reader in READERS:
        if head[offset : offset + len(magic)] == magic:
            try:
                image = reader(span, head)
            except struct.error as error:
                raise damaged("the header of an image is incomplete") from error
            if image.width < 1 or image.height < 1:
                raise damaged("an image has no size")
            return image
    return None


def _png(span: ByteRange, head: bytes) -> ImageInfo:
    if head[12:16] != b"IHDR":
        raise damaged("a PNG image does not start as one")
    return ImageInfo("image/png", *struct.unpack_from(">II", head, 16))


def _jpeg(span: ByteRange, head: bytes) -> ImageInfo:
    position = 2
    for _ in range(JPEG_SEGMENTS):
        segment = span.peek(position, 9)
        if len(segment) < 4 or segment[0] != 0xFF:
            break
        marker = segment[1]
        if marker == 0xFF:
            position += 1
        elif marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
            return ImageInfo("image/jpeg", width, height)
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            position += 2
        else:
            length = int(struct.unpack_from(">H", segment, 2)[0])
            if length < 2 or marker in (0xD9, 0xDA):
                break
            position += 2 + length
    raise damaged("a JPEG image has no size in its header")


def _webp(span: ByteRange, head: bytes) -> ImageInfo:
    if head[8:12] != b"WEBP":
        raise damaged("an image is of an unknown kind")
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        width = 1 + int.from_bytes(head[24:27], "little")
        return ImageInfo("image/webp", width, 1 + int.from_bytes(head[27:30], "little"))
    if kind == b"VP8L" and head[20:21] == b"\x2f":
        bits = int(struct.unpack_from("<I", head, 21)[0])
        return ImageInfo("image/webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", head, 26)
        return ImageInfo("image/webp", width & 0x3FFF, height & 0x3FFF)
    raise damaged("a WebP image does not start as one")


def _bmp(span: ByteRange, head: bytes) -> ImageInfo:
    width, height = struct.unpack_from("<ii", head, 18)
    return ImageInfo("image/bmp", abs(width), abs(height))


def _dds(span: ByteRange, head: bytes) -> ImageInfo:
    height, width = struct.unpack_from("<II", head, 12)
    return ImageInfo("image/vnd-ms.dds", width, height)


def _dpx(span: ByteRange, head: bytes) -> ImageInfo:
    order = ">" if head[:4] == b"SDPX" else "<"
    return ImageInfo("image/x-dpx", *struct.unpack(f"{order}II", span.peek(772, 8)))


def _hdr(span: ByteRange, head: bytes) -> ImageInfo:
    found = re.search(rb"\n[-+][XY] (\d{1,9}) [-+][XY] (\d{1,9})\s", span.peek(0, 1 << 14))
    if not found:
        raise damaged("an HDR image has no size in its header")
    return ImageInfo("image/vnd.radiance", int(found[2]), int(found[1]))


def _exr(span: ByteRange, head: bytes) -> ImageInfo:
    text = span.peek(0, 1 << 16)
    position = 8
    for _ in range(EXR_ATTRIBUTES):
        name_end = text.find(b"\0", position)
        type_end = text.find(b"\0", name_end + 1)
        if name_end <= position or type_end < 0:
            break
        size = int(struct.unpack_from("<I", text, type_end + 1)[0])
        if text[position:name_end] == b"dataWindow":
            left, low, right, high = struct.unpack_from("<iiii", text, type_end + 5)
            return ImageInfo("image/x-exr", right - left + 1, high - low + 1)
        position = type_end + 5 + size
    raise damaged("an EXR image has no size in its header")


def _tiff(span: ByteRange, head: bytes) -> ImageInfo:
    order = "<" if head[:2] == b"II" else ">"
    start = int(struct.unpack_from(f"{order}I", head, 4)[0])
    entries = int(struct.unpack(f"{order}H", span.peek(start, 2))[0])
    sizes = {256: 0, 257: 0}
    for number in range(min(entries, TIFF_ENTRIES)):
        entry = span.peek(start + 2 + 12 * number, 12)
        tag, kind = struct.unpack_from(f"{order}HH", entry)
        if tag in sizes:
            sizes[tag] = int(struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", entry, 8)[0])
    return ImageInfo("image/tiff", sizes[256], sizes[257])


READERS: tuple[tuple[bytes, int, Callable[[ByteRange, bytes], ImageInfo]], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, _png),
    (b"\xff\xd8\xff", 0, _jpeg),
    (b"RIFF", 0, _webp),
    (b"BM", 0, _bmp),
    (b"DDS ", 0, _dds),
    (b"SDPX", 0, _dpx),
    (b"XPDS", 0, _dpx),
    (b"#?RADIANCE", 0, _hdr),
    (b"#?RGBE", 0, _hdr),
    (b"\x76\x2f\x31\x01", 0, _exr),
    (b"II*\x00", 0, _tiff),
    (b"MM\x00*", 0, _tiff),
)
