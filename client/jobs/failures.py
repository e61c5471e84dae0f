# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell from the service's own words what a failure is about, and what helps."""

from __future__ import annotations

import re
from enum import StrEnum

from ..errors import ErrorCode
from ..notices import Notice
from .request import GenerationRequest, can_flatten
from .states import Status

_ABOUT_IMAGE = re.compile(r"\b(image|picture|photo|alpha|transparen(t|cy))s?\b", re.IGNORECASE)
_ABOUT_CONTENT = re.compile(
    r"\b(content[ _-]?(policy|filter|moderation|violation|safety)|polic(y|ies)|moderat\w+|nsfw|prohibited|inappropriate"
    r"|sensitive|unsafe|banned|forbidden (content|words?)|2008)\b",
    re.IGNORECASE,
)
"""2008 is Tripo's number for its content policy (U)."""
_SAID_BY_SERVICE = frozenset({ErrorCode.TASK_FAILED, ErrorCode.REQUEST_REFUSED})
"""Codes of failures whose words are the service's."""


class Remedy(StrEnum):
    """What helps with a job's problem."""

    TASK_ID = "TASK_ID"
    """The service's name of the task, as somebody finds it there."""
    CREDITS = "CREDITS"
    """More of them."""
    OTHER_REQUEST = "OTHER_REQUEST"
    """The same one would be refused again."""
    FLATTENING = "FLATTENING"
    """Images without transparency."""


def remedy_of(status: str, error: str, said: Notice, request: str) -> Remedy | None:
    """Return what helps with a job in a state, where that is known; ``request`` is its JSON text."""
    if status == Status.UNCERTAIN:
        return Remedy.TASK_ID
    if status != Status.FAILED:
        return None
    if error == ErrorCode.NOT_ENOUGH_CREDITS:
        return Remedy.CREDITS
    if is_about_content(error, said):
        return Remedy.OTHER_REQUEST
    if not is_about_image(error, said):
        return None
    sent = GenerationRequest.read(request)
    return Remedy.FLATTENING if sent is not None and can_flatten(sent) else None


def is_about_image(code: str, said: Notice) -> bool:
    """Whether a failure is one that the service puts down to the input image."""
    return code in _SAID_BY_SERVICE and _ABOUT_IMAGE.search(str(said)) is not None


def is_about_content(code: str, said: Notice) -> bool:
    """Whether a failure is one of the service's content filter: the same request fails again."""
    return code in _SAID_BY_SERVICE and _ABOUT_CONTENT.search(str(said)) is not None
