"""The slow way, for machines where no converter could run: Blender's own importer on the main thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ...client import handover
from ...client.errors import ResultRefused
from ...client.placement import Placement


def collection_from(path: Path, scene: bpy.types.Scene, placement: Placement) -> bpy.types.Collection:
    """Return a collection with the file's objects, linked nowhere yet; raises ResultRefused.

    It is as the converter would have made it, with its notes. Needs Object Mode. Selection and active object are as
    before afterwards.
    """
    if path.suffix.lower() not in {".glb", ".gltf"}:
        raise ResultRefused(f"A {path.suffix} file cannot be imported without the converter")
    if not hasattr(bpy.types, "IMPORT_SCENE_OT_gltf"):
        raise ResultRefused("Blender's glTF importer is switched off: enable the glTF 2.0 add-on and import again")
    before = {one.session_uid for one in bpy.data.objects}
    windows = bpy.data.window_managers[0].windows
    override: dict[str, Any] = {"window": windows[0]} if windows else {}
    view_layer = scene.view_layers[0]
    view_layer.update()  # until then it may hold gaps where objects were removed
    selected = [one.name for one in view_layer.objects if one.select_get(view_layer=view_layer)]
    active = view_layer.objects.active
    collection = bpy.data.collections.new("Tripo")
    try:
        with bpy.context.temp_override(**override, scene=scene, view_layer=view_layer):
            bpy.ops.import_scene.gltf(filepath=str(path))
    except RuntimeError as error:
        _remove([one for one in bpy.data.objects if one.session_uid not in before])
        bpy.data.collections.remove(collection)
        raise ResultRefused(f"Blender's glTF importer refused the model ({_first_line(error)})") from error
    made = [one for one in bpy.data.objects if one.session_uid not in before]
    _finish(collection, made, scene, placement)
    for new in made:
        for parent in list(new.users_collection):
            parent.objects.unlink(new)
        collection.objects.link(new)
    view_layer.objects.active = active
    for name in selected:
        if name in view_layer.objects:
            view_layer.objects[name].select_set(True, view_layer=view_layer)
    return collection


def _finish(
    collection: bpy.types.Collection, made: list[bpy.types.Object], scene: bpy.types.Scene, placement: Placement
) -> None:
    """Do the rest of the converter's work."""
    from ...converter import bounds, surface

    scale_length = scene.unit_settings.scale_length
    meshes = {one.data for one in made if isinstance(one.data, bpy.types.Mesh)}
    distance = placement.merge_distance / scale_length if placement.merge else None
    surface.clean(meshes, distance, placement.smooth_angle if placement.smooth else None)
    collection[handover.SCALE_LENGTH] = scale_length
    room = bounds.of_objects(scene, made)
    if room is not None:
        collection[handover.BOUNDS] = room


def _remove(objects: list[bpy.types.Object]) -> None:
    for one in objects:
        bpy.data.objects.remove(one)


def _first_line(error: RuntimeError) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
