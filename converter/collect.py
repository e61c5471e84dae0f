# SPDX-License-Identifier: GPL-3.0-or-later
"""Put what an importer left in the scene into one collection.

What stays behind: worlds, the frame range and the frame rate, which belong to the artist's scene; the collection
``glTF_not_exported`` itself (its objects are bone shapes: the bones that use them take them along).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import bpy

from client.formats import handover

_HELPERS = "glTF_not_exported"
_SCENE_VARIANTS = "gltf2_KHR_materials_variants_variants"


def active_collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """Return a new collection of the scene, made the active one: importers put their collections and objects there."""
    collection = bpy.data.collections.new(handover.COLLECTION)
    scene.collection.children.link(collection)
    activate(scene, collection)
    return collection


def activate(scene: bpy.types.Scene, collection: bpy.types.Collection) -> None:
    """Make a collection of the scene the active one again."""
    view_layer = scene.view_layers[0]
    view_layer.active_layer_collection = view_layer.layer_collection.children[collection.name]


def gather(scene: bpy.types.Scene, collection: bpy.types.Collection) -> None:
    """Move what an importer put beside the collection into it; collections below it stay as they are."""
    for child in list(scene.collection.children):
        if child != collection and child.name != _HELPERS:
            scene.collection.children.unlink(child)
            collection.children.link(child)
    inside = set(collection.all_objects)
    for obj in list(scene.collection.objects):
        if obj not in inside:
            collection.objects.link(obj)
        scene.collection.objects.unlink(obj)


def note(scene: bpy.types.Scene, collection: bpy.types.Collection, before: set[str]) -> None:
    """Write on the collection what the importer wrote on the scene; ``before`` are the properties it had already."""
    for key in scene.keys():  # noqa: SIM118 - a datablock is no dictionary
        # A file that Blender exported from a scene may carry this extension's own settings of that scene.
        if key not in before and key not in scene.bl_rna.properties and not key.startswith("tripo"):
            collection[key] = _plain(scene[key])
    variants: Any = getattr(scene, _SCENE_VARIANTS, ())
    if len(variants):
        collection[handover.VARIANTS] = json.dumps([one.name for one in variants])
    kept = [one for blocks in (bpy.data.actions, bpy.data.materials) for one in blocks if one.use_fake_user]
    if kept:
        collection[handover.KEPT] = {str(number): one for number, one in enumerate(kept)}
    for layer in _layers(scene.view_layers[0].layer_collection.children[collection.name]):
        if layer.exclude:
            layer.collection[handover.EXCLUDED] = True


def _layers(layer: bpy.types.LayerCollection) -> Iterator[bpy.types.LayerCollection]:
    for child in layer.children:
        yield child
        yield from _layers(child)


def _plain(value: Any) -> Any:
    """Return a custom property's value as something that can be written to another datablock."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return value.to_list() if hasattr(value, "to_list") else value
