# SPDX-License-Identifier: GPL-3.0-or-later
"""Find where a line may be broken: at spaces, and between Chinese and Japanese characters."""
# ruff: noqa: RUF001

from __future__ import annotations

import re
from collections.abc import Iterator

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_OPENING = "（「『【《〈［｛"
_CLOSING = "）」』】》〉］｝。．、，：；！？％ー々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ"
_UNIT = re.compile(rf"[{_OPENING}]*(?:[{_CJK}]|[^{_CJK}{_OPENING}{_CLOSING}]+)?[{_CLOSING}]*")
"""A character of Chinese or Japanese, or a word of another script, with the marks that must stay with it."""


def words(paragraph: str) -> Iterator[tuple[str, str]]:
    """Return what must not be broken, in turn, each with the space that stands before it, if any."""
    for word in paragraph.split():
        gap = " "
        for unit in filter(None, _UNIT.findall(word)):
            yield gap, unit
            gap = ""
