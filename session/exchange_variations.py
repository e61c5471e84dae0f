# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange what an artist did to two variations, so that one takes the place of the other.

An exchange that is made twice leaves both as they were, to the last digit: nothing is computed, only handed over.

Objects are matched in their order: first those that hang on none of their model, then what hangs on these. What the
first ones have goes over whole: transform with delta and locks, parent with its inverse, action and drivers. Of all
matched ones go over: constraints, the collections that they are in besides their model's, the artist's objects that
hang on them, what the constraints and modifiers of other objects point to, and the artist's modifiers, if both are of
one type. A modifier that points to an object of its own model, as an armature's does, came with the model and stays.

Where one model has more top objects than the other, the rest moves along with the first; this is computed. What hangs
on an object that has no counterpart stays where it is, hanging on nothing. NLA tracks and drivers of other data stay.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import bpy
from mathutils import Matrix

from .delivered_models import came_with
from .delivery import removal
from .delivery.copies import redirect, targets
from .delivery.geometry import world_of

_PLACE = (
    *("rotation_mode", "location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale"),
    *("delta_location", "delta_rotation_euler", "delta_rotation_quaternion", "delta_scale"),
    *("lock_location", "lock_rotation", "lock_rotation_w", "lock_rotations_4d", "lock_scale"),
)
"""Of an object, each after what changes it when it is set."""
_HANGS = ("parent_type", "parent_bone", "parent_vertices", "matrix_parent_inverse")


class Pair(NamedTuple):
    """Two objects that stand for each other; ``is_top`` when they hang on nothing of their models."""

    first: bpy.types.Object
    second: bpy.types.Object
    is_top: bool

    @property
    def both_ways(self) -> tuple[tuple[bpy.types.Object, bpy.types.Object], ...]:
        """What stands for what."""
        return (self.first, self.second), (self.second, self.first)


def exchange(
    first: bpy.types.Collection, second: bpy.types.Collection, scene: bpy.types.Scene
) -> Mapping[bpy.types.Object, bpy.types.Object]:
    """Exchange what the artist did to two models of a scene; return which object stands for which, both ways."""
    ours, theirs = came_with(first), came_with(second)
    pairs = _pairs(ours, theirs)
    partners = dict(both for pair in pairs for both in pair.both_ways)
    before = [world_of(one) for pair in pairs[:1] for one in pair[:2]]
    removal.let_go([one for one in (*ours, *theirs) if one not in partners])
    _lead_over(partners, {*ours, *theirs})
    for pair in pairs:
        if pair.is_top:
            _exchange_places(pair, partners)
            _exchange_animation(pair)
        _exchange_constraints(pair, partners)
        if pair.first.type == pair.second.type:
            _exchange_modifiers(pair, {*ours, *theirs})
    for model, matrix in zip((ours, theirs), before, strict=False):
        _move_along(model, matrix, partners)
    _exchange_collections(first, second, pairs, scene)
    _exchange_guests(first, second)
    return partners


def _pairs(ours: Sequence[bpy.types.Object], theirs: Sequence[bpy.types.Object]) -> list[Pair]:
    found = [Pair(one, other, True) for one, other in zip(_below(ours, None), _below(theirs, None), strict=False)]
    for pair in found:  # grows
        below = zip(_below(ours, pair.first), _below(theirs, pair.second), strict=False)
        found += [Pair(one, other, False) for one, other in below]
    return found


def _below(objects: Sequence[bpy.types.Object], parent: bpy.types.Object | None) -> list[bpy.types.Object]:
    """Return those that hang on one of them, or on none of them."""
    if parent is not None:
        return [one for one in objects if one.parent == parent]
    among = set(objects)
    return [one for one in objects if one.parent not in among]


def _exchange_places(pair: Pair, partners: Mapping[bpy.types.Object, bpy.types.Object]) -> None:
    read = [(_values(one, _PLACE), one.parent, _values(one, _HANGS)) for one in pair[:2]]
    for one in pair[:2]:
        one.parent = None  # or one could hang on the other for a moment, which Blender refuses
    for one, (place, parent, hangs) in zip(pair[:2], reversed(read), strict=True):
        one.parent = partners.get(parent, parent) if parent is not None else None
        for name, value in (*hangs, *place):
            setattr(one, name, value)


def _values(one: Any, names: Sequence[str]) -> list[tuple[str, Any]]:
    """Return copies of an object's properties."""
    read = [(name, getattr(one, name)) for name in names]
    return [(name, value.copy() if hasattr(value, "copy") else _plain(value)) for name, value in read]


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, bool)) else tuple(value)


def _move_along(
    model: Sequence[bpy.types.Object], before: Matrix, partners: Mapping[bpy.types.Object, bpy.types.Object]
) -> None:
    """Move the top objects of a model that have no counterpart as its first one was moved from where it was before."""
    first, *others = _below(model, None)
    moved = world_of(first) @ before.inverted_safe()
    for one in others:
        if one not in partners:
            one.matrix_basis = moved @ one.matrix_basis


