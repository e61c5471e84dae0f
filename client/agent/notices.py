# SPDX-License-Identifier: GPL-3.0-or-later
"""Which notice a job gets for what has happened to it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from .. import errors
from ..formats.handover import Converted, Loss, Unreduced
from ..jobs.notices import JobNotice
from ..notices import TEXT, Notice, notice, read
from ..service import exceptions
from ..service.notices import ServiceNotice, aside
from ..service.responses import reason_in_words

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NO_WORDS = re.compile(r"[\\/<>{}=]|\w(Error|Exception)\b|\b(None|null|JSON)\b|\b(NoneType|bpy)|0x|__", re.IGNORECASE)
"""Signs that an importer's message is for programmers: a path, code, an exception. A name such as
``KHR_texture_basisu`` may be the one word that matters."""


def waiting(seconds: float) -> Notice:
    """Return why nothing is sent for now."""
    return notice(JobNotice.RATE_LIMIT, seconds=max(1, math.ceil(seconds)))


def remaining(seconds: float) -> Notice:
    """Return how long a running job may still take."""
    if seconds < 120:
        return notice(JobNotice.REMAINING, seconds=max(5, round(seconds / 5) * 5))
    return notice(JobNotice.REMAINING_MINUTES, minutes=round(seconds / 60))


def downloading(done: int, whole: int | None) -> Notice:
    """Return how far a download is; both in bytes."""
    here = round(done / 2**20, 1)
    if whole is None:
        return notice(JobNotice.DOWNLOADED, done=here)
    return notice(JobNotice.DOWNLOADED_OF, done=here, whole=round(whole / 2**20, 1))


def uploading(done: int, whole: int) -> Notice:
    """Return how far the upload of a model is; both in bytes."""
    return notice(JobNotice.UPLOADING, done=round(done / 2**20), whole=round(whole / 2**20))


def not_exported(reason: str) -> Notice:
    """Return what to say when the selected objects could not be made a file; ``reason`` is the converter's."""
    is_words = " " in reason and not _NO_WORDS.search(reason)
    return notice(JobNotice.NOT_EXPORTED, reason=aside(reason if is_words else ""))


def not_transferred(reason: str) -> Notice:
    """Return what to say when a look could not be baked onto an object; ``reason`` is the converter's."""
    is_words = " " in reason and not _NO_WORDS.search(reason)
    return notice(JobNotice.NOT_TRANSFERRED, reason=aside(reason.partition(": ")[0] if is_words else ""))


def again(error: errors.TripoError) -> Notice:
    """Return what to say while a look at a paid task is tried again."""
    if isinstance(error, exceptions.ServiceError) and 300 <= error.status < 400:
        return notice(JobNotice.NOT_THE_SERVICE)
    if isinstance(error, exceptions.KeyRefused | exceptions.RateLimited | exceptions.NotSent | exceptions.NoAnswer):
        return error.notice
    if isinstance(error, exceptions.UnreadableAnswer):
        return notice(JobNotice.UNREADABLE)
    if isinstance(error, exceptions.NotFound):
        return notice(JobNotice.UNKNOWN_NOW)
    if isinstance(error, exceptions.Forbidden):
        return notice(JobNotice.FORBIDDEN_NOW)
    return notice(JobNotice.ASKING_AGAIN, cause=error.notice)


def given_up(error: errors.TripoError) -> Notice:
    """Return what to say when a paid task cannot be asked about any more; retrying it is free."""
    if isinstance(error, exceptions.Forbidden):
        return notice(JobNotice.OTHER_ACCOUNT)
    if isinstance(error, exceptions.NotFound):
        return notice(JobNotice.UNKNOWN)
    if isinstance(error, exceptions.RequestRefused):
        return notice(JobNotice.GIVEN_UP, cause=error.notice)
    return error.notice


def not_accepted(error: errors.TripoError) -> Notice:
    """Return what to say when a request was not accepted."""
    if isinstance(error, errors.InvalidRequest) and error.problems:
        return error.problems[0].notice
    return notice(JobNotice.UNKNOWN_REQUEST) if isinstance(error, exceptions.NotFound) else error.notice


def failed_at_service(reason: str) -> Notice:
    """Return what to say when the service gave up on a task; ``reason`` is in its words."""
    said = notice(ServiceNotice.ASIDE, words=reason_in_words(reason)) if reason else None
    return notice(JobNotice.FAILED_AT_SERVICE, said=said)


def converted(found: Converted) -> Notice | None:
    """Return what to say of a model that differs from its file; None if it does not."""
    lost, joined = found.lost, found.joined
    losses = list(dict.fromkeys(one.loss for one in lost))
    phrases = [_phrase(loss, [one.name for one in lost if one.loss is loss]) for loss in losses]
    if found.unreduced is not None:
        phrases.append(notice(_UNREDUCED[found.unreduced]))
    if joined is not None:
        numbers = {"before": joined.before, "after": joined.after}
        if not phrases:
            return notice(JobNotice.JOINED, **numbers)
        phrases.append(notice(JobNotice.JOINED_TOO, **numbers))
    if found.unreduced is not None and len(phrases) == 1:
        return notice(JobNotice.OVER_BUDGET, reason=phrases[0])
    return notice(JobNotice.INCOMPLETE, losses=phrases) if phrases else None


_LOST = {
    Loss.IMAGE: JobNotice.LOST_IMAGE,
    Loss.UNREADABLE: JobNotice.LOST_UNREADABLE,
    Loss.MATERIALS: JobNotice.LOST_MATERIALS,
    Loss.ANIMATION: JobNotice.LOST_ANIMATION,
    Loss.FILE: JobNotice.LOST_FILE,
    Loss.MODEL: JobNotice.LOST_MODEL,
    Loss.LOOK: JobNotice.LOST_LOOK,
}


_UNREDUCED = {
    Unreduced.MOVES: JobNotice.UNREDUCED_MOVES,
    Unreduced.PARTS: JobNotice.UNREDUCED_PARTS,
    Unreduced.FAILED: JobNotice.UNREDUCED_FAILED,
}


def _phrase(loss: Loss, names: Sequence[str]) -> Notice:
    shown = list(dict.fromkeys(_UNPRINTABLE.sub(" ", name)[:60] for name in names if name))
    return notice(_LOST[loss], names=aside(", ".join([*shown[:3], *["…"][: len(shown) - 3]])))


def refused(reason: str) -> Notice:
    """Return what to say when a file cannot be converted.

    ``reason`` is a notice that the converter has written, or what an importer of Blender says: its first sentence is
    shown if it is words.
    """
    said = read(reason)
    if said.code != TEXT:
        return notice(JobNotice.NOT_A_MODEL, cause=said)
    lines = reason.strip().splitlines()
    words = lines[0].partition(". ")[0].rstrip(". ")[:90] if lines else ""
    is_words = " " in words and not _NO_WORDS.search(words)
    return notice(JobNotice.CANNOT_READ, reason=aside(words if is_words else ""))
