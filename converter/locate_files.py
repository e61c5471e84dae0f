# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the files that came with a model by the names that it gives them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from client.formats.safe_paths import folded, parts_of, refuse_address


class CompanionFiles:
    """What an archive held; empty for a model that came alone.

    References are names of files as models hold them: relative or absolute, in the way of any system, with the case of
    any. They find nothing but what came with the model.
    """

    def __init__(self, root: Path, files: Sequence[Path] = ()) -> None:
        self._root = root
        self._places = {folded(path.relative_to(root).as_posix()): path for path in files}

    def find(self, reference: str, beside: Path) -> Path | None:
        """Return the file that a reference in ``beside`` means: the one at its place, else the one of its name that is
        the likeliest. Raises UnsafeFile for an address on a network."""
        refuse_address(reference)
        parts = parts_of(reference.strip(" \"'\t").removeprefix("file:"))
        if not parts or not self._places:
            return None
        stack = [*beside.parent.relative_to(self._root).parts] if beside.is_relative_to(self._root) else []
        for part in parts:
            if part != "..":
                stack.append(part)
            elif stack:
                stack.pop()
        if place := self._places.get(folded("/".join(stack))):
            return place
        wanted = [folded(part) for part in parts]
        same = [one for one in self._places if PurePosixPath(one).name == wanted[-1]]
        best = max(same, key=lambda one: (_shared(wanted, one.split("/")), -len(one)), default="")
        return self._places.get(best)


def bare(path: str) -> str:
    """Return a path's last part, whichever system it is of."""
    return re.split(r"[\\/]", path)[-1]


def relative(found: Path, beside: Path) -> str:
    """Return how a file names another, with forward slashes."""
    return Path(os.path.relpath(found, beside.parent)).as_posix()


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    """How many folders before the name are the same."""
    pairs = zip(reversed(left), reversed(right), strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))
