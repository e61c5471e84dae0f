# SPDX-License-Identifier: GPL-3.0-or-later
"""Assign image files to the four views by their names, else by their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from ..schema import MULTIVIEW_SLOTS

_HINTS = {
    "front": frozenset({"front", "f"}),
    "left": frozenset({"left", "l"}),
    "back": frozenset({"back", "rear", "behind", "b"}),
    "right": frozenset({"right", "r"}),
}
_WORD = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+")


def view_of(path: str) -> str:
    """Return the view that a file's name speaks of ("mug_left.png", "MugFront.jpg"), or an empty string.

    A name that speaks of two sides, as "front left", says nothing.
    """
    words = {word.lower() for word in _WORD.findall(PurePath(path.replace("\\", "/")).stem)}
    named = [view for view, hints in _HINTS.items() if hints & words]
    return named[0] if len(named) == 1 else ""


def arrange_views(paths: Sequence[str]) -> dict[str, str]:
    """Return up to four files by view: where names tell it, by name; the others fill the rest in their order."""
    arranged: dict[str, str] = {}
    others: list[str] = []
    for path in paths:
        view = view_of(path)
        if view and view not in arranged:
            arranged[view] = path
        else:
            others.append(path)
    free = (view for view in MULTIVIEW_SLOTS if view not in arranged)
    arranged.update(zip(free, others, strict=False))
    return {view: arranged[view] for view in MULTIVIEW_SLOTS if view in arranged}
