# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep several looks of one object: materials, a UV map and which face has which material.

They are in the custom property `LOOKS` of the object, which holds the materials themselves, so that they stay
in the file. UV maps and the materials of faces are attributes of the mesh. Look 0 is the original one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..delivered_models import LOOKS
from . import removal

ORIGINAL = "Original"
MOST_UV_MAPS = 8
"""Blender's own limit."""
_MATERIAL_INDEX = "material_index"
_NOTE = "tripo_look_"
"""Begins the names of attributes that hold which face has which material of a look."""


def names_of(obj: bpy.types.ID) -> list[str]:
    """Return the names of an object's looks, the first one first; none of an object that never had another."""
    kept: Any = obj.get(LOOKS)
    return [str(kept[str(number)]["name"]) for number in range(int(kept["count"]))] if kept else []


def active_of(obj: bpy.types.ID) -> int:
    """Return the number of the look that is shown."""
    kept: Any = obj.get(LOOKS)
    return int(kept["active"]) if kept else 0


def add(
    obj: bpy.types.Object,
    name: str,
    materials: Sequence[bpy.types.Material | None],
    faces: NDArray[np.int32] | None,
    uv_map: str,
    facts: Mapping[str, Any],
) -> None:
    """Give an object one more look, which is shown from now on. ``faces`` holds each face's number of a material, None
    when all have the first; ``uv_map`` names one of the mesh; ``facts`` say where it comes from."""
    if LOOKS not in obj:
        obj[LOOKS] = {"active": 0, "count": 1, "0": _present(obj, 0, ORIGINAL, {})}
    kept: Any = obj[LOOKS]
    _keep_present(obj)
    number = int(kept["count"])
    taken = names_of(obj)
    unique = name or "Tripo"
    while unique in taken:
        unique = f"{name} {sum(one.startswith(name) for one in taken) + 1}" if unique == name else f"{unique}'"
    mesh: Any = obj.data
    slots = _emptied(obj)
    for material in materials:
        slots.append(material)
    for slot in obj.material_slots:
        slot.link = "DATA"
    _set_faces(mesh, faces)
    _show_uv_map(mesh, uv_map)
    kept[str(number)] = _present(obj, number, unique, facts)
    kept["count"] = number + 1
    kept["active"] = number
    mesh.update()


def take_back(obj: bpy.types.Object, count: int) -> None:
    """Remove the looks from number ``count`` on, with their notes on the mesh, and show the one before them."""
    kept: Any = obj.get(LOOKS)
    if not kept or int(kept["count"]) <= count:
        return
    if int(kept["count"]) > 1:
        choose(obj, max(count - 1, 0))
    mesh: Any = obj.data
    for number in range(count, int(kept["count"])):
        attribute = mesh.attributes.get(str(kept[str(number)]["faces"]))
        if attribute is not None:
            mesh.attributes.remove(attribute)
        del kept[str(number)]
    kept["count"] = count
    if not count:
        del obj[LOOKS]


def keep(obj: bpy.types.Object) -> bool:
    """Remove all looks but the one that is shown, with the materials, images and UV maps that nothing else uses;
    whether there were any. What is known of the origin of the one that stays is kept with it."""
    kept: Any = obj.get(LOOKS)
    mesh: Any = obj.data
    if not kept or int(kept["count"]) < 2:
        return False
    _keep_present(obj)
    present = kept[str(int(kept["active"]))]
    name, facts = str(present["name"]), present["facts"].to_dict()
    leaving = [kept[str(number)] for number in range(int(kept["count"])) if number != int(kept["active"])]
    slots = [one for look in leaving for one in (look["materials"], look["overrides"])]
    materials: set[bpy.types.ID] = {one for slot in slots for one in slot.values() if one is not None}
    shown = str(present["uv_map"])
    uv_maps = {str(look["uv_map"]) for look in leaving} - {shown}
    blocks = materials | removal.data_of(materials)
    users = _users_of(mesh)
    for one in users:  # they share its looks, whoever was given them
        one.pop(LOOKS, None)
    for note in [one.name for one in mesh.attributes if one.name.startswith(_NOTE)]:
        mesh.attributes.remove(mesh.attributes[note])
    if facts:
        obj[LOOKS] = {"active": 0, "count": 1, "0": _present(obj, 0, name, facts)}
    removal.remove_unused(blocks)
    if not any(one.type == "NODES" for user in users for one in user.modifiers):  # these may call for any of them
        for uv_map in uv_maps.difference(*map(_words_of, users)):
            layer = mesh.uv_layers.get(uv_map)
            if layer is not None:
                mesh.uv_layers.remove(layer)
    _show_uv_map(mesh, shown)
    return True


