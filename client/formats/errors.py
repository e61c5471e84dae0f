# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a downloaded file is refused."""

from __future__ import annotations

from ..notices import Code, Value, notice, text
from .notices import FileNotice

MOST_GIB = 10_000.0
"""More memory than this is not counted: only a file that lies needs it."""


class FormatError(Exception):
    """`notice` says why; nothing in it comes from the file unchecked."""

    def __init__(self, said: Code, /, **values: Value) -> None:
        self.notice = notice(said, **values)
        super().__init__(self.notice)


class NotAModel(FormatError):
    """The bytes are something else than a 3D model: a web page, an image, an error message."""


class UnsafeFile(FormatError):
    """The bytes claim to be a model, but are incomplete, reach outside, or ask for too much."""


class DamagedFile(UnsafeFile):
    """It contradicts itself, as a file does that was cut or garbled on its way."""


def damaged(reason: str) -> UnsafeFile:
    """The error for a file that contradicts itself; `reason` completes "The model file is damaged: …"."""
    return DamagedFile(FileNotice.DAMAGED, reason=reason)


def unsafe(reason: str) -> UnsafeFile:
    """The error for a file that reaches outside; `reason` completes "… was refused because …"."""
    return UnsafeFile(FileNotice.UNSAFE, reason=reason)


def too_much_memory(needed: int, available: int) -> UnsafeFile:
    """The error for a file whose images need more memory than the computer has; both in bytes."""
    gib = 1 << 30
    return UnsafeFile(FileNotice.MEMORY, needed=min(needed / gib, MOST_GIB), available=available / gib)


def too_large(what: str, limit: int) -> UnsafeFile:
    """The error for a file that asks for too much of `what`, a plural noun marked for the catalogues."""
    return UnsafeFile(FileNotice.TOO_MANY, what=text(what), limit=limit)
