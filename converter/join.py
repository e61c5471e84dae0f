# SPDX-License-Identifier: GPL-3.0-or-later
"""Join many static objects into few: Blender evaluates each object on its own, which holds an artist's main thread.

About 200 µs an object (bpy 5.0.1: building and evaluating the dependency graph), whoever makes it. What is joined looks
the same: materials, UV maps, colours, other attributes, normals and places are kept. Names, custom properties and
origins of the single objects are not, and an empty that held nothing else goes with them.

Imports nothing of the extension but its neighbours, so that a Blender without a converter can use it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import bpy
from mathutils import Matrix, Vector

from . import plain_objects
from .join_geometry import Geometry, Layout, Part, Source, join_parts, layout_of

JOINED_ABOVE = 250
"""Joining begins above this number of static mesh objects."""
GROUPS = 32
"""Joined objects follow the hierarchy as deep as there are no more branches than this."""
LARGEST_COPIES = 1_000_000
"""Vertices: objects that share meshes stay apart when their copies would be more than this."""

_PLACE = (
    {"location", "rotation_mode", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale"}
    | {"matrix_parent_inverse", "delta_location", "delta_rotation_euler", "delta_rotation_quaternion"}
    | {"delta_scale", "parent_bone", "parent_vertices"}
)
"""Properties that say where an object is: the joined vertices do."""
_NEEDED = {"parent_type", "instance_type"}
"""An object that differs in these is more than a mesh at a place."""

_Object = bpy.types.Object
_Key = tuple[Any, ...]
_Layouts = Mapping[Any, Layout | None]


@dataclass(frozen=True)
class _Group:
    """Objects that become one; ``above`` is what they hang on, if that is one object."""

    name: str
    origin: Vector
    holders: tuple[bpy.types.Collection, ...]
    properties: dict[str, Any]
    members: tuple[_Object, ...]


def join(collection: bpy.types.Collection) -> tuple[int, int] | None:
    """Join the static mesh objects of a collection and of those below it, if they are many.

    Returns how many they were and how many they are; None when nothing was joined.
    """
    if sum(one.type == "MESH" for one in collection.all_objects) <= JOINED_ABOVE:
        return None
    plain = plain_objects.find(collection)
    places = _Places(one for one, kind in plain.kinds.items() if _NEEDED.isdisjoint(kind.properties))
    layouts = {mesh: layout_of(mesh) for mesh in {one.data for one in plain.free} if isinstance(mesh, bpy.types.Mesh)}
    members = _members(plain, places, layouts)
    if len(members) <= JOINED_ABOVE or _copies(members) > LARGEST_COPIES:
        return None
    groups = _groups(members, plain, places, layouts, collection)
    if 2 * len(groups) > len(members):
        return None  # too little have in common
    sources = {mesh: Source(mesh) for mesh in {cast(bpy.types.Mesh, one.data) for one in members}}
    made = [(group, _geometry(group, sources, places)) for group in groups]
    _remove(members, plain)
    for group, geometry in made:
        _make(group, geometry)
    return len(members), len(groups)


class _Places:
    """Where plain objects are in the world, without an evaluation: hidden ones have none."""

    def __init__(self, plain: Iterable[_Object]) -> None:
        self._plain = set(plain)
        self._known: dict[_Object, Matrix] = {}

    def chain(self, one: _Object) -> list[_Object] | None:
        """Return an object and what it hangs on, from the top; None if not all of it is plain."""
        found: list[_Object] = []
        above: _Object | None = one
        while above is not None:
            if above not in self._plain:
                return None
            found.append(above)
            above = above.parent
        return found[::-1]

    def of(self, one: _Object) -> Matrix:
        """Return the world matrix of an object whose chain is plain."""
        known = self._known.get(one)
        if known is None:
            above: Any = self.of(one.parent) @ one.matrix_parent_inverse if one.parent else Matrix.Identity(4)
            known = self._known[one] = above @ one.matrix_basis
        return known


def _members(plain: plain_objects.Plain, places: _Places, layouts: _Layouts) -> list[_Object]:
    """Return the objects that can be joined: meshes at a place that nothing else needs."""
    below: dict[_Object, list[_Object]] = {}
    for one in plain.kinds:
        if one.parent is not None:
            below.setdefault(one.parent, []).append(one)

    def fits(one: _Object) -> bool:
        has_layout = layouts.get(one.data) is not None
        return has_layout and one in plain.free and not len(one.vertex_groups) and places.chain(one) is not None

    found = {one for one in plain.kinds if fits(one)}
    # What something that stays hangs on stays too.
    stays = {one for one in plain.kinds if one not in found and (one.data is not None or not below.get(one))}
    left = [*stays]
    while left:
        above = left.pop().parent
        if above is not None and above not in stays:
            stays.add(above)
            left.append(above)
    return [one for one in plain.kinds if one in found and one not in stays]


def _copies(members: list[_Object]) -> int:
    """Return how many more vertices there would be than there are."""
    meshes = [cast(bpy.types.Mesh, one.data) for one in members]
    return sum(len(one.vertices) for one in meshes) - sum(len(one.vertices) for one in set(meshes))


def _groups(
    members: list[_Object],
    plain: plain_objects.Plain,
    places: _Places,
    layouts: _Layouts,
    root: bpy.types.Collection,
) -> list[_Group]:
    """Divide objects by collection, branch of the hierarchy, layout of the mesh, and what they say besides a place."""
    chains = {one: places.chain(one) or [one] for one in members}
    holders: dict[_Object, tuple[bpy.types.Collection, ...]] = {}
    for holder in (root, *root.children_recursive):
        for one in holder.objects:
            holders[one] = (*holders.get(one, ()), holder)
    branches = _branches(chains, holders)
    told: dict[_Key, tuple[dict[str, Any], list[_Object]]] = {}
    for one in members:
        properties = {name: value for name, value in plain.kinds[one].properties.items() if name not in _PLACE}
        said = json.dumps(properties, sort_keys=True, default=sorted)
        told.setdefault((holders[one], branches[one], layouts[one.data], said), (properties, []))[1].append(one)
    groups: list[_Group] = []
    for (above, branch, _layout, _said), (properties, ones) in told.items():
        origin = places.of(branch).translation if branch is not None else Vector()
        groups.append(_Group((branch or ones[0]).name, origin.copy(), above, properties, tuple(ones)))
    return groups


def _branches(chains: dict[_Object, list[_Object]], holders: dict[_Object, Any]) -> dict[_Object, _Object | None]:
    """Return the object of the hierarchy under which each is joined, as deep as they are few; None for all in one."""
    best: dict[_Object, _Object | None] = dict.fromkeys(chains)
    for depth in range(max(map(len, chains.values()))):
        found: dict[_Object, _Object | None] = {one: chain[min(depth, len(chain) - 1)] for one, chain in chains.items()}
        if len({(holders[one], branch) for one, branch in found.items()}) > GROUPS:
            break
        best = found
    return best


def _geometry(group: _Group, sources: dict[Any, Source], places: _Places) -> Geometry:
    moved = Matrix.Translation((-group.origin)[:])
    return join_parts([Part(sources[one.data], moved @ places.of(one)) for one in group.members])


def _remove(members: list[_Object], plain: plain_objects.Plain) -> None:
    """Remove what was joined: objects, meshes that nothing shows any more, empties that held nothing else."""
    gone = set(members)
    counts: dict[_Object, int] = {}
    for one in bpy.data.objects:
        if one.parent is not None:
            counts[one.parent] = counts.get(one.parent, 0) + 1
    waiting = list(members)
    while waiting:
        above = waiting.pop().parent
        if above is None:
            continue
        counts[above] -= 1
        if not counts[above] and above not in gone and above in plain.free and above.type == "EMPTY":
            gone.add(above)
            waiting.append(above)
    meshes = {cast(bpy.types.Mesh, one.data) for one in members}
    bpy.data.batch_remove(list(gone))
    bpy.data.batch_remove([mesh for mesh in meshes if not mesh.users])


def _make(group: _Group, geometry: Geometry) -> None:
    new = bpy.data.objects.new(group.name, geometry.write(group.name))
    for name, value in group.properties.items():
        setattr(new, name, value)
    new.location = group.origin
    for holder in group.holders:
        holder.objects.link(new)