def _words_of(obj: bpy.types.Object) -> set[str]:
    """Return all texts in an object's materials and modifiers: whatever these refer to by name is among them."""
    trees: list[Any] = [slot.material.node_tree for slot in obj.material_slots if slot.material is not None]
    owners: list[Any] = list(obj.modifiers)
    for tree in trees:  # grows by the groups in it
        nodes: Any = tree.nodes if tree else ()
        owners += nodes
        trees += [node.node_tree for node in nodes if getattr(node, "node_tree", None) not in (None, *trees)]
    names = [(one, [prop.identifier for prop in one.bl_rna.properties if prop.type == "STRING"]) for one in owners]
    return {str(getattr(one, name)) for one, words in names for name in words}


def choose(obj: bpy.types.Object, number: int) -> None:
    """Show another look of an object and of those that share its mesh; what was changed in the present one is kept.
    Raises IndexError."""
    kept: Any = obj.get(LOOKS)
    if not kept or not 0 <= number < int(kept["count"]):
        raise IndexError(number)
    mesh = obj.data
    assert isinstance(mesh, bpy.types.Mesh)
    sharing = [one for one in _users_of(mesh) if number < len(names_of(one))]
    if len(set(map(active_of, sharing))) == 1:  # they differ where an earlier version has flipped one of them alone
        for one in sharing:
            _keep_present(one)
    look = kept[str(number)]
    slots = _emptied(obj, *sharing)
    for place in range(int(look["slots"])):
        slots.append(look["materials"].get(str(place)))
    for one in sharing:
        _link_slots(one, number)
    _set_faces(mesh, _kept_faces(mesh, str(look["faces"])))
    _show_uv_map(mesh, str(look["uv_map"]))
    mesh.update()


def _users_of(mesh: bpy.types.ID) -> list[bpy.types.Object]:
    """Return the objects that show a mesh."""
    return [one for one in bpy.data.objects if one.data == mesh]


def _link_slots(obj: bpy.types.Object, number: int) -> None:
    """Give an object the materials of its own in a look, and note that it shows that."""
    kept: Any = obj[LOOKS]
    look = kept[str(number)]
    linked = set(str(look["linked"]).split())
    for place, slot in enumerate(obj.material_slots):
        slot.link = "OBJECT" if str(place) in linked else "DATA"
        if slot.link == "OBJECT":
            slot.material = look["overrides"].get(str(place))
    kept["active"] = number


def _emptied(obj: bpy.types.Object, *sharing: bpy.types.Object) -> Any:
    """Return the list of an object's materials, which is empty then. Blender would go on counting the object, and those
    that share its mesh, as users of materials in slots of their own."""
    for slot in [slot for one in {obj, *sharing} for slot in one.material_slots]:
        slot.link = "OBJECT"
        slot.material = None
    mesh: Any = obj.data
    mesh.materials.clear()
    return mesh.materials


def _keep_present(obj: bpy.types.Object) -> None:
    """Write down the look that is shown, as the artist has changed it."""
    kept: Any = obj[LOOKS]
    number = int(kept["active"])
    before = kept[str(number)]
    kept[str(number)] = _present(obj, number, str(before["name"]), before["facts"].to_dict())


def _present(obj: bpy.types.Object, number: int, name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    mesh: Any = obj.data
    linked = [place for place, slot in enumerate(obj.material_slots) if slot.link == "OBJECT"]
    overrides = {str(place): obj.material_slots[place].material for place in linked}
    shown = next((one for one in mesh.uv_layers if one.active_render), None)
    faces = _kept_faces(mesh, _MATERIAL_INDEX)
    attribute = f"{_NOTE}{number}" if faces is not None and faces.any() else ""
    if attribute:
        present: Any = mesh.attributes.get(attribute) or mesh.attributes.new(attribute, "INT", "FACE")
        present.data.foreach_set("value", faces)
    return {
        "name": name,
        "uv_map": "" if shown is None else shown.name,
        "slots": len(mesh.materials),
        "materials": {str(place): one for place, one in enumerate(mesh.materials) if one is not None},
        "overrides": {place: one for place, one in overrides.items() if one is not None},
        "linked": " ".join(map(str, linked)),
        "faces": attribute,
        "facts": dict(facts),
    }


def _kept_faces(mesh: Any, name: str) -> NDArray[np.int32] | None:
    """Return the numbers of an attribute of faces; None when there is none, and all are 0."""
    attribute = mesh.attributes.get(name) if name else None
    if attribute is None or attribute.domain != "FACE" or attribute.data_type != "INT":
        return None
    faces = np.empty(len(mesh.polygons), np.int32)
    attribute.data.foreach_get("value", faces)
    return faces


def _set_faces(mesh: Any, faces: NDArray[np.int32] | None) -> None:
    attribute = mesh.attributes.get(_MATERIAL_INDEX)
    if faces is None:
        if attribute is not None:
            mesh.attributes.remove(attribute)
        return
    attribute = attribute or mesh.attributes.new(_MATERIAL_INDEX, "INT", "FACE")
    attribute.data.foreach_set("value", faces)


def _show_uv_map(mesh: Any, name: str) -> None:
    layer = mesh.uv_layers.get(name) if name else None
    if layer is not None:
        layer.active_render = True
        mesh.uv_layers.active = layer
