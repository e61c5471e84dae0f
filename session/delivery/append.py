# SPDX-License-Identifier: GPL-3.0-or-later
"""Append the converter's ``.blend``, which is fast even for a large model."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import bpy

from ...client.errors import ResultRefused
from ...client.formats import handover
from ...client.notices import N_
from ...converter import plain_objects, prepared_look
from . import holder


def collection_from(path: Path) -> bpy.types.Collection:
    """Return the one collection of a ``.blend``, as data of this file but linked nowhere yet.

    Raises ResultRefused, leaving nothing behind.
    """
    with _loading(path) as (source, target):
        names = source.collections[:]
        wanted = [handover.COLLECTION] if handover.COLLECTION in names else names
        target.collections = wanted if len(wanted) == 1 else []
    collections = [one for one in target.collections if one is not None]
    if len(collections) != 1:
        raise ResultRefused(
            N_("The prepared model does not hold exactly one collection: press Import to make it again")
        )
    collection = cast(bpy.types.Collection, collections[0])
    try:
        plain_objects.restore(collection)
    except ValueError as error:
        discard(collection)
        words = N_("The prepared model is damaged ({reason}): press Import to make it again")
        raise ResultRefused(words, reason=str(error)) from error
    return collection


@contextmanager
def appended(path: Path) -> Generator[bpy.types.Collection]:
    """Give that collection to a block which delivers it; when the block raises, nothing of it is left."""
    collection = collection_from(path)
    try:
        yield collection
    except Exception:
        discard(collection)
        raise


def looks_from(path: Path) -> list[bpy.types.Mesh]:
    """Return the looks that a ``.blend`` holds beside its collection, in the order of the objects; raises
    ResultRefused."""
    with _loading(path) as (source, target):
        names = [one for one in source.meshes if prepared_look.number_of(one) >= 0]
        target.meshes = sorted(names, key=prepared_look.number_of)
    return [cast(bpy.types.Mesh, one) for one in target.meshes if one is not None]


def discard_looks(looks: Sequence[bpy.types.Mesh]) -> None:
    """Remove looks, and of what came with them all that nothing uses."""
    trees: list[Any] = [one.node_tree for mesh in looks for one in mesh.materials if one is not None]
    blocks: dict[Any, None] = {one: None for mesh in looks for one in mesh.materials if one is not None}
    blocks |= {node.image: None for tree in trees if tree for node in tree.nodes if getattr(node, "image", None)}
    bpy.data.batch_remove(list(looks))
    for block in blocks:  # materials before their images
        if block.users == 0:
            bpy.data.batch_remove([block])


@contextmanager
def _loading(path: Path) -> Generator[tuple[Any, Any]]:
    """Append from a ``.blend`` what the block chooses; raises ResultRefused."""
    before = {library.session_uid for library in bpy.data.libraries}
    try:
        with cast(Any, bpy.data.libraries).load(str(path), link=False) as (source, target):
            yield source, target
    except (OSError, RuntimeError) as error:
        words = N_("The prepared model cannot be opened ({reason}): press Import to make it again")
        raise ResultRefused(words, reason=str(error)) from error
    finally:
        # Appending leaves a Library that points at our cache; it would be saved into the artist's file.
        for library in [one for one in bpy.data.libraries if one.session_uid not in before]:
            bpy.data.libraries.remove(library)


def discard(collection: bpy.types.Collection) -> None:
    """Remove a collection that is not delivered, with its objects and their data; materials that others use stay."""
    objects = list(collection.all_objects)
    data = {one.data for one in objects if one.data is not None}
    bpy.data.batch_remove([*objects, *collection.children_recursive, collection])
    holder.remove_empty()
    bpy.data.batch_remove([one for one in data if one.users == 0])
