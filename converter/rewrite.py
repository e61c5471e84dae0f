# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a copy of a file with some of its text replaced."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable
from pathlib import Path

from client.files import disk


def rewrite(
    source: Path, target: Path, pattern: re.Pattern[bytes], change: Callable[[re.Match[bytes]], bytes | None]
) -> Path:
    """Replace what ``change`` says for each match, None meaning that it stays; return the file that holds the result.

    That is ``source`` itself if nothing changes; ``target`` may be ``source``.
    """
    if not source.stat().st_size:
        return source
    part = target.with_name(f"{target.name}.part")
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        # `mmap` is what `re` takes for bytes.
        found = [(match.span(), new) for match in pattern.finditer(data) if (new := change(match)) is not None]
        if not found:
            return source
        with part.open("wb") as out:
            position = 0
            for (start, end), new in found:
                out.write(memoryview(data)[position:start])
                out.write(new)
                position = end
            out.write(memoryview(data)[position:])
    disk.replace(part, target)
    return target
