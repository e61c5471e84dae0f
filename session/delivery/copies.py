# SPDX-License-Identifier: GPL-3.0-or-later
"""Place instances of a delivered model in placeholders that are alike.

They are linked duplicates, as Blender's Duplicate Linked makes them: each can be moved, changed and removed by itself,
while mesh and materials are there once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import bpy

from ...client.formats import handover
from ...client.jobs.geometry import between
from ...client.jobs.placement import Placement, transform
from ...properties.placement_values import placeholder_of, present_of
from ...properties.preferences import get_preferences
from . import arrange, holder, provenance

if TYPE_CHECKING:
    from ...client.store import Job

_Twins = dict[bpy.types.Object, bpy.types.Object]


class Place(NamedTuple):
    """Where an instance goes, and the object that is still to be hidden there, None when it is gone."""

    placement: Placement
    replaced: bpy.types.Object | None


def places_now(job: Job, scene: bpy.types.Scene) -> list[Place]:
    """Return where the instances go that a job asks for, each placeholder as it is now; one that is gone stays as it
    was noted. Call it before the model is in the scene: it may have objects of the same names."""
    placement, found = Placement.from_json(job.placement), list[Place]()
    for noted in placement.copies if placement.placeholder is not None else ():
        present = present_of(noted, scene)
        now = noted if present is None else placeholder_of(present)
        found.append(Place(placement._replace(placeholder=now), present))
    return found


def make(
    collection: bpy.types.Collection,
    job: Job,
    scene: bpy.types.Scene,
    placed: arrange.Placed,
    places: Sequence[Place],
) -> tuple[bpy.types.Collection, ...]:
    """Make an instance of a model in each place; when it raises, there is none."""
    made: list[bpy.types.Collection] = []
    try:
        for place in places:
            there = transform(place.placement, placed.box, scene.unit_settings.scale_length)
            twins: _Twins = {}
            made.append(_twin_of(collection, twins))
            _connect(twins)
            arrange.move(made[-1], between(placed.moves, there), placed.box)
            provenance.stamp([made[-1], *arrange.top_objects(made[-1])], job)
            holder.link(made[-1], scene, together=get_preferences(bpy.context).use_collection)
            arrange.deselect(made[-1], scene)
    except Exception:
        for one in made:
            bpy.data.batch_remove([*one.all_objects, *one.children_recursive, one])
        raise
    return tuple(made)


def _twin_of(collection: bpy.types.Collection, twins: _Twins) -> bpy.types.Collection:
    """Return a collection with a linked duplicate of each object, linked nowhere yet; note which is whose.

    What the model came without, as levels of detail or further scenes of its file, stays where it is.
    """
    made = bpy.data.collections.new(collection.name)
    for one in list(collection.objects):
        if one not in twins:
            twins[one] = cast(bpy.types.Object, one.copy())
        made.objects.link(twins[one])
    for child in collection.children:
        if handover.EXCLUDED not in child:
            made.children.link(_twin_of(child, twins))
    return made


def _connect(twins: _Twins) -> None:
    """Let duplicates hang on, follow and be bent by each other instead of what they were made of."""
    for one, twin in twins.items():
        if one.parent in twins:
            inverse = one.matrix_parent_inverse.copy()
            twin.parent = twins[one.parent]
            twin.parent_type, twin.parent_bone = one.parent_type, one.parent_bone
            twin.matrix_parent_inverse = inverse
        bones = twin.pose.bones if twin.pose is not None else ()
        for owner in (*twin.modifiers, *twin.constraints, *(held for bone in bones for held in bone.constraints)):
            redirect(owner, twins)


def targets(owner: Any) -> dict[str, bpy.types.Object]:
    """Return the objects that a constraint or modifier points to, by the property."""
    names = [one.identifier for one in owner.bl_rna.properties if one.type == "POINTER" and not one.is_readonly]
    found = {name: getattr(owner, name) for name in names}
    return {name: value for name, value in found.items() if isinstance(value, bpy.types.Object)}


def redirect(owner: Any, twins: Mapping[bpy.types.Object, bpy.types.Object]) -> None:
    """Let a constraint or modifier point to the counterparts of the objects that it points to."""
    for name, target in targets(owner).items():
        if target in twins:
            setattr(owner, name, twins[target])
