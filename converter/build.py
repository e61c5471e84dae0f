# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert one file: import it into an empty file, collect it, write a ``.blend``."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bpy

from client.formats import FormatError, handover
from converter import (
    animation,
    bounds,
    collect,
    edit_ready,
    importers,
    match_meshes,
    mesh_cleanup,
    pack_files,
    plain_objects,
    prepared_look,
    reduce,
    validate,
)
from converter.bake import bake_onto, keep_real
from converter.importers import ImportFailed
from converter.join import join
from converter.rehearsal import write
from converter.source_objects import ExportFailed

log = logging.getLogger(__name__)

_UNREADABLE = (ExportFailed, OSError, RuntimeError, ValueError, KeyError, TypeError)
"""What a damaged file of the artist's objects raises."""


@dataclass(frozen=True)
class Units:
    """What importers ask the scene for: the frame rate for keyframes, metres per unit for sizes."""

    fps: int = 24
    fps_base: float = 1.0
    scale_length: float = 1.0


@dataclass(frozen=True)
class Cleaning:
    """What is done to the meshes: merged below a distance in metres, shaded smooth below an angle in radians; and what
    prepares the model for editing (`edit_ready`)."""

    merge_distance: float | None = None
    smooth_angle: float | None = None
    merge_seams: bool = False
    euler: bool = False
    apply_scale: bool = False


def build(
    source: Path,
    target: Path,
    units: Units | None = None,
    cleaning: Cleaning | None = None,
    *,
    separate: bool = False,
    original: Path | None = None,
    bake_from: Path | None = None,
    budget: reduce.Budget | None = None,
) -> handover.Converted:
    """Import ``source`` and write ``target`` holding one collection to append; raises ImportFailed.

    With ``original``, a selection or a converted result that ``source`` is the texture of, its objects' looks are
    beside the collection, or the collection says why not. With ``bake_from``, such a file too, its look is baked onto
    the meshes.

    Static objects are joined if they are many and not to be kept ``separate``; the model is reduced to a ``budget``.
    Returns that, what of the model is missing, and how large it is. ``target`` appears complete or not at all, and only
    after it has been opened, evaluated and triangulated here. It is not compressed: the artist's Blender reads it on
    its main thread.
    """
    originals = None if original is None else _originals(original)
    units = units or Units()
    with tempfile.TemporaryDirectory(prefix="model-") as name:
        to_bake = None if bake_from is None else _kept_real(bake_from, Path(name))
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        scene = bpy.context.scene
        assert scene is not None
        _set_units(scene, units)
        collection, lost = _import(scene, source, Path(name))
        cleaning = cleaning or Cleaning()
        validate.validate_all()
        _clean(units, cleaning)
        _make_edit_ready(collection, cleaning)
        joined = None if separate else join(collection)
        if bake_from is not None and not (to_bake and _bake(scene, collection, to_bake)):
            lost = [*lost, handover.Lost(handover.Loss.LOOK)]
        reduced = reduce.Reduced() if budget is None else _reduce(scene, collection, budget)
        looks = set[bpy.types.Mesh]() if originals is None else _looks(originals, scene, collection)
        measured = _note(scene, collection, units)._replace(full_faces=reduced.full_faces)
        _check()
        write(target, collection, looks)
    return handover.Converted(lost, handover.Joined(*joined) if joined else None, measured, reduced.unreduced)


def _import(scene: bpy.types.Scene, source: Path, folder: Path) -> tuple[bpy.types.Collection, list[handover.Lost]]:
    """Import the file, and take into memory what is still in files; ``folder`` is gone afterwards."""
    before = set(scene.keys())
    collection = collect.active_collection(scene)
    imported = importers.read(source, folder, lambda: collect.activate(scene, collection))
    collect.gather(scene, collection)
    if not collection.all_objects:
        raise ImportFailed("it holds no objects")
    collect.note(scene, collection, before)
    lost = animation.bake(scene)
    try:
        lost += pack_files.pack_all(imported.path, imported.neighbours, folder)
    except FormatError as error:
        raise ImportFailed(error.notice.to_text()) from error
    return collection, [*imported.lost, *lost]


