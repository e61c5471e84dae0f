# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats, the limits, and the results of an inspection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MIB = 1 << 20
GIB = 1 << 30


class Format(StrEnum):
    """Formats of 3D models, recognised by content."""

    GLB = "GLB"
    GLTF = "glTF"
    ZIP = "ZIP"
    USDZ = "USDZ"
    USDC = "USDC"
    USDA = "USDA"
    FBX = "FBX"
    FBX_ASCII = "FBX (text)"
    OBJ = "OBJ"
    STL = "STL"
    STL_ASCII = "STL (text)"
    THREEMF = "3MF"

    @property
    def suffix(self) -> str:
        """The ending of a file's name: that of text is the same."""
        return f".{self.value.partition(' ')[0].lower()}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask for before a process that is contained looks at it. Far above what the service makes."""

    file_bytes: int = 4 * GIB
    elements: int = 300_000_000
    """Vectors and numbers of all lists that a glTF file describes."""
    archive_entries: int = 4_096
    archive_bytes: int = 2 * GIB
    """Size of all files of an archive once they are unpacked."""
    archive_ratio: int = 200
    """How much smaller a packed file may be, for files above `archive_ratio_from` bytes."""
    archive_ratio_from: int = 64 * MIB


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that is what it seems to be from outside; only an importer knows whether it is sound."""

    path: Path
    """The file to import; for an archive the archive itself."""
    format: Format
    size: int
    """Bytes of `path`."""
    inner: Format | None = None
    """For Format.ZIP: the best format of the models inside; `unpack` it first."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of an archive."""

    models: tuple[ModelFile, ...]
    """The files to import, at least one, all of one format."""
    files: tuple[Path, ...] = ()
    """All files, the models among them."""
    left_out: tuple[str, ...] = ()
    """Names of other models, in formats that are second to that of `models`."""
