"""Whatever the bytes, a check answers or says no in one sentence.

Runs the checks without their last safety net, so that a mistake shows. TRIPO_FUZZ_SEED and TRIPO_FUZZ_FILES
choose other files and how many.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
from collections import Counter
from dataclasses import replace
from typing import Any

from client.formats import FormatError, Limits, ModelFile
from client.formats.inspection import inspect_file, unpack_file

ODD = [
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
# Smaller than the defaults, so that a claim of gigabytes costs the test nothing.
LIMITS = replace(Limits(), unpacked_bytes=1 << 24, archive_bytes=1 << 24)


def flip(random_: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Some bits are wrong."""
    result = bytearray(data)
    for _ in range(random_.choice([1, 1, 2, 5, 40])):
        result[random_.randrange(len(result))] ^= 1 << random_.randrange(8)
    return bytes(result)


def cut(random_: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """The end is missing."""
    return data[: random_.randrange(len(data))]


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


def places(value: Any):
    """All (owner, key) pairs of a JSON value."""
    keys = range(len(value)) if isinstance(value, list) else list(value)
    for key in keys:
        yield value, key
        if isinstance(value[key], list | dict):
            yield from places(value[key])


MUTATIONS = (flip, cut, splice, number, twist, twist)


def test_no_bytes_break_the_checks(kit, tmp_path):
    seed = int(os.environ.get("TRIPO_FUZZ_SEED", "20241120"))
    files = int(os.environ.get("TRIPO_FUZZ_FILES", "1000"))
    random_ = random.Random(seed)
    samples = kit.samples()
    tally: Counter[str] = Counter()
    path, folder = tmp_path / "download", tmp_path / "out"
    for turn in range(files):
        name = random_.choice(list(samples))
        mutation = random_.choice(MUTATIONS)
        data = mutation(random_, samples[name], list(samples.values()))
        path.write_bytes(data)
        for question in (lambda: inspect_file(path, None, LIMITS), lambda: unpack_file(path, folder, LIMITS)):
            try:
                model = question()
            except FormatError as error:
                assert error.user_message.endswith("."), error.user_message
                assert "\n" not in error.user_message and len(error.user_message) < 250
                tally[type(error).__name__] += 1
            except Exception as error:
                raise AssertionError(f"seed {seed}, file {turn}: {name}, {mutation.__name__}") from error
            else:
                assert isinstance(model, ModelFile)
                tally["accepted"] += 1
            shutil.rmtree(folder, ignore_errors=True)
    print(f"seed {seed}, {files} files, asked twice each: {dict(tally)}")

    assert sum(tally.values()) == 2 * files
    assert tally["UnsafeFile"] > files // 2
    assert tally["NotAModel"] and tally["accepted"]
