# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a delivered model can be seen, what hides it, and how it is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

import bpy

from ..client.formats import handover
from ..client.notices import N_, Notice, text
from .artist_view import View
from .delivered_models import ASIDE

_RENDER = "/render"
"""Beside the names of view layers."""


def is_visible(collection: bpy.types.Collection, view_layer: bpy.types.ViewLayer, view: View | None = None) -> bool:
    """Whether anything of a collection shows in a view layer, or in one view of it."""
    if view is None:
        return any(one.visible_get(view_layer=view_layer) for one in collection.all_objects)
    return any(one.visible_get(view_layer=view_layer, viewport=view.space) for one in collection.all_objects)


def whereabouts(collection: bpy.types.Collection, view_layer: bpy.types.ViewLayer) -> Notice | None:
    """Return where a model is that came into a hidden or excluded collection."""
    for layer in layers_to(collection, view_layer):
        if layer.exclude:
            words = N_("It is in {name}, which is excluded from the view layer: press Frame to show it")
            return text(words, name=layer.name)
        if layer.hide_viewport or layer.collection.hide_viewport:
            return text(N_("It is in {name}, which is hidden: press Frame to show it"), name=layer.name)
    return None


def join_local_view(collection: bpy.types.Collection, view: View) -> None:
    """Let a model be among the objects that a local view shows, if the view is one."""
    if view.is_local:
        there = set(view.window.view_layer.objects)  # not so what lies in an excluded collection
        for one in there.intersection(collection.all_objects):
            one.local_view_set(view.space, True)


def show(collection: bpy.types.Collection, view_layer: bpy.types.ViewLayer, view: View) -> bool:
    """Make a model visible in a view that shows nothing of it; return whether anything of the file was changed."""
    join_local_view(collection, view)
    view_layer.update()
    if is_visible(collection, view_layer):
        return False
    bring_back(collection, cast(bpy.types.Scene, view_layer.id_data))
    for layer in layers_to(collection, view_layer):
        include(layer)
        layer.hide_viewport = layer.collection.hide_viewport = False
    view_layer.update()
    if not is_visible(collection, view_layer):
        for one in collection.all_objects:
            if one.name in view_layer.objects:
                one.hide_viewport = False
                one.hide_set(False, view_layer=view_layer)
    view_layer.update()
    join_local_view(collection, view)
    view_layer.update()
    return True


def hide(objects: list[bpy.types.Object]) -> None:
    """Hide what a result stands for; nothing is removed."""
    for one in objects:
        one.hide_viewport = one.hide_render = True


def include(layer: bpy.types.LayerCollection) -> None:
    """Take a collection back into its view layer. Blender does so with all that lies in it: what a model came without
    stays out."""
    if layer.exclude:
        layer.exclude = False
        for below in layers_in(layer):
            if handover.EXCLUDED in below.collection:
                below.exclude = True


def set_aside(collection: bpy.types.Collection, scene: bpy.types.Scene) -> None:
    """Hide a model in a scene's view layers and in renders, while another variation is shown."""
    noted = _noted(collection)
    for view_layer in scene.view_layers:
        for layer in layers_to(collection, view_layer)[-1:]:
            if not layer.hide_viewport:
                layer.hide_viewport = True
                noted.append(view_layer.name)
    if not collection.hide_render:
        collection.hide_render = True
        noted.append(_RENDER)
    collection[ASIDE] = json.dumps(sorted(set(noted)))


def bring_back(collection: bpy.types.Collection, scene: bpy.types.Scene) -> None:
    """Show a model again that `set_aside` has hidden; what the artist hides stays so."""
    noted = _noted(collection)
    collection.pop(ASIDE, None)
    for name in noted:
        view_layer = scene.view_layers.get(name)
        for layer in layers_to(collection, view_layer)[-1:] if view_layer else ():
            layer.hide_viewport = False
    if _RENDER in noted:
        collection.hide_render = False


def _noted(collection: bpy.types.Collection) -> list[str]:
    """Return the view layers in which `set_aside` has hidden a model, and the word for renders."""
    try:
        noted: object = json.loads(str(collection.get(ASIDE, "[]")))
    except ValueError:
        return []
    return [str(one) for one in cast(list[object], noted)] if isinstance(noted, list) else []


def why_not(collection: bpy.types.Collection, view: View) -> str:
    """Return why nothing of a model shows in a view although it was made visible there."""
    if not any(one.type == "MESH" for one in collection.all_objects):
        return N_("There is nothing to see of this model any more: import it again")
    if not view.space.show_object_viewport_mesh:
        return N_("This view hides all meshes: show them under Selectability & Visibility in its header")
    if view.space.use_local_collections:
        return N_("This view shows local collections only: switch that off in its sidebar, under View")
    return N_("Nothing of this model can be shown in this view: import it again")


def layers_in(layer: bpy.types.LayerCollection) -> Iterator[bpy.types.LayerCollection]:
    """Yield all that lies in a collection of a view layer."""
    for child in layer.children:
        yield child
        yield from layers_in(child)


def layers_to(collection: bpy.types.Collection, view_layer: bpy.types.ViewLayer) -> list[bpy.types.LayerCollection]:
    """Return a collection in a view layer after all that it lies in but the scene's own; empty when it is not there."""
    waiting = [[child] for child in view_layer.layer_collection.children]
    while waiting:
        chain = waiting.pop()
        if chain[-1].collection == collection:
            return chain
        waiting += [[*chain, child] for child in chain[-1].children]
    return []
