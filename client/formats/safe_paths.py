# SPDX-License-Identifier: GPL-3.0-or-later
"""Make file names from an archive or a model safe on every system."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from .errors import unsafe

WINDOWS_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.IGNORECASE)
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\ud800-\udfff]')
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""How an address begins. One letter and a colon is a drive of Windows."""
MAX_FOLDERS = 16
MAX_LENGTH = 100
"""Of a part, in characters and in bytes; with all folders it stays below what systems allow for a path."""


def parts_of(name: str) -> list[str]:
    """The folders and the file that a name means, made fit for every system; ".." is kept.

    Backslashes separate too; characters that Windows forbids become "_", names of its devices get one in front.
    """
    plain = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    return [part if part == ".." else _fit(part) for part in plain]


def _fit(part: str) -> str:
    part = FORBIDDEN.sub("_", part).strip(" ").rstrip(". ") or "_"
    if WINDOWS_DEVICES.fullmatch(part.partition(".")[0].rstrip()):
        part = f"_{part}"
    if len(part.encode()) > MAX_LENGTH:
        path = PurePosixPath(part)
        suffix = path.suffix if len(path.suffix.encode()) <= 16 else ""
        stem = part.removesuffix(suffix).encode()[: MAX_LENGTH - len(suffix.encode())]
        part = stem.decode(errors="ignore") + suffix
    return part


def member(name: str) -> PurePosixPath:
    """Where a file of an archive goes; raises UnsafeFile for one that would be written outside of the folder."""
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise unsafe("a file in the archive would be written outside of its folder")
    parts: list[str] = []
    for part in parts_of(name):
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise unsafe("a file in the archive would be written outside of its folder")
    if not parts:
        raise unsafe("a file in the archive has no name")
    return PurePosixPath(*parts[:MAX_FOLDERS], *parts[-1:] if len(parts) > MAX_FOLDERS else ())


def folded(name: PurePosixPath | str) -> str:
    """What systems that ignore case and the composition of letters take for the same name."""
    return unicodedata.normalize("NFC", str(name)).casefold()


def refuse_address(reference: str) -> None:
    """Raises UnsafeFile where a reference to a file leads to a network: an address, or a share of Windows."""
    plain = reference.strip(" \"'\t").replace("\\", "/")
    if plain.startswith("//") or (ADDRESS.match(plain) and not plain.lower().startswith("file:")):
        raise unsafe("it refers to an address on a network")
