# SPDX-License-Identifier: GPL-3.0-or-later
"""Write objects to a temporary ``.blend``, from which the background Blender exports them.

That is far quicker than an export, and nothing of the artist's file changes: no datablock is made, no selection, no
undo step.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.types import ID, Context, Object, Scene

from ...client.errors import TripoError
from ...client.files.own_files import remove_file
from ...client.formats.selection import SURFACES, Selection, UnsavedImage, selection_beside, write_selection
from ...client.jobs.model_source import ModelSource
from ...client.notices import N_, Notice, text
from ...client.paths import Home

if TYPE_CHECKING:
    import numpy as np

_PIECE = 1 << 16
_DEEPEST = 16
"""Levels of collections within collections that are looked into."""


def objects_to_send(context: Context, name: str = "") -> list[Object]:
    """Return the object of a name, hidden or not, or else the selected ones; raises TripoError when none has a face."""
    if name:
        named = context.scene.objects.get(name) or bpy.data.objects.get(name)
        if named is None:
            words = N_("There is no object '{name}' in this file: give the name of one that exists")
            raise TripoError(words, name=name)
        chosen = [named]
    else:
        chosen = list(context.selected_objects)
    problem = selection_problem(context, chosen)
    if problem is not None:
        raise TripoError(problem)
    return [one for one in chosen if _has_surface(one)]


def selection_problem(context: Context, objects: Sequence[Object]) -> Notice | None:
    """Return why objects cannot be sent, if so; quick enough for a drawing function."""
    if not objects:
        return text(N_("No object is selected: select what is to be sent"))
    solid = [one for one in objects if _has_surface(one)]
    if not solid:
        words = N_(
            "The selection has no surface: select a mesh, a curve, a text, a metaball or an instance of a collection"
        )
        return text(words)
    if not any(_has_faces(context, one) for one in solid):
        if len(solid) == 1:
            return text(N_("'{name}' has no faces: select an object that has some"), name=solid[0].name)
        return text(N_("The selection has no faces: select an object that has some"))
    return None


def write_objects(context: Context, objects: Sequence[Object], home: Home) -> ModelSource:
    """Write objects into the folder for inputs and return them as the source of a mesh tool; raises TripoError.

    They are written as they are seen now: what is being edited is taken along, paths are made absolute, pixels that
    are in no file come in a file beside.
    """
    blend = write_blend(home, os.urandom(16).hex(), set(objects), objects, context.scene)
    return ModelSource(objects=tuple(one.name for one in objects), blend=blend.relative_to(home.root).as_posix())


def write_blend(home: Home, stem: str, blocks: set[ID], objects: Sequence[Object], scene: Scene) -> Path:
    """Write datablocks and what they use into the folder for inputs, with the scene's frame and what is known of the
    ``objects`` among them beside; raises TripoError."""
    _flush(objects)
    _gather_bases()
    blend = home.inputs / f"{stem}.blend"
    beside = selection_beside(blend)
    try:
        home.prepare()
        named = [(one.name, _file_of(one)) for one in objects]
        unsaved = tuple(_unsaved_images(objects))
        write_selection(beside, Selection(named, scene.frame_current, scene.frame_subframe, unsaved))
        bpy.data.libraries.write(str(blend), blocks, path_remap="ABSOLUTE", fake_user=False, compress=False)
        with contextlib.suppress(OSError):
            blend.chmod(0o600)  # the folder may be somebody's own, open to others
    except (OSError, RuntimeError) as error:
        remove_file(beside)
        remove_file(blend)
        reason = getattr(error, "strerror", None) or str(error).strip() or text(N_("no reason given"))
        words = N_("The selection could not be written ({reason}): free some space and try again")
        raise TripoError(words, reason=reason) from error
    return blend


def _flush(objects: Iterable[Object]) -> None:
    """Bring what is being edited into the data, as Blender does before it saves."""
    if any(one.mode != "OBJECT" for one in objects):
        bpy.ops.ed.flush_edits()


def _gather_bases() -> None:
    """Let view layers know their objects: Blender 5.2.3 crashes when it writes one that does not yet."""
    for scene in bpy.data.scenes:
        for view_layer in scene.view_layers:
            _ = view_layer.objects.active


def _file_of(obj: Object) -> str:
    """Return the file that an object is linked from."""
    return bpy.path.abspath(obj.library.filepath) if obj.library is not None else ""


def _has_surface(obj: Object) -> bool:
    return obj.type in SURFACES or obj.instance_collection is not None


def _has_faces(context: Context, obj: Object, depth: int = 0) -> bool:
    """Whether an object may show a face; what only an evaluation can tell is taken for yes."""
    if obj.instance_type == "COLLECTION" and obj.instance_collection is not None and depth < _DEEPEST:
        return any(_has_faces(context, one, depth + 1) for one in obj.instance_collection.all_objects)
    data: Any = obj.data
    if obj.type == "MESH":
        # Modifiers may make faces of none, or hide all: what is drawn tells, where it is drawn.
        shown: Any = obj.evaluated_get(context.evaluated_depsgraph_get()).data if obj.modifiers else data
        in_edit = obj.mode == "EDIT"
        makes = any(modifier.type == "NODES" for modifier in obj.modifiers)
        return in_edit or makes or bool(len(data.polygons) or len(shown.polygons))
    if obj.type == "FONT":
        return bool(data.body.strip())
    if obj.type == "META":
        return bool(data.elements)
    return obj.type in {"CURVE", "SURFACE"} and bool(data.splines)


def _unsaved_images(objects: Iterable[Object]) -> Iterator[UnsavedImage]:
    """Return the pixels of images that objects show and that were painted since they were saved."""
    dirty: list[Any] = [image for image in bpy.data.images if image.is_dirty]
    if not dirty:
        return
    import numpy as np  # Blender's start need not wait for it

    used = set(_images(objects))
    for image in dirty:
        if image not in used:
            continue
        if image.source not in {"FILE", "GENERATED"}:
            words = N_("The image '{image}' has unsaved changes: save it with Image ▸ Save All Images")
            raise TripoError(words, image=image.name)
        width, height = image.size
        values = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(values)
        pixels = values if image.is_float else _as_bytes(values)
        yield UnsavedImage(image.name, width, height, image.is_float, pixels.data)


def _as_bytes(values: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return values from 0 to 1 as bytes, by pieces that fit into the processor's own memory."""
    import numpy as np

    found = np.empty(len(values), np.uint8)
    for start in range(0, len(values), _PIECE):
        piece = values[start : start + _PIECE]
        piece *= 255.0
        piece += 0.5
        found[start : start + _PIECE] = piece
    return found


def _images(objects: Iterable[Object]) -> Iterator[Any]:
    """Yield the images in the materials of objects and of the collections that they make instances of."""
    trees: list[Any] = []
    waiting, seen = list(objects), set[Any]()
    while waiting:
        obj = waiting.pop()
        if obj in seen:
            continue
        seen.add(obj)
        if obj.instance_collection is not None:
            waiting += obj.instance_collection.all_objects
        trees += [slot.material.node_tree for slot in obj.material_slots if slot.material is not None]
    while trees:
        tree = trees.pop()
        if tree is None or tree in seen:
            continue
        seen.add(tree)
        for node in tree.nodes:
            if getattr(node, "node_tree", None) is not None:
                trees.append(node.node_tree)
            image = getattr(node, "image", None)
            if image is not None:
                yield image
