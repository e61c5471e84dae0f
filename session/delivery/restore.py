# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore what a collection cannot hold: view layer exclusion, actions, material variants."""

from __future__ import annotations

import json
from typing import Any

import bpy

from ...client.formats import handover
from ..visibility import layers_in, layers_to

_GLTF_ADDON = "io_scene_gltf2"
_VARIANTS = "gltf2_KHR_materials_variants_variants"


def restore(collection: bpy.types.Collection, scene: bpy.types.Scene) -> None:
    """Bring it back for a collection that is in the scene, and remove the notes but for what is excluded."""
    excluded = [child for child in collection.children_recursive if handover.EXCLUDED in child]
    for view_layer in scene.view_layers if excluded else ():
        chain = layers_to(collection, view_layer)
        for below in layers_in(chain[-1]) if chain else ():
            if below.collection in excluded:
                below.exclude = True
    kept = collection.get(handover.KEPT, {})
    for block in list(kept.values()):
        block.use_fake_user = True
    collection.pop(handover.KEPT, None)
    names = collection.pop(handover.VARIANTS, None)
    if names:
        _restore_variants(collection, json.loads(names))


def _restore_variants(collection: bpy.types.Collection, names: list[str]) -> None:
    """Add the variants to those the file has, as its first scene keeps them for the glTF add-on.

    The importer would replace them, which leaves an earlier model with the names of another one.
    """
    addon = bpy.context.preferences.addons.get(_GLTF_ADDON)
    if addon is None:
        return
    # The importer does the same: without this the list does not even exist.
    addon.preferences.KHR_materials_variants_ui = True
    known: Any = getattr(bpy.data.scenes[0], _VARIANTS)
    places = [_place(known, name) for name in names]
    if places == list(range(len(names))):
        return
    for mesh in {one.data for one in collection.all_objects if isinstance(one.data, bpy.types.Mesh)}:
        for primitive in getattr(mesh, "gltf2_variant_mesh_data"):  # noqa: B009 - of the add-on
            for entry in primitive.variants:
                if entry.variant.variant_idx < len(places):
                    entry.variant.variant_idx = places[entry.variant.variant_idx]


def _place(known: Any, name: str) -> int:
    """Return the number of a variant, which is added when there is none of that name."""
    for number, variant in enumerate(known):
        if variant.name == name:
            return number
    variant = known.add()
    variant.variant_idx = len(known) - 1  # before the name: from 5.2 on, the add-on renames one that it finds elsewhere
    variant.name = name
    return variant.variant_idx
