"""Checks of the simpler formats: STL, OBJ with its materials, USD text."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from .errors import damaged, too_large, unsafe
from .model import Format, Limits, ModelFile
from .names import reaches_out
from .sniff import STL_HEADER, STL_TRIANGLE
from .spans import Span

STEP = 1 << 22
OVERLAP = 1 << 12
"""Longest line that a search in pieces is sure to see whole."""
OBJ_LIBRARY = re.compile(rb"[\r\n][ \t]*mtllib[ \t]+([^\r\n]*)")
MTL_TEXTURE = re.compile(rb"[\r\n][ \t]*(?:map_\w+|bump|disp|decal|refl|norm)[ \t]+([^\r\n]*)", re.IGNORECASE)
USD_ASSET = re.compile(rb"@@@(.{0,4096}?)@@@|@([^@\r\n]{0,4096})@", re.DOTALL)


def inspect_stl(path: Path, span: Span, limits: Limits) -> ModelFile:
    """Check a binary STL; `sniff` has compared its size with its number of triangles."""
    triangles = int(struct.unpack("<I", span.read(STL_HEADER - 4, 4))[0])
    if STL_HEADER + STL_TRIANGLE * triangles != span.length:
        raise damaged("it does not have the size it should")
    return counted(path, Format.STL, span, limits, triangles=triangles, vertices=triangles * 3)


def inspect_stl_text(path: Path, span: Span, limits: Limits) -> ModelFile:
    """Check a text STL; its triangles are counted by their ends."""
    triangles = sum(1 for _ in _search(span, re.compile(rb"(?i:endfacet)")))
    if not triangles:
        raise damaged("it has no triangles")
    return counted(path, Format.STL_ASCII, span, limits, triangles=triangles, vertices=triangles * 3)


def inspect_obj(path: Path, span: Span, limits: Limits) -> ModelFile:
    """Check that an OBJ refers to material files inside its folder only."""
    for found in _search(span, OBJ_LIBRARY):
        refuse_outside(found[1], "material")
    faces = sum(1 for _ in _search(span, re.compile(rb"[\r\n][ \t]*f[ \t]")))
    if faces > limits.triangles:
        raise too_large("faces", limits.triangles)
    return ModelFile(path, Format.OBJ, span.length)


def check_materials(span: Span) -> None:
    """Check that the materials of an OBJ (MTL) refer to pictures inside their folder only."""
    for found in _search(span, MTL_TEXTURE):
        refuse_outside(found[1], "picture")


def inspect_usd_text(path: Path, span: Span, limits: Limits) -> ModelFile:
    """Check that a USD text file refers to assets inside its folder only."""
    for found in _search(span, USD_ASSET):
        refuse_outside(found[1] or found[2] or b"", "asset")
    return ModelFile(path, Format.USDA, span.length)


def refuse_outside(reference: bytes, what: str) -> None:
    """Raises UnsafeFile if a file name, or any word of an OBJ or MTL argument, leads out of the folder."""
    text = reference.decode("utf-8", errors="replace")
    for name in (text, *text.split()):
        if name.strip() and reaches_out(name):
            raise unsafe(f"it refers to a {what} file outside of its folder")


def counted(path: Path, kind: Format, span: Span, limits: Limits, *, triangles: int | None, vertices: int) -> ModelFile:
    """The answer for a file with so many triangles and vertices; raises UnsafeFile for too many."""
    if triangles is not None and triangles > limits.triangles:
        raise too_large("triangles", limits.triangles)
    if vertices > max(limits.vertices, 3 * limits.triangles):
        raise too_large("vertices", limits.vertices)
    return ModelFile(path, kind, span.length, triangles=triangles, vertices=vertices)


def _joined(data: bytes) -> bytes:
    """Without line ends that a backslash takes back."""
    return data.replace(b"\\\r\n", b"  ").replace(b"\\\n", b" ")


def _search(span: Span, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Matches in a file of any size; each is given once, those longer than `OVERLAP` perhaps cut off."""
    offset = 0
    # As if a line ended before the file, so that a pattern can ask for the start of a line.
    carry = b"\n"
    while offset < span.length:
        piece = span.read(offset, min(STEP, span.length - offset))
        offset += len(piece)
        data = _joined(carry + piece)
        last = offset >= span.length
        # What starts in the last stretch is left for the next round, which sees it whole.
        border = len(data) if last else max(len(data) - OVERLAP, 0)
        done = border
        for found in pattern.finditer(data):
            if found.start() >= border:
                break
            done = max(done, found.end())
            yield found
        carry = data[min(done, len(data)) :]
