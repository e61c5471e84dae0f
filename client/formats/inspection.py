# SPDX-License-Identifier: GPL-3.0-or-later
"""Inspect a downloaded file: what it is, and whether it may be handed to an importer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from ..notices import N_, text
from .archive import PREFERENCE, empty, open_archive
from .byte_range import ByteRange
from .detect_format import Other, detect_format
from .errors import FormatError, NotAModel, UnsafeFile, too_large
from .glb import check_glb
from .notices import FileNotice
from .types import Format, Limits, ModelFile, Unpacked

log = logging.getLogger(__name__)

_T = TypeVar("_T")
DEFAULT_LIMITS = Limits()
USD = (Format.USDC, Format.USDA)


def inspect(path: Path, limits: Limits = DEFAULT_LIMITS) -> ModelFile:
    """Tell what the file is, by its content.

    Raises NotAModel or UnsafeFile (both FormatError) with a sentence for the artist, or OSError; nothing
    else, whatever the bytes. An archive is looked into but not unpacked: see `unpack`.
    """
    return _guarded(lambda: _inspect(path, limits))


def unpack(path: Path, folder: Path, limits: Limits = DEFAULT_LIMITS) -> Unpacked:
    """Unpack an archive into `folder` (empty or absent) and find the models in it.

    Any other model file, USDZ and 3MF too, is left where it is and is the only model. Raises as `inspect` does; nothing
    is left in `folder` then.
    """
    return _guarded(lambda: _unpack(path, folder, limits))


def _guarded(task: Callable[[], _T]) -> _T:
    """Nothing but FormatError and OSError comes out, even where a check has a mistake."""
    try:
        return task()
    except (FormatError, OSError):
        raise
    except Exception as error:
        log.exception("a check of a model file failed")
        raise UnsafeFile(FileNotice.UNCHECKED) from error


def _inspect(path: Path, limits: Limits) -> ModelFile:
    with path.open("rb") as file:
        size, kind = _identify(file, limits)
        if kind is Format.ZIP:
            with open_archive(file, size, limits) as archive:
                if archive.format is not Format.ZIP:
                    return ModelFile(path, archive.format, size)
                inner = archive.best()
                if inner is None:
                    raise NotAModel(FileNotice.NO_MODEL)
                return ModelFile(path, kind, size, inner)
        return ModelFile(path, kind, size)


def _identify(file: BinaryIO, limits: Limits) -> tuple[int, Format]:
    size = file.seek(0, 2)
    if size > limits.file_bytes:
        raise too_large(N_("bytes"), limits.file_bytes)
    kind = detect_format(file, size)
    if isinstance(kind, Other):
        raise NotAModel(FileNotice.OTHER, kind=text(kind))
    if kind is Format.GLB:
        check_glb(ByteRange(file, 0, size))
    return size, kind


def _unpack(path: Path, folder: Path, limits: Limits) -> Unpacked:
    with path.open("rb") as file:
        size, kind = _identify(file, limits)
        if kind is not Format.ZIP:
            return Unpacked((ModelFile(path, kind, size),))
        with open_archive(file, size, limits) as archive:
            if archive.format is not Format.ZIP:
                return Unpacked((ModelFile(path, archive.format, size),))
            paths = archive.unpack(folder, limits)
    try:
        return _models_among(paths, limits)
    except BaseException:
        empty(folder)
        raise


def _models_among(paths: list[Path], limits: Limits) -> Unpacked:
    found: list[ModelFile] = []
    for path in paths:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            kind = detect_format(file, size)
            if kind is Format.ZIP:
                with open_archive(file, size, limits) as nested:
                    kind = nested.format
        if isinstance(kind, Format) and kind is not Format.ZIP:
            found.append(ModelFile(path, kind, size))
    if not found:
        raise NotAModel(FileNotice.NO_MODEL)
    best = min((one.format for one in found), key=PREFERENCE.index)
    models = [one for one in found if one.format is best]
    if best in USD:
        models = _outermost([one for one in found if one.format in USD])
    taken = {one.path.stem.casefold() for one in models}
    kinds = USD if best in USD else (best,)
    # The same model in another format is no loss.
    left_out = [one.path.name for one in found if one.format not in kinds and one.path.stem.casefold() not in taken]
    return Unpacked(tuple(models), tuple(paths), tuple(left_out))


def _outermost(layers: list[ModelFile]) -> list[ModelFile]:
    """Those of some USD files that are not parts of others: nobody names them, and they do not lie deeper."""
    named = [
        one
        for one in layers
        if any(one.path.name.encode() in other.path.read_bytes() for other in layers if other is not one)
    ]
    roots = [one for one in layers if one not in named] or layers
    depth = min(len(one.path.parts) for one in roots)
    return [one for one in roots if len(one.path.parts) == depth]