def _exchange_animation(pair: Pair) -> None:
    """Exchange actions and drivers."""
    data = [one.animation_data for one in pair[:2]]
    actions = [(one.action, getattr(one, "action_slot", None)) if one else (None, None) for one in data]
    curves = [list(one.drivers) if one else [] for one in data]
    for one, (action, slot), drivers in zip(pair[:2], reversed(actions), reversed(curves), strict=True):
        if action is None and not drivers and one.animation_data is None:
            continue
        target: Any = one.animation_data or one.animation_data_create()
        target.action = action
        if slot is not None:
            target.action_slot = slot
        for curve in drivers:
            target.drivers.from_existing(src_driver=curve)
    for one, drivers in zip(pair[:2], curves, strict=True):
        for curve in drivers:
            one.animation_data.drivers.remove(curve)  # pyright: ignore[reportOptionalMemberAccess]


def _exchange_constraints(pair: Pair, partners: Mapping[bpy.types.Object, bpy.types.Object]) -> None:
    stacks = [list(one.constraints) for one in pair[:2]]
    made: list[tuple[bpy.types.Constraint, str]] = []
    for one, constraints in zip(pair[:2], reversed(stacks), strict=True):
        made += [(one.constraints.copy(constraint), constraint.name) for constraint in constraints]
    for one, constraints in zip(pair[:2], stacks, strict=True):
        for constraint in constraints:
            one.constraints.remove(constraint)
    for constraint, name in made:
        constraint.name = name
        redirect(constraint, partners)


def _exchange_modifiers(pair: Pair, own: set[bpy.types.Object]) -> None:
    """Exchange the artist's modifiers; each has its number in the other stack too."""
    stacks = [
        [(number, one.name) for number, one in enumerate(obj.modifiers) if own.isdisjoint(targets(one).values())]
        for obj in pair[:2]
    ]
    made: list[tuple[bpy.types.Object, bpy.types.Object, int, str, bpy.types.Modifier]] = []
    for (source, target), entries in zip(pair.both_ways, stacks, strict=True):
        for number, name in entries:
            count, chosen = len(target.modifiers), [source, target]
            override = bpy.context.temp_override(object=source, active_object=source, selected_objects=chosen)
            with override, contextlib.suppress(RuntimeError):  # one that cannot be copied stays
                bpy.ops.object.modifier_copy_to_selected(modifier=name)
            if len(target.modifiers) > count:
                made.append((source, target, number, name, target.modifiers[-1]))
    for source, _, _, name, _ in made:
        source.modifiers.remove(source.modifiers[name])
    for _, target, number, name, modifier in made:
        modifier.name = name
        target.modifiers.move(target.modifiers.find(name), min(number, len(target.modifiers) - 1))


def _lead_over(partners: Mapping[bpy.types.Object, bpy.types.Object], own: set[bpy.types.Object]) -> None:
    """Let what hangs on one of the models, or points to it, do so with its counterpart."""
    users = {one for found in bpy.data.user_map(subset=list(partners)).values() for one in found}
    for user in users:
        if not isinstance(user, bpy.types.Object) or user in own or not user.is_editable:
            continue
        parent = user.parent
        if parent is not None and parent in partners:
            user.parent = partners[parent]
        for owner in (*user.constraints, *user.modifiers):
            redirect(owner, partners)


def _exchange_collections(
    first: bpy.types.Collection, second: bpy.types.Collection, pairs: Sequence[Pair], scene: bpy.types.Scene
) -> None:
    """Exchange the memberships in collections of the scene that are none of the models' own."""
    inside = {first, second, *first.children_recursive, *second.children_recursive}
    outside = {scene.collection, *scene.collection.children_recursive} - inside
    for pair in pairs:
        held = [outside.intersection(one.users_collection) for one in pair[:2]]
        for (one, other), holders in zip(pair.both_ways, (held[0] - held[1], held[1] - held[0]), strict=True):
            for holder in holders:
                holder.objects.link(other)
                holder.objects.unlink(one)


def _exchange_guests(first: bpy.types.Collection, second: bpy.types.Collection) -> None:
    """Exchange what the artist has put into the models' collections."""
    guests = [_guests(one) for one in (first, second)]
    for (source, target), (collections, objects) in zip(((first, second), (second, first)), guests, strict=True):
        for one in collections:
            target.children.link(one)
            source.children.unlink(one)
        for one in objects:
            if one not in target.objects.values():
                target.objects.link(one)
            for holder in (source, *source.children_recursive):
                if one in holder.objects.values():
                    holder.objects.unlink(one)


def _guests(model: bpy.types.Collection) -> tuple[list[bpy.types.Collection], list[bpy.types.Object]]:
    """Return the collections in a model's that hold nothing of it, and the objects outside of these that are not of
    it."""
    own = set(came_with(model))
    collections = [one for one in model.children if one.all_objects and own.isdisjoint(one.all_objects)]
    taken = {one for collection in collections for one in collection.all_objects}
    return collections, [one for one in model.all_objects if one not in own and one not in taken]
