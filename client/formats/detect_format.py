# SPDX-License-Identifier: GPL-3.0-or-later
"""Detect a file's format from its content, never from its name."""

from __future__ import annotations

import re
import struct
from enum import StrEnum
from typing import BinaryIO

from ..notices import N_
from .types import Format

HEAD_BYTES = 1 << 16
"""How much of the start of a file `sniff` wants."""

STL_HEADER = 84
STL_TRIANGLE = 50


class Other(StrEnum):
    """Things that are no 3D model; the value completes "The downloaded file is …, not a 3D model."."""

    EMPTY = N_("empty")
    WEB_PAGE = N_("a web page")
    XML = N_("a message from the storage, most likely about an error")
    JSON = N_("a message from 3D AI Studio, most likely about an error")
    IMAGE = N_("an image")
    PDF = N_("a PDF document")
    VIDEO = N_("a video")
    ARCHIVE = N_("an archive of a kind that cannot be opened")
    BLEND = N_("a Blender file, which is never opened from the network")
    TEXT = N_("plain text")
    UNKNOWN = N_("of an unknown kind or damaged at its start")


MAGICS: tuple[tuple[bytes, Format | Other], ...] = (
    (b"glTF", Format.GLB),
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),
    (b"Kaydara FBX Binary  \x00", Format.FBX),
    (b"PXR-USDC", Format.USDC),
    (b"#usda ", Format.USDA),
    (b"\x89PNG\r\n\x1a\n", Other.IMAGE),
    (b"\xff\xd8\xff", Other.IMAGE),
    (b"GIF8", Other.IMAGE),
    (b"\xabKTX 2", Other.IMAGE),
    (b"II*\x00", Other.IMAGE),
    (b"MM\x00*", Other.IMAGE),
    (b"\x76\x2f\x31\x01", Other.IMAGE),
    (b"%PDF-", Other.PDF),
    (b"\x1f\x8b", Other.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Other.ARCHIVE),
    (b"Rar!\x1a\x07", Other.ARCHIVE),
    (b"BZh", Other.ARCHIVE),
    (b"\xfd7zXZ\x00", Other.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Other.ARCHIVE),
    (b"BLENDER", Other.BLEND),
)
GLTF_KEYS = re.compile(rb'"(?:asset|accessors|bufferViews|meshes|scenes|extensionsUsed)"\s*:')
OBJ_VERTEX = re.compile(rb"^v[ \t]+[-+.0-9]", re.MULTILINE)
OBJ_LINE = re.compile(
    rb"(?:#.*|(?:v|vt|vn|vp|f|l|p|o|g|s|mtllib|usemtl|usemap|mg|cstype|deg|curv2?|surf|parm|end)"
    rb"(?:[ \t].*)?|)\s*"
)
OBJ_LINES = 50
ONLY_COMMENTS = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?(?:\n|$))+")
FBX_TEXT = re.compile(rb"^\s*(?:;\s*FBX|FBXHeaderExtension\s*:)", re.MULTILINE)
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def detect_format(file: BinaryIO, size: int) -> Format | Other:
    """Tell what an open file of `size` bytes is: its first bytes say it, or the first below a long comment."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    kind = sniff(head, size)
    while kind is Other.TEXT and len(head) >= HEAD_BYTES and ONLY_COMMENTS.fullmatch(head):
        # The last line may be cut off by the end of `head`.
        head = head[head.rfind(b"\n") + 1 :][:HEAD_BYTES] + file.read(HEAD_BYTES)
        kind = _sniff_text(head)
    return kind


def sniff(head: bytes, size: int) -> Format | Other:
    """Tell what a file of `size` bytes is whose first bytes (up to `HEAD_BYTES`) are `head`.

    A ZIP is only called that: what it holds takes its list of files. JSON is glTF if any of glTF's usual keys
    is near the start.
    """
    if not head.strip(b"\x00"):
        return Other.UNKNOWN if head else Other.EMPTY
    for magic, kind in MAGICS:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF":
        return Other.IMAGE if head[8:12] == b"WEBP" else Other.VIDEO
    if head[4:8] == b"ftyp":
        return Other.IMAGE if head[8:12] in (b"avif", b"heic", b"mif1") else Other.VIDEO
    # Before the test for text: the header of a binary STL may hold any text, "solid" too.
    if len(head) >= STL_HEADER:
        count = int(struct.unpack_from("<I", head, STL_HEADER - 4)[0])
        if count and size == STL_HEADER + STL_TRIANGLE * count:
            return Format.STL
    return _sniff_text(head)


def _sniff_text(head: bytes) -> Format | Other:
    # ZBrush ends its files with a zero and a line end.
    head = head.rstrip(b"\x00\x1a \t\r\n")
    if CONTROLS.search(head):
        return Other.UNKNOWN
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lower = text[:1024].lower()
    if text[:1] == b"<":
        page = lower.startswith((b"<!doctype html", b"<html")) or b"<html" in lower
        return Other.WEB_PAGE if page else Other.XML
    if text[:1] in (b"{", b"["):
        return Format.GLTF if text[:1] == b"{" and GLTF_KEYS.search(text) else Other.JSON
    if lower.startswith(b"solid") and re.search(rb"\n\s*(?:facet|endsolid)\b", text[:4096], re.IGNORECASE):
        return Format.STL_ASCII
    if FBX_TEXT.search(text[:4096]):
        return Format.FBX_ASCII
    # The last line may be cut off by the end of `head`.
    lines = text.splitlines()[:OBJ_LINES]
    lines = lines[:-1] if len(lines) > 1 and len(lines) < OBJ_LINES else lines
    if OBJ_VERTEX.search(text) and sum(bool(OBJ_LINE.fullmatch(line)) for line in lines) >= 0.9 * len(lines):
        return Format.OBJ
    return Other.TEXT
