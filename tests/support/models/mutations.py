"""Ways to spoil a model file: each takes a source of chance, the file and some others, and gives other bytes."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    1,
    2,
    3,
    99,
    1 << 31,
    1 << 63,
    1.5,
    1e300,
    "",
    "x",
    "../a",
    "data:;base64,AAAA",
    [],
    {},
]
"""What a value in a JSON document is changed to."""

Mutation = Callable[[random.Random, bytes, list[bytes]], bytes]


def flip(random_: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Some bits are wrong."""
    result = bytearray(data)
    for _ in range(random_.choice([1, 1, 2, 5, 40])):
        result[random_.randrange(len(result))] ^= 1 << random_.randrange(8)
    return bytes(result)


def cut(random_: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """The end is missing. An empty file is fetched again for hours: it is the storage that fails, not the file."""
    return data[: max(1, random_.randrange(len(data)))]


def splice(random_: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A piece of another file stands in it."""
    other = random_.choice(others)
    start = random_.randrange(len(other))
    piece = other[start : start + random_.randrange(1, 200)]
    at = random_.randrange(len(data))
    return data[:at] + piece + data[at + random_.choice([0, len(piece)]) :]


def number(random_: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A number somewhere is extreme."""
    if len(data) < 8:
        return data
    at = random_.randrange(len(data) - 4)
    return data[:at] + struct.pack("<I", random_.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])) + data[at + 4 :]


def twist(random_: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A value in the JSON is another; the container around it stays right."""
    if data[:4] == b"glTF":
        length = struct.unpack_from("<I", data, 12)[0]
        document, rest = json.loads(data[20 : 20 + length]), data[20 + length :]
    elif data[:1] == b"{":
        document, rest = json.loads(data), None
    else:
        return flip(random_, data, others)
    for _ in range(random_.choice([1, 1, 2, 4])):
        owner, key = random_.choice(list(places(document)))
        owner[key] = random_.choice(ODD)
    text = json.dumps(document).encode()
    if rest is None:
        return text
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text) + len(rest), len(text), b"JSON")
    return head + text + rest


def repack(random_: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A file in an archive is spoiled, and the archive around it is right."""
    if data[:2] != b"PK":
        return twist(random_, data, others)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {entry: archive.read(entry) for entry in archive.infolist()}
    chosen = random_.choice([entry for entry, content in files.items() if content])
    mutation = random_.choice((flip, cut, splice, number, twist))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for entry, content in files.items():
            new = mutation(random_, content, others) if entry is chosen else content
            archive.writestr(entry.filename, new, entry.compress_type)
    return target.getvalue()


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """All (owner, key) pairs of a JSON value."""
    keys: list[Any] = list(range(len(value))) if isinstance(value, list) else list(value)
    for key in keys:
        yield value, key
        if isinstance(value[key], list | dict):
            yield from places(value[key])
