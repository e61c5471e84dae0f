# SPDX-License-Identifier: GPL-3.0-or-later
"""Check and unpack ZIP archives.

Unpacking trusts neither the sizes nor the names in the archive.
"""

from __future__ import annotations

import itertools
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from ..files import disk
from ..notices import N_
from .byte_range import ByteRange
from .detect_format import Other, detect_format
from .errors import FormatError, damaged, too_large, unsafe
from .safe_paths import folded, member
from .types import Format, Limits

END_RECORD = struct.Struct("<4s4H2LH")
END_MAGIC = b"PK\x05\x06"
WIDE_LOCATOR = 20
WIDE_RECORD = struct.Struct("<4sQ2H2L4Q")
MAX_COMMENT = 1 << 16
ENTRY_BYTES = 46
NAME_BYTES = 1 << 10
"""Bytes of a name and of what else an entry of the list holds; a longer list has more entries than it says."""
LOCAL_HEADER = 30
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1 | 0x40 | 0x2000
STEP = 1 << 20
# What an archive is opened for, best first: formats that hold everything, then those that hold most.
PREFERENCE = (
    Format.GLB,
    Format.GLTF,
    Format.USDZ,
    Format.USDC,
    Format.USDA,
    Format.FBX,
    Format.OBJ,
    Format.STL,
    Format.STL_ASCII,
    Format.THREEMF,
    Format.FBX_ASCII,
)
READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What `zipfile` raises for broken archives."""


class Archive:
    """An open ZIP whose list of files has been checked."""

    def __init__(self, reader: zipfile.ZipFile, entries: list[tuple[zipfile.ZipInfo, PurePosixPath]]) -> None:
        self._reader = reader
        self.entries = entries
        """The files, without folders and without the litter of macOS."""

    def kind(self, entry: zipfile.ZipInfo) -> Format | Other:
        """What a file is."""
        try:
            with self._reader.open(entry) as file:
                return detect_format(cast(BinaryIO, file), entry.file_size)
        except READ_ERRORS as error:
            raise damaged("a file in the archive cannot be unpacked") from error

    @property
    def format(self) -> Format:
        """A USDZ begins with a USD file and compresses nothing, a 3MF has a list of its own; the rest is just a ZIP."""
        names = [str(name) for _, name in self.entries]
        is_plain = all(entry.compress_type == zipfile.ZIP_STORED for entry, _ in self.entries)
        if names and is_plain and self.kind(self.entries[0][0]) in (Format.USDC, Format.USDA):
            return Format.USDZ
        if "[Content_Types].xml" in names and any(name.lower().endswith(".model") for name in names):
            return Format.THREEMF
        return Format.ZIP

    def best(self) -> Format | None:
        """The best format inside, told by the first bytes of each file; a nested archive counts as none."""
        found = {self.kind(entry) for entry, _ in self.entries}
        return next((kind for kind in PREFERENCE if kind in found), None)

    def unpack(self, folder: Path, limits: Limits) -> list[Path]:
        """Unpack all files into `folder`, which must be empty or absent, and give their paths.

        Raises UnsafeFile, or OSError, leaving `folder` empty again.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileExistsError(f"the folder to unpack into is not empty: {folder}")
        try:
            return self._unpack(folder, limits)
        except BaseException:
            empty(folder)
            raise

    def _unpack(self, folder: Path, limits: Limits) -> list[Path]:
        paths: list[Path] = []
        total = 0
        for entry, name in self.entries:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with self._reader.open(entry) as source, path.open("xb") as target:
                    written = 0
                    while piece := source.read(STEP):
                        written += len(piece)
                        if written > entry.file_size or total + written > limits.archive_bytes:
                            raise damaged("a file in the archive is larger than it says")
                        target.write(piece)
            except READ_ERRORS as error:
                raise damaged("a file in the archive cannot be unpacked") from error
            if written != entry.file_size:
                raise damaged("a file in the archive is shorter than it says")
            total += written
            paths.append(path)
        return paths


