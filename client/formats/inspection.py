"""The two questions asked of a downloaded file: what is it, and is it safe to hand to an importer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from .archive import PREFERENCE, Archive, empty, open_archive
from .errors import FormatError, NotAModel, UnsafeFile, damaged, too_large
from .fbx import inspect_fbx
from .glb import inspect_glb, inspect_gltf
from .meshfiles import (
    check_materials,
    inspect_obj,
    inspect_stl,
    inspect_stl_text,
    inspect_usd_text,
)
from .model import Format, Limits, ModelFile
from .pictures import PictureBudget, measure
from .ply import inspect_ply
from .sniff import HEAD_BYTES, Other, sniff
from .spans import Span

log = logging.getLogger(__name__)

Check = Callable[[Path, Span, Limits], ModelFile]
CHECKS: dict[Format, Check] = {
    Format.GLB: inspect_glb,
    Format.FBX: inspect_fbx,
    Format.OBJ: inspect_obj,
    Format.PLY: inspect_ply,
    Format.STL: inspect_stl,
    Format.STL_ASCII: inspect_stl_text,
    Format.USDA: inspect_usd_text,
}
DEFAULT_LIMITS = Limits()


def inspect(path: Path, limits: Limits = DEFAULT_LIMITS) -> ModelFile:
    """Tell what the file is and check all that an importer would trust, without parsing its geometry.

    Raises NotAModel or UnsafeFile (both FormatError) with a sentence for the artist, or OSError; nothing
    else, whatever the bytes. An archive is looked into but not unpacked: see `unpack`. A glTF file that
    refers to other files is refused here, since only `unpack` knows which files came with it.
    """
    return _guarded(lambda: inspect_file(path, None, limits))


def unpack(path: Path, folder: Path, limits: Limits = DEFAULT_LIMITS) -> ModelFile:
    """Unpack an archive into `folder` (empty or absent) and check the best model in it as `inspect` would.

    The answer's `path` is the file to import and `files` are all those unpacked. Any other model file, USDZ
    and 3MF too, is left where it is. Raises as `inspect` does; nothing is left in `folder` then.
    """
    return _guarded(lambda: unpack_file(path, folder, limits))


def _guarded(task: Callable[[], ModelFile]) -> ModelFile:
    """Nothing but FormatError and OSError comes out, even where a check has a mistake."""
    try:
        return task()
    except (FormatError, OSError):
        raise
    except Exception as error:
        log.exception("a check of a model file failed")
        raise UnsafeFile("The model file was refused because it could not be checked.") from error


def inspect_file(path: Path, folder: Path | None, limits: Limits) -> ModelFile:
    """`inspect` without its last safety net; a glTF file may refer to files in `folder`."""
    with path.open("rb") as file:
        size, kind = _identify(file, limits)
        span = Span(file, 0, size)
        if kind in CHECKS:
            return CHECKS[kind](path, span, limits)
        if kind is Format.GLTF:
            return inspect_gltf(path, span, folder, limits)
        if kind is Format.ZIP:
            return _inspect_archive(path, file, size, limits)
        return ModelFile(path, kind, size)


def _identify(file: BinaryIO, limits: Limits) -> tuple[int, Format]:
    size = file.seek(0, 2)
    if size > limits.file_bytes:
        raise too_large("bytes", limits.file_bytes)
    file.seek(0)
    kind = sniff(file.read(HEAD_BYTES), size)
    if isinstance(kind, Other):
        raise NotAModel(f"The downloaded file is {kind}, not a 3D model.")
    return size, kind


def _inspect_archive(path: Path, file: BinaryIO, size: int, limits: Limits) -> ModelFile:
    with open_archive(file, size, limits) as archive:
        kind = archive.format
        if kind is not Format.ZIP:
            return ModelFile(path, kind, size, pictures=_check_parts(archive, limits))
        inner = archive.best()
        if inner is None:
            raise NotAModel("The downloaded file is an archive without a 3D model in it.")
        return ModelFile(path, Format.ZIP, size, inner=inner)


def _check_parts(archive: Archive, limits: Limits) -> int:
    """Check what lies uncompressed in a USDZ or 3MF, which is imported as it is; gives its pictures."""
    pictures = PictureBudget(limits)
    for entry, name in archive.entries:
        span = archive.stored(entry)
        if span is None:
            continue
        kind = sniff(span.peek(0, HEAD_BYTES), span.length)
        if kind is Format.USDA:
            inspect_usd_text(Path(name), span, limits)
        picture = measure(span) if kind is Other.PICTURE else None
        if picture is not None:
            pictures.add(picture)
    return pictures.count


def unpack_file(path: Path, folder: Path, limits: Limits) -> ModelFile:
    """`unpack` without its last safety net."""
    with path.open("rb") as file:
        size, kind = _identify(file, limits)
        if kind is not Format.ZIP:
            return inspect_file(path, None, limits)
        with open_archive(file, size, limits) as archive:
            if archive.format is not Format.ZIP:
                return inspect_file(path, None, limits)
            paths = archive.unpack(folder, limits)
    try:
        return _inspect_unpacked(paths, folder, limits)
    except BaseException:
        empty(folder)
        raise


def _check_materials(paths: list[Path]) -> None:
    """Check the material files of an OBJ: any file may be one, whatever its name."""
    for path in paths:
        with path.open("rb") as file:
            check_materials(Span(file, 0, file.seek(0, 2)))


def _inspect_unpacked(paths: list[Path], folder: Path, limits: Limits) -> ModelFile:
    found: dict[Format, list[Path]] = {}
    others: list[Path] = []
    pictures = PictureBudget(limits)
    for path in paths:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            span = Span(file, 0, size)
            kind = sniff(span.peek(0, HEAD_BYTES), size)
            if kind is Format.ZIP:
                with open_archive(file, size, limits) as nested:
                    kind = nested.format
            if isinstance(kind, Format):
                if kind is not Format.ZIP:
                    found.setdefault(kind, []).append(path)
                continue
            if kind is not Other.PICTURE:
                others.append(path)
            picture = measure(span) if kind is Other.PICTURE else None
            if picture is not None:
                pictures.add(picture)
    for kind in PREFERENCE:
        if kind in found:
            # The largest, when there are several: the others are its proxies or parts.
            main = max(found[kind], key=lambda path: path.stat().st_size)
            if kind is Format.OBJ:
                _check_materials(others)
            model = inspect_file(main, main.parent if kind is Format.GLTF else None, limits)
            if model.format is not kind:
                raise damaged("it changed while it was looked at")
            return replace(model, files=tuple(paths), pictures=max(model.pictures, pictures.count))
    raise NotAModel("The downloaded file is an archive without a 3D model in it.")
