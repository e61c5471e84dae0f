# SPDX-License-Identifier: GPL-3.0-or-later
"""Which notice a job gets for what the background Blender answers: what is lost, and why it could not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...formats.handover import Converted, Loss
from ...jobs.notices import JobNotice
from ...notices import TEXT, Notice, notice, read
from ...service.notices import aside

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NO_WORDS = re.compile(r"[\\/<>{}=]|\w(Error|Exception)\b|\b(None|null|JSON)\b|\b(NoneType|bpy)|0x|__", re.IGNORECASE)
"""Signs that an importer's message is for programmers: a path, code, an exception. A name such as
``KHR_texture_basisu`` may be the one word that matters."""


def not_exported(reason: str) -> Notice:
    """Return what to say when the selected objects could not be made a file; ``reason`` is the converter's."""
    return notice(JobNotice.NOT_EXPORTED, reason=aside(_if_words(reason)))


def not_transferred(reason: str) -> Notice:
    """Return what to say when a look could not be baked onto an object; ``reason`` is the converter's."""
    return notice(JobNotice.NOT_TRANSFERRED, reason=aside(_if_words(reason).partition(": ")[0]))


def converted(found: Converted) -> Notice | None:
    """Return what to say of a model that differs from its file; None if it does not."""
    lost, joined = found.lost, found.joined
    losses = list(dict.fromkeys(one.loss for one in lost))
    phrases = [_phrase(loss, [one.name for one in lost if one.loss is loss]) for loss in losses]
    if found.unreduced is not None:
        phrases.append(notice(JobNotice[f"UNREDUCED_{found.unreduced.name}"]))
    if joined is not None:
        numbers = {"before": joined.before, "after": joined.after}
        if not phrases:
            return notice(JobNotice.JOINED, **numbers)
        phrases.append(notice(JobNotice.JOINED_TOO, **numbers))
    if found.unreduced is not None and len(phrases) == 1:
        return notice(JobNotice.OVER_BUDGET, reason=phrases[0])
    return notice(JobNotice.INCOMPLETE, losses=phrases) if phrases else None


def _phrase(loss: Loss, names: Sequence[str]) -> Notice:
    shown = list(dict.fromkeys(_UNPRINTABLE.sub(" ", name)[:60] for name in names if name))
    return notice(JobNotice[f"LOST_{loss.name}"], names=aside(", ".join([*shown[:3], *["…"][: len(shown) - 3]])))


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
    return notice(JobNotice.CANNOT_READ, reason=aside(_if_words(words)))


def _if_words(reason: str) -> str:
    """Return a reason that is words for an artist; an empty string for a path, code or an exception."""
    return reason if " " in reason and not _NO_WORDS.search(reason) else ""