@contextmanager
def open_archive(file: BinaryIO, size: int, limits: Limits) -> Generator[Archive, None, None]:
    """Open a ZIP and check its list of files; raises UnsafeFile."""
    _check_end(file, size, limits)
    try:
        reader = zipfile.ZipFile(file)
    except FormatError:
        raise
    except (*READ_ERRORS, struct.error, LookupError, OverflowError) as error:
        raise damaged("its list of files cannot be read") from error
    with reader:
        yield Archive(reader, _check_entries(reader.infolist(), size, limits))


def _check_end(file: BinaryIO, size: int, limits: Limits) -> None:
    """Bound the list of files before `zipfile` reads it whole into memory."""
    tail = min(size, END_RECORD.size + MAX_COMMENT + WIDE_LOCATOR + WIDE_RECORD.size)
    data = ByteRange(file, 0, size).read(size - tail, tail)
    # zipfile takes a record without a comment at the very end before it searches for another.
    place = len(data) - END_RECORD.size
    if place < 0 or data[place : place + 4] != END_MAGIC or data[-2:] != b"\0\0":
        place = data.rfind(END_MAGIC)
    if place < 0 or place + END_RECORD.size > len(data):
        raise damaged("its list of files is missing")
    _, _, _, _, entries, listed, _, _ = END_RECORD.unpack_from(data, place)
    wide = place - WIDE_LOCATOR - WIDE_RECORD.size
    if wide >= 0 and data[place - WIDE_LOCATOR :][:4] == b"PK\x06\x07":
        fields = WIDE_RECORD.unpack_from(data, wide)
        if fields[0] == b"PK\x06\x06":
            entries, listed = fields[7], fields[8]
    longest = limits.archive_entries * (ENTRY_BYTES + 2 * NAME_BYTES)
    if entries > limits.archive_entries or listed > longest:
        raise too_large(N_("files"), limits.archive_entries)


def _check_entries(
    entries: list[zipfile.ZipInfo], size: int, limits: Limits
) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    if len(entries) > limits.archive_entries:
        raise too_large(N_("files"), limits.archive_entries)
    for entry in entries:
        _check_entry(entry, limits)
    if sum(entry.file_size for entry in entries) > limits.archive_bytes:
        raise too_large(N_("bytes once it is unpacked"), limits.archive_bytes)
    _check_overlap(entries, size)
    # `zipfile` cuts a name at a null: the name as it is in the archive tells more.
    names = [(entry, member(entry.orig_filename)) for entry in entries]
    taken = {folded(parent) for _, name in names for parent in name.parents}
    return [
        (entry, _free(name, taken))
        for entry, name in names
        if not entry.is_dir() and name.parts[0] != "__MACOSX" and name.name != ".DS_Store"
    ]


def _free(name: PurePosixPath, taken: set[str]) -> PurePosixPath:
    """The name, or one with a number where a file or folder has it already; it is then taken."""
    numbered = (name.with_stem(f"{name.stem}-{number}") for number in itertools.count(2))
    free = next(one for one in itertools.chain([name], numbered) if folded(one) not in taken)
    taken.add(folded(free))
    return free


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise unsafe("the archive holds a link or special file")
    if entry.is_dir() and entry.file_size:
        raise damaged("a folder in the archive has content")
    if entry.flag_bits & ENCRYPTED:
        raise unsafe("the archive is encrypted")
    if entry.compress_type not in METHODS:
        raise unsafe("the archive is packed in an unusual way")
    if (
        entry.file_size > limits.archive_ratio_from
        and entry.file_size > max(entry.compress_size, 1) * limits.archive_ratio
    ):
        raise unsafe("a file in the archive would grow too much when unpacked")


def _check_overlap(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Packed files that share bytes are the trick of archives that grow without end."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise unsafe("files in the archive overlap")
        end = entry.header_offset + LOCAL_HEADER + entry.compress_size
    if end > size:
        raise damaged("a file in the archive lies outside of it")


def empty(folder: Path) -> None:
    """Remove all that is in a folder."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            disk.remove(path, missing_ok=True)
