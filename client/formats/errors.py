# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a downloaded file is refused: one sentence for the artist each."""

from __future__ import annotations


class FormatError(Exception):
    """`user_message` is one sentence for the artist, as is `str`; nothing in it comes from the file unchecked."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


class NotAModel(FormatError):
    """The bytes are something else than a 3D model: a web page, an image, an error message."""


class UnsafeFile(FormatError):
    """The bytes claim to be a model, but are incomplete, reach outside, or ask for too much."""

    is_damage = False


class DamagedFile(UnsafeFile):
    """It contradicts itself, as a file does that was cut or garbled on its way."""

    is_damage = True


def damaged(reason: str) -> UnsafeFile:
    """The error for a file that contradicts itself; `reason` completes "The model file is damaged: …"."""
    return DamagedFile(f"The model file is damaged: {reason}.")


def unsafe(reason: str) -> UnsafeFile:
    """The error for a file that reaches outside; `reason` completes "… was refused because …"."""
    return UnsafeFile(f"The model file was refused because {reason}.")


def too_much_memory(needed: int, available: int) -> UnsafeFile:
    """The error for a file whose images need more memory than the computer has; both in bytes."""
    gib = 1 << 30
    size = f"{needed / gib:,.1f}" if needed < 10_000 * gib else "more than 10,000"
    return UnsafeFile(
        f"The model file was refused because its images take {size} GB of memory, and this computer has"
        f" {available / gib:,.1f} GB."
    )


def too_large(what: str, limit: int) -> UnsafeFile:
    """The error for a file that asks for too much of `what`, a plural noun."""
    return UnsafeFile(f"The model file was refused because it has too many {what} (the limit is {limit:,}).")
