"""Check of a PLY: its header, and that its faces and edges refer to vertices that are there.

Blender's importer leaves out a face that refers elsewhere, but only after it has read texture coordinates from there,
which crashes it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .errors import contradicts, damaged, too_large
from .meshfiles import counted
from .model import Format, Limits, ModelFile
from .spans import Span

STEP = 1 << 22
HEADER = 1 << 16
HEADER_END = re.compile(rb"\nend_header\r?\n|\rend_header\r")
CODES = {
    **dict.fromkeys(("char", "int8"), "b"),
    **dict.fromkeys(("uchar", "uint8"), "B"),
    **dict.fromkeys(("short", "int16"), "h"),
    **dict.fromkeys(("ushort", "uint16"), "H"),
    **dict.fromkeys(("int", "int32"), "i"),
    **dict.fromkeys(("uint", "uint32"), "I"),
    **dict.fromkeys(("float", "float32"), "f"),
    **dict.fromkeys(("double", "float64"), "d"),
}
"""Types by the names of the header, as `struct` writes them."""
REFERENCES = {"vertex_indices", "vertex_index", "vertex1", "vertex2"}
STRIP_END = -1
"""What ends a triangle strip."""


@dataclass(frozen=True)
class _Property:
    name: str
    code: str
    count_code: str = ""
    """Set for a list: the type of its length."""


@dataclass
class _Element:
    name: str
    count: int
    properties: list[_Property] = field(default_factory=list[_Property])

    @property
    def refers(self) -> bool:
        return any(one.name in REFERENCES for one in self.properties)

    @property
    def size(self) -> int | None:
        """Bytes of one in a binary file; None when that differs from one to the next."""
        if any(one.count_code for one in self.properties):
            return None
        return sum(struct.calcsize(f"<{one.code}") for one in self.properties)


def inspect_ply(path: Path, span: Span, limits: Limits) -> ModelFile:
    """Check the header, that what it announces can be there, and what its elements refer to; raises UnsafeFile."""
    head = span.peek(0, HEADER)
    end = HEADER_END.search(head)
    if end is None:
        raise damaged("its header has no end")
    order, elements = _read_header(head[: end.start()].decode("latin-1").splitlines()[1:])
    _check_size(order, elements, span.length - end.end(), limits)
    vertices = sum(one.count for one in elements if one.name == "vertex")
    _check_references(order, elements, vertices, span, end.end())
    return counted(path, Format.PLY, span, limits, triangles=None, vertices=vertices)


def _read_header(lines: list[str]) -> tuple[str, list[_Element]]:
    """The byte order as `struct` writes it, empty for text, and the elements in their order."""
    order = "<"
    elements: list[_Element] = []
    for line in lines:
        match line.split():
            case ["format", kind, *_]:
                order = {"ascii": "", "binary_big_endian": ">"}.get(kind, "<")
            case ["element", name, number] if number.isascii() and number.isdigit() and len(number) < 12:
                elements.append(_Element(name, int(number)))
            case ["property", "list", count_type, kind, name] if elements:
                elements[-1].properties.append(_Property(name, _code(kind), _code(count_type)))
            case ["property", kind, name] if elements:
                elements[-1].properties.append(_Property(name, _code(kind)))
            case ["element" | "property", *_]:
                raise damaged("its header cannot be read")
            case _:
                pass
    return order, elements


def _code(kind: str) -> str:
    if kind not in CODES:
        raise damaged("its header cannot be read")
    return CODES[kind]


def _check_size(order: str, elements: list[_Element], length: int, limits: Limits) -> None:
    # In text, a number takes a digit and a space or line end, which the last line may lack.
    least = sum(
        one.count * (struct.calcsize(f"<{prop.count_code or prop.code}") if order else 2)
        for one in elements
        for prop in one.properties
    )
    if least > length + (not order):
        raise damaged("it is shorter than its header says")
    most = max(limits.vertices, limits.triangles)
    if any(one.count > most for one in elements):
        raise too_large("elements", most)


def _check_references(order: str, elements: list[_Element], vertices: int, span: Span, start: int) -> None:
    """Walk through the elements as far as the last that refers to vertices."""
    while elements and not elements[-1].refers:
        elements = elements[:-1]
    if order:
        _Binary(order, span, start).walk(elements, vertices)
    else:
        _walk_text(_lines(span, start), elements, vertices)


def _check(values: tuple[float, ...], vertices: int, low: int = 0) -> None:
    if values and not low <= min(values) <= max(values) < vertices:
        raise contradicts("a face or an edge refers to a vertex that is not there")


class _Binary:
    """A binary body, read from front to back."""

    def __init__(self, order: str, span: Span, start: int) -> None:
        self._order = order
        self._span = span
        self._next = start
        self._data = b""
        self._at = 0

    def walk(self, elements: list[_Element], vertices: int) -> None:
        """Check what the elements refer to; raises UnsafeFile, also where the file ends before."""
        for element in elements:
            if element.size is not None and not element.refers:
                self._skip(element.size * element.count)
                continue
            low = STRIP_END if element.name == "tristrips" else 0
            steps = [self._step(one, vertices, low) for one in element.properties]
            for _ in range(element.count):
                for step in steps:
                    step()

    def _step(self, one: _Property, vertices: int, low: int) -> Callable[[], None]:
        refers = one.name in REFERENCES

        def step() -> None:
            count = int(self._take(one.count_code, 1)[0]) if one.count_code else 1
            if count < 0:
                raise contradicts("a list has a negative length")
            values = self._take(one.code, count)
            if refers:
                _check(values, vertices, low)

        return step

    def _take(self, code: str, count: int) -> tuple[float, ...]:
        form = f"{self._order}{count}{code}"
        size = struct.calcsize(form)
        if self._at + size > len(self._data):
            rest = self._data[self._at :]
            wanted = max(STEP, size - len(rest))
            self._data, self._at = rest + self._span.peek(self._next, wanted), 0
            self._next += len(self._data) - len(rest)
            if size > len(self._data):
                raise damaged("it ends too early")
        values = struct.unpack_from(form, self._data, self._at)
        self._at += size
        return values

    def _skip(self, size: int) -> None:
        position = self._next - (len(self._data) - self._at) + size
        if position > self._span.length:
            raise damaged("it ends too early")
        self._data, self._at, self._next = b"", 0, position


def _lines(span: Span, start: int) -> Iterator[bytes]:
    """The lines that are not empty."""
    rest = b""
    for offset in range(start, span.length, STEP):
        lines = (rest + span.peek(offset, STEP)).splitlines(keepends=True)
        # The last may go on in the next piece.
        rest = lines.pop() if lines else b""
        yield from filter(bytes.strip, lines)
    if rest.strip():
        yield rest


def _walk_text(lines: Iterator[bytes], elements: list[_Element], vertices: int) -> None:
    """Check what the elements of a text file refer to, one on each line; raises UnsafeFile."""
    for element in elements:
        low = STRIP_END if element.name == "tristrips" else 0
        for _ in range(element.count):
            line = next(lines, None)
            if line is None:
                raise damaged("it ends too early")
            if element.refers:
                _check_line(line.split(), element, vertices, low)


def _check_line(words: list[bytes], element: _Element, vertices: int, low: int) -> None:
    at = 0
    try:
        for one in element.properties:
            count = int(words[at]) if one.count_code else 1
            at += bool(one.count_code)
            if one.name in REFERENCES:
                values = tuple(int(word) for word in words[at : at + count])
                if len(values) != count:
                    raise damaged("it ends too early")
                _check(values, vertices, low)
            at += count
    except (ValueError, IndexError) as error:
        raise damaged("its numbers cannot be read") from error