def _originals(original: Path) -> match_meshes.Originals | handover.NoLook:
    """Read what was sent. A paid result comes without looks rather than not at all."""
    try:
        return match_meshes.read_originals(original)
    except _UNREADABLE as error:
        log.warning("the objects that were sent cannot be read: %s", error)
        return handover.NoLook.GONE


def _looks(
    originals: match_meshes.Originals | handover.NoLook, scene: bpy.types.Scene, collection: bpy.types.Collection
) -> set[bpy.types.Mesh]:
    """Return the looks of the objects that were sent, or note on the collection why there are none."""
    found = originals
    if isinstance(found, match_meshes.Originals):
        found = match_meshes.looks_of(found, scene, list(collection.all_objects))
    if isinstance(found, handover.NoLook):
        collection[handover.NO_LOOK] = found.value
        return set()
    return {prepared_look.write(number, look) for number, look in enumerate(found)}


def _kept_real(bake_from: Path, folder: Path) -> Path | None:
    """Keep what is baked where it can be appended; None when that cannot be: the model comes without its look."""
    kept = folder / "to-bake.blend"
    try:
        keep_real(bake_from, kept)
    except _UNREADABLE as error:
        log.warning("what is to be baked cannot be read: %s", error)
        return None
    return kept


def _bake(scene: bpy.types.Scene, collection: bpy.types.Collection, to_bake: Path) -> bool:
    """Bake a look onto the meshes of the collection; whether that went well."""
    objects = [one for one in collection.all_objects if isinstance(one.data, bpy.types.Mesh)]
    try:
        bake_onto(scene, objects, to_bake, "Baked look")
    except (ImportFailed, *_UNREADABLE) as error:
        log.warning("the look cannot be baked: %s", error)
        return False
    return True


def _reduce(scene: bpy.types.Scene, collection: bpy.types.Collection, budget: reduce.Budget) -> reduce.Reduced:
    """Bring the model down to its budget; one with which that does not go well comes as it is."""
    try:
        return reduce.reduce(scene, collection, budget)
    except (RuntimeError, ValueError, MemoryError) as error:
        log.warning("the model cannot be reduced: %s", error)
        return reduce.Reduced(unreduced=handover.Unreduced.FAILED)


def _make_edit_ready(collection: bpy.types.Collection, cleaning: Cleaning) -> None:
    objects = list(collection.all_objects)
    if cleaning.merge_seams:
        edit_ready.merge_seams(objects)
    if cleaning.euler:
        edit_ready.use_euler(objects)
    if cleaning.apply_scale:
        edit_ready.apply_scale(objects)


def _note(scene: bpy.types.Scene, collection: bpy.types.Collection, units: Units) -> handover.Measured:
    """Note what the delivery has to know of the model; return how large it is."""
    collection[handover.SCALE_LENGTH] = units.scale_length
    finest = [one for one in collection.all_objects if not one.get(handover.LEVEL)]
    room = bounds.of_objects(scene, finest)
    if room is not None:
        collection[handover.BOUNDS] = room
    faces = sum(len(one.data.polygons) for one in finest if isinstance(one.data, bpy.types.Mesh))
    mesh_cleanup.drop_defaults()
    plain_objects.note(collection)
    return handover.Measured(faces, [one * units.scale_length for one in room or ()])


def _check() -> None:
    """Refuse what must not come into an artist's file."""
    if left := pack_files.outside():
        log.error("the model refers to %s", left)
        raise ImportFailed("it refers to files that cannot be taken along")


def _clean(units: Units, cleaning: Cleaning) -> None:
    distance = cleaning.merge_distance
    if distance is not None:
        distance /= units.scale_length
    mesh_cleanup.clean(bpy.data.meshes, distance, cleaning.smooth_angle)


def _set_units(scene: bpy.types.Scene, units: Units) -> None:
    scene.render.fps = units.fps
    scene.render.fps_base = units.fps_base
    scene.unit_settings.scale_length = units.scale_length
