# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell from the service's own words what a failure is about."""

from __future__ import annotations

import re

from ..errors import ErrorCode
from ..notices import Notice

_ABOUT_IMAGE = re.compile(r"\b(image|picture|photo|alpha|transparen(t|cy))s?\b", re.IGNORECASE)
_ABOUT_CONTENT = re.compile(
    r"\b(content[ _-]?(policy|filter|moderation|violation|safety)|polic(y|ies)|moderat\w+|nsfw|prohibited|inappropriate"
    r"|sensitive|unsafe|banned|forbidden (content|words?)|2008)\b",
    re.IGNORECASE,
)
"""2008 is Tripo's number for its content policy (U)."""
_SAID_BY_SERVICE = frozenset({ErrorCode.TASK_FAILED, ErrorCode.REQUEST_REFUSED})
"""Codes of failures whose words are the service's."""


def is_about_image(code: str, said: Notice) -> bool:
    """Whether a failure is one that the service puts down to the input image."""
    return code in _SAID_BY_SERVICE and _ABOUT_IMAGE.search(str(said)) is not None


def is_about_content(code: str, said: Notice) -> bool:
    """Whether a failure is one of the service's content filter: the same request fails again."""
    return code in _SAID_BY_SERVICE and _ABOUT_CONTENT.search(str(said)) is not None
