# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of jobs, and of their models in the scene."""

from __future__ import annotations

import re

LONGEST = 32
"""Characters of a name, so that it can be read in the outliner."""
MOST_BYTES = 50
"""Blender before 5.0 cuts names at 63 bytes: there is room for the variation, the level of detail and a counter."""
_ENDS = " ,.;:-–—…"
_VARIATION = re.compile(r"^(\d+/\d+) (.*)$", re.DOTALL)


def name_in_scene(title: str) -> str:
    """Return the first words of a job's title, cut after a word, with the number of the variation if it is one."""
    variation = _VARIATION.match(title)
    if variation:
        return f"{within(_cut(variation[2], LONGEST), MOST_BYTES)} {variation[1]}"
    return within(_cut(title, LONGEST), MOST_BYTES)


def within(words: str, most: int) -> str:
    """Return a text, cut between two characters where it is longer than so many bytes."""
    return words if len(words.encode()) <= most else words.encode()[:most].decode(errors="ignore").rstrip(_ENDS)


def variation_of(title: str) -> str:
    """Return the number of a variation by its job's title, empty when it has none."""
    number, slash, rest = title.partition("/")
    return number if slash and number.isdigit() and rest[:1].isdigit() else ""


def shortened(words: str, longest: int) -> str:
    """Return a text, cut after a word and marked where it is longer than so many characters."""
    return words if len(words) <= longest else f"{_cut(words, longest - 1)}…"


def _cut(words: str, longest: int) -> str:
    if len(words) <= longest:
        return words
    cut = words[: longest + 1].rpartition(" ")[0] or words[:longest]
    return cut.rstrip(_ENDS)
