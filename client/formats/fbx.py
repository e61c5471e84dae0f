"""Checks of a binary FBX: its records stay inside each other, its packed arrays do not blow up.

The layout is the one described by the Blender developers in "FBX binary file format specification"
(code.blender.org, 2013): nested records with an end offset, then properties, of which arrays may be
deflated.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from .errors import damaged, too_large, unsafe
from .model import Format, Limits, ModelFile
from .pictures import PictureBudget, measure
from .spans import Span

HEADER = struct.Struct("<21s2xI")
WIDE_SINCE = 7500
NARROW, WIDE = struct.Struct("<IIIB"), struct.Struct("<QQQB")
VERSIONS = range(6000, 9000)
MAX_DEPTH = 64
MAX_RECORDS = 1_000_000
SCALAR_BYTES = {ord("Y"): 2, ord("C"): 1, ord("B"): 1, ord("I"): 4, ord("F"): 4, ord("D"): 8, ord("L"): 8}
ARRAY_BYTES = {ord("f"): 4, ord("d"): 8, ord("l"): 8, ord("i"): 4, ord("b"): 1, ord("c"): 1}
ARRAY = struct.Struct("<III")
STEP = 1 << 20
# Two backslashes or slashes and a host: a share on a network, which Windows would log in to.
NETWORK_PATH = re.compile(rb"(?:\\\\|//)[\w.-]+[\\/]")


@dataclass(slots=True)
class _Walk:
    span: Span
    limits: Limits
    head: struct.Struct
    pictures: PictureBudget
    records: int = 0
    unpacked: int = 0


def inspect_fbx(path: Path, span: Span, limits: Limits) -> ModelFile:
    """Check a binary FBX."""
    _, version = HEADER.unpack(span.read(0, HEADER.size))
    if version not in VERSIONS:
        raise damaged("it is an FBX of an unknown version")
    walk = _Walk(span, limits, WIDE if version >= WIDE_SINCE else NARROW, PictureBudget(limits))
    _walk(walk)
    return ModelFile(path, Format.FBX, span.length, pictures=walk.pictures.count)


def _walk(walk: _Walk) -> None:
    """Visit all records with a stack of the ends of those around; the top level ends with an empty record."""
    position = HEADER.size
    ends = [walk.span.length]
    while True:
        while len(ends) > 1 and position == ends[-1]:
            ends.pop()
        end, properties, size, name_length = walk.head.unpack(walk.span.read(position, walk.head.size))
        if end == 0:
            # The empty record that closes a list of records.
            if properties or size or name_length:
                raise damaged("one of its records is broken")
            position += walk.head.size
            if len(ends) == 1:
                return
            if position != ends.pop():
                raise damaged("one of its records does not end where it should")
            continue
        walk.records += 1
        if walk.records > MAX_RECORDS:
            raise too_large("records", MAX_RECORDS)
        start = position + walk.head.size + name_length
        if start + size > end or end > ends[-1]:
            raise damaged("one of its records reaches outside of the one around it")
        _check_properties(walk, start, size, properties)
        position = start + size
        if position < end:
            ends.append(end)
            if len(ends) > MAX_DEPTH:
                raise too_large("levels of records", MAX_DEPTH)


def _check_properties(walk: _Walk, start: int, size: int, count: int) -> None:
    block = walk.span.part(start, size)
    position = 0
    for _ in range(count):
        kind = block.read(position, 1)[0]
        position += 1
        if kind in SCALAR_BYTES:
            position += SCALAR_BYTES[kind]
        elif kind in b"SR":
            length = int(struct.unpack("<I", block.read(position, 4))[0])
            if kind == ord("S") and NETWORK_PATH.match(block.peek(position + 4, min(length, 300))):
                raise unsafe("it refers to a file on a network")
            if kind == ord("R"):
                picture = measure(block.part(position + 4, length))
                if picture is not None:
                    walk.pictures.add(picture)
            position += 4 + length
        elif kind in ARRAY_BYTES:
            items, encoding, packed = ARRAY.unpack(block.read(position, ARRAY.size))
            position += ARRAY.size
            _check_array(walk, block, position, items * ARRAY_BYTES[kind], encoding, packed)
            position += packed if encoding == 1 else items * ARRAY_BYTES[kind]
        else:
            raise damaged("one of its records holds something unknown")
        if position > size:
            raise damaged("one of its records ends too early")
    if position != size:
        raise damaged("one of its records has bytes left over")


def _check_array(walk: _Walk, block: Span, offset: int, expected: int, encoding: int, packed: int) -> None:
    if encoding not in (0, 1):
        raise damaged("one of its lists is packed in an unknown way")
    walk.unpacked += expected
    if walk.unpacked > walk.limits.unpacked_bytes:
        raise too_large("bytes once it is unpacked", walk.limits.unpacked_bytes)
    if encoding == 0:
        block.part(offset, expected)
        return
    data = block.part(offset, packed)
    # An importer inflates all there is, not what the header says; the true size is found without keeping it.
    inflate = zlib.decompressobj()
    found = 0
    place = 0
    try:
        while not inflate.eof:
            piece = inflate.unconsumed_tail or data.peek(place, STEP)
            if not inflate.unconsumed_tail:
                place += len(piece)
            output = inflate.decompress(piece, STEP)
            if not piece and not output:
                break
            found += len(output)
            if found > expected:
                raise damaged("one of its lists is longer than it says")
    except zlib.error as error:
        raise damaged("one of its lists cannot be unpacked") from error
    if found != expected:
        raise damaged("one of its lists is shorter than it says")
