# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of models in the scene."""

from __future__ import annotations

import re

LONGEST = 32
"""Characters of a name, so that it can be read in the outliner."""
_VARIATION = re.compile(r" \d+/\d+$")


def name_in_scene(title: str, longest: int = LONGEST) -> str:
    """Return the first words of a job's title, cut after a word, with the number of the variation if it is one."""
    variation = _VARIATION.search(title)
    number = variation[0] if variation else ""
    words = title.removesuffix(number)
    if len(words) > longest:
        cut = words[: longest + 1].rpartition(" ")[0] or words[:longest]
        words = cut.rstrip(" ,.;:-–—")
    return f"{words}{number}"
